"""Files that show the work behind an hours entry."""

import hashlib
import uuid
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from accounts.refusals import Conflict, NotAllowed, Refusal
from ledger import chain
from ojt_logs.files import Clean, clean
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.moves import InvalidTransition, State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOST_FILES = 10
"""Of one entry."""
OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
"""States of an entry in which its apprentice may attach and take off files."""


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: "User | AnonymousUser") -> "EvidenceQuerySet":
        """Files of the entries that `user` sees; none that was taken off or is hidden."""
        return self.there().filter(entry__in=HoursEntry.objects.visible_to(user).values("pk"))

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
        if not entry.apprentice.program.takes_files:
            raise Conflict(
                "Files are switched off in this program: a photo can show what must not leave the workplace. "
                "Describe the work in the note.",
                code="no_files",
            )
        content = clean(file, size=size)
        with transaction.atomic():
            current = _locked(entry, by)
            if current.evidence.there().count() >= MOST_FILES:
                raise Refusal(
                    f"An entry takes {MOST_FILES} files. Take one off first.", code="file", field="file"
                )
            row = self._write(current, content, by=by, now=now, name=name)
            _tell(current, by=by, now=now)
        return row

    def _write(self, entry: HoursEntry, content: Clean, *, by: User, now: datetime, name: str) -> "Evidence":
        row = Evidence(
            entry=entry,
            name=_plain_name(name, content.ending),
            media_type=content.media_type,
            size=len(content.data),
            sha256=hashlib.sha256(content.data).hexdigest(),
            added_by=by,
            added_at=now,
        )
        row.file.save(f"{row.uid}.{content.ending}", ContentFile(content.data), save=False)
        try:
            row.save(force_insert=True)
        except BaseException:
            row.file.delete(save=False)
            raise
        return row


def _plain_name(name: str, ending: str) -> str:
    """The name as people see it, with the ending of what the file is now."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    kept = "".join(letter for letter in stem if letter.isprintable()).strip()
    return f"{kept[:80] or 'file'}.{ending}"


class Evidence(models.Model):
    """A photo or PDF that shows the work of one hours entry.

    Once the entry is submitted the row stays: what is taken off, or redacted, keeps its hash.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(HoursEntry, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=90)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="evidence/%Y/")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    kept = models.BooleanField(default=False, help_text="The entry was submitted with it once.")
    withheld = models.BooleanField(default=False, help_text="Hidden because of patient information.")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.media_type == "image/jpeg"

    def take_off(self, *, by: User, now: datetime) -> None:
        """Take it off one's own entry that is not approved yet; the file itself is deleted."""
        _check(self.entry, by)
        with transaction.atomic():
            current = _locked(self.entry, by)
            if not Evidence.objects.there().filter(pk=self.pk).update(removed_at=now):
                raise Conflict("This file is not there any more. Reload the page.", code="file_gone")
            _tell(current, by=by, now=now)
            self.forget_file()

    def forget_file(self) -> None:
        """Delete the file itself once the transaction is through; the row and its hash stay."""
        transaction.on_commit(lambda: self.file.storage.delete(str(self.file.name)))


def _check(entry: HoursEntry, by: User) -> None:
    if entry.apprentice.user_id != by.pk:
        raise NotAllowed("Files are attached by the apprentice.", code="not_your_hours")


def _locked(entry: HoursEntry, by: User) -> HoursEntry:
    """The entry as it is now, under the lock of its person. Raises InvalidTransition once it is approved."""
    User.objects.select_for_update().get(pk=by.pk)
    same = HoursEntry.objects.select_related("apprentice__user", "job_function", "competency", "course")
    current = same.get(pk=entry.pk)
    if current.status not in OPEN:
        raise InvalidTransition(
            "Approved hours keep the files they were approved with. Log a correction with its reason.",
            code="invalid_transition",
        )
    return current


def _tell(entry: HoursEntry, *, by: User, now: datetime) -> None:
    """Put the files of a submitted entry on the record; a draft and a returned one tell at submitting."""
    if entry.status != State.SUBMITTED:
        return
    words: dict[str, Any] = entry.facts() | {"to": str(entry.status), "from": str(entry.status)}
    chain.tell(
        entry.apprentice.uid, act="hours.evidence", actor=by.uid, object=entry.uid, at=now, payload=words
    )
