"""Reviewing on a phone, with its taps counted: design pages, flows and budgets."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ojt_logs.models import Comment, HoursEntry, Notice
from tests.browser.budget import budget
from tests.browser.conftest import OpenPage
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = timedelta(days=7)


def states() -> list[str]:
    return list(HoursEntry.objects.order_by("pk").values_list("status", flat=True))


def test_a_person_week_is_approved_with_one_tap_and_undone_with_one(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=240), cast.ojt("2a", minutes=240))
    page = open_page(cast.marcus, has_touch=True)
    page.goto("/review/")
    with budget(page, "approve a person-week", taps=1):
        page.get_by_role("button", name="Approve week of Ana Reyes").click()
        expect(page.get_by_role("status")).to_contain_text("Approved Ana Reyes")
    assert states() == ["approved", "approved"]
    with budget(page, "undo an approval", taps=1):
        page.get_by_role("button", name="Undo the approval of Ana Reyes").click()
        expect(page.get_by_role("heading", name="1 week waits for you")).to_be_visible()
    assert states() == ["submitted", "submitted"]


def test_one_entry_goes_back_with_a_reason_in_four_taps(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=240), cast.ojt("2a", minutes=240))
    page = open_page(cast.marcus, has_touch=True)
    page.goto("/review/")
    reason = "Was this 2b?"
    with budget(page, "return an entry, approve the rest", taps=4, keys=len(reason)):
        page.get_by_role("link", name="Open the week of Ana Reyes").click()
        page.get_by_role("checkbox").nth(1).click()
        page.get_by_label("Why do they go back?").click()
        page.keyboard.type(reason)
        page.get_by_role("button", name="Return the marked, approve the rest").click()
        expect(page.get_by_text("1 entry went back to Ana Reyes")).to_be_visible()
    assert sorted(states()) == ["approved", "returned"]


def test_a_whole_week_goes_back_in_four_taps(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=240), cast.ojt("2a", minutes=240), cast.ojt("3a", minutes=60))
    page = open_page(cast.marcus, has_touch=True)
    page.goto("/review/")
    with budget(page, "return a week", taps=4, keys=6):
        page.get_by_role("link", name="Open the week of Ana Reyes").click()
        page.get_by_label("All 3 entries").click()
        page.get_by_label("Why do they go back?").click()
        page.keyboard.type("Which?")
        page.get_by_role("button", name="Return the marked, approve the rest").click()
        expect(page.get_by_role("status")).to_contain_text("3 entries went back")
    assert set(states()) == {"returned"}


def test_an_unusual_week_offers_open_first_and_is_approved_with_two_taps(
    cast: Cast, open_page: OpenPage
) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=800))
    page = open_page(cast.marcus, has_touch=True)
    page.goto("/review/")
    main = page.locator(".btn-main")
    expect(main).to_have_count(1)
    expect(main).to_contain_text("Open")
    with budget(page, "approve an unusual week", taps=2):
        main.click()
        expect(page.get_by_text("Look first: 13 h 20 min on Nov 20")).to_be_visible()
        page.get_by_role("button", name="Approve 1 entry").click()
        expect(page.get_by_role("status")).to_contain_text("Approved Ana Reyes")


def test_two_minutes_are_a_tap_to_begin_and_a_tap_a_week(cast: Cast, open_page: OpenPage) -> None:
    for back in range(3):
        cast.submitted(cast.ana, cast.ojt(minutes=60 + back, day=TODAY - back * WEEK), now=NOW - back * WEEK)
    page = open_page(cast.marcus, has_touch=True)
    page.goto("/review/")
    with budget(page, "two minutes, three weeks", taps=4):
        page.get_by_role("button", name="Two minutes now").click()
        for title in ("3 left in your two minutes", "2 left in your two minutes", "The last one"):
            expect(page.get_by_role("heading", name=title)).to_be_visible()
            page.get_by_role("button", name="Approve week of Ana Reyes").click()
        expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    assert set(states()) == {"approved"}


def test_a_question_is_asked_and_answered_and_each_is_told(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=240))
    marcus = open_page(cast.marcus, has_touch=True)
    marcus.goto("/review/")
    with budget(marcus, "ask about an entry", taps=4, keys=4):
        marcus.get_by_role("link", name="Open the week of Ana Reyes").click()
        marcus.get_by_role("link", name="Ask about 4 h").click()
        marcus.get_by_label("Write to each other about this entry").click()
        marcus.keyboard.type("Why?")
        marcus.get_by_role("button", name="Send").click()
        expect(marcus.get_by_role("region", name="Conversation")).to_contain_text("Why?")
    ana = open_page(cast.ana_user, has_touch=True)
    ana.goto("/")
    with budget(ana, "read what one was told", taps=2):
        ana.get_by_role("link", name="1 new notice").click()
        ana.get_by_role("button", name="Marcus Webb wrote about hours of Nov 20.").click()
        expect(ana.get_by_role("region", name="Conversation")).to_contain_text("Why?")
    expect(ana.get_by_role("link", name="Notices")).to_be_visible()
    assert Comment.objects.count() == 1 and not Notice.objects.visible_to(cast.ana_user).unread().exists()
