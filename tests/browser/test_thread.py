"""The main job, on a phone: Ana logs, Marcus and Priya look, Marcus signs, Ana sees what it amounts to."""

import re
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from ojt_logs.models import HoursEntry, SignOff
from tests.browser.conftest import OpenPage, sign_in
from tests.cast import PASSWORD, TODAY, Cast

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = TODAY - timedelta(days=4)
MINUTE = timedelta(minutes=1)


def fill_line(page: Page, number: int, about: str, time: str) -> None:
    line = page.get_by_role("group", name=f"Entry {number}", exact=True)
    line.get_by_label("What you did").select_option(about)
    line.get_by_role("textbox", name="Time").fill(time)


def entries_of(cast: Cast) -> list[tuple[str, int, str]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("pk")
    return [(row.kind, row.minutes, row.status) for row in rows]


def test_ana_logs_a_day_with_work_and_class_together(cast: Cast, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, cast.ana_user, wanted=f"/apprentices/{cast.ana.uid}/week/")
    page.get_by_role("link", name="Log today").click()
    fill_line(page, 1, "2g", "7:30")
    page.get_by_role("button", name="Another line").click()
    fill_line(page, 2, "1b", "0.5")
    page.get_by_role("button", name="Another line").click()
    fill_line(page, 3, f"course-{cast.klass.course.uid}", "2h")
    expect(page.get_by_role("heading", level=1)).to_have_text("10:00 h")
    page.get_by_role("button", name="Save day").click()
    expect(page.get_by_role("status")).to_contain_text("Saved Friday, Nov 20.")
    assert entries_of(cast) == [("ojt", 450, "draft"), ("ojt", 30, "draft"), ("ri", 120, "draft")]


def test_ana_changes_and_deletes_drafts_submits_her_week_and_takes_one_back(
    cast: Cast, open_page: OpenPage
) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450), cast.ojt("1b", minutes=30), cast.ri(minutes=120))
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/week/")
    page.get_by_role("link", name="Fri 7 h 30 min").click()
    page.get_by_role("link", name="Change").click()
    page.get_by_role("textbox", name="Time").fill("6h45")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Fri 30 min").click()
    page.get_by_text("Delete this draft").click()
    page.get_by_role("button", name="Yes, delete it").click()
    page.get_by_role("button", name="Submit week").click()
    expect(page.get_by_role("status")).to_contain_text("Submitted 2 entries, 8 h 45 min, on Nov 20, 2026")
    assert entries_of(cast) == [("ojt", 405, "submitted"), ("ri", 120, "submitted")]

    page.get_by_role("button", name="Take back 2 h of Nov 20").click()
    expect(page.get_by_role("status")).to_contain_text("It is a draft again.")
    page.get_by_role("button", name="Submit week").click()
    expect(page.get_by_role("region", name="Waiting for others")).to_contain_text(
        "Marcus Webb has 6 h 45 min to look at"
    )
    expect(page.get_by_role("region", name="Waiting for others")).to_contain_text(
        "Priya Nair has 2 h to look at"
    )
    assert entries_of(cast) == [("ojt", 405, "submitted"), ("ri", 120, "submitted")]


def test_marcus_approves_a_week_in_one_tap_and_undoes_it(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=450), cast.ojt("1b", minutes=30))
    page = open_page()
    sign_in(page, cast.marcus, wanted="/review/")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 week waits for you")
    page.get_by_role("button", name="Approve week of Ana Reyes").click()
    expect(page.get_by_role("status")).to_contain_text("Approved Ana Reyes, Nov 16 – 22: 8 h OJT")
    assert entries_of(cast) == [("ojt", 450, "approved"), ("ojt", 30, "approved")]

    page.get_by_role("button", name="Undo the approval of Ana Reyes").click()
    expect(page.get_by_role("status")).to_contain_text("8 h of Ana Reyes wait for you again")
    assert entries_of(cast) == [("ojt", 450, "submitted"), ("ojt", 30, "submitted")]


def test_marcus_returns_an_entry_and_ana_reads_why_and_mends_it(
    cast: Cast, open_page: OpenPage, clock: time_machine.Traveller
) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=450), cast.ojt("1b", minutes=30))
    mentor = open_page(cast.marcus)
    mentor.goto("/review/")
    mentor.get_by_role("link", name="Open the week of Ana Reyes").click()
    mentor.get_by_role("checkbox", name="1b").check()
    mentor.get_by_label("Why do they go back?").fill("That was a lunch talk, was it not?")
    mentor.get_by_role("button", name="Return the marked, approve the rest").click()
    expect(mentor.get_by_role("main")).to_contain_text("1 entry went back to Ana Reyes, with your reason.")
    assert entries_of(cast) == [("ojt", 450, "approved"), ("ojt", 30, "returned")]

    clock.shift(MINUTE)
    ana = open_page(cast.ana_user)
    ana.goto(f"/apprentices/{cast.ana.uid}/week/")
    todo = ana.get_by_role("region", name="Yours to do")
    expect(todo).to_contain_text("Marcus returned 30 min of Nov 20")
    expect(todo).to_contain_text("“That was a lunch talk, was it not?”")
    todo.get_by_role("link", name="Fix").click()
    ana.get_by_label("What you did").select_option("other")
    ana.get_by_role("button", name="Save and submit again").click()
    expect(ana.get_by_role("status")).to_contain_text("Saved and submitted.")
    assert entries_of(cast) == [("ojt", 450, "approved"), ("ojt", 30, "submitted")]


