"""Files that show the work behind an hours entry, or the sheet of paper that a sign-off was copied from."""

from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Consent, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs.files import clean
from ojt_logs.models.attestations import Method
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.kept_files import KeptFile
from ojt_logs.models.moves import InvalidTransition, State
from ojt_logs.models.sign_offs import SignOff, SignOffQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOST_FILES = 10
"""Of one entry, or of one sheet."""
OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
"""States of an entry in which its apprentice may attach and take off files."""


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: "User | AnonymousUser") -> "EvidenceQuerySet":
        """Files of the entries and sign-offs that `user` sees; none that was taken off or is hidden."""
        entries = Q(entry__in=HoursEntry.objects.visible_to(user).values("pk"))
        return self.there().filter(entries | Q(sign_off__in=SignOff.objects.visible_to(user).values("pk")))

    def of_sheet(self, sign_off: SignOff) -> "EvidenceQuerySet":
        """Those of the sheet that `sign_off` was copied from, whichever of its ratings they hang on."""
        return self.filter(sign_off__in=_copied_with(sign_off).values("pk"))

    def there(self) -> "EvidenceQuerySet":
        """Those that nobody has taken off or hidden."""
        return self.filter(removed_at=None, withheld=False)

    def attach(
        self, entry: HoursEntry, *, by: User, now: datetime, file: IO[bytes], size: int, name: str
    ) -> "Evidence":
        """Attach a photo or PDF to one's own entry that is not approved yet, written anew.

        Raises NotAllowed, Conflict where the program takes no files, InvalidTransition, Refusal by field
        `file`. On a submitted entry the act is on the record; a draft's files come onto it with it.
        """
        _check(entry, by)
        _check_taken(entry.apprentice)
        content = clean(file, size=size)
        with transaction.atomic():
            current = _locked(entry, by)
            if current.evidence.there().count() >= MOST_FILES:
                raise Refusal(
                    f"An entry takes {MOST_FILES} files. Take one off first.", code="file", field="file"
                )
            told = current.status == State.SUBMITTED
            row = Evidence.keep(content, name=name, by=by, now=now, entry=current, kept=told)
            _tell(current, by=by, now=now)
        return row

    def attach_sheet(
        self, sign_off: SignOff, *, by: User, now: datetime, file: IO[bytes], size: int, name: str
    ) -> "Evidence":
        """Attach a photo or PDF, written anew, of the sheet that `by` copied, with an entry on the record.

        It stays with all ratings that were copied at once. Raises NotAllowed, Conflict where there is no
        sheet or the program takes no files, Refusal by field `file`, ConsentNeeded.
        """
        if sign_off.signer_id != by.pk:
            raise NotAllowed("Who copied the sheet attaches it.", code="not_your_signature")
        Consent.objects.demand(by)
        if not sign_off.is_copied:
            raise Conflict("This was not copied from a sheet of paper.", code="no_sheet")
        _check_taken(sign_off.apprentice)
        content = clean(file, size=size)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=sign_off.apprentice.user_id)
            if self.there().of_sheet(sign_off).count() >= MOST_FILES:
                raise Refusal(f"A sheet takes {MOST_FILES} files.", code="file", field="file")
            row = Evidence.keep(content, name=name, by=by, now=now, sign_off=sign_off, kept=True)
            chain.tell(
                sign_off.apprentice.uid,
                act="sign_off.sheet",
                actor=by.uid,
                object=row.uid,
                at=now,
                payload=row.facts(),
            )
        return row


def _copied_with(sign_off: SignOff) -> SignOffQuerySet:
    """The ratings that were copied from paper in the same act, this one among them."""
    one = {"apprentice": sign_off.apprentice_id, "signer": sign_off.signer_id, "method": Method.PAPER}
    return SignOff.objects.ratings().filter(**one, signed_at=sign_off.signed_at)


def _check_taken(apprentice: Apprentice) -> None:
    if not apprentice.program.takes_files:
        raise Conflict(
            "Files are switched off in this program: a photo can show what must not leave the workplace. "
            "Describe the work in the note.",
            code="no_files",
        )


class Evidence(KeptFile):
    """A photo or PDF that shows the work of one hours entry, or a sheet of paper that was copied.

    Once the entry is submitted, and of a sheet at once, the row stays: what is taken off, or redacted, keeps
    its hash.
    """

    entry = models.ForeignKey(
        HoursEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    sign_off = models.ForeignKey(
        SignOff,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sheets",
        help_text="One of the ratings copied from the sheet.",
    )
    file = models.FileField(upload_to="evidence/%Y/")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    kept = models.BooleanField(default=False, help_text="The record tells of it.")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, sign_off=None)
                | Q(entry=None, sign_off__isnull=False, kept=True),
                name="evidence_of_one_thing",
            )
        ]

    @property
    def apprentice(self) -> Apprentice:
        """Whose work it shows."""
        thing = self.entry or self.sign_off
        assert thing is not None  # noqa: S101 - the database holds that there is one
        return thing.apprentice

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of a sheet: which rating it hangs on, and the hash of the file."""
        return {"sign_off": str(self.sign_off.uid) if self.sign_off else None, "sha256": self.sha256}

    def take_off(self, *, by: User, now: datetime) -> None:
        """Take it off one's own entry that is not approved yet; the file itself is deleted."""
        if self.entry is None:
            raise NotAllowed("A sheet that was copied stays on the record.", code="on_the_record")
        _check(self.entry, by)
        with transaction.atomic():
            current = _locked(self.entry, by)
            if not Evidence.objects.there().filter(pk=self.pk).update(removed_at=now):
                raise Conflict("This file is not there any more. Reload the page.", code="file_gone")
            _tell(current, by=by, now=now)
            self.forget_file()


def _check(entry: HoursEntry, by: User) -> None:
    if entry.apprentice.user_id != by.pk:
        raise NotAllowed("Files are attached by the apprentice.", code="not_your_hours")


def _locked(entry: HoursEntry, by: User) -> HoursEntry:
    """The entry as it is now, under the lock of its person. Raises InvalidTransition once it is approved,
    ConsentNeeded where it is on the record."""
    User.objects.select_for_update().get(pk=by.pk)
    same = HoursEntry.objects.select_related("apprentice__user", "job_function", "competency", "course")
    current = same.get(pk=entry.pk)
    if current.status not in OPEN:
        raise InvalidTransition(
            "Approved hours keep the files they were approved with. Log a correction with its reason.",
            code="invalid_transition",
        )
    if current.status == State.SUBMITTED:
        Consent.objects.demand(by)
    return current


def _tell(entry: HoursEntry, *, by: User, now: datetime) -> None:
    """Put the files of a submitted entry on the record; a draft and a returned one tell at submitting."""
    if entry.status != State.SUBMITTED:
        return
    words: dict[str, Any] = entry.facts() | {"to": str(entry.status), "from": str(entry.status)}
    chain.tell(
        entry.apprentice.uid, act="hours.evidence", actor=by.uid, object=entry.uid, at=now, payload=words
    )
