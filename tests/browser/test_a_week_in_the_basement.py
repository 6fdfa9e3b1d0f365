"""A week on two phones whose signal comes and goes: logged, returned, mended, approved, asked, signed."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ojt_logs.models import HoursEntry, SignOff
from tests.browser.budget import budget
from tests.browser.conftest import Phone, find_signal, lose_signal
from tests.browser.signal import Line
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
STANDARDS = 5
WHY = "2b or 2g?"


def states(cast: Cast) -> list[tuple[date, str]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("date", "pk")
    return list(rows.values_list("date", "status"))


def nov(day: int) -> date:
    return date(2026, 11, day)


def test_a_week_from_the_first_hour_to_the_signature(cast: Cast, phone: Phone, line: Line) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, day=nov(19)))
    ana, marcus = phone(cast.ana_user), phone(cast.marcus)

    lose_signal(ana, line)
    with budget(ana, "a day like the last one, without signal", taps=1):
        ana.get_by_role("button", name="Same as Thu, Nov 19").click()
        expect(ana.get_by_role("heading", name="1 waiting to be sent")).to_be_visible()
    with budget(ana, "another piece of work, without signal", taps=5, keys=4):
        ana.get_by_label("What you did").select_option("3a")
        ana.get_by_label("Time").click()
        ana.keyboard.type("1:15")
        ana.get_by_role("button", name="Save on this device").click()
        expect(ana.get_by_role("heading", name="2 waiting to be sent")).to_be_visible()
    with budget(ana, "what waited goes out", taps=0):
        find_signal(ana, line)
        expect(ana.get_by_role("status")).to_contain_text("2 entries were sent")
    assert states(cast) == [(nov(19), "draft"), (nov(20), "draft"), (nov(20), "draft")]

    ana.goto("/")
    with budget(ana, "submit a week", taps=1):
        ana.get_by_role("button", name="Submit week").click()
        expect(ana.get_by_role("status")).to_contain_text("Submitted 3 entries")

    marcus.goto("/review/")
    with budget(marcus, "return one, approve the rest", taps=4, keys=len(WHY)):
        marcus.get_by_role("link", name="Open the week of Ana Reyes").click()
        marcus.get_by_role("checkbox").last.click()
        marcus.get_by_label("Why do they go back?").click()
        marcus.keyboard.type(WHY)
        marcus.get_by_role("button", name="Return the marked, approve the rest").click()
        expect(marcus.get_by_text("1 entry went back to Ana Reyes")).to_be_visible()
    assert [status for _, status in states(cast)].count("returned") == 1

    ana.goto("/")
    with budget(ana, "mend what came back, the signal lost half-way", taps=5):
        ana.get_by_role("link", name="Fix").first.click()
        expect(ana.locator("main")).to_contain_text(WHY)
        ana.get_by_label("What you did").select_option("2g")
        off(ana, line)
        ana.get_by_role("button", name="Save and submit again").click()
        expect(ana.get_by_role("alert")).to_contain_text("What you typed is still here.")
        assert ana.get_by_label("What you did").input_value() == "2g"
        find_signal(ana, line)
        expect(ana.get_by_role("alert")).to_be_hidden()
        ana.get_by_role("button", name="Save and submit again").click()
        expect(ana.get_by_role("status")).to_contain_text("Saved and submitted")
    assert [status for _, status in states(cast)].count("submitted") == 1

    marcus.goto("/review/")
    with budget(marcus, "approve what was mended", taps=1):
        marcus.get_by_role("button", name="Approve week of Ana Reyes").click()
        expect(marcus.get_by_role("status")).to_contain_text("Approved Ana Reyes")
    assert {status for _, status in states(cast)} == {"approved"}

    ana.goto(f"/apprentices/{cast.ana.uid}/progress/2g/")
    with budget(ana, "ask for a sign-off", taps=2):
        ana.get_by_role("link", name="Ask for a sign-off").click()
        ana.get_by_role("button", name="Ask Marcus Webb").click()
        expect(ana.get_by_role("status")).to_contain_text("It waits for Marcus Webb")

    lose_signal(marcus, line)
    with budget(marcus, "rate five standards, without signal", taps=2 + STANDARDS + 1):
        marcus.get_by_label("Competency").select_option("2g")
        for group in marcus.locator("[data-standards] fieldset").all():
            group.get_by_role("radio", name="3").check()
        marcus.get_by_role("button", name="Keep as a draft").click()
        expect(marcus.get_by_role("status")).to_contain_text("5 rated of 2g for Ana Reyes")
    find_signal(marcus, line)
    marcus.goto("/review/")
    with budget(marcus, "read and sign what was rated", taps=4):
        marcus.locator("[data-unsent]").get_by_role("link").click()
        marcus.get_by_role("link", name="Sign 2g for Ana Reyes").click()
        marcus.get_by_role("button", name="Read and sign 5 of 5").click()
        marcus.get_by_role("button", name="Sign 5 of 5").click()
        expect(marcus.locator("main")).to_contain_text("You signed 5 ratings of 2g")
    assert SignOff.objects.filter(apprentice=cast.ana, passed=True).count() == STANDARDS

    ana.goto("/")
    expect(ana.get_by_role("link", name="new notice")).to_be_visible()
    ana.goto(f"/apprentices/{cast.ana.uid}/progress/2g/")
    expect(ana.locator("main")).to_contain_text("Marcus Webb")


def off(page: Page, line: Line) -> None:
    line.hang_up()
    page.context.set_offline(True)
