"""A form that is refused comes back with everything that was typed, and says why beside the field."""

import pytest
from playwright.sync_api import Locator, Page, expect

from ojt_logs.models import HoursEntry, SignOff
from tests.browser.conftest import OpenPage
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "Audit of ten charts, second look"


def said_beside(field: Locator) -> Locator:
    """The sentence that is tied to the field, so that it is read aloud with it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    ids = (field.get_attribute("aria-describedby") or "").split()
    return field.page.locator(", ".join(f"#{one}.errorlist, #{one} .errorlist" for one in ids))


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [("0", "more than 0"), ("25h", "24"), ("half a day", "7:30"), ("", "Enter the time")],
)
def test_ana_keeps_her_line_when_its_time_makes_no_sense(
    cast: Cast, open_page: OpenPage, minutes: str, sentence: str
) -> None:
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    page.get_by_label("What you did").select_option("2g")
    page.get_by_text("Note", exact=True).click()
    page.get_by_role("textbox", name="Note").fill(NOTE)
    time = page.get_by_role("textbox", name="Time")
    time.fill(minutes)
    page.get_by_role("button", name="Save day").click()
    expect(said_beside(time)).to_contain_text(sentence)
    expect(time).to_have_value(minutes)
    expect(page.get_by_label("What you did")).to_have_value("2g")
    expect(page.get_by_role("textbox", name="Note")).to_have_value(NOTE)
    assert not HoursEntry.objects.filter(apprentice=cast.ana).exists()


def test_one_bad_line_keeps_the_good_one_from_being_half_saved(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=1200))
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    page.get_by_label("What you did").select_option("1b")
    page.get_by_role("textbox", name="Time").fill("3h")
    page.get_by_role("button", name="Another line").click()
    second = page.get_by_role("group", name="Entry 2", exact=True)
    second.get_by_label("What you did").select_option("2a")
    second.get_by_role("textbox", name="Time").fill("2:00")
    page.get_by_role("button", name="Save day").click()
    expect(page.locator(".errorlist")).to_contain_text("24")
    expect(page.get_by_role("textbox", name="Time").first).to_have_value("3h")
    expect(second.get_by_role("textbox", name="Time")).to_have_value("2:00")
    assert HoursEntry.objects.filter(apprentice=cast.ana).count() == 1


def test_marcus_keeps_his_marks_when_he_gives_no_reason(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=450), cast.ojt("1b", minutes=30))
    page = open_page(cast.marcus)
    page.goto(f"/review/{cast.ana.uid}/2026-11-16/")
    page.get_by_role("checkbox", name="1b").check()
    page.get_by_role("button", name="Return the marked ones only").click()
    expect(said_beside(page.get_by_label("Why do they go back?"))).to_contain_text("Say why")
    expect(page.get_by_role("checkbox", name="1b")).to_be_checked()
    expect(page.get_by_role("checkbox", name="2g")).not_to_be_checked()
    page.get_by_label("Why do they go back?").fill("Lunch.")
    page.get_by_role("button", name="Return the marked ones only").click()
    expect(page.get_by_role("main")).to_contain_text("1 entry went back")


def rate(page: Page) -> None:
    page.get_by_role("radio", name="Questioning").check()
    page.get_by_label("Seen from").fill("2026-11-18")
    page.get_by_role("radio", name="4 competent").first.check()
    page.get_by_role("radio", name="0 not seen").last.check()
    page.get_by_label("Note (optional)").fill(NOTE)


def expect_rated(page: Page) -> None:
    expect(page.get_by_role("radio", name="Questioning")).to_be_checked()
    expect(page.get_by_label("Seen from")).to_have_value("2026-11-18")
    expect(page.get_by_role("radio", name="4 competent").first).to_be_checked()
    expect(page.get_by_role("radio", name="0 not seen").last).to_be_checked()
    expect(page.get_by_label("Note (optional)")).to_have_value(NOTE)


def test_marcus_keeps_his_ratings_when_one_lacks_its_reason(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.marcus)
    page.goto(f"/apprentices/{cast.ana.uid}/sign/2g/")
    rate(page)
    page.get_by_role("button", name="Read and sign 2 of 5: 4, 0").click()
    expect(said_beside(page.get_by_label("Why").last)).to_contain_text("reason")
    expect_rated(page)
    assert not SignOff.objects.filter(apprentice=cast.ana).exists()


def test_marcus_keeps_his_ratings_when_his_password_is_wrong(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.marcus)
    page.goto(f"/apprentices/{cast.ana.uid}/sign/2g/")
    rate(page)
    page.get_by_label("Why").last.fill("No such case came up.")
    page.get_by_role("button", name="Read and sign 2 of 5: 4, 0").click()
    page.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Sign 2 of 5").click()
    expect(said_beside(page.get_by_label("Your password"))).to_contain_text("nothing was signed")
    assert not SignOff.objects.filter(apprentice=cast.ana).exists()
    page.get_by_role("button", name="Change").click()
    expect_rated(page)
    page.get_by_role("button", name="Read and sign 2 of 5: 4, 0").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign 2 of 5").click()
    expect(page.get_by_role("status")).to_contain_text("You signed 2 ratings of 2g")
    assert SignOff.objects.filter(apprentice=cast.ana).count() == 2


def test_what_ana_typed_is_there_when_the_browser_was_closed_and_nothing_of_it_on_the_phone(
    cast: Cast, open_page: OpenPage
) -> None:
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    page.get_by_label("What you did").select_option("2g")
    page.get_by_role("textbox", name="Time").fill("6:15")
    expect(page.get_by_text("Kept, not saved yet.")).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "6:15" not in kept and "2g" not in kept
    page.context.close()
    again = open_page(cast.ana_user)
    again.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    expect(again.get_by_role("textbox", name="Time")).to_have_value("6:15")
    again.get_by_role("button", name="Save day").click()
    assert HoursEntry.objects.get(apprentice=cast.ana).minutes == 375
