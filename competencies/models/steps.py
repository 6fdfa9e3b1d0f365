"""How a sponsor's schedule came to be in force: submitted, approved, retired."""

import hashlib
import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.refusals import Conflict
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

    def read_letter(self) -> bytes:
        """The agency's letter. Raises Conflict where the file is not the one attached, or is gone."""
        try:
            with self.letter.open("rb") as file:
                found: bytes = file.read()
        except (FileNotFoundError, ValueError):  # ValueError: the row names no file
            found = b""
        if hashlib.sha256(found).hexdigest() != self.letter_hash:
            raise Conflict(
                "The file is not the letter that was attached: it was exchanged, altered or lost. "
                "Ask whoever runs this site to bring it back from a backup.",
                code="letter_exchanged",
            )
        return found

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
