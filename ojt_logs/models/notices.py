"""What people are told by mail: one row a thing to tell, so that each is told once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.models import User
from apprenticeship.models import Apprentice

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry

STALE = timedelta(days=1)
"""What could not be told for so long is not told by mail any more: the page has said it."""


class ReturnNoticeQuerySet(models.QuerySet["ReturnNotice"]):
    def tell(self, entries: "Iterable[HoursEntry]", *, by: User, now: datetime) -> None:
        """Note that `by` returned these entries. Call in the transaction that returns them."""
        people = {entry.apprentice_id for entry in entries}
        self.bulk_create(
            [self.model(apprentice_id=pk, reviewer=by, at=now) for pk in sorted(people)],
            ignore_conflicts=True,
        )

    def due(self, *, now: datetime) -> "ReturnNoticeQuerySet":
        """What waits to be told, the oldest first."""
        return self.filter(taken_at=None, at__gte=now - STALE).order_by("at", "pk")

    def take(self, pk: int, *, now: datetime) -> bool:
        """Whether it is the caller's to tell: of any number at once it is one's."""
        return bool(self.filter(pk=pk, taken_at=None).update(taken_at=now))


class ReturnNotice(models.Model):
    """That a reviewer returned hours of an apprentice, all that went back with one press."""

    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    objects = ReturnNoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["apprentice", "reviewer", "at"], name="return_told_once")
        ]
        indexes = [models.Index(fields=["at"], condition=Q(taken_at=None), name="return_to_tell")]

    def __str__(self) -> str:
        return f"{self.reviewer} returned hours of {self.apprentice}"
