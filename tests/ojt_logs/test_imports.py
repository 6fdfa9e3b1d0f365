"""Hours from files: read by row, all or nothing, nothing twice, waiting for the usual review."""

import csv
import io
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Consent, ConsentNeeded
from accounts.refusals import Conflict, NotAllowed, Refusal
from competencies.imports.outline import Malformed
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.imports import bringing
from ojt_logs.imports.bringing import Result, RowsRefused
from ojt_logs.imports.cells import DayOrder, order_of, read_day, read_time, read_whole_minutes
from ojt_logs.imports.reading import Plan, Reading
from ojt_logs.imports.uploads import Upload, read
from ojt_logs.models import Comment, HoursBatch, HoursEntry, HoursTotal, InvalidTransition, RememberedColumns
from tests.at_once import at_once
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.competencies.test_recognise import BOMB, packed, with_part
from tests.competencies.test_workbook import xlsx

pytestmark = pytest.mark.django_db

HEADINGS = ["E-mail", "Date", "Hours", "Job function", "Competency", "Course", "Notes"]
ANA = ["ana@example.org", "2026-11-19", "8", "2", "2g", "", ""]
BEN = ["ben@example.org", "2026-11-19", "7:30", "2", "", "", "audits"]


def table(*rows: list[str], headings: list[str] = HEADINGS) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode()


def uploaded(*rows: list[str], name: str = "payroll.csv", headings: list[str] = HEADINGS) -> Upload:
    return read(table(*rows, headings=headings), name=name, kind="hours")


def looked(cast: Cast, upload: Upload, plan: Plan | None = None, **by: Any) -> Reading:
    plan = plan or bringing.plan_for(upload, sponsor=cast.lakeside)
    return bringing.look(upload, plan, **{"sponsor": cast.lakeside, "by": cast.nora, "now": NOW} | by)


def brought(cast: Cast, upload: Upload, plan: Plan | None = None, **by: Any) -> Result:
    plan = plan or bringing.plan_for(upload, sponsor=cast.lakeside)
    return bringing.bring(upload, plan, **{"sponsor": cast.lakeside, "by": cast.nora, "now": NOW} | by)


def well() -> bool:
    """Whether rows, ledger and totals agree."""
    return not list(record.compare()) and not list(rollup.differences())


# ---- Cells


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("8", 480), ("7:30", 450), ("450 min", 450), ("7.5", 450), ("7,5", 450), ("7:30:00", 450), ("8h", 480)],
)
def test_time_in_every_usual_spelling(text: str, minutes: int) -> None:
    assert read_time(text) == minutes


def test_a_column_of_minutes_takes_a_small_number_for_minutes() -> None:
    assert (read_whole_minutes("8"), read_whole_minutes("450 min")) == (8, 450)
    with pytest.raises(ValueError, match="no whole number"):
        read_whole_minutes("7.5")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03",
        "11/3/2026",
        "11/03/26",
        "Nov 3, 2026",
        "3 November 2026",
        "Tue, Nov 3, 2026",
        "Tuesday 11/3/2026",
        "20261103",
        "2026/11/3",
        "11.3.2026",
        "3-Nov-26",
        "2026-11-03T08:00:00Z",
        "11/3/2026 8:00 AM",
        "46329",
    ],
)
def test_days_in_the_usual_spellings(text: str) -> None:
    assert read_day(text, order=DayOrder.MONTH_FIRST) == date(2026, 11, 3)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "13/13/2026", "99999", "11/2026"])
def test_what_is_no_day_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="Write it like"):
        read_day(text, order=DayOrder.MONTH_FIRST)


def test_the_order_of_day_and_month_is_told_by_the_days_that_can_be_read_one_way_only() -> None:
    assert order_of(["3/4/2026", "25/4/2026"]).order is DayOrder.DAY_FIRST
    assert order_of(["3/4/2026", "4/25/2026"]).order is DayOrder.MONTH_FIRST
    assert not order_of(["3/4/2026", "4/25/2026"]).open
    assert order_of(["3/4/2026"], chosen="day").order is DayOrder.DAY_FIRST
    with pytest.raises(ValueError, match="the day first"):
        order_of(["25/4/2026", "4/25/2026"])


