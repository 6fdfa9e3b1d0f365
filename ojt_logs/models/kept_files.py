"""Files that are kept with a record: written anew, known by their hash, and gone only where they must be."""

import hashlib
import uuid
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.db import models, transaction

from accounts.models import User
from ojt_logs.files import Clean


class Spoiled(Exception):
    """What is wrong with a kept file; it is not to be shown."""


class KeptFile(models.Model):
    """A photo or PDF as it was written anew, who attached it and when; each kind says where its `file` is."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=90)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    file: models.FileField
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withheld = models.BooleanField(default=False, help_text="Hidden because of patient information.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, content: Clean, *, name: str, by: User, now: datetime, **of: Any) -> Self:
        """The row with its file, or neither; `name` is that of what was sent. Call in a transaction."""
        said: dict[str, Any] = {
            "name": plain_name(name, content.ending),
            "media_type": content.media_type,
            "size": len(content.data),
            "sha256": content.sha256,
            "added_by": by,
            "added_at": now,
        }
        row = cls(**of, **said)
        row.file.save(f"{row.uid}.{content.ending}", ContentFile(content.data), save=False)
        try:
            row.save(force_insert=True)
        except BaseException:
            row.file.delete(save=False)
            raise
        return row

    @property
    def is_picture(self) -> bool:
        return self.media_type == "image/jpeg"

    def opened(self) -> File:
        """The file itself, read whole and found to be the one that was attached. Raises Spoiled."""
        try:
            handle: File = self.file.open("rb")
        except (FileNotFoundError, ValueError, SuspiciousFileOperation):  # ValueError: the row names no file
            raise Spoiled("its file is gone") from None
        except OSError:
            raise Spoiled("its file cannot be read just now") from None
        if hashlib.file_digest(handle, "sha256").hexdigest() != self.sha256:
            handle.close()
            raise Spoiled("its file is not the one that was attached")
        handle.seek(0)
        return handle

    def damage(self) -> str:
        """What is wrong with the file itself, read whole; "" for nothing."""
        try:
            self.opened().close()
        except Spoiled as problem:
            return str(problem)
        return ""

    def forget_file(self) -> None:
        """Delete the file itself once the transaction is through; the row and its hash stay."""
        transaction.on_commit(lambda: self.file.storage.delete(str(self.file.name)))


def plain_name(name: str, ending: str) -> str:
    """The name as people see it, with the ending of what the file is now."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    kept = "".join(letter for letter in stem if letter.isprintable()).strip()
    return f"{kept[:80] or 'file'}.{ending}"
