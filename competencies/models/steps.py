"""How a sponsor's schedule came to be in force: submitted, approved, retired."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User
from competencies.models.schedule import WorkProcessSchedule
from competencies.models.source import Status


class VersionStep(models.Model):
    """A status that a version took on a day, who said so, and the agency's letter; rows are only added.

    `letter_hash` is the SHA-256 of the file as it was attached, "" without one.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.PROTECT, related_name="steps")
    status = models.CharField(max_length=12, choices=Status)
    on = models.DateField()
    reason = models.TextField(blank=True)
    letter = models.FileField(upload_to="letters/%Y/", blank=True)
    letter_hash = models.CharField(max_length=64, blank=True, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="version_step_status"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.get_status_display()} on {self.on}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this step."""
        return {
            "schedule": str(self.schedule.uid),
            "content": self.schedule.content_hash,
            "status": str(self.status),
            "on": self.on.isoformat(),
            "reason": self.reason,
            "letter": self.letter_hash,
        }
