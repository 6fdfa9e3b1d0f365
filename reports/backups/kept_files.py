"""Putting the kept files of a backup in place, so that at no moment a row is without its file.

They are first written beside, in a folder that nobody reads. What is missing is moved in before the database
changes; what is there but different, and what is not in the backup, is replaced or deleted after it did.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.backups.container import PART
from reports.backups.reading import Backup, File
from reports.backups.taking import kept_files

STAGE = ".restoring"


class Staged:
    """The files of a backup in a folder below `root`, known by their names."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / STAGE
        self.files: dict[str, File] = {}

    def fetch(self, backup: Backup) -> None:
        """Write all of them beside, whole and on the disk. Raises Damaged and OSError."""
        for file, content in backup.files():
            place = self.folder / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as copy:
                while part := content.read(PART):
                    copy.write(part)
            self.files[file.name] = file
        os.sync()

    def add_missing(self) -> None:
        """Before the database changes: whatever the old site has stays as it is."""
        for file in self.files.values():
            place = self.root / file.name
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                (self.folder / file.name).rename(place)
            elif _is_same(place, file):
                (self.folder / file.name).unlink()

    def finish(self) -> None:
        """After it changed: exactly the files of the backup are there."""
        for path in [path for path in self.folder.rglob("*") if path.is_file()]:
            path.replace(self.root / path.relative_to(self.folder))
        for path in list(kept_files(self.root)):
            if path.relative_to(self.root).as_posix() not in self.files:
                path.unlink()
        os.sync()


def _is_same(path: Path, file: File) -> bool:
    if path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


@contextmanager
def staged(root: Path) -> Iterator[Staged]:
    """A folder for the files of one restore, which is gone afterwards; what a killed one left goes first."""
    files = Staged(root)
    shutil.rmtree(files.folder, ignore_errors=True)
    files.folder.mkdir(parents=True)
    try:
        yield files
    finally:
        shutil.rmtree(files.folder, ignore_errors=True)
