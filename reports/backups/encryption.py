"""A stream that only who knows the passphrase reads, and that nobody changes or cuts unseen.

AES-256-GCM over pieces of 64 KiB, the key made from the passphrase by scrypt with a salt of this file alone.
The nonce of a piece is its number and whether it is the last: pieces cannot be swapped, left out or repeated,
nor the end cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015, as age uses it).
Any piece can be read by itself, so reading may begin anywhere.
"""

import hashlib
import hmac
import io
import os
import secrets
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.refusals import Refusal

MAGIC = b"JOURNEYBOOK-SEALED-1"
PIECE, TAG = 65_536, 16
COST = 17
"""2 to this power: scrypt then takes 128 MiB and some tenths of a second."""
HEADER = struct.Struct(f">{len(MAGIC)}sB16s16s")


class Damaged(Refusal):
    """The file is not what was written: cut off, altered, or no backup at all."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} Nothing was restored from it: take another backup.", code="damaged")


def _keys(passphrase: str, salt: bytes, cost: int) -> tuple[bytes, bytes]:
    """The key, and a mark by which a wrong passphrase is told from a damaged file."""
    if not 14 <= cost <= 20:
        raise Damaged("The beginning of this file was altered.")
    made = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=2**cost, r=8, p=1, maxmem=2 ** (cost + 11), dklen=64
    )
    return made[:32], hashlib.sha256(made[32:]).digest()[:16]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def is_encrypted(file: BinaryIO) -> bool:
    """Whether this file, read from its beginning, is such a stream."""
    file.seek(0)
    return file.read(len(MAGIC)) == MAGIC


class Encrypting(io.RawIOBase):
    """What is written here goes encrypted into `file`; `finish` writes the last piece."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt = secrets.token_bytes(16)
        key, mark = _keys(passphrase, salt, COST)
        self._file, self._cipher = file, AESGCM(key)
        self._header = HEADER.pack(MAGIC, COST, salt, mark)
        self._waiting, self._number = bytearray(), 0
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


class Decrypting(io.RawIOBase):
    """The stream that was written to `Encrypting`. Raises Damaged where it meets a piece that was altered,
    and Refusal for another passphrase."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        size = file.seek(0, os.SEEK_END) - HEADER.size
        file.seek(0)
        self._header = file.read(HEADER.size)
        if size < TAG or len(self._header) < HEADER.size:
            raise Damaged("This file ends too early.")
        _, cost, salt, mark = HEADER.unpack(self._header)
        key, right = _keys(passphrase, salt, cost)
        if not hmac.compare_digest(mark, right):
            raise Refusal("This is not the passphrase of this backup.", code="wrong_passphrase")
        self._file, self._cipher = file, AESGCM(key)
        self._pieces = -(-size // (PIECE + TAG))
        self._length = size - TAG * self._pieces
        self._at, self._held, self._number = 0, b"", -1
        self._hold(self._pieces - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if self._at >= self._length:
            return 0
        number, skipped = divmod(self._at, PIECE)
        self._hold(number)
        part = self._held[skipped : skipped + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _hold(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(HEADER.size + number * (PIECE + TAG))
        sealed = self._file.read(PIECE + TAG)
        try:
            nonce = _nonce(number, last=number == self._pieces - 1)
            self._held = self._cipher.decrypt(nonce, sealed, self._header)
        except InvalidTag:
            raise Damaged("This file was cut off or altered.") from None
        self._number = number
