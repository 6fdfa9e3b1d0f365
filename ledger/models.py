"""What cannot be unsaid: one chain of entries for each subject (an apprentice, a report, a program).

The ledger knows nobody: subjects, actors and objects are plain UUIDs, without foreign keys.
Rows are written by `ledger.chain` alone; the triggers of `ledger.triggers` refuse everything else.
"""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q


class Chain(models.Model):
    """The whole record about one subject: how many entries it has and the digest of the newest."""

    subject = models.UUIDField(unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.subject}, {self.length} entries"


class Entry(models.Model):
    """One act, written once. Its digest covers every column here and the digest before it.

    `at` is when the act happened (UTC, microseconds). `object` is the row that the act concerns,
    as the acting package names it; what exactly was done stands in the payload.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=64)
    actor = models.UUIDField(null=True, blank=True)
    object = models.UUIDField(null=True, blank=True, db_index=True)
    payload_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="ledger_entry_place"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="ledger_entry_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.act}, entry {self.sequence}"


class Payload(models.Model):
    """The words of one entry: canonical JSON behind a salted SHA-256 that the entry holds.

    Erasing empties `body` and `salt`; without the salt the digest says nothing about the words.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="payload")
    salt = models.CharField(max_length=32, blank=True)
    body = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) & ~Q(body="") | Q(erased_at__isnull=False, body="", salt=""),
                name="ledger_payload_whole_or_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.body or "(erased)"

    @property
    def content(self) -> dict[str, Any] | None:
        """What was recorded, dates as ISO text; None once it was erased."""
        content: dict[str, Any] | None = json.loads(self.body) if self.body else None
        return content


class Checkpoint(models.Model):
    """What a chain's length, head and root were at a moment, signed: shows a tail that was cut off later.

    Rows here can be cut off as well: the chain of ledger.checkpoints.WHOLE counts them, and files outside the
    database keep them. `root` is the digest that anybody can compute (ledger.roots); "" in the oldest rows.
    """

    subject = models.UUIDField()
    length = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64)
    root = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    key_id = models.CharField(max_length=32)
    hmac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(length__gte=1), name="ledger_checkpoint_not_empty"),
        ]
        indexes = [models.Index(F("subject"), F("id").desc(), name="ledger_checkpoint_newest")]

    def __str__(self) -> str:
        return f"{self.subject}, {self.length} entries at {self.at:%Y-%m-%d %H:%M} UTC"