def test_priya_approves_the_class_and_meets_no_work_hours(cast: Cast, open_page: OpenPage) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=450), cast.ri(minutes=120))
    page = open_page()
    sign_in(page, cast.priya, wanted="/review/")
    expect(page.get_by_role("region", name="Ana Reyes")).to_contain_text("2 h class")
    expect(page.get_by_role("main")).not_to_contain_text("7 h 30 min")
    page.get_by_role("button", name="Approve week of Ana Reyes").click()
    expect(page.get_by_role("status")).to_contain_text("2 h class")
    assert entries_of(cast) == [("ojt", 450, "submitted"), ("ri", 120, "approved")]


def test_marcus_signs_2g_with_a_fresh_password_after_reading_exactly_what_he_signs(
    cast: Cast, open_page: OpenPage, clock: time_machine.Traveller
) -> None:
    page = open_page()
    sign_in(page, cast.marcus, wanted="/review/")
    page.get_by_role("link", name="Sign off Ana Reyes").click()
    page.get_by_role("link", name="2g").click()
    page.get_by_role("radio", name="Observed").check()
    page.get_by_label("Seen from").fill("2026-11-16")
    page.get_by_label("to", exact=True).fill("2026-11-19")
    texts = [standard.text for standard in cast.competency("2g").standards.order_by("position")]
    page.get_by_role("group", name=texts[0]).get_by_role("radio", name="4 competent").check()
    page.get_by_role("group", name="Set all unrated").get_by_role("button", name="3 satisf.").click()
    page.get_by_role("group", name=texts[4]).get_by_role("radio", name="0 not seen").check()
    page.get_by_label("Why").and_(page.locator(":visible")).fill("No such case came up.")
    clock.shift(6 * MINUTE)
    page.get_by_role("button", name="Read and sign 5 of 5: 4, 3, 3, 3, 0").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Read what you sign")
    reading = page.get_by_role("region", name="What you sign")
    assert [line.split("\n")[0] for line in reading.get_by_role("listitem").all_inner_texts()] == texts
    expect(reading).to_contain_text("Nov 16, 2026 to Nov 19, 2026")
    expect(page.get_by_role("main")).to_contain_text(
        "Marcus Webb, Coding supervisor, CCS, mentor: “I observed"
    )
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign 5 of 5").click()
    expect(page.get_by_role("status")).to_contain_text(
        "You signed 5 ratings of 2g for Ana Reyes: 4, 3, 3, 3, 0."
    )
    rows = SignOff.objects.filter(apprentice=cast.ana).order_by("performance_standard__position")
    assert [row.performance_standard.text for row in rows if row.performance_standard] == texts
    assert {(row.method, str(row.observed_from), str(row.observed_to)) for row in rows} == {
        ("observed", "2026-11-16", "2026-11-19")
    }


def test_every_number_of_anas_progress_opens_to_what_is_behind_it(cast: Cast, open_page: OpenPage) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=450), cast.ri(minutes=120))
    cast.sign(cast.ana, "2g")
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/week/")
    page.get_by_role("link", name="Why 7 %?").click()
    expect(page.get_by_text("5 of the 64 standards that count are signed")).to_be_visible()
    coding = page.get_by_role("region", name="2. ")
    coding.get_by_role("link", name="7 h 30 min approved").click()
    expect(page.get_by_role("region", name="By which rule")).to_contain_text("This job function is core")
    page.get_by_role("link", name="Approved hours").click()
    expect(page.get_by_role("region", name="Week of Nov 16")).to_contain_text(
        "Fri, Nov 20, 2026 · 7 h 30 min"
    )
    page.get_by_role("link", name="Nov 20, 2026 · 7 h 30 min").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Approved by Marcus Webb")

    page.goto(f"/apprentices/{cast.ana.uid}/progress/")
    coding.get_by_text("1 of 7 competencies").click()
    coding.get_by_role("link", name="2g").click()
    expect(page.get_by_role("main")).to_contain_text("5 of 5 signed")
    expect(page.get_by_role("heading", level=2).last).to_have_text("7 h 30 min on entries naming 2g")
    page.get_by_role("link", name=re.compile("record")).first.click()
    expect(page.get_by_role("region", name="The record")).to_contain_text("Marcus Webb (MW)")

    page.goto(f"/apprentices/{cast.ana.uid}/progress/")
    page.get_by_role("region", name="Related instruction").get_by_role(
        "link", name="2 h of 144 h approved"
    ).click()
    page.get_by_role("link", name="MC 101 Medical coding I").click()
    page.get_by_role("link", name="Approved hours").click()
    expect(page.get_by_role("region", name="Week of Nov 16")).to_contain_text("· 2 h")
