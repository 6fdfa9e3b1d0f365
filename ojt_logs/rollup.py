"""The rollup against the entries: recount and compare."""

import logging
import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from time import monotonic

from django.db import transaction

from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.models import HoursEntry, HoursTotal, Recount
from ojt_logs.models.hour_sets import Sums
from ojt_logs.slices import SLICE_SECONDS
from ojt_logs.told import by_id

log = logging.getLogger(__name__)

PEOPLE_AT_ONCE = 100

Key = tuple[int, str, uuid.UUID]


def differences() -> list[str]:
    """Where the rollup and a recount differ, one sentence each; empty is well.

    Kept and counted are two statements. Whoever differs is counted again under the lock of their User row,
    so that a move between the two raises no false alarm.
    """
    return [
        sentence
        for people in by_id(Apprentice.objects.everyone(), PEOPLE_AT_ONCE)
        for sentence in _differences_of(people)
    ]


def compare_on(*, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
    """Go on with the comparison of everybody, for so long; True when there is more to compare.

    Each difference is a line of the log and is counted in the `Recount`. Nothing is repaired: what differs
    was changed past the rules, and somebody has to find out by whom.
    """
    recount, begun = Recount.objects.at_hand(now=now), monotonic()
    for people in by_id(Apprentice.objects.everyone().filter(pk__gt=recount.reached), PEOPLE_AT_ONCE):
        found = list(_differences_of(people))
        if not recount.note(people, differences=len(found)):
            return False
        for sentence in found:
            log.error("%s", sentence)
        if monotonic() - begun > seconds:
            return True
    recount.finish(now=now)
    return False


def differences_of(person: Apprentice) -> list[str]:
    """The same of one record."""
    return list(_differences_of([person]))


def _differences_of(people: Collection[Apprentice]) -> Iterator[str]:
    differing = {key[0] for key, *_ in _compare([person.pk for person in people])}
    for person in people:
        if person.pk in differing:
            yield from _under_lock(person)


def _under_lock(person: Apprentice) -> list[str]:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.user_id)
        return [
            f"Totals of apprentice {apprentice}, {kind} {lineage}: kept {kept}, counted {counted} "
            "(waiting, approved minutes)."
            for (apprentice, kind, lineage), kept, counted in _compare([person.pk])
        ]


def _compare(apprentices: Collection[int]) -> Iterator[tuple[Key, tuple[int, int], tuple[int, int]]]:
    """Each key with what is kept and what is counted, where the two differ."""
    kept = _kept(apprentices)
    counted = HoursEntry.objects.everyone().filter(apprentice__in=apprentices).sums()
    for key in sorted(kept.keys() | counted.keys()):
        pair = kept.get(key, (0, 0)), counted.get(key, (0, 0))
        if pair[0] != pair[1]:
            yield key, *pair


def _kept(apprentices: Collection[int]) -> Sums:
    """What the rollup says; as in a recount, what is nothing is left out."""
    return {
        (row.apprentice_id, row.kind, row.lineage): (row.waiting, row.approved)
        for row in HoursTotal.objects.filter(apprentice__in=apprentices)
        if row.waiting or row.approved
    }
