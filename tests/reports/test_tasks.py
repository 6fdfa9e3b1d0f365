"""Building a report: the file is whole or not there, failures say why, and nothing is built twice."""

import hashlib
import resource
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from accounts.models import Membership
from apprenticeship.celery import app
from ledger.chain import entries_of
from reports import documents, lanes, pdf, tasks
from reports.models import LEASE, Lane, ReportRun
from tests.cast import NOW, Cast
from tests.reports.building import built, file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


@pytest.fixture(autouse=True)
def small_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections of a line each, really laid out and written: what is in them is the subject of tests/pdf."""
    layout = pdf.layout
    line = "<html lang=en><title>Report</title><p>A section"
    monkeypatch.setattr(pdf, "layout", lambda html: layout(line))


def ask(cast: Cast, **what: Any) -> ReportRun:
    wanted = {"document": "progress", "by": cast.nora} | (what or {"apprentice": cast.ana})
    return ReportRun.objects.start(now=NOW, **wanted)


def test_file_is_what_the_row_says(cast: Cast, folder: Path) -> None:
    run = built(ask(cast))
    data = file_of(run).read_bytes()
    assert (run.state, run.percent, run.reason) == ("done", 100, "")
    assert (len(data), hashlib.sha256(data).hexdigest()) == (run.bytes, run.sha256)
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    assert run.file_name.startswith("progress-report-ana-reyes-20")
    assert list(folder.iterdir()) == [file_of(run)]


def test_program_report_tells_each_apprentices_record(cast: Cast) -> None:
    built(ask(cast, program=cast.program))
    for person in (cast.ana, cast.ben):
        assert entries_of(person.uid).filter(act="report.export").count() == 1
    assert not entries_of(cast.chen.uid).filter(act="report.export").exists()


def test_blank_schedule_of_a_program_tells_nobodys_record(cast: Cast) -> None:
    assert built(ask(cast, document="schedule", program=cast.program)).state == "done"
    assert not entries_of(cast.ana.uid).filter(act="report.export").exists()


def test_per_cent_is_sections_done_of_sections_known(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(cast, program=cast.program)
    seen = []
    advance = ReportRun.advance

    def watch(self: ReportRun, percent: int, **more: Any) -> bool:
        seen.append(percent)
        return advance(self, percent, **more)

    monkeypatch.setattr(ReportRun, "advance", watch)
    built(run)
    assert seen == [0, 33, 66, 99]


def test_second_message_about_a_finished_report_changes_nothing(cast: Cast) -> None:
    run = built(ask(cast))
    before = (file_of(run).stat().st_mtime_ns, run.finished_at, run.attempt)
    built(run)
    assert (file_of(run).stat().st_mtime_ns, run.finished_at, run.attempt) == before
    assert entries_of(cast.ana.uid).filter(act="report.export").count() == 1


def test_report_asked_for_by_somebody_who_left_meanwhile_is_not_built(cast: Cast, folder: Path) -> None:
    run = ask(cast, program=cast.program)
    Membership.objects.filter(user=cast.nora).update(ends_on=date(2026, 3, 1))
    run = built(run)
    assert (run.state, run.percent) == ("failed", 0)
    assert run.reason == "Who asked may no longer read this record. Ask for it as somebody who may."
    assert not folder.exists()


def test_apprentice_who_may_no_longer_sign_in_gets_no_report(cast: Cast) -> None:
    run = ask(cast, by=cast.ana_user, apprentice=cast.ana)
    cast.ana_user.is_active = False
    cast.ana_user.save()
    assert built(run).state == "failed"


def test_failure_says_what_to_do_and_a_later_try_succeeds(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(cast)
    with monkeypatch.context() as broken:
        broken.setattr(pdf, "layout", lambda html: 1 / 0)
        run = built(run)
    assert run.state == "failed"
    assert str(run.uid)[:8] in run.reason and "Try again" in run.reason
    run.retry(by=cast.nora, now=NOW)
    assert built(run).state == "done"


def test_report_that_takes_too_long_says_what_to_ask_for_instead(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(sheets: Any) -> bytes:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(pdf, "join", late)
    run = built(ask(cast))
    assert (run.state, run.reason.split(".")[1]) == (
        "failed",
        " Ask for a shorter period, or for fewer people",
    )
    assert not folder.exists()


def test_the_time_limits_leave_room_for_the_sentence_and_the_queue(settings: Any) -> None:
    render: Any = tasks.render
    assert (render.soft_time_limit, render.time_limit) == (570, 600)
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options.get("visibility_timeout", 900) > render.time_limit


def test_a_record_that_was_read_slowly_renews_the_lease(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(cast)
    of = documents.of

    def slowly(run: ReportRun, **more: Any) -> Any:
        ReportRun.objects.filter(pk=run.pk).update(lease_until=NOW)
        return of(run, **more)

    def layout(html: str) -> Any:
        run.refresh_from_db()
        assert run.lease_until and run.lease_until > timezone.now() + LEASE / 2
        return original(html)

    original = pdf.layout
    monkeypatch.setattr(documents, "of", slowly)
    monkeypatch.setattr(pdf, "layout", layout)
    assert built(run).state == "done"


def test_full_disk_leaves_no_half_written_file(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert built(ask(cast)).state == "failed"
    assert list(folder.iterdir()) == []


def test_what_a_killed_attempt_left_is_cleared_by_the_next(cast: Cast, folder: Path) -> None:
    run = ask(cast)
    ReportRun.objects.filter(pk=run.pk).update(attempt=1)
    folder.mkdir(parents=True)
    (folder / f"{run.uid}.1.pdf.999.part").write_bytes(b"%PDF-1.7 half")
    (folder / "other.1.pdf").write_bytes(b"somebody else's")
    run = built(run)
    assert {path.name for path in folder.iterdir()} == {file_of(run).name, "other.1.pdf"}


def test_worker_that_lost_its_report_stops_and_leaves_no_file(
    cast: Cast, folder: Path, monkeypatch: Any
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


def test_a_paper_without_end_fails_with_a_sentence_and_the_next_one_is_built(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker lives on, with as much memory as before."""
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "layout", lambda html: [bytearray(10**8) for _ in range(100)])
        run = built(ask(cast))
    assert (run.state, run.percent) == ("failed", 0) and "too large to build" in run.reason
    assert not file_of(run).exists()
    assert built(ask(cast)).state == "done"
    assert resource.getrlimit(resource.RLIMIT_AS) == BEFORE


BEFORE = resource.getrlimit(resource.RLIMIT_AS)


@pytest.fixture
def empty_lane() -> Iterator[None]:
    """Other tests leave messages in the queue of this run."""
    purge()
    yield
    purge()


def purge() -> None:
    with app.connection_for_write() as line:
        app.amqp.queues[Lane.INTERACTIVE](line.default_channel).purge()


@pytest.mark.usefixtures("empty_lane")
def test_messages_that_were_lost_are_sent_again_and_no_others(cast: Cast) -> None:
    for document in ("progress", "hours", "transcript"):
        tasks.send(ask(cast, document=document, apprentice=cast.ana))
    tasks.reap()
    assert lanes.messages(Lane.INTERACTIVE) == 3
    purge()
    never_told = ask(cast, apprentice=cast.ben)
    tasks.reap()
    tasks.reap()
    never_told.refresh_from_db()
    assert (lanes.messages(Lane.INTERACTIVE), never_told.enqueued_at is None) == (4, False)
