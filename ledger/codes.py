"""The code of a print-out: which record, how long it was and what its head was, sealed and unreadable.

    code = code_of(apprentice.uid, length=chain.length, head=chain.head)      # 59 letters, for an address
    read(code)                                                                # the same again, or None

Only this site can make or read one (AES-SIV, RFC 5297, with a key derived from the ledger's): it cannot be
guessed, and tells nobody whose record it is. Nothing is stored, so a database that is put back forgets no
print-out.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from ledger.signatures import derived

PURPOSE = b"journeybook codes of print-outs"
SHAPE = re.compile(r"[A-Za-z0-9_-]{59}")
NUMBER, HEAD = 4, 8
"""Bytes of the length, and of the head that is enough to know it by."""


@dataclass(frozen=True)
class Printed:
    """What a print-out says of the record: its first `length` entries, of which the last had this head."""

    subject: UUID
    length: int
    head: str


def code_of(subject: UUID, *, length: int, head: str) -> str:
    """The same for the same state of the same record, made with the key of today."""
    said = subject.bytes + length.to_bytes(NUMBER, "big") + bytes.fromhex(head)[:HEAD]
    sealed = _cipher(settings.LEDGER_KEY_ID).encrypt(said, None)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def read(code: str) -> Printed | None:
    """None for everything that this site did not print."""
    if not SHAPE.fullmatch(code):
        return None
    sealed = urlsafe_b64decode(code + "=")
    for key_id in settings.LEDGER_KEYS:
        try:
            said = _cipher(key_id).decrypt(sealed, None)
        except InvalidTag:
            continue
        number, head = said[16 : 16 + NUMBER], said[16 + NUMBER :]
        return Printed(UUID(bytes=said[:16]), int.from_bytes(number, "big"), head.hex())
    return None


def _cipher(key_id: str) -> AESSIV:
    return AESSIV(derived(key_id, PURPOSE, algorithm="sha512"))
