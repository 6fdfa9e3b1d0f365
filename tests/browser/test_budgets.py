"""The flows of an apprentice on a phone, held to the taps and keystrokes that they may cost."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ojt_logs.models import HoursEntry
from tests.browser.budget import budget
from tests.browser.conftest import OpenPage
from tests.cast import NOW, TODAY, Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

YESTERDAY = TODAY - timedelta(days=1)


def statuses(cast: Cast) -> list[tuple[str, str, int]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("date", "pk")
    return [(row.date.isoformat(), row.status, row.minutes) for row in rows]


def test_a_budget_counts_presses_keys_and_choices(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/week/")
    with budget(page, "everything", taps=9, keys=9) as cost:
        page.get_by_role("link", name="Log today").click()
        page.get_by_label("What you did").select_option("2g")
        page.get_by_role("textbox", name="Time").fill("7:30")
        page.get_by_role("textbox", name="Time").press("Tab")
        page.get_by_role("button", name="30 minutes more").click()
    assert (cost.taps, cost.keys) == (1 + 2 + 1 + 1, 4 + 1)
    with pytest.raises(AssertionError, match="took 1 taps; the budget is 0"), budget(page, "less", taps=0):
        page.get_by_role("button", name="30 minutes more").click()


def test_a_day_like_yesterday_is_logged_in_three_taps_without_typing(cast: Cast, open_page: OpenPage) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, day=YESTERDAY), now=NOW - timedelta(days=1))
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "log a day like yesterday", taps=3):
        page.get_by_role("button", name="Same as yesterday").click()
        expect(page.get_by_role("status")).to_contain_text("Copied 1 entry from Thursday, Nov 19")
    assert statuses(cast) == [("2026-11-19", "draft", 450), ("2026-11-20", "draft", 450)]


def test_a_week_is_submitted_in_one_tap(cast: Cast, open_page: OpenPage) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, day=YESTERDAY), cast.ojt(minutes=450))
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "submit a week", taps=1):
        page.get_by_role("button", name="Submit week").click()
        expect(page.get_by_role("status")).to_contain_text("Submitted 2 entries, 15 h")
    assert {status for _, status, _ in statuses(cast)} == {"submitted"}


def test_a_week_like_the_last_one_takes_three_taps_without_typing(cast: Cast, open_page: OpenPage) -> None:
    days = [TODAY - timedelta(days=number) for number in range(7, 12)]
    cast.log(cast.ana, *(cast.ojt(minutes=450, day=day) for day in days))
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "a week like the last one", taps=3) as cost:
        page.get_by_role("link", name="Fill the whole week").click()
        page.get_by_role("button", name="Copy last week").click()
        page.get_by_role("button", name="Save week").click()
        expect(page.get_by_role("status")).to_contain_text("Saved the week of Nov 16")
    assert cost.seconds < 30
    assert len([one for one in statuses(cast) if one[0] >= "2026-11-16"]) == 5


def test_a_week_is_typed_into_the_grid_with_the_keys_of_a_table(cast: Cast, open_page: OpenPage) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, day=TODAY - timedelta(days=20)))
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "a week typed into the grid", taps=3, keys=16) as cost:
        page.get_by_role("link", name="Fill the whole week").click()
        page.wait_for_url("**/weeks/*/")
        page.get_by_role("textbox", name="Monday, Nov 16").first.click()
        for text in ("8", "7:30", "8", "8", "8"):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("39:30 h")
        page.keyboard.press("ArrowLeft")
        page.get_by_role("button", name="Save week").click()
        expect(page.get_by_role("status")).to_contain_text("Saved the week of Nov 16")
    assert cost.seconds < 30
    week = [minutes for day, _, minutes in statuses(cast) if day >= "2026-11-16"]
    assert week == [480, 450, 480, 480, 480]


def test_a_day_of_known_work_is_logged_in_three_taps_without_typing(cast: Cast, open_page: OpenPage) -> None:
    cast.log(cast.ana, cast.ojt("2g", minutes=450, day=TODAY - timedelta(days=3)))
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "log a day of known work", taps=3):
        page.get_by_role("link", name="Log today").click()
        page.get_by_role("button", name="2g Resolves").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("7:30 h")
        page.get_by_role("button", name="Save day").click()
        expect(page.get_by_role("status")).to_contain_text("Saved Friday, Nov 20.")
    assert statuses(cast)[-1] == ("2026-11-20", "draft", 450)


def test_other_work_is_found_by_a_word(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user)
    page.goto("/")
    with budget(page, "log a day of other work", taps=6, keys=13):
        page.get_by_role("link", name="Log today").click()
        page.get_by_role("searchbox", name="Find other work").click()
        page.keyboard.type("discrepan")
        page.get_by_role("button", name="2g Resolves").click()
        page.keyboard.type("7:30")
        page.get_by_role("button", name="Save day").click()
        expect(page.get_by_role("status")).to_contain_text("Saved Friday, Nov 20.")
    assert statuses(cast) == [("2026-11-20", "draft", 450)]
