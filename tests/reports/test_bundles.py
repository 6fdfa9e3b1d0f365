"""A file for each apprentice of a program, in one ZIP with an index."""

import csv
import hashlib
import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ledger.chain import entries_of
from reports import documents, pdf
from reports.models import ReportRun
from tests.cast import NOW, STARTED, Cast, _user
from tests.reports.building import built, file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


@pytest.fixture(autouse=True)
def small_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections of a line each: what is in them is the subject of tests/pdf."""
    layout = pdf.layout
    monkeypatch.setattr(
        pdf,
        "layout",
        lambda html: layout(f"<html lang=en><title>R</title><p>{hashlib.sha256(html.encode()).hexdigest()}"),
    )


def ask(cast: Cast, document: str = "hours") -> ReportRun:
    return ReportRun.objects.start(
        by=cast.nora, now=NOW, document=document, program=cast.program, for_each=True
    )


def opened(run: ReportRun) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(file_of(run).read_bytes()))


def index(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(archive.read("index.csv").decode("utf-8-sig"))))


def test_zip_has_a_pdf_for_each_and_the_index_says_whose_with_its_digest(cast: Cast) -> None:
    run = built(ask(cast))
    assert (run.state, run.percent, file_of(run).suffix) == ("done", 100, ".zip")
    assert run.file_name.startswith("hours-log-for-each-medical-coders-20") and run.file_name.endswith(".zip")
    archive = opened(run)
    rows = index(archive)
    assert [row["Apprentice"] for row in rows] == ["Ana Reyes", "Ben Ortiz"]
    page = archive.read("index.html").decode()
    for row in rows:
        data = archive.read(row["File"])
        assert data.startswith(b"%PDF-")
        assert (row["SHA-256"], int(row["Bytes"])) == (hashlib.sha256(data).hexdigest(), len(data))
        assert row["SHA-256"] in page and f'href="{row["File"]}"' in page
    assert len(archive.namelist()) == 4


def test_each_record_tells_of_its_own_file(cast: Cast) -> None:
    run = built(ask(cast))
    digests = {row["Apprentice"]: row["SHA-256"] for row in index(opened(run))}
    for person in (cast.ana, cast.ben):
        entry = entries_of(person.uid).get(act="report.export")
        assert (entry.object, entry.payload.content["sha256"]) == (run.uid, digests[person.user.name])
    assert not entries_of(cast.chen.uid).filter(act="report.export").exists()


def test_names_in_the_zip_are_plain_and_two_of_one_name_are_two_files(cast: Cast) -> None:
    for number, name in enumerate(("Ana Reyes", "../../etc/passwd", "=HYPERLINK(1)")):
        person = _user(f"Eli{number}")
        person.name = name
        person.save()
        Apprentice.objects.register(cast.program, person, started_on=STARTED, by=cast.nora, now=NOW)
    archive = opened(built(ask(cast, "transcript")))
    names = archive.namelist()
    assert len(set(names)) == 7
    assert all(name.replace("-", "").replace(".", "").isalnum() and ".." not in name for name in names)
    assert sum(name.startswith("transcript-ana-reyes") for name in names) == 2
    assert "'=HYPERLINK(1)" in {row["Apprentice"] for row in index(archive)}


@pytest.mark.parametrize("document", ["schedule", "hours", "progress", "transcript"])
def test_every_document_about_a_person_is_there_for_each(cast: Cast, document: str) -> None:
    assert built(ask(cast, document)).state == "done"


def test_summary_for_each_and_hours_of_a_program_are_refused_by_field(cast: Cast) -> None:
    with pytest.raises(Refusal) as refusal:
        ask(cast, "summary")
    assert refusal.value.field == "document"
    with pytest.raises(Refusal, match="about one person"):
        ReportRun.objects.start(by=cast.nora, now=NOW, document="hours", program=cast.program)
    with pytest.raises(Refusal, match="one apprentice or one program"):
        ReportRun.objects.start(by=cast.nora, now=NOW, document="hours", apprentice=cast.ana, for_each=True)


def test_per_cent_is_files_done_of_files_known(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    advance = ReportRun.advance

    def watch(self: ReportRun, percent: int, **more: Any) -> bool:
        seen.append(percent)
        return advance(self, percent, **more)

    monkeypatch.setattr(ReportRun, "advance", watch)
    built(ask(cast))
    assert seen == [50, 99]


@pytest.mark.parametrize(("document", "most"), [("progress", "MOST_FILES"), ("schedule", "MOST_SCHEDULES")])
def test_too_many_for_one_zip_is_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, document: str, most: str
) -> None:
    monkeypatch.setattr(documents, most, 1)
    run = built(ask(cast, document=document))
    assert run.state == "failed" and "more than 1 apprentices" in run.reason


def test_worker_that_lost_the_zip_in_the_middle_leaves_no_file_and_no_entry(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(cast)
    layout = pdf.layout

    def overtaken(html: str) -> Any:
        ReportRun.objects.filter(pk=run.pk).update(attempt=9)
        return layout(html)

    monkeypatch.setattr(pdf, "layout", overtaken)
    run = built(run)
    assert (run.state, run.attempt) == ("running", 9)
    assert not folder.exists()
    assert not entries_of(cast.ana.uid).filter(act="report.export").exists()


def test_zip_of_a_program_is_not_the_paper_of_it(cast: Cast) -> None:
    zipped = ask(cast, "progress")
    paper = ReportRun.objects.start(by=cast.nora, now=NOW, document="progress", program=cast.program)
    assert zipped != paper and ask(cast, "progress") == zipped
