"""Putting the kept files of a backup in place, so that at no moment a row is without its file.

They are first written beside, in a folder that nobody reads. What is missing is brought in before the
database changes; what is there but different, and what is not in the backup, is replaced or deleted after
it did.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage

from apprenticeship.storages import Folder, Kept
from reports.backups.container import PART
from reports.backups.reading import Backup, File


class Staged:
    """The files of a backup in a folder of this machine, known by their names."""

    def __init__(self, place: Kept) -> None:
        self.place, self.folder = place, place.stage
        self.files: dict[str, File] = {}

    def fetch(self, backup: Backup) -> None:
        """Write all of them beside, whole and on the disk. Raises Damaged and OSError."""
        for file, content in backup.files():
            beside = self.folder / file.name
            beside.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("xb") as copy:
                while part := content.read(PART):
                    copy.write(part)
            self.files[file.name] = file
        os.sync()

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Rows that name a file are read with the file of the backup, which is not in its place yet."""
        standing: Any = default_storage
        before = standing._wrapped
        standing._wrapped = Folder(location=self.folder)
        try:
            yield
        finally:
            standing._wrapped = before

    def add_missing(self) -> None:
        """Before the database changes: whatever the old site has stays as it is."""
        for file in self.files.values():
            if not self.place.exists(file.name):
                self.place.take_in(self.folder / file.name, file.name)
            elif self._has(file):
                (self.folder / file.name).unlink()

    def finish(self) -> None:
        """After it changed: exactly the files of the backup are there."""
        for path in [path for path in self.folder.rglob("*") if path.is_file()]:
            self.place.take_in(path, path.relative_to(self.folder).as_posix())
        for name in list(self.place.names()):
            if name not in self.files:
                self.place.delete(name)
        os.sync()

    def _has(self, file: File) -> bool:
        with self.place.open(file.name) as content:
            if content.size != file.size:
                return False
            return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


@contextmanager
def staged(place: Kept) -> Iterator[Staged]:
    """A folder for the files of one restore, which is gone afterwards; what a killed one left goes first."""
    files = Staged(place)
    shutil.rmtree(files.folder, ignore_errors=True)
    files.folder.mkdir(parents=True)
    try:
        yield files
    finally:
        shutil.rmtree(files.folder, ignore_errors=True)
