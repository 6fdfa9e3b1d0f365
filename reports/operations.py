"""What the page for operators shows: how each part is, what waits, what failed. Nothing about people."""

import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Min
from kombu.exceptions import OperationalError

from apprenticeship.celery import app
from ledger import checkpoints
from ojt_logs.models import Notice
from reports import health, lanes
from reports.backups.manifest import product_version
from reports.beats import Beat
from reports.models import ReportRun, State

MOST_FAILED = 25
ANSWER_SECONDS = 0.7
LIBRARIES = ("Django", "celery", "gunicorn", "WeasyPrint")
NAMES = {
    "database": "Database",
    "queue": "Queue of tasks",
    "migrations": "Migrations",
    "reports": "Reports begun in time",
    "worker": "Clock and workers",
    "tasks": "Tasks of the clock",
    "disk": "Disk",
    "files": "Storage of files",
    "replica": "Replica of the database",
    "checkpoint": "Checkpoints",
    "totals": "Totals of hours",
    "backup": "Backup",
}


@dataclass(frozen=True)
class Part:
    """One line of /readyz in words."""

    name: str
    found: health.Found

    @property
    def state(self) -> str:
        if self.found == health.OK:
            return "well"
        return "broken" if self.found.fails else "look"


@dataclass(frozen=True)
class Task:
    """One task of the clock."""

    beat: Beat
    state: str


@dataclass(frozen=True)
class Waiting:
    """How much of something waits, and since when."""

    count: int
    oldest: datetime | None


def parts(*, now: datetime) -> list[Part]:
    """What is broken first, then what to look at, then what is well."""
    found = health.examine(now=now)
    shown = [Part(NAMES.get(name, name.capitalize()), one) for name, one in found.items()]
    return sorted(shown, key=lambda part: ("broken", "look", "well").index(part.state))


def tasks(*, now: datetime) -> list[Task]:
    return [Task(beat, _state(beat, now=now)) for beat in Beat.objects.of_the_clock(now=now)]


def _state(beat: Beat, *, now: datetime) -> str:
    if beat.has_failed:
        return "broken"
    if beat.is_late(now=now):
        return "look"
    return "well" if beat.ran_at else "not yet"


def reports(state: str) -> Waiting:
    """Queued or running reports."""
    rows = ReportRun.objects.everyone().filter(state=state)
    return Waiting(rows.count(), rows.aggregate(oldest=Min("created_at"))["oldest"])


def failed_reports() -> list[ReportRun]:
    """The newest that failed, without what or whom they are about."""
    rows = ReportRun.objects.everyone().filter(state=State.FAILED).order_by("-finished_at")
    return list(rows.only("uid", "document", "attempt", "reason", "created_at", "finished_at")[:MOST_FAILED])


def mails(*, now: datetime) -> Waiting:
    """Notices that people want by mail at once and that were not sent; some wait for a quiet night to end."""
    rows = Notice.objects.due_at_once(now=now).order_by()
    return Waiting(rows.count(), rows.aggregate(oldest=Min("at"))["oldest"])


def messages() -> int | None:
    """How many messages for workers lie in the queues; None when they do not answer."""
    found = [lanes.messages(queue) for queue in settings.CELERY_TASK_QUEUES]
    return None if None in found else sum(filter(None, found))


def workers() -> int | None:
    """How many workers answer within a moment; None when the queue does not."""
    try:
        with app.connection_for_write(connect_timeout=1) as line:
            return len(app.control.ping(timeout=ANSWER_SECONDS, connection=line) or [])
    except (OperationalError, redis.RedisError, OSError):
        return None


def checkpoint_at() -> datetime | None:
    """When the newest file of checkpoints was written."""
    path = checkpoints.newest_file()
    return checkpoints.taken_at(path) if path else None


def versions() -> dict[str, str]:
    """Of what does the work, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
        )
        database = str(cursor.fetchone()[0])
    return {
        "Journeybook": product_version(),
        "Python": platform.python_version(),
        **{name: number for name in LIBRARIES if (number := _version(name))},
        connection.display_name: database,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
