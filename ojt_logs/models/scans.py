"""Scans of the paper pages that a batch of history was written from."""

from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.apprentices import ApprenticeQuerySet
from ledger import chain
from ojt_logs.files import clean
from ojt_logs.models.attestations import Method
from ojt_logs.models.batches import FileKind, HoursBatch
from ojt_logs.models.kept_files import KeptFile
from ojt_logs.models.sign_offs import SignOff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ojt_logs.models.sign_offs import SignOffQuerySet

ACT = "paper.scan"
MOST_SCANS = 200
"""Of one apprentice in one batch."""


class ScanQuerySet(models.QuerySet["Scan"]):
    def everyone(self) -> "ScanQuerySet":
        """All scans, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ScanQuerySet":
        """Pages of whoever's record `user` reads, and of the batches of one's office; no hidden ones."""
        records = Apprentice.objects.record_visible_to(user).values("pk")
        batches = HoursBatch.objects.visible_to(user).values("pk")
        return self.there().filter(Q(apprentice__in=records) | Q(batch__in=batches))

    def there(self) -> "ScanQuerySet":
        """Those that are not hidden."""
        return self.filter(withheld=False)

    def beside(self, sign_off: SignOff) -> "ScanQuerySet":
        """The pages of whose batch this signature came."""
        batches = HoursBatch.objects.filter(
            kind=FileKind.PAPER, by=sign_off.signer_id, at=sign_off.signed_at, papers_at=sign_off.original_at
        )
        return self.filter(apprentice=sign_off.apprentice_id, batch__in=batches.values("pk"))

    def attach(
        self,
        batch: HoursBatch,
        apprentice: Apprentice,
        *,
        by: User,
        now: datetime,
        file: IO[bytes],
        size: int,
        name: str,
    ) -> "Scan":
        """Keep a scanned page of one apprentice, written anew, with its entry in their record.

        Whether the program takes photos with hours is another question: there it is about what the apprentice
        brings from work, here the office keeps the original of what it attested to. Raises NotAllowed for
        anybody but a coordinator of the whole sponsor, Refusal by field, ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not HoursBatch.objects.managed_by(by).filter(pk=batch.pk, kind=FileKind.PAPER).exists():
            raise NotAllowed("Scans are attached by a coordinator to history from paper.", code="not_allowed")
        if not people_of(batch).filter(pk=apprentice.pk).exists():
            raise Refusal("Nothing of theirs came with this workbook.", code="whose", field="apprentice")
        content = clean(file, size=size)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            own = self.filter(batch=batch, apprentice=apprentice)
            if own.filter(sha256=content.sha256).exists():
                raise Refusal("This page is attached already.", code="file_twice", field="file")
            if own.count() >= MOST_SCANS:
                raise Refusal(f"A batch takes {MOST_SCANS} scans of one person.", code="file", field="file")
            row = Scan.keep(content, name=name, by=by, now=now, batch=batch, apprentice=apprentice)
            chain.tell(apprentice.uid, act=ACT, actor=by.uid, object=row.uid, at=now, payload=row.facts())
        return row


def people_of(batch: HoursBatch) -> ApprenticeQuerySet:
    """Whose hours or signatures came with a batch of history."""
    signed = _signed_with(batch)
    hours = Q(pk__in=batch.entries.order_by().values("apprentice"))
    return Apprentice.objects.filter(hours | Q(pk__in=signed.order_by().values("apprentice")))


def _signed_with(batch: HoursBatch) -> "SignOffQuerySet":
    """The signatures that came with it: they were written in its act, by the same hand."""
    same = {"signer": batch.by_id, "signed_at": batch.at, "original_at": batch.papers_at}
    return SignOff.objects.filter(method=Method.PAPER, **same)


class Scan(KeptFile):
    """A scanned page of one apprentice's papers, from which a coordinator brought history in.

    A sheet that names several people is not attached: each of them could read the others'.
    """

    batch = models.ForeignKey(HoursBatch, on_delete=models.PROTECT, related_name="scans")
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="scans")
    file = models.FileField(upload_to="scans/%Y/")
    added_at = models.DateTimeField()

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["apprentice", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "apprentice", "sha256"], name="scan_once"),
        ]

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it: which batch, and the hash of the file."""
        return {
            "batch": str(self.batch.uid),
            "file_sha256": self.batch.sha256,
            "sha256": self.sha256,
            "added_at": self.added_at.astimezone(UTC).isoformat(),
        }
