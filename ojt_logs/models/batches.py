"""Files that hours came in with: who brought which, when, and what became of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.dates import day_words
from accounts.models import Consent, Sponsor, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger.tombstones import SAYS, digest
from ojt_logs.models.acts import begin, perform
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.lines import Line
from ojt_logs.models.moves import State
from ojt_logs.models.ratings import Authentication

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Brought:
    """One row of a file as an entry: whose, what, and its number in the file."""

    apprentice: Apprentice
    line: Line
    row: int
    month: bool = False
    """Whether it is the total of a month."""


def _entry(one: Brought, batch: "HoursBatch", **fields: Any) -> HoursEntry:
    """The entry that a row becomes, as somebody else writes it."""
    return HoursEntry(
        apprentice=one.apprentice,
        created_by=batch.by,
        created_at=batch.at,
        updated_at=batch.at,
        submitted_at=batch.at,
        batch=batch,
        batch_row=one.row,
        **vars(one.line),
        **fields,
    )


class FileKind(models.TextChoices):
    TABLE = "table", "A table of hours"
    PAPER = "paper", "History from paper"


ATTESTED = (
    "I compared this workbook with the signed papers that it was written from, and attest that it says what "
    "they say."
)
"""What a coordinator puts their name to when history is brought in."""


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
        entries = [_entry(one, batch, status=State.SUBMITTED) for one in rows]
        begin("import", entries, by=by, now=now, said=batch.said())
        return batch

    def attest(
        self,
        sponsor: Sponsor,
        rows: Sequence[Brought],
        *,
        by: User,
        now: datetime,
        authentication: Authentication,
        papers_at: str,
        **facts: Any,
    ) -> "HoursBatch":
        """Write these rows as approved hours from paper, which `by` attests to, under a new batch.

        They were checked under the locks, as for `bring`. Raises ConsentNeeded, NotAllowed for an
        authentication that is stale and for registrations about which `by` does not decide, Refusal by field
        where it is not said where the papers are kept.
        """
        Consent.objects.demand(by)
        authentication.check(now=now)
        if not papers_at.strip():
            raise Refusal(
                "Say where the papers are kept, so that somebody finds them.",
                code="papers_at",
                field="papers_at",
            )
        self._check(sponsor, rows, by=by)
        batch = self.create(
            sponsor=sponsor,
            kind=FileKind.PAPER,
            by=by,
            at=now,
            rows=len(rows),
            papers_at=papers_at.strip(),
            attestation=ATTESTED,
            authentication=authentication.method,
            authenticated_at=authentication.at,
            **facts,
        )
        entries = [
            _entry(one, batch, status=State.APPROVED, reviewed_by=by, reviewed_at=now, carried_over=one.month)
            for one in rows
        ]
        begin("attest", entries, by=by, now=now, said=batch.said())
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
    kind = models.CharField(max_length=5, choices=FileKind, default=FileKind.TABLE)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rows = models.PositiveIntegerField(help_text="Entries that came in with it.")
    left_out = models.PositiveIntegerField(default=0, help_text="Rows of people who are no apprentices here.")
    there = models.PositiveIntegerField(default=0, help_text="Rows that were on the record before.")
    signatures = models.PositiveIntegerField(default=0, help_text="Signatures on paper that came with it.")
    papers_at = models.CharField(max_length=200, blank=True, help_text="Where the papers are kept.")
    attestation = models.CharField(max_length=300, blank=True)
    authentication = models.CharField(max_length=12, blank=True)
    authenticated_at = models.DateTimeField(null=True, blank=True)
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
            ),
            models.CheckConstraint(
                condition=Q(kind="table", attestation="", authenticated_at=None)
                | Q(kind="paper", authenticated_at__isnull=False, undone_at=None)
                & ~Q(attestation="")
                & ~Q(papers_at=""),
                name="hours_batch_attested",
            ),
        ]
        indexes = [models.Index(fields=["sponsor", "sha256"], name="hours_batch_by_file")]

    def __str__(self) -> str:
        return self.file_name

    def said(self) -> dict[str, Any]:
        """What the ledger holds of the file beside each of its entries."""
        if self.authenticated_at is None:
            return {"file_sha256": self.sha256}
        return {
            "file_sha256": self.sha256,
            "attestation": self.attestation,
            "authentication": self.authentication,
            "authenticated_at": self.authenticated_at.astimezone(UTC).isoformat(),
            "papers_at_sha256": digest(self.papers_at),
        }

    def untouched(self) -> models.QuerySet[HoursEntry]:
        """Its entries that are as they came in: nobody reviewed them, put files to them or spoke of them, and
        nothing of them is hidden."""
        waiting = self.entries.filter(status=State.SUBMITTED, submitted_at=self.at, reviewed_at=None)
        return waiting.filter(evidence=None, comments=None).exclude(note__startswith=SAYS)

    @property
    def is_undoable(self) -> bool:
        """Whether all of it can still be taken back: somebody may have begun to work with its entries."""
        table = self.kind == FileKind.TABLE and self.undone_at is None
        return table and self.untouched().count() == self.rows

    def undo(self, *, by: User, now: datetime) -> int:
        """Take every entry out again, all or none; says how many. The ledger keeps what was there.

        Raises ConsentNeeded, NotAllowed for who does not coordinate the sponsor, and Conflict once one of
        them was reviewed or spoken of.
        """
        Consent.objects.demand(by)
        if not HoursBatch.objects.managed_by(by).filter(pk=self.pk).exists():
            raise NotAllowed("Only a coordinator of the sponsor takes a file out again.", code="not_allowed")
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
