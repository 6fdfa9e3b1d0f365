"""Everything of a program in one workbook, opened again as a reader would."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts import tables
from accounts.models import Membership, User
from apprenticeship.models import Employer
from ledger.chain import entries_of
from ojt_logs.models import Authentication, SignOff
from reports.models import Lane, ReportRun
from reports.tasks import render
from reports.workbook import Everything
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

SHEETS = [
    "README",
    "Program",
    "Apprentices",
    "Progress by job function",
    "Competencies",
    "Related instruction",
    "Hours",
    "Sign-offs",
    "Mentors",
    "Classes",
    "Status changes",
]
HOSTILE = '=HYPERLINK("http://x","y")'


def opened(cast: Cast, reader: User) -> Workbook:
    run = ReportRun(program=cast.program, requested_by=reader, document="workbook", created_at=NOW)
    file = io.BytesIO()
    Everything(run, now=NOW).write(step=lambda _: None).save(file)
    return load_workbook(file)


def rows(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    heads, *lines = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, heads), line, strict=True)) for line in lines]


def words(book: Workbook) -> str:
    return str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])


def fill(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=450, note=HOSTILE), cast.ri(minutes=90))
    cast.log(cast.ana, cast.ojt("2g", minutes=77, note="only hers"))
    cast.submitted(cast.ben, cast.ojt("1a", minutes=30))
    cast.sign(cast.ana, "2g")
    taken, *_ = cast.sign(cast.ana, "1a", day=TODAY - timedelta(days=1))
    SignOff.objects.withdraw(
        taken, by=cast.marcus, now=NOW, authentication=Authentication("password", NOW), reason="+1"
    )
    cast.ben.change_status("suspended", effective_on=TODAY, reason="@leave", by=cast.nora, now=NOW)


def test_a_program_is_a_workbook_with_a_sheet_a_thing(cast: Cast) -> None:
    fill(cast)
    book = opened(cast, cast.nora)
    assert book.sheetnames == SHEETS
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    ana, ben = rows(book, "Apprentices")
    assert (ana["Apprentice"], ben["Status"]) == ("Ana Reyes", "Suspended")
    assert (ana["OJT approved (minutes)"], ana["OJT approved (hours)"]) == (450, 7.5)
    assert ana["Standards that count"] == 64 and isinstance(ana["Progress (%)"], int)
    assert [row["Apprentice"] for row in rows(book, "Hours")] == ["Ana Reyes", "Ana Reyes", "Ben Ortiz"]
    assert [row["Act"] for row in rows(book, "Sign-offs")].count("Withdrawal") == 1
    assert {row["Mentor"] for row in rows(book, "Mentors")} == {"Marcus Webb", "Lena Fox"}
    assert [row["Apprentice"] for row in rows(book, "Classes")] == ["Ana Reyes", "Ben Ortiz"]
    assert rows(book, "Status changes")[-1]["Reason"] == "@leave"
    by_function = rows(book, "Progress by job function")
    assert [row["OJT approved (minutes)"] for row in by_function][:5] == [0, 450, 0, 0, 0]
    achieved = [row for row in rows(book, "Competencies") if row["Achieved"] == "yes"]
    assert [(row["Apprentice"], row["Competency"]) for row in achieved] == [("Ana Reyes", "2g")]
    assert rows(book, "Related instruction")[0]["RI approved (minutes)"] == 90


def test_the_readme_says_what_when_for_whom_and_explains_every_sheet(cast: Cast) -> None:
    fill(cast)
    book = opened(cast, cast.nora)
    told = {row["Subject"]: row["Explained"] for row in rows(book, "README") if not row["Column"]}
    assert "Medical coders of Lakeside Health" in told["What this is"] and "Nora Bell" in told["For"]
    assert told["Made"] == "Nov 20, 2026, 12:00 pm CST"
    assert set(SHEETS[1:]) <= told.keys()
    assert told["Hours"].startswith("3 rows.")


def test_no_cell_of_the_workbook_is_a_formula_and_no_draft_is_in_it(cast: Cast) -> None:
    fill(cast)
    book = opened(cast, cast.nora)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n", "d"}
    assert HOSTILE in words(book) and "only hers" not in words(book)


def test_the_auditor_gets_the_same_and_nobody_of_another_sponsor_is_in_it(cast: Cast) -> None:
    fill(cast)
    cast.submitted(cast.chen, type(cast.ojt())("ojt", TODAY, 60, note=CANARY))
    ours = words(opened(cast, cast.ruth))
    assert "Ana Reyes" in ours and CANARY not in ours


@pytest.mark.parametrize("role", ["coordinator", "auditor"])
def test_who_is_limited_to_an_employer_finds_its_apprentices_alone(cast: Cast, role: str) -> None:
    fill(cast)
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    cast.ana.employer = north
    cast.ana.save(update_fields=["employer"])
    Membership.objects.filter(user=cast.ruth).update(employer=north, role=role)
    book = opened(cast, cast.ruth)
    assert "Ben Ortiz" not in words(book)
    assert [row["Employer"] for row in rows(book, "Apprentices")] == ["North Clinic"]


def test_an_empty_program_is_a_workbook_too(cast: Cast) -> None:
    run = ReportRun(program=cast.program, requested_by=cast.ivy, document="workbook", created_at=NOW)
    file = io.BytesIO()
    Everything(run, now=NOW).write(step=lambda _: None).save(file)
    assert load_workbook(file)["Hours"].max_row == 1


def test_rows_that_no_sheet_holds_stand_on_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(cast)
    monkeypatch.setattr(tables, "LONGEST_SHEET", 2)
    book = opened(cast, cast.nora)
    assert (book["Hours"].max_row, book["Hours 2"].max_row) == (3, 2)
    assert book["Hours 2"]["A1"].value == "Apprentice"


def test_a_worker_builds_it_as_a_report_and_it_is_on_every_record(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    fill(cast)
    client = signed_in(cast.nora)
    said = {"document": "workbook", "program": cast.program.uid, "from": "2026-11-01"}
    page = client.post(reverse("report-start"), said)["Location"]
    run = ReportRun.objects.get()
    assert (run.from_day, run.to_day) == (None, None)
    render(Lane.BULK)
    run.refresh_from_db()
    assert (run.state, run.file_name) == ("done", "everything-of-medical-coders-2026-11-20.xlsx")
    assert "Download XLSX" in client.get(page).text and "Preview" not in client.get(page).text
    answer = client.get(reverse("report-file", args=[run.uid]))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert load_workbook(io.BytesIO(b"".join(answer))).sheetnames == SHEETS  # type: ignore[arg-type]
    for one in (cast.ana, cast.ben):
        assert [entry.act for entry in entries_of(one.uid)][-1] == "report.export"
    for user in (cast.marcus, cast.ana_user, cast.olga):
        assert signed_in(user).get(reverse("report-file", args=[run.uid])).status_code == 404


def test_a_workbook_is_of_a_program_and_has_no_preview(cast: Cast) -> None:
    client = signed_in(cast.nora)
    answer = client.post(reverse("report-start"), {"document": "workbook", "apprentice": cast.ana.uid})
    assert answer.status_code == 400 and "about a whole program" in answer.text
    answer = client.get(reverse("report-preview"), {"document": "workbook", "program": cast.program.uid})
    assert answer.status_code == 400 and "Choose another document." in answer.text
    assert (
        client.post(
            reverse("report-start"), {"document": "workbook", "program": cast.other_program.uid}
        ).status_code
        == 404
    )
