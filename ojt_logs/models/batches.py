"""Files that hours came in with: who brought which, when, and what became of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.dates import day_words
from accounts.models import Consent, Sponsor, User
from accounts.refusals import Conflict, NotAllowed
from apprenticeship.models import Apprentice
from ojt_logs.models.acts import begin, perform
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.lines import Line
from ojt_logs.models.moves import State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Brought:
    """One row of a file as an entry: whose, what, and its number in the file."""

    apprentice: Apprentice
    line: Line
    row: int


class HoursBatchQuerySet(models.QuerySet["HoursBatch"]):
    def visible_to(self, user: "User | AnonymousUser") -> "HoursBatchQuerySet":
        """Files of the sponsors that `user` coordinates or audits as a whole."""
        return self.filter(sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "HoursBatchQuerySet":
        """Files that `user` may take back."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def standing(self) -> "HoursBatchQuerySet":
        """Those that nobody took back."""
        return self.filter(undone_at=None)

    def rows_of(self, sha256: str, *, sponsor: Sponsor) -> dict[int, str]:
        """The rows of this very file that are on the record, by number, with the day they came in."""
        same = HoursEntry.objects.everyone().filter(batch__sponsor=sponsor, batch__sha256=sha256)
        rows = same.filter(batch__undone_at=None).values_list("batch_row", "batch__at")
        return {row: day_words(timezone.localdate(at)) for row, at in rows if row is not None}

    def bring(
        self, sponsor: Sponsor, rows: Sequence[Brought], *, by: User, now: datetime, **facts: Any
    ) -> "HoursBatch":
        """Write these rows as entries that wait for their reviewers, all or none, under a new batch.

        They were checked under the lock of `Sponsor` and of their people, in this transaction: see
        ojt_logs.imports.bringing. An import approves nothing. Raises ConsentNeeded, and NotAllowed for
        registrations about which `by` does not decide.
        """
        Consent.objects.demand(by)
        self._check(sponsor, rows, by=by)
        batch = self.create(sponsor=sponsor, by=by, at=now, rows=len(rows), **facts)
        entries = [
            HoursEntry(
                apprentice=one.apprentice,
                created_by=by,
                created_at=now,
                updated_at=now,
                status=State.SUBMITTED,
                submitted_at=now,
                batch=batch,
                batch_row=one.row,
                **vars(one.line),
            )
            for one in rows
        ]
        begin("import", entries, by=by, now=now, said={"file_sha256": batch.sha256})
        return batch

    def _check(self, sponsor: Sponsor, rows: Sequence[Brought], *, by: User) -> None:
        ids = {one.apprentice.pk for one in rows}
        allowed = Apprentice.objects.decided_by(by).filter(program__sponsor=sponsor, pk__in=ids)
        if set(allowed.values_list("pk", flat=True)) != ids:
            raise NotAllowed("These are not all apprentices of yours.", code="not_allowed")


class HoursBatch(models.Model):
    """One file of hours that somebody brought in, with its fingerprint; the file itself is not kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="hours_batches")
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rows = models.PositiveIntegerField(help_text="Entries that came in with it.")
    left_out = models.PositiveIntegerField(default=0, help_text="Rows of people who are no apprentices here.")
    there = models.PositiveIntegerField(default=0, help_text="Rows that were on the record before.")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = HoursBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "hours batches"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="hours_batch_undone_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["sponsor", "sha256"], name="hours_batch_by_file")]

    def __str__(self) -> str:
        return self.file_name

    def untouched(self) -> models.QuerySet[HoursEntry]:
        """Its entries that are as they came in: nobody reviewed them, took them back or put files to them."""
        waiting = self.entries.filter(status=State.SUBMITTED, submitted_at=self.at, reviewed_at=None)
        return waiting.filter(evidence=None)

    @property
    def is_undoable(self) -> bool:
        """Whether all of it can still be taken back: somebody may have begun to work with its entries."""
        return self.undone_at is None and self.untouched().count() == self.rows

    def undo(self, *, by: User, now: datetime) -> int:
        """Take every entry out again, all or none; says how many. The ledger keeps what was there.

        Raises ConsentNeeded, and Conflict once one of them was reviewed or taken back by its apprentice.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            Sponsor.objects.select_for_update(no_key=True).get(pk=self.sponsor_id)
            self.refresh_from_db()
            people = self.entries.order_by().values("apprentice__user")
            list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
            if not self.is_undoable:
                raise Conflict(
                    "Some of these hours were reviewed or changed since, so the file stays. Return single "
                    "entries, or ask for corrections.",
                    code="batch_touched",
                )
            related = ("apprentice__program", "job_function", "competency", "course", "created_by", "batch")
            entries = list(
                self.untouched().select_related(*related).prefetch_related("evidence").order_by("pk")
            )
            perform("undo_import", entries, by=by, now=now, reason="")
            self.entries.filter(status=State.DRAFT).delete()
            self.undone_at, self.undone_by = now, by
            self.save(update_fields=["undone_at", "undone_by"])
        return len(entries)


class ColumnsQuerySet(models.QuerySet["RememberedColumns"]):
    def recall(self, sponsor: Sponsor, *, kind: str, shape: str) -> dict[str, Any]:
        """What the sponsor's columns under these headings meant last time; empty the first time."""
        known = self.filter(sponsor=sponsor, kind=kind, shape=shape)
        return known.values_list("meaning", flat=True).first() or {}

    def remember(
        self, sponsor: Sponsor, *, kind: str, shape: str, meaning: dict[str, Any], by: User, now: datetime
    ) -> None:
        told = {"meaning": meaning, "by": by, "at": now}
        self.update_or_create(sponsor=sponsor, kind=kind, shape=shape, defaults=told)


class RememberedColumns(models.Model):
    """What the columns of a sponsor's exports mean, by their headings, so that they are matched once."""

    sponsor = models.ForeignKey(Sponsor, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    shape = models.CharField(max_length=64, help_text="SHA-256 of the headings.")
    meaning = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ColumnsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "remembered columns"
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "kind", "shape"], name="columns_remembered_once")
        ]

    def __str__(self) -> str:
        return f"{self.sponsor}: {self.kind} {self.shape[:8]}"
