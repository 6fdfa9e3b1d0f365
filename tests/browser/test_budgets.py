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
