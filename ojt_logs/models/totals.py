"""The rollup: what an apprentice has waiting and approved, by job function and by course."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from django.db import models
from django.db.models import F

from apprenticeship.models import Apprentice


class Counted(Protocol):
    """What the rollup needs to know of an hours entry."""

    apprentice_id: int
    kind: str
    minutes: int

    @property
    def lineage(self) -> uuid.UUID: ...


OTHER_WORK = uuid.UUID(int=0)
"""Stands for “other supervised work”: OJT that names no job function, for the coordinator to place."""

COUNTED = {"submitted": "waiting", "approved": "approved"}


class HoursTotalQuerySet(models.QuerySet["HoursTotal"]):
    def shift(self, entries: Iterable[Counted], *, before: str, after: str) -> None:
        """Move the minutes of `entries` from the column of state `before` to that of `after`.

        Call in the transaction that changes the entries, with the people's rows locked, so that no two
        writers meet; keys are taken in sorted order.
        """
        minutes: dict[tuple[int, str, uuid.UUID], int] = defaultdict(int)
        for entry in entries:
            minutes[(entry.apprentice_id, entry.kind, entry.lineage)] += entry.minutes
        for key, amount in sorted(minutes.items()):
            changes = {}
            if before in COUNTED:
                changes[COUNTED[before]] = -amount
            if after in COUNTED:
                changes[COUNTED[after]] = amount
            if changes:
                self._add(key, changes)

    def _add(self, key: tuple[int, str, uuid.UUID], changes: dict[str, int]) -> None:
        apprentice, kind, lineage = key
        row, _ = self.get_or_create(apprentice_id=apprentice, kind=kind, lineage=lineage)
        self.filter(pk=row.pk).update(**{column: F(column) + amount for column, amount in changes.items()})


class HoursTotal(models.Model):
    """Minutes of one apprentice in one job function (OJT) or course (RI), kept as entries move.

    `lineage` is that of the job function or course, so that totals survive a new schedule version.
    """

    apprentice = models.ForeignKey(Apprentice, on_delete=models.CASCADE, related_name="totals")
    kind = models.CharField(max_length=3)
    lineage = models.UUIDField(default=OTHER_WORK)
    waiting = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)

    objects = HoursTotalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["apprentice", "kind", "lineage"], name="hours_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.apprentice_id} {self.kind}: {self.approved} approved, {self.waiting} waiting minutes"
