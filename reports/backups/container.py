"""The ZIP of a backup, written in one go and sealed at its end.

Its comment, the last bytes of a ZIP, holds the SHA-256 of every byte before it and the seal of that by the
key of the ledger: one flipped bit anywhere, or one byte too few, and the file is refused.
"""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import quote, unquote

from django.conf import settings

from accounts.refusals import Refusal
from ledger.canonical import UnknownKey, backup_seal, same
from reports.backups.encryption import Damaged, Decrypting, Encrypting, is_encrypted

PART = 1 << 20
END = re.compile(rb"journeybook backup SHA-256 ([0-9a-f]{64}) seal ([0-9a-f]{64}) key (\S+)\Z")
LONGEST_END = 400


class _Sealing(io.RawIOBase):
    """Passes on what is written, but keeps back as many bytes as the end will have."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self._end = file, end
        self._held, self._hash = b"", hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        held = self._held + bytes(data)
        self._held = held[-self._end :]
        passing = held[: -self._end]
        self._hash.update(passing)
        self._file.write(passing)
        return len(data)

    def seal(self) -> str:
        """Write the end in place of what was kept back; the SHA-256 of the rest."""
        digest = self._hash.hexdigest()
        self._file.write(_end(digest, backup_seal(digest, settings.LEDGER_KEY_ID)))
        return digest


def _end(digest: str, seal: str) -> bytes:
    key = quote(settings.LEDGER_KEY_ID, safe="")
    return f"journeybook backup SHA-256 {digest} seal {seal} key {key}".encode()


@contextmanager
def writing(file: BinaryIO, *, passphrase: str) -> Iterator[zipfile.ZipFile]:
    """A ZIP to write members into, one after the other; it is sealed when the block ends without error."""
    inner = Encrypting(file, passphrase) if passphrase else file
    place = _end("0" * 64, "0" * 64)
    sealing = _Sealing(cast(BinaryIO, inner), len(place))
    with zipfile.ZipFile(cast(BinaryIO, sealing), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as opened:
        yield opened
        opened.comment = place
    sealing.seal()
    if isinstance(inner, Encrypting):
        inner.finish()


@contextmanager
def opened(path: Path, *, passphrase: str) -> Iterator[tuple[zipfile.ZipFile, str]]:
    """A backup whose every byte was checked, and its SHA-256. Raises Refusal and OSError."""
    with path.open("rb") as file:
        inner: BinaryIO = file
        if is_encrypted(file):
            if not passphrase:
                raise Refusal(
                    "This backup is encrypted: name a file with its passphrase (--passphrase-file).",
                    code="passphrase",
                )
            inner = cast(BinaryIO, io.BufferedReader(Decrypting(file, passphrase), PART))
        digest = _checked(inner)
        try:
            with zipfile.ZipFile(inner) as whole:
                yield whole, digest
        except (zipfile.BadZipFile, EOFError) as error:
            raise Damaged(f"This file cannot be read ({error}).") from None


def _checked(file: BinaryIO) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_END))
    if not (end := END.search(file.read(LONGEST_END))):
        raise Damaged("This is no backup of Journeybook, or its end is missing.")
    digest = _digest(file, size - len(end[0]))
    if digest != end[1].decode():
        raise Damaged("This file was cut off or altered: its SHA-256 is another.")
    key_id = unquote(end[3].decode(errors="replace"))
    try:
        right = backup_seal(digest, key_id)
    except UnknownKey:
        right = ""
    if quote(key_id, safe="").encode() != end[3]:
        raise Damaged("This file was altered: its end is spelled another way.")
    if not same(right, end[2].decode()):
        raise Refusal(
            "This backup was sealed with a ledger key that this site has not. Set LEDGER_KEY, LEDGER_KEY_ID "
            "and LEDGER_OLD_KEYS as they were where it was taken.",
            code="seal",
        )
    return digest


def _digest(file: BinaryIO, length: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while length and (part := file.read(min(PART, length))):
        digest.update(part)
        length -= len(part)
    return digest.hexdigest()


class Hashed:
    """Passes bytes on and remembers their SHA-256."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._hash = write, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self._write(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class HashedReading:
    """A file to read from, with the size and the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
