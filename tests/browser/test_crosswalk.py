"""Deciding about links: by single keys, by tap, and in a browser that runs no script."""

import pytest
from playwright.sync_api import Page, expect

from competencies.models import Alignment
from tests.browser.conftest import OpenPage
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def part(page: Page, cast: Cast, code: str) -> str:
    return f"#part-{cast.competency(code).lineage}"


def said() -> list[str]:
    return list(Alignment.objects.exclude(sponsor=None).order_by("pk").values_list("status", flat=True))


def test_nora_decides_with_one_key_a_link(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.nora)
    page.goto(f"/standards/schedules/{cast.program.schedule.uid}/crosswalk/")
    page.keyboard.press("c")
    assert said() == []
    page.locator(f"{part(page, cast, '2e')} button").first.focus()
    page.keyboard.press("c")
    expect(page.get_by_role("status")).to_contain_text("Confirmed: 2e")
    expect(page.locator(f"{part(page, cast, '2f')} button").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"{part(page, cast, '2f')} button").nth(2)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("r")
    expect(page.get_by_role("status")).to_contain_text("Rejected: 2f")
    assert said() == ["confirmed", "rejected"]


def test_priya_decides_by_tap_without_a_script(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.priya, java_script_enabled=False)
    page.goto(f"/standards/schedules/{cast.program.schedule.uid}/crosswalk/")
    row = page.locator(part(page, cast, "2g"))
    row.get_by_role("button", name="Confirm 2g").first.click()
    expect(page.get_by_role("status")).to_contain_text("Confirmed: 2g")
    expect(row.get_by_text("for the school by Priya Nair")).to_be_visible()
    assert said() == ["confirmed"]
