"""Does the site live (/healthz), can it do its work (/readyz)? For machines; tells nothing of people.

`PARTS` names every part with the function that looks at it; the page for operators shows the same. A part
that is new is one line there: a function of `now` that returns a `Found`.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import replica
from apprenticeship.storages import kept
from ledger import checkpoints
from ojt_logs.models import Recount
from reports.backups import keeping, manifest
from reports.beats import Beat
from reports.models import ReportRun

HEARTBEAT = "worker-heartbeat"
SILENCE = timedelta(minutes=5)
"""Clock and workers that have let nothing be heard for so long do not run; they are to each minute."""
LONGEST_WAIT = timedelta(minutes=15)
"""A report that no worker has begun within this time is one too many for the workers."""
PATIENCE_SECONDS = 2
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Found:
    """What was found of a part: `ok`, or a word for machines with a sentence for operators.

    What `fails` makes the site not ready; what does not is a warning: it works, and somebody should look.
    """

    word: str = "ok"
    tells: str = ""
    fails: bool = True


OK = Found()


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. Asks nobody else, so it is what decides whether to start it again."""
    return JsonResponse({"status": "alive"})


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part that the site's work needs, `ok` or what is wrong with it; 503 names the failing ones."""
    found = examine(now=timezone.now())
    failing = [name for name, part in found.items() if part != OK and part.fails]
    body = {
        "status": "not ready" if failing else "ready",
        "failing": failing,
        "warnings": [name for name, part in found.items() if part != OK and not part.fails],
        "parts": {name: part.word for name, part in found.items()},
    }
    return JsonResponse(body, status=503 if failing else 200)


def examine(*, now: datetime) -> dict[str, Found]:
    """What is found of each part, by its name; what cannot be asked without a database is `unknown`."""
    found = {"database": _heard(_database, now=now)}
    for name, question in PARTS.items():
        found[name] = _heard(question, now=now)
    return found


def _heard(question: Callable[..., Found], *, now: datetime) -> Found:
    try:
        return question(now=now)
    except DatabaseError:
        return Found("unreachable" if question is _database else "unknown", "The database does not answer.")
    except (redis.RedisError, OSError):
        return Found("unreachable", "It does not answer.")


def _database(*, now: datetime) -> Found:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _migrations(*, now: datetime) -> Found:
    missing = sorted(missing_migrations())
    return Found("not applied", f"Type manage.py migrate: {missing[0]} is missing.") if missing else OK


def missing_migrations() -> set[str]:
    """What this version brings and the database has not had, as `reports.0001_initial`."""
    return {f"{app}.{name}" for app, name in manifest.missing_here()}


def _queue(*, now: datetime) -> Found:
    """Whether a message for the workers could be left."""
    if settings.REDIS_URL:
        with broker() as server:
            server.ping()
        return OK
    folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
    return OK if os.access(folder, os.W_OK) else Found("unreachable", f"{folder} cannot be written.")


def broker() -> redis.Redis:
    """The Redis of this site, which is not waited for long."""
    patience = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    return redis.Redis.from_url(settings.REDIS_URL, **patience)


def _reports(*, now: datetime) -> Found:
    if ReportRun.objects.never_begun(before=now - LONGEST_WAIT):
        minutes = int(LONGEST_WAIT.total_seconds() // 60)
        return Found("waiting too long", f"A report has waited {minutes} minutes for a worker to begin it.")
    return OK


def _worker(*, now: datetime) -> Found:
    silent = Found("silent", "Clock and workers let nothing be heard: start celery beat and a worker.")
    return OK if cache.get(HEARTBEAT) else silent


def _tasks(*, now: datetime) -> Found:
    """A task of the clock that fails, or was left out; it does not keep people from their work."""
    rows = Beat.objects.of_the_clock(now=now)
    late = [one.name for one in rows if one.has_failed or one.is_late(now=now)]
    return Found("failing", f"Not well: {', '.join(late)}.", fails=False) if late else OK


def _disk(*, now: datetime) -> Found:
    """The fuller of the two disks: where everything is kept, and where files are."""
    free = free_megabytes()
    words = f"{free:,.0f} MB are free."
    if free < settings.DISK_FULL_MB:
        return Found("full", f"{words} Make room now: nothing can be uploaded or built.")
    return Found("low", f"{words} Make room soon.", fails=False) if free < settings.DISK_LOW_MB else OK


def free_megabytes() -> float:
    places = [Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT)]
    return min(shutil.disk_usage(place).free for place in places if place.exists()) / MEGABYTE


def _replica(*, now: datetime) -> Found:
    """Where one is read from; people get everything from the primary meanwhile."""
    late = Found("late", "It does not answer or is behind: everything is read from the primary.", fails=False)
    return OK if replica.follows() else late


def _files(*, now: datetime) -> Found:
    """Whether a file could be kept; what goes wrong is an OSError."""
    kept().check()
    return OK


def _checkpoint(*, now: datetime) -> Found:
    """The clock writes one each day; without them a tail that is cut off is missed by nobody."""
    age = checkpoints.age(now=now)
    if age is None:
        return Found("none", "There is no checkpoint yet: manage.py checkpoint_ledger.", fails=False)
    old = age > timedelta(hours=settings.CHECKPOINT_OLD_HOURS)
    return Found("old", f"The newest is {age // timedelta(hours=1)} h old.", fails=False) if old else OK


def _totals(*, now: datetime) -> Found:
    """What the newest comparison of totals with entries has found, finished or not."""
    compared = Recount.objects.exclude(people=0).first()
    if compared is None or not compared.differences:
        return OK
    words = f"{compared.differences} differ from the entries: manage.py verify_ledger. Nothing was repaired."
    return Found("differ", words, fails=False)


def _backup(*, now: datetime) -> Found:
    if not (settings.BACKUP_DIR or settings.DEBUG):
        return Found("off", "No backups are taken: BACKUP_DIR is not set.", fails=False)
    words = "The newest good backup is older than a day. Look at the log of the task that keeps one."
    return Found("too old", words) if keeping.is_due(now=now) else OK


PARTS: dict[str, Callable[..., Found]] = {
    "queue": _queue,
    "migrations": _migrations,
    "reports": _reports,
    "worker": _worker,
    "tasks": _tasks,
    "disk": _disk,
    "files": _files,
    "replica": _replica,
    "checkpoint": _checkpoint,
    "totals": _totals,
    "backup": _backup,
}
"""Beside the database, which is asked first."""


def note_heartbeat() -> None:
    """Called by a task that the clock sends each minute: proves clock, queue and a worker at once."""
    cache.set(HEARTBEAT, 1, timeout=int(SILENCE.total_seconds()))
