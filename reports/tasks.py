"""Building documents in the background. The row is the record; a message only says that there is work."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_ready
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.refusals import Refusal
from apprenticeship.storages import kept
from reports import documents, health, lanes, memory, pdf
from reports.backups import keeping
from reports.bundle import Bundle
from reports.cohort import Cohort
from reports.files import digest
from reports.models import DocumentKind, Lane, ReportRun
from reports.take_away import WholeRecord
from reports.workbook import Everything

log = logging.getLogger(__name__)

LONGEST = 570
"""Seconds that a report may take; then it fails with a sentence."""
BACKUP_LONGEST = 4 * 3600
"""Seconds that a backup may take."""
HARD_END = 600
"""Seconds after which its worker is ended, whatever it does."""
MOST_MEMORY = 1_000_000_000
"""Bytes that building a report may take beside what its worker has."""
ALIKE = Cohort()
"""The newest schedules that this worker laid out, into whose pages others are written."""

Built = tuple[str, bytes, dict[UUID, str]]
"""Name of the file, what is in it, and by apprentice the digest of the file that tells about them."""


class Superseded(Exception):
    """Another worker has this report now: leave everything to it."""


def enqueue(run: ReportRun) -> None:
    """Tell the workers of this report when the transaction has ended.

    A queue that cannot be reached refuses nobody: the row stays queued and the reaper tells of it later.
    """
    transaction.on_commit(partial(send, run))


def send(run: ReportRun) -> bool:
    """Put a message for this report into the queue; False when the queue cannot be reached."""
    try:
        render.apply_async((run.lane,), queue=run.lane, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("report %s stays queued, the task queue cannot be reached: %s", run.uid, error)
        return False
    ReportRun.objects.everyone().filter(pk=run.pk).update(enqueued_at=timezone.now())
    return True


@shared_task(soft_time_limit=LONGEST, time_limit=HARD_END)
def render(lane: str) -> None:
    """Build the report of this lane whose turn it is, where one waits.

    A message says that there is work and not which: whose turn it is, is decided when a worker is free. So
    any number of messages does no harm.
    """
    if run := ReportRun.objects.claim_next(lane, now=timezone.now()):
        build_claimed(run)


def build_claimed(run: ReportRun) -> None:
    """Lay out section by section, put the file in place, finish. What goes wrong is kept on the row as a
    sentence for people."""
    try:
        with memory.at_most(MOST_MEMORY):
            build(run, now=timezone.now())
    except Superseded:
        log.warning("report %s was given to another worker", run.uid)
    except Exception as error:
        run.fail(_why(run, error), now=timezone.now())


def _why(run: ReportRun, error: Exception) -> str:
    """What people are told of a report that failed; the log has the rest."""
    if isinstance(error, documents.CannotBuild):
        return str(error)
    if isinstance(error, SoftTimeLimitExceeded):
        log.warning("report %s took longer than %s seconds", run.uid, LONGEST)
        return "It took too long to build. Ask for a shorter period, or for fewer people."
    if isinstance(error, MemoryError):
        log.warning("report %s wanted more than %s bytes", run.uid, MOST_MEMORY)
        return "It is too large to build. Ask for a shorter period, or for fewer people."
    log.error("report %s failed", run.uid, exc_info=error)
    number = str(run.uid)[:8]
    return f"It could not be built. Try again; if it fails again, tell the operator report {number}."


def build(run: ReportRun, *, now: datetime) -> None:
    """Everything between claim and finish. Raises CannotBuild, Superseded and what rendering raises."""
    write = _record if run.document == DocumentKind.RECORD else WRITERS[run.ending]
    file_name, data, told = write(run, now=now)
    kept().put(run.kept_as, data)
    finished = run.finish(
        file_name=file_name, sha256=digest(data), size=len(data), told=told, now=timezone.now()
    )
    if not finished:
        kept().delete(run.kept_as)
        raise Superseded
    run.forget_files(but=run.attempt)


def _one(run: ReportRun, *, now: datetime) -> Built:
    """One document, section by section."""
    document = documents.of(run, now=now)
    _hold(run, 0)
    data = _printed(document) if document.alike else pdf.join(list(_sheets(run, document)))
    return document.file_name, data, {one.uid: digest(data) for one in document.about}


def _sheets(run: ReportRun, document: documents.Document) -> Iterator[Any]:
    for number, section in enumerate(document.sections, start=1):
        yield pdf.layout(section())
        _hold(run, min(99, 100 * number // len(document.sections)))


def _printed(document: documents.Document) -> bytes:
    """The PDF of a document, without a word on how far it is."""
    if document.alike:
        (section,) = document.sections
        return ALIKE.render(section())
    return pdf.join([pdf.layout(section()) for section in document.sections])


def _many(run: ReportRun, *, now: datetime) -> Built:
    """A file for each apprentice, person by person, and the index of them."""
    people = documents.people_of(run, now=now)
    bundle = Bundle(run, now=now)
    for number, person in enumerate(people, start=1):
        document = documents.of_one(run, person, now=now)
        bundle.add(person, document, _printed(document))
        _hold(run, min(99, 100 * number // len(people)))
    return bundle.file_name, bundle.close(), bundle.told


def _record(run: ReportRun, *, now: datetime) -> Built:
    """The whole record: its papers, section by section, then the ZIP around them."""
    document = documents.of(run, now=now)
    _hold(run, 0)
    papers = pdf.join(list(_sheets(run, document)))
    (person,) = document.about
    data = WholeRecord(person, reader=run.requested_by, now=now).zip(papers)
    return document.file_name, data, {person.uid: digest(data)}


def _book(run: ReportRun, *, now: datetime) -> Built:
    """A workbook, sheet by sheet."""
    documents.check_permission(run)
    _hold(run, 0)
    everything, file = Everything(run, now=now), BytesIO()
    everything.write(step=partial(_hold, run)).save(file)
    data = file.getvalue()
    return everything.file_name, data, dict.fromkeys(everything.about, digest(data))


WRITERS: dict[str, Callable[..., Built]] = {"pdf": _one, "zip": _many, "xlsx": _book}


def _hold(run: ReportRun, percent: int) -> None:
    """Say how far it is, which renews the lease. Raises Superseded when another worker has the report."""
    if not run.advance(percent, now=timezone.now()):
        raise Superseded


@shared_task
def reap() -> None:
    """Queue again what its worker left behind, and send the messages that are missing; runs each minute and
    at worker start."""
    ReportRun.objects.reap(now=timezone.now())
    for lane in Lane:
        tell_again(lane)
    health.note_heartbeat()


def tell_again(lane: str) -> None:
    """Send a message for each report of this lane that waits without one: the queue may have lost some."""
    waiting = ReportRun.objects.everyone().waiting(lane)
    missing = waiting.count() - (lanes.messages(lane) or 0)
    # Those that were never told of first, so that their pages no longer say so.
    for run in waiting.order_by(F("enqueued_at").asc(nulls_first=True), "turn", "pk")[: max(0, missing)]:
        if not send(run):
            break


@shared_task(soft_time_limit=BACKUP_LONGEST, time_limit=BACKUP_LONGEST + 60, acks_late=False)
def back_up() -> None:
    """Take the backup of the night, where a folder for it is named; what went wrong is in the log.

    It may take longer than a broker keeps a message for a worker that is silent, so its message is gone when
    it begins; `/readyz` tells of a backup that was not taken.
    """
    try:
        path = keeping.keep_one(now=timezone.now())
    except (Refusal, OSError, SoftTimeLimitExceeded):
        log.exception("no backup was taken")
    else:
        if path:
            log.info("backup %s was taken and read back", path.name)


@worker_ready.connect
def begin_well(sender: Any, **_: Any) -> None:
    """What the clock may have missed while no worker ran, told by the workers that do it."""
    served = sender.app.amqp.queues.consume_from
    if lanes.SCHEDULED in served:
        reap.apply_async(retry=False)
    if Lane.BULK in served and keeping.is_due(now=timezone.now()):
        back_up.apply_async(retry=False)
