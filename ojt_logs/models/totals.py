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

Key = tuple[int, str, uuid.UUID]
"""Apprentice, kind, and lineage of the job function or course."""

COUNTED = {"submitted": "waiting", "approved": "approved"}


class HoursTotalQuerySet(models.QuerySet["HoursTotal"]):
    def shift(self, entries: Iterable[Counted], *, before: str, after: str) -> None:
        """Move the minutes of `entries` from the column of state `before` to that of `after`.

        Call in the transaction that changes the entries, with the people's rows locked, so that no two
        writers meet; keys are taken in sorted order.
        """
        gone, come = COUNTED.get(before), COUNTED.get(after)
        if gone == come:
            return
        minutes: dict[Key, int] = defaultdict(int)
        for entry in entries:
            minutes[(entry.apprentice_id, entry.kind, entry.lineage)] += entry.minutes
        rows = self._rows(minutes)
        for key, amount in sorted(minutes.items()):
            for column, change in ((gone, -amount), (come, amount)):
                if column:
                    setattr(rows[key], column, F(column) + change)
        HoursTotal.objects.bulk_update(
            [rows[key] for key in sorted(minutes)], ["waiting", "approved"], batch_size=100
        )

    def _rows(self, keys: Iterable[Key]) -> "dict[Key, HoursTotal]":
        """The totals of these keys, begun where there were none, in three queries."""
        wanted = sorted(keys)
        people = {apprentice for apprentice, *_ in wanted}
        rows: Iterable[HoursTotal] = self.filter(apprentice__in=people)
        there: dict[Key, HoursTotal] = {row.key: row for row in rows}
        for apprentice, kind, lineage in (key for key in wanted if key not in there):
            there[(apprentice, kind, lineage)] = HoursTotal(
                apprentice_id=apprentice, kind=kind, lineage=lineage
            )
        HoursTotal.objects.bulk_create([row for row in there.values() if row.pk is None])
        return there


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

    @property
    def key(self) -> Key:
        return self.apprentice_id, self.kind, self.lineage