def test_an_open_order_is_stated_with_both_readings() -> None:
    assert order_of(["3/4/2026"]).words == (
        "“3/4/2026” is read as Mar 4, 2026; it could be Apr 3, 2026 as well."
    )


# ---- What comes in


def test_rows_wait_for_their_reviewers_and_say_where_they_came_from(cast: Cast) -> None:
    result = brought(cast, uploaded(ANA, BEN))
    assert result.batch and result.batch.rows == 2
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    assert (entry.status, entry.source, entry.minutes) == ("submitted", "imported", 480)
    assert entry.competency == cast.competency("2g")
    assert (entry.created_by, entry.batch, entry.batch_row) == (cast.nora, result.batch, 2)
    assert entry.provenance.words == "imported from payroll.csv, row 2 by Nora Bell on behalf"
    assert HoursEntry.objects.reviewable_by(cast.marcus).count() == 2
    assert HoursEntry.objects.get(apprentice=cast.ben).competency is None


def test_an_import_approves_nothing_and_its_hours_go_through_the_usual_review(cast: Cast) -> None:
    brought(cast, uploaded(ANA))
    assert not HoursTotal.objects.filter(approved__gt=0).exists()
    entry = HoursEntry.objects.get()
    with pytest.raises(NotAllowed):
        entry.move("approve", by=cast.nora, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    assert HoursTotal.objects.get().approved == 480
    assert well()


def test_the_ledger_tells_file_row_and_who_brought_it(cast: Cast) -> None:
    result = brought(cast, uploaded(ANA))
    told = chain.entries_of(cast.ana.uid).filter(act="hours.import").get()
    assert told.actor == cast.nora.uid
    assert result.batch
    for words in (f'"batch":"{result.batch.uid}"', '"batch_row":2', result.batch.sha256, '"to":"submitted"'):
        assert words in told.payload.body
    assert well()


def test_class_hours_name_a_course_and_wait_for_the_instructor(cast: Cast) -> None:
    brought(cast, uploaded(["ana@example.org", "2026-11-19", "2", "", "", "mc 101", ""]))
    assert list(HoursEntry.objects.reviewable_by(cast.priya)) == [HoursEntry.objects.get(kind="ri")]


def test_an_xlsx_is_read_by_its_cells(cast: Cast) -> None:
    rows: list[list[Any]] = [
        ["Lakeside payroll", None],
        ["Employee", "Work date", "Reg hours"],
        ["Reyes, Ana", date(2026, 11, 19), 7.5],
        ["Ben Ortiz", date(2026, 11, 19), timedelta(hours=8, minutes=5)],
    ]
    upload = read(xlsx({"Cover": [["Payroll"]], "Data": rows}), name="x.xlsx", kind="hours")
    brought(cast, upload)
    minutes = HoursEntry.objects.order_by("minutes").values_list("minutes", "job_function", "batch_row")
    assert list(minutes) == [(450, None, 3), (485, None, 4)]


@pytest.mark.parametrize(
    "person",
    [
        {"E-mail": "ANA@example.org"},
        {"Registration number": "MC-7"},
        {"Last name": "Reyes", "First name": "Ana"},
    ],
)
def test_people_are_found_by_what_an_export_calls_them(cast: Cast, person: dict[str, str]) -> None:
    cast.ana.registration_number = "mc-7"
    cast.ana.save(update_fields=["registration_number"])
    upload = uploaded([*person.values(), "11/19/2026", "8"], headings=[*person, "Date", "Hours"])
    assert looked(cast, upload).new[0].apprentice == cast.ana


def test_what_columns_mean_is_remembered_by_sponsor_and_headings(cast: Cast) -> None:
    upload = uploaded(["Ana Reyes", "19/11/2026", "480"], headings=["Who", "When", "Much"])
    with pytest.raises(Refusal, match="Say which column names the apprentice"):
        brought(cast, upload)
    brought(cast, upload, Plan({"name": 0, "date": 1, "minutes": 2}))
    next_month = uploaded(["Ben Ortiz", "18/11/2026", "60"], headings=["who", "when", "much"])
    assert looked(cast, next_month).new[0].apprentice == cast.ben
    assert RememberedColumns.objects.get().by == cast.nora


# ---- What does not


BAD = {
    "another sponsor's apprentice": (
        ["chen@example.org", "2026-11-19", "8", "", "", "", ""],
        "Nobody registered",
    ),
    "nobody": (["nobody@example.org", "2026-11-19", "8", "", "", "", ""], "Nobody registered here"),
    "a mentor": (["marcus@example.org", "2026-11-19", "8", "", "", "", ""], "Nobody registered here"),
    "no person": (["", "2026-11-19", "8", "", "", "", ""], "Say who"),
    "no day": (["ana@example.org", "", "8", "", "", "", ""], "The day is missing"),
    "tomorrow": (["ana@example.org", "2026-11-21", "8", "", "", "", ""], "has not begun"),
    "before the start": (["ana@example.org", "2026-01-05", "8", "", "", "", ""], "began on Feb 2, 2026"),
    "no time": (["ana@example.org", "2026-11-19", "", "", "", "", ""], "time is missing"),
    "a negative time": (["ana@example.org", "2026-11-19", "-8", "", "", "", ""], "not a time"),
    "a long day": (["ana@example.org", "2026-11-19", "25:00", "", "", "", ""], "at most 24 hours"),
    "no such job function": (["ana@example.org", "2026-11-19", "8", "77", "", "", ""], "none in the program"),
    "two places": (["ana@example.org", "2026-11-19", "8", "2", "", "MC 101", ""], "names work and a course"),
    "a competency elsewhere": (
        ["ana@example.org", "2026-11-19", "8", "1", "2g", "", ""],
        "not in the job function",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_one_wrong_row_stops_all_and_is_told_by_its_number(cast: Cast, case: str) -> None:
    row, words = BAD[case]
    with pytest.raises(RowsRefused) as refused:
        brought(cast, uploaded(BEN, row))
    (wrong,) = refused.value.reading.refused
    assert wrong.number == 3
    assert words in wrong.sentences
    assert CANARY not in wrong.sentences
    assert not HoursEntry.objects.exists()
    assert not HoursBatch.objects.exists()


def test_rows_of_one_day_are_added_up_with_what_is_on_the_record(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=600, day=date(2026, 11, 19)))
    again = [*ANA[:2], "7", *ANA[3:]]
    with pytest.raises(RowsRefused) as refused:
        brought(cast, uploaded(ANA, again))
    (wrong,) = refused.value.reading.refused
    assert (wrong.number, "6 h is left" in wrong.sentences) == (3, True)


def test_a_name_that_two_bear_is_refused(cast: Cast) -> None:
    cast.ben_user.name = "Ana Reyes"
    cast.ben_user.save(update_fields=["name"])
    upload = uploaded(["Ana Reyes", "2026-11-19", "8"], headings=["Name", "Date", "Hours"])
    assert looked(cast, upload).refused[0].sentences == (
        "2 apprentices fit. Use their e-mail or registration number."
    )


def test_rows_of_others_in_a_payroll_are_left_out_where_that_was_chosen(cast: Cast) -> None:
    upload = uploaded(ANA, ["chen@example.org", "2026-11-19", "8", "", "", "", ""])
    result = brought(cast, upload, Plan(upload.guessed, leave_out_strangers="yes"))
    assert result.batch and (result.batch.rows, result.batch.left_out) == (1, 1)
    assert not HoursEntry.objects.filter(apprentice=cast.chen).exists()


@pytest.mark.parametrize("who", ["marcus", "priya", "ruth", "ana_user", "ivy", "olga"])
def test_nobody_but_a_coordinator_of_the_sponsor_brings_hours_in(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        brought(cast, uploaded(ANA), by=getattr(cast, who))
    assert not HoursEntry.objects.exists()


def test_who_has_not_agreed_to_electronic_records_brings_nothing_in(cast: Cast) -> None:
    Consent.objects.withdraw(cast.nora, now=NOW)
    with pytest.raises(ConsentNeeded):
        brought(cast, uploaded(ANA))


WRONG_FILES = {
    "a zip bomb": (packed({"xl/workbook.xml": b"0" * 60_000_000}), "far larger"),
    "an entity bomb": (with_part(xlsx({"A": [["Name"]]}), "xl/workbook.xml", BOMB), "declares its own XML"),
    "macros": (with_part(xlsx({"A": [["Name"]]}), "xl/vbaProject.bin", b"x"), "has macros in it"),
    "a renamed program": (b"MZ\x90\x00" + b"\x00" * 500, "is a program"),
    "a renamed picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "is a picture"),
    "bytes": (bytes(range(256)) * 4, "is no text"),
    "a page of the web": (b"<html><table><tr><td>Name</td></tr></table>", "is no table"),
    "nothing": (b" \n", "is empty"),
    "a binary workbook": (packed({"xl/workbook.bin": b"x"}), "binary workbook"),
    "headings alone": (table(), "no row below"),
    "too many rows": (table(*[ANA] * 5_001), "At most 5,000"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_what_is_no_table_is_refused_with_the_reason(case: str) -> None:
    data, words = WRONG_FILES[case]
    with pytest.raises(Malformed, match=words):
        read(data, name="hours.xlsx", kind="hours")


# ---- Nothing twice


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    brought(cast, uploaded(ANA, BEN))
    again = brought(cast, uploaded(ANA, BEN))
    assert again.batch is None
    assert [row.fate for row in again.reading.rows] == ["there", "there"]
    assert HoursEntry.objects.count() == 2
    assert HoursBatch.objects.count() == 1


def test_the_same_rows_in_another_file_change_nothing_and_new_ones_come_in(cast: Cast) -> None:
    brought(cast, uploaded(ANA))
    second = brought(cast, uploaded(BEN, ANA, name="again.csv"))
    assert second.batch and (second.batch.rows, second.batch.there) == (1, 1)
    assert HoursEntry.objects.filter(apprentice=cast.ana).count() == 1


def test_two_equal_rows_of_one_file_are_two_entries_once(cast: Cast) -> None:
    brought(cast, uploaded(ANA, ANA))
    brought(cast, uploaded(ANA, ANA, name="again.csv"))
    assert HoursEntry.objects.count() == 2


def test_a_row_with_a_number_of_the_other_system_is_known_by_it(cast: Cast) -> None:
    headings = ["Entry ID", "E-mail", "Date", "Hours"]
    brought(cast, uploaded(["8841", "ana@example.org", "2026-11-19", "8"], headings=headings))
    changed = uploaded(["8841", "ana@example.org", "2026-11-19", "7"], headings=headings)
    again = brought(cast, changed)
    assert again.batch is None
    assert "The record is left as it is" not in again.reading.there[0].note
    assert "says something else" in again.reading.there[0].note
    assert HoursEntry.objects.get().minutes == 480


def test_one_file_with_other_columns_chosen_does_not_double_its_rows(cast: Cast) -> None:
    upload = uploaded(ANA)
    brought(cast, upload)
    fewer = {
        name: at for name, at in upload.guessed.items() if name != "job_function" and name != "competency"
    }
    assert brought(cast, upload, Plan(fewer)).batch is None


def test_what_came_in_before_is_there_after_a_return_and_a_change(cast: Cast) -> None:
    brought(cast, uploaded(ANA))
    entry = HoursEntry.objects.get()
    entry.move("return", by=cast.marcus, now=NOW, reason="six")
    entry.change(by=cast.ana_user, now=NOW, minutes=360)
    assert brought(cast, uploaded(ANA)).batch is None
    assert HoursEntry.objects.get().minutes == 360


# ---- Taking a file back


def test_only_who_coordinates_the_sponsor_takes_a_file_out_again(cast: Cast) -> None:
    batch = brought(cast, uploaded(ANA, BEN)).batch
    assert batch
    for person in (cast.marcus, cast.ruth, cast.olga, cast.ana_user):
        with pytest.raises(NotAllowed):
            batch.undo(by=person, now=NOW)
    assert batch.untouched().count() == 2


def test_a_whole_file_is_taken_back_while_nobody_reviewed_it(cast: Cast) -> None:
    batch = brought(cast, uploaded(ANA, BEN)).batch
    assert batch and batch.undo(by=cast.nora, now=NOW) == 2
    assert not HoursEntry.objects.exists()
    assert not HoursTotal.objects.filter(waiting__gt=0).exists()
    assert (batch.undone_by, batch.is_undoable) == (cast.nora, False)
    assert chain.entries_of(cast.ana.uid).filter(act="hours.undo_import").count() == 1
    assert well()
    assert brought(cast, uploaded(ANA, BEN)).batch


@pytest.mark.parametrize("move", ["approve", "return"])
def test_a_file_stays_once_somebody_worked_with_one_of_its_rows(cast: Cast, move: str) -> None:
    batch = brought(cast, uploaded(ANA, BEN)).batch
    HoursEntry.objects.get(apprentice=cast.ana).move(
        move, by=cast.marcus, now=NOW, reason="no" if move == "return" else ""
    )
    assert batch
    with pytest.raises(Conflict, match="so the file stays"):
        batch.undo(by=cast.nora, now=NOW)
    assert HoursEntry.objects.count() == 2
    assert well()


def test_a_file_stays_once_somebody_spoke_of_one_of_its_rows(cast: Cast) -> None:
    batch = brought(cast, uploaded(ANA, BEN)).batch
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    Comment.objects.add(entry, by=cast.marcus, words="Which unit?", now=NOW)
    assert batch
    with pytest.raises(Conflict, match="so the file stays"):
        batch.undo(by=cast.nora, now=NOW)


def test_taking_a_file_back_is_no_move_of_an_entry(cast: Cast) -> None:
    brought(cast, uploaded(ANA))
    with pytest.raises((NotAllowed, InvalidTransition)):
        HoursEntry.objects.get().move("undo_import", by=cast.nora, now=NOW)


# ---- At once, and many


@pytest.mark.django_db(transaction=True)
def test_one_file_sent_twice_in_one_moment_comes_in_once(transactional_db: None, cast: Cast) -> None:
    upload = uploaded(ANA, BEN)
    outcomes = at_once(lambda: brought(cast, upload), lambda: brought(cast, upload))
    batches = [one.batch for one in outcomes]
    assert [one is None for one in batches].count(True) == 1
    assert HoursEntry.objects.count() == 2
    assert well()


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_approving_in_one_moment_leaves_one_of_them(
    transactional_db: None, cast: Cast
) -> None:
    batch = brought(cast, uploaded(ANA)).batch
    entry = HoursEntry.objects.get()
    assert batch
    outcomes = at_once(
        lambda: batch.undo(by=cast.nora, now=NOW), lambda: entry.move("approve", by=cast.marcus, now=NOW)
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert well()


KILLED = """
import os, signal, sys, django
django.setup()
from django.core.management import call_command
from ledger import chain
chain.append_all = lambda *words, **more: os.kill(os.getpid(), signal.SIGKILL)
call_command("import_hours", sys.argv[1], "--by", "nora@example.org")
"""
"""Ends itself the hard way once rows and totals are written and the ledger is not."""


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_half_way_leaves_nothing_and_may_be_done_again(
    outside: dict[str, str], cast: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "payroll.csv"
    path.write_bytes(table(ANA, BEN))
    command = [sys.executable, "-c", KILLED, str(path)]
    done = subprocess.run(command, env=outside, cwd=settings.BASE_DIR, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert not HoursEntry.objects.exists() and not HoursBatch.objects.exists()
    assert not HoursTotal.objects.exists() and not RememberedColumns.objects.exists()
    result = brought(cast, uploaded(ANA, BEN))
    assert result.batch and result.batch.rows == 2
    assert well()


def many(days: int) -> list[list[str]]:
    """Rows of Ana and Ben, two a day."""
    first = TODAY - timedelta(days=days)
    return [
        [
            f"{who}@example.org",
            (first + timedelta(days=day)).isoformat(),
            "1",
            str(1 + day % 3),
            "",
            "",
            str(n),
        ]
        for day in range(days)
        for who in ("ana", "ben")
        for n in range(5)
    ]


def queries(cast: Cast, rows: list[list[str]], name: str) -> int:
    upload = uploaded(*rows, name=name)
    with CaptureQueriesContext(
        connection,
    ) as found:
        result = brought(cast, upload)
    assert result.batch and result.batch.rows == len(rows)
    return len(found)


def test_each_further_hundred_rows_cost_the_same_few_queries(cast: Cast) -> None:
    rows = many(90)
    hundred, two, six = (
        queries(cast, rows[first:last], f"{last}.csv") for first, last in ((0, 100), (100, 300), (300, 900))
    )
    assert two - hundred <= 110
    assert six - hundred <= 5 * 110
