"""The status of a registration over time; the moves are made by `Apprentice.change_status`."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.models import User
from accounts.models.words import LongWords
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from apprenticeship.models.apprentices import Apprentice


class Status(models.TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


MOVES: dict[str, set[str]] = {
    Status.ACTIVE: {Status.SUSPENDED, Status.COMPLETED, Status.CANCELLED},
    Status.SUSPENDED: {Status.ACTIVE, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}
FINAL = (Status.COMPLETED, Status.CANCELLED)
"""Nothing follows on these."""


VERBS: dict[str, str] = {
    Status.SUSPENDED: "Suspend",
    Status.ACTIVE: "Reinstate",
    Status.COMPLETED: "Complete",
    Status.CANCELLED: "Cancel",
}
"""What a coordinator does who moves a registration to a status."""


def moves_from(status: str) -> list[tuple[str, str]]:
    """The statuses that `status` may become, each with its verb, in the order of the list above."""
    return [(str(to), verb) for to, verb in VERBS.items() if to in MOVES[status]]


class StatusChangeManager(models.Manager["StatusChange"]):
    def record(
        self,
        apprentice: "Apprentice",
        *,
        act: str,
        effective_on: date,
        by: User | None,
        now: datetime,
        reason: str = "",
    ) -> "StatusChange":
        """Write the change and its entry in the apprentice's chain. Must run in a transaction."""
        change = self.create(
            apprentice=apprentice,
            status=apprentice.status,
            effective_on=effective_on,
            reason=reason,
            by=by,
            at=now,
        )
        chain.tell(
            apprentice.uid,
            act=act,
            actor=by.uid if by else None,
            object=change.uid,
            at=now,
            payload=change.facts(),
        )
        return change


class StatusChange(models.Model):
    """A status from a date on, with the reason and who decided it; rows are only ever added."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(
        "apprenticeship.Apprentice", on_delete=models.PROTECT, related_name="status_changes"
    )
    status = models.CharField(max_length=12, choices=Status)
    effective_on = models.DateField()
    reason = LongWords(blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = StatusChangeManager()

    def __str__(self) -> str:
        return f"{self.apprentice}: {self.status} from {self.effective_on}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this change; its reason only as a hash."""
        return {
            "registration": str(self.apprentice.uid),
            "status": str(self.status),
            "effective_on": self.effective_on.isoformat(),
            "reason_sha256": digest(self.reason),
        }
