"""Pages and answers that only show something are read from a replica, where REPLICA_URL names one.

Everybody reads their own words: after a request that wrote, the place in the log of PostgreSQL is kept for
its person, and the replica is asked whether it has come that far. It is never used when it is further behind
than twice REPLICA_LATE_SECONDS, whoever asks. Who somebody is (ALWAYS_PRIMARY) is read from the primary at
all times, and so is everything in a transaction, in a task and in a command.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS

from accounts.models import User

REPLICA = "replica"
ALWAYS_PRIMARY = {
    *("accounts", "account", "mfa", "usersessions", "socialaccount"),
    *("sessions", "admin", "auth", "contenttypes", "django_cache"),
}
"""Applications whose rows decide who comes in; an ended session or a revoked token is ended at once."""
AWAY_SECONDS = 5.0
"""A replica that did not answer is left alone for so long."""
REMEMBERED_SECONDS = 3600

_reading: ContextVar[bool] = ContextVar("reading from the replica", default=False)
_wrote: ContextVar[bool] = ContextVar("this request has written", default=False)


class Router:
    """Named in DATABASE_ROUTERS where there is a replica."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        away = model._meta.app_label in ALWAYS_PRIMARY or connections[DEFAULT_DB_ALIAS].in_atomic_block
        return REPLICA if _reading.get() and not away else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        if model._meta.app_label not in ALWAYS_PRIMARY:
            _wrote.set(True)
            _reading.set(False)  # what was written is read back in the same request, perhaps
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        return database == DEFAULT_DB_ALIAS


class ReadsFromReplica:
    """Decides for each request, and remembers who has written. It stands behind what knows the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _reading.set(False), _wrote.set(False)
        try:
            response = self.get_response(request)
            _reading.set(False)
            if (_wrote.get() or request.method not in SAFE_METHODS) and isinstance(request.user, User):
                cache.set(_key(request.user), _place(), REMEMBERED_SECONDS)
            return response
        finally:
            _reading.reset(before[0])
            _wrote.reset(before[1])

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Views that let in anybody ask nothing, or find out themselves who asks."""
        if getattr(view, "login_required", True) and isinstance(request.user, User):
            read_from_replica(request, request.user)


def read_from_replica(request: Any, person: User) -> None:
    """From here on this request reads there, if it only reads and the replica has come far enough."""
    if REPLICA in connections and request.method in SAFE_METHODS:
        _reading.set(_has_come_to(cache.get(_key(person))))


def follows() -> bool:
    """Whether the replica answers and is not late; where there is none, nothing is wrong."""
    return REPLICA not in connections or _has_come_to(None)


def _key(person: User) -> str:
    return f"wrote:{person.pk}"


class _Marks:
    """How far the primary had come REPLICA_LATE_SECONDS ago or longer, and since, as this process knows."""

    needed, newest = "", ""
    taken_at = float("-inf")
    away_until = 0.0


def _has_come_to(place: str | None) -> bool:
    """Whether the replica answers, and has what was written up to there and up to some seconds ago."""
    now = time.monotonic()
    if now < _Marks.away_until:
        return False
    if now - _Marks.taken_at >= settings.REPLICA_LATE_SECONDS:
        newest = _place()
        _Marks.needed, _Marks.newest, _Marks.taken_at = _Marks.newest or newest, newest, now
    try:
        with connections[REPLICA].cursor() as cursor:
            question = "SELECT pg_last_wal_replay_lsn() >= greatest(%s::pg_lsn, %s::pg_lsn)"
            cursor.execute(question, [_Marks.needed, place or "0/0"])
            return bool(cursor.fetchone()[0])
    except Error:
        _Marks.away_until = time.monotonic() + AWAY_SECONDS
        connections[REPLICA].close()
        return False


def _place() -> str:
    """How far the primary has written its log."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        return str(cursor.fetchone()[0])
