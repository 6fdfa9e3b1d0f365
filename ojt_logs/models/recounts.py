"""How a comparison of everybody's totals with their entries goes, and what it found."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F

KEPT = timedelta(days=90)
"""So long an earlier comparison can be looked up."""


class RecountQuerySet(models.QuerySet["Recount"]):
    def at_hand(self, *, now: datetime) -> "Recount":
        """The one that is not finished, or a new one. Earlier ones that have had their time are deleted."""
        self.filter(begun_at__lt=now - KEPT).delete()
        return self.filter(finished_at=None).first() or self.create(begun_at=now)


class Recount(models.Model):
    """One comparison of everybody's totals with a recount of their entries; it repairs nothing.

    Goes through the apprentices by their number, and is taken up again where it was when its worker ended.
    """

    begun_at = models.DateTimeField()
    reached = models.BigIntegerField(default=0, help_text="The number of the last apprentice compared.")
    people = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RecountQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.differences} differences among {self.people} apprentices"

    def note(self, people: Sequence[models.Model], *, differences: int) -> bool:
        """Keep that these were compared; False when another worker has gone on from here."""
        mine = Recount.objects.filter(pk=self.pk, reached=self.reached, finished_at=None)
        self.reached = people[-1].pk
        counted = {"people": F("people") + len(people), "differences": F("differences") + differences}
        return bool(mine.update(reached=self.reached, **counted))

    def finish(self, *, now: datetime) -> None:
        Recount.objects.filter(pk=self.pk, finished_at=None).update(finished_at=now)
