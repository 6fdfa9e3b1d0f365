"""What a reviewer with two minutes gets: the oldest weeks that fit into them, one after the other."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from ojt_logs import queue
from ojt_logs.queue import Batch

SECONDS = 120
A_WEEK, AN_ENTRY, A_NOTE, TO_OPEN = 10, 3, 5, 25
"""Seconds that a reader needs: for a week at all, each entry, each note, and to open one and look closer."""

Key = tuple[str, str, str]
"""Apprentice uid, Monday and kind, as a session keeps them."""


def seconds_for(batch: Batch) -> int:
    """How long it takes to read this week and decide, roughly."""
    closer = TO_OPEN if batch.unusual or batch.corrections else 0
    return A_WEEK + AN_ENTRY * len(batch.entries) + A_NOTE * len(batch.notes) + closer


def fitting(batches: Iterable[Batch]) -> list[Batch]:
    """Of these, the oldest first, those that fit; one at least, where anything waits."""
    chosen: list[Batch] = []
    left = SECONDS
    for batch in batches:
        needed = seconds_for(batch)
        if needed <= left or not chosen:
            chosen.append(batch)
            left -= needed
    return chosen


def plan(user: User, *, now: datetime) -> list[Key]:
    """The weeks of the next two minutes of `user`."""
    weeks = sorted(queue.weeks_of(user), key=lambda one: (one.since, one.apprentice, one.monday, one.kind))
    return [key_of(batch) for batch in fitting(queue.batches_of(user, weeks[: queue.SHOWN], now=now))]


def still_waiting(user: User, planned: Sequence[Key], *, now: datetime) -> list[Batch]:
    """Those of a plan that wait still, in its order."""
    people = {UUID(uid) for uid, _, _ in planned}
    weeks = queue.weeks_of(user).filter(apprentice__uid__in=people)
    batches = {key_of(batch): batch for batch in queue.batches_of(user, list(weeks), now=now)}
    return [batches[key] for key in planned if key in batches]


def key_of(batch: Batch) -> Key:
    return str(batch.apprentice.uid), batch.monday.isoformat(), batch.kind


def read_plan(kept: object) -> list[Key]:
    """A plan as a session gives it back; what is none is an empty one."""
    if not isinstance(kept, list):
        return []
    return [(str(uid), date.fromisoformat(monday).isoformat(), str(kind)) for uid, monday, kind in kept]
