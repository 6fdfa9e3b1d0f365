"""What an apprentice keeps of handing hours in: that, when, and what they said then."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Max

from accounts.models import User
from apprenticeship.models import Apprentice
from apprenticeship.periods import period_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ojt_logs.models.hours import HoursEntry


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: "User | AnonymousUser") -> "ReceiptQuerySet":
        """One's own, and those of records that one reads."""
        if not isinstance(user, User):
            return self.none()
        records = Apprentice.objects.record_visible_to(user).values("pk")
        return self.filter(apprentice__in=records)

    def give(
        self,
        apprentice: Apprentice,
        entries: "Sequence[HoursEntry]",
        *,
        now: datetime,
        sequences: Sequence[int],
    ) -> "Receipt":
        """Write the receipt of a submission. Call in its transaction, under the lock of the person's row.

        `sequences`: the numbers of its entries on the record.
        """
        newest = self.filter(apprentice=apprentice).aggregate(newest=Max("number"))["newest"] or 0
        return self.create(
            apprentice=apprentice,
            number=newest + 1,
            submitted_at=now,
            time_zone=apprentice.program.time_zone,
            entries=len(entries),
            minutes=sum(entry.minutes for entry in entries),
            first_record=min(sequences),
            last_record=max(sequences),
            lines=[_line(entry) for entry in entries],
        )


class Receipt(models.Model):
    """That hours were submitted: number, moment, zone and what each entry said. It is never changed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    submitted_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    first_record = models.PositiveIntegerField(help_text="Number of its first entry on the record.")
    last_record = models.PositiveIntegerField()
    lines = models.JSONField()

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["apprentice", "number"], name="receipt_number")]

    def __str__(self) -> str:
        return f"Receipt {self.number} of {self.apprentice}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The lines with their days as days."""
        return [line | {"date": date.fromisoformat(line["date"])} for line in self.lines]

    @property
    def late(self) -> int:
        """How many of its entries were late."""
        return sum(bool(line["late"]) for line in self.lines)


def _line(entry: "HoursEntry") -> dict[str, Any]:
    return {
        "id": str(entry.uid),
        "date": entry.date.isoformat(),
        "kind": str(entry.kind),
        "subject": entry.subject,
        "minutes": entry.minutes,
        "late": entry.is_late,
    }


def mark_late(entries: "Sequence[HoursEntry]", *, now: datetime) -> None:
    """Say of what is handed in for the first time whether it is late by its program's reporting period.

    What comes again after it was returned keeps what was said of it; a correction is never late. Call it
    before the record is written.
    """
    first = [entry for entry in entries if entry.status == "draft" and not entry.corrects_id]
    for entry in first:
        entry.is_late = period_of(entry.apprentice.program, entry.date).is_late(now)
    for late in (True, False):
        ids = [entry.pk for entry in first if entry.is_late is late]
        if ids:
            type(first[0]).objects.filter(pk__in=ids).exclude(is_late=late).update(is_late=late)
