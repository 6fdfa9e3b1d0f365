"""Read a backup: nothing of it is believed before all of it was checked."""

import hashlib
import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reports.backups import container, manifest
from reports.backups.container import PART, HashedReading
from reports.backups.encryption import Damaged
from reports.backups.manifest import CHECKPOINTS, FILE_LIST, FILES, Manifest, Part


@dataclass(frozen=True)
class File:
    """A kept file as the backup tells of it; `name` is its place below MEDIA_ROOT."""

    name: str
    size: int
    sha256: str


class Backup:
    """An opened backup whose bytes and seal are right."""

    def __init__(self, whole: zipfile.ZipFile, sha256: str) -> None:
        self._whole, self.sha256 = whole, sha256
        self.manifest: Manifest = manifest.read(whole.read(manifest.NAME))

    def check(self) -> None:
        """Read all of it and count. Raises Damaged."""
        for name in self.manifest.tables:
            for _ in self.lines(name):
                pass
        for _ in self.checkpoints():
            pass
        for _, content in self.files():
            while content.read(PART):
                pass

    def lines(self, table: str) -> Iterator[bytes]:
        """The lines of a table. Raises Damaged at its end when they are others than the manifest counted."""
        return self._lines(f"tables/{table}.jsonl", self.manifest.tables[table], besides=1)

    def checkpoints(self) -> Iterator[str]:
        """The newest checkpoint of every chain, as `verify_ledger --checkpoint` reads them."""
        for line in self._lines(CHECKPOINTS, self.manifest.others[CHECKPOINTS]):
            yield line.decode()

    def _lines(self, member: str, part: Part, *, besides: int = 0) -> Iterator[bytes]:
        digest, count = hashlib.sha256(), -besides
        with self._whole.open(member) as lines:
            for line in lines:
                digest.update(line)
                count += 1
                yield line
        if (count, digest.hexdigest()) != (part.count, part.sha256):
            raise Damaged(f"{member} of this backup is not what its manifest says.")

    def files(self) -> Iterator[tuple[File, HashedReading]]:
        """Each kept file with its content, to be read before the next is asked for. Raises Damaged."""
        told = self._lines(FILE_LIST, self.manifest.others[FILE_LIST])
        with self._whole.open(FILES) as stored, tarfile.open(fileobj=stored, mode="r|") as tar:
            for line in told:
                file, head = File(**json.loads(line)), tar.next()
                content = tar.extractfile(head) if head and head.isreg() else None
                if content is None or not head or head.name != file.name or not _is_inside(file.name):
                    raise Damaged(f"The file {file.name} of this backup is not where its list says.")
                yield file, (read := HashedReading(content))
                if (read.size, read.sha256) != (file.size, file.sha256):
                    raise Damaged(f"The file {file.name} of this backup is not what its list says.")
                tar.members = []  # type: ignore[attr-defined]


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name and "\\" not in name


@contextmanager
def opened(path: Path, *, passphrase: str = "") -> Iterator[Backup]:
    """A backup to read from. Raises Refusal (wrong passphrase, damaged, newer) and OSError."""
    with container.opened(path, passphrase=passphrase) as (whole, sha256):
        yield Backup(whole, sha256)
