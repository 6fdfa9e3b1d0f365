"""What is written to the log: one JSON object a line, and nothing about people.

A line carries our own words, numbers, ids and the names of routes and tasks. A person is their `uid`. Paths
are left out (some hold a secret), so are the words of exceptions and whatever text a library puts into its
messages: an exception is its type and the places it went through. With DEBUG on, `Text` is for one's own
eyes and shows everything.
"""

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

log = logging.getLogger(__name__)

OURS = {"ledger", "accounts", "competencies", "apprenticeship", "ojt_logs", "reports"}
OF_STARTING = {"gunicorn.error", "celery.beat", "celery.apps.worker", "celery.worker.consumer.connection"}
"""Up to INFO these tell of starting and stopping alone, so their text is kept."""
PROBES = {"healthz", "readyz"}
PLACES = 12
"""Frames of an exception that are kept, the innermost ones."""
PACKAGES = re.compile(r".*/(?:site-packages|lib/python3\.\d+)/")

ASKED_BY = "asked_by_request"

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
task_name: ContextVar[str | None] = ContextVar("task_name", default=None)


class Lines(logging.Formatter):
    """A record as one line of JSON without personal data; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC)
        facts = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": sentence(record),
            "request": request_id.get(),
            "task": task_name.get(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            facts["error"] = places(record.exc_info[1])
        return json.dumps({name: fact for name, fact in facts.items() if fact is not None}, default=str)


class Text(logging.Formatter):
    """For the terminal of whoever works on the product: everything, tracebacks too."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")


def sentence(record: logging.LogRecord) -> str:
    """The message; of another library its template with the numbers alone, or else where it stands."""
    starting = record.name in OF_STARTING and record.levelno <= logging.INFO
    if starting or record.name.partition(".")[0] in OURS:
        return record.getMessage()
    place = f"{_short(record.pathname)}:{record.lineno}"
    if not isinstance(record.msg, str) or not record.args:
        return place  # what was put together already may quote anything
    try:
        return record.msg % _masked(record.args)
    except (TypeError, ValueError, KeyError):
        return place


def _masked(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name: _number(value) for name, value in given.items()}
    return tuple(map(_number, given))


def _number(value: object) -> object:
    return value if isinstance(value, int | float | uuid.UUID) else "…"


def places(error: BaseException) -> dict[str, Any]:
    """What broke and where, never what it said: that may quote what a person typed."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    cause = error.__cause__ or error.__context__
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "cause": type(cause).__qualname__ if cause else None,
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts:
        return str(path.relative_to(settings.BASE_DIR))
    return PACKAGES.sub("", file)


class Requests:
    """Middleware: every request has an id, in its answer (X-Request-ID) and in each line it caused.

    A proxy in front may bring the id. Health probes that go well are not told.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        number = _id_of(request)
        token = request_id.set(number)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            self.tell(request, response, seconds=time.monotonic() - begun)
            return response
        finally:
            request_id.reset(token)

    def tell(self, request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
        match = request.resolver_match
        facts = {
            "method": request.method if request.method in METHODS else "other",
            "route": match.view_name if match else None,
            "status": response.status_code,
            "ms": round(seconds * 1000),
            "user": getattr(_known_person(request), "uid", None),
        }
        calm = facts["route"] in PROBES and response.status_code < 400
        log.log(logging.DEBUG if calm else logging.INFO, "request", extra={"facts": facts})


def _known_person(request: HttpRequest) -> object:
    """Who this request has turned out to be; the database is not asked for it here."""
    person = request.__dict__.get("user")
    return getattr(request, "_cached_user", None) if type(person) is SimpleLazyObject else person


METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def _id_of(request: HttpRequest) -> str:
    brought = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return brought if re.fullmatch(r"[A-Za-z0-9-]{8,64}", brought) else uuid.uuid4().hex


@setup_logging.connect
def keep_ours(loglevel: int, **_: Any) -> None:
    """Celery leaves the log as the settings made it, but for the level on its command line."""
    logging.getLogger("celery").setLevel(loglevel)


@before_task_publish.connect
def pass_on(headers: dict[str, Any], **_: Any) -> None:
    """A task's lines carry the id of the request that asked for it."""
    headers[ASKED_BY] = request_id.get()


@task_prerun.connect
def begin_task(task: Any, **_: Any) -> None:
    brought = getattr(task.request, ASKED_BY, None) or (task.request.headers or {}).get(ASKED_BY)
    request_id.set(brought)
    task_name.set(task.name)
    task.request.begun = time.monotonic()


@task_postrun.connect
def end_task(task: Any, task_id: str, state: str | None = None, **_: Any) -> None:
    begun = getattr(task.request, "begun", None)
    ms = round((time.monotonic() - begun) * 1000) if begun else None
    level = logging.INFO if state == "SUCCESS" else logging.ERROR
    log.log(level, "task", extra={"facts": {"id": task_id, "state": state, "ms": ms}})
    request_id.set(None)
    task_name.set(None)
