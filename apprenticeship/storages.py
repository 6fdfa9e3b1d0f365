"""Where files are kept: a folder of this machine, or a bucket (apprenticeship/buckets.py, STORAGE_URL).

Both give a file its name when it is whole and not before, and raise OSError for what goes wrong. Everything
that reads a file compares it with the hash that its row holds.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any, Protocol, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

STAGE = ".restoring"


class Kept(Protocol):
    """What the product asks of a place for files, beside what every Django storage does for a FileField."""

    stage: Path
    """A folder of this machine for files that a restore has fetched and not put in place yet."""

    def names(self) -> Iterator[str]:
        """Everything that is kept, in the order of names."""

    def put(self, name: str, data: bytes) -> None:
        """Keep `data` under this name, in the place of what was there."""

    def take_in(self, path: Path, name: str) -> None:
        """The same with a whole file of `stage`, which is gone from there afterwards."""

    def open(self, name: str) -> File: ...

    def exists(self, name: str) -> bool: ...

    def delete(self, name: str) -> None:
        """Nothing happens where there is none."""

    def get_modified_time(self, name: str) -> datetime: ...

    def check(self) -> None:
        """Raises OSError where nothing can be kept or read now."""


def kept() -> Kept:
    """The place of this site."""
    return cast(Kept, storages["default"])


class Folder(FileSystemStorage):
    """A folder that all processes of a site share: MEDIA_ROOT."""

    @property
    def stage(self) -> Path:
        return Path(self.location) / STAGE

    def names(self) -> Iterator[str]:
        root = Path(self.location)
        for path in _files(root):
            yield path.relative_to(root).as_posix()

    def put(self, name: str, data: bytes) -> None:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [data])

    def take_in(self, path: Path, name: str) -> None:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)

    def delete(self, name: str) -> None:
        """Also what a killed process left of a file that was to bear this name."""
        super().delete(name)
        path = Path(self.path(name))
        for draft in path.parent.glob(f"{escape(path.name)}.*.part"):
            draft.unlink(missing_ok=True)

    def check(self) -> None:
        root = Path(self.location)
        root.mkdir(parents=True, exist_ok=True)
        if not os.access(root, os.W_OK):
            raise PermissionError(f"{root} cannot be written.")

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.chunks())
        return name


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder in the order of names, without drafts; nothing where there is no folder."""
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in found:
        if entry.name.startswith(".") or entry.is_symlink() or entry.name.endswith(".part"):
            continue
        if entry.is_dir():
            yield from _files(Path(entry.path))
        else:
            yield Path(entry.path)


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file whole or not at all, on the disk when this returns; what was there is replaced.

    Raises OSError; then nothing is left behind.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in it last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
