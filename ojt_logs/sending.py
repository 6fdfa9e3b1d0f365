"""Entries that were written on a device without signal, as they arrive: each has its own result.

What is said once is written once: `client_uid` names an entry before the server has seen it. Nothing is
overwritten without its writer having read it: where the day or the entry says something else by now, both are
shown and the writer answers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ojt_logs.logbook import mark
from ojt_logs.models import HoursEntry, Line

WORDS = ("kind", "date", "minutes", "job_function", "competency", "course", "note")
"""Columns in which two entries are compared: what their writer typed."""


class Result(StrEnum):
    SAVED = "saved"
    THERE = "there"
    """It arrived before, and says the same."""
    REFUSED = "refused"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Arrival:
    """One entry as a device sends it.

    `seen`: marks of what the writer saw of that day (see `logbook.mark`). `ours`: `client_uid`s that this
    device wrote itself, which are nobody else's changes. `replaces`: the writer has read what the record says
    of this very entry, and what the device says is to stand.
    """

    apprentice: Apprentice
    line: Line
    seen: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    replaces: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one entry: the row it is now, sentences of a refusal, or what stands against it."""

    result: Result
    entry: HoursEntry | None = None
    problem: ValidationError | Refusal | None = None
    others: Collection[HoursEntry] = ()


def receive(arrival: Arrival, *, by: User, now: datetime) -> Outcome:
    """Write one entry of `by` or say why not. Raises NotAllowed for the hours of somebody else."""
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            return _written_before(arrival, by=by, now=now) or _new(arrival, by=by, now=now)
    except (ValidationError, Refusal) as problem:
        return Outcome(Result.REFUSED, problem=problem)


def _of_day(arrival: Arrival, by: User) -> list[HoursEntry]:
    """What stands on that day of this registration."""
    own = HoursEntry.objects.visible_to(by).filter(apprentice=arrival.apprentice, date=arrival.line.date)
    rows = own.exclude(status="superseded").order_by("pk")
    return list(rows.select_related("job_function", "competency", "course"))


def _written_before(arrival: Arrival, *, by: User, now: datetime) -> Outcome | None:
    own = HoursEntry.objects.visible_to(by).filter(apprentice=arrival.apprentice)
    earlier = own.filter(client_uid=arrival.line.client_uid).first()
    if earlier is None:
        return None
    words = {name: getattr(arrival.line, name) for name in WORDS}
    if all(getattr(earlier, name) == value for name, value in words.items()):
        return Outcome(Result.THERE, entry=earlier)
    if not arrival.replaces:
        return Outcome(Result.CONFLICT, entry=earlier, others=[earlier])
    earlier.change(by=by, now=now, **words)
    return Outcome(Result.SAVED, entry=earlier)


def _new(arrival: Arrival, *, by: User, now: datetime) -> Outcome:
    others = [
        one
        for one in _of_day(arrival, by)
        if str(one.client_uid) not in arrival.ours and mark(one) not in arrival.seen
    ]
    if others:
        return Outcome(Result.CONFLICT, others=others)
    (entry,) = HoursEntry.objects.log(arrival.apprentice, by=by, now=now, lines=[arrival.line])
    return Outcome(Result.SAVED, entry=entry)
