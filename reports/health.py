"""Does the site live (/healthz), can it do its work (/readyz)? For machines; tells nothing of people."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache as once

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports.backups import keeping
from reports.models import ReportRun

HEARTBEAT = "worker-heartbeat"
SILENCE = timedelta(minutes=5)
"""Clock and workers that have let nothing be heard for so long do not run; they are to each minute."""
LONGEST_WAIT = timedelta(minutes=15)
"""A report that no worker has begun within this time is one too many for the workers."""
PATIENCE_SECONDS = 2


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
    parts = examine(now=timezone.now())
    failing = [name for name, found in parts.items() if found != "ok"]
    status = "not ready" if failing else "ready"
    body = {"status": status, "failing": failing, "parts": parts}
    return JsonResponse(body, status=503 if failing else 200)


def examine(*, now: datetime) -> dict[str, str]:
    """What is found of each part, by its name; what cannot be asked without a database is `unknown`."""
    parts = {"database": _heard(_database), "queue": _heard(_queue)}
    others: dict[str, Callable[[], str]] = {
        "migrations": _migrations,
        "reports": lambda: _reports(now=now),
        "worker": _worker,
        "backup": lambda: _backup(now=now),
    }
    for name, question in others.items():
        parts[name] = _heard(question) if parts["database"] == "ok" else "unknown"
    return parts


def _heard(question: Callable[[], str]) -> str:
    try:
        return question()
    except (DatabaseError, redis.RedisError, OSError):
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return "not applied" if missing else "ok"


@once
def _known_migrations() -> frozenset[tuple[str, str]]:
    """What this version of the product brings; read from the disk once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _queue() -> str:
    """Whether a message for the workers could be left."""
    if settings.REDIS_URL:
        patience = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
        with redis.Redis.from_url(settings.REDIS_URL, **patience) as server:
            server.ping()
        return "ok"
    folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
    return "ok" if os.access(folder, os.W_OK) else "unreachable"


def _reports(*, now: datetime) -> str:
    return "waiting too long" if ReportRun.objects.never_begun(before=now - LONGEST_WAIT) else "ok"


def _worker() -> str:
    return "ok" if cache.get(HEARTBEAT) else "silent"


def _backup(*, now: datetime) -> str:
    return "too old" if keeping.is_due(now=now) else "ok"


def note_heartbeat() -> None:
    """Called by a task that the clock sends each minute: proves clock, queue and a worker at once."""
    cache.set(HEARTBEAT, 1, timeout=int(SILENCE.total_seconds()))
