"""Encrypting what people confide: AES-256-GCM, under keys of its own that can be changed.

`settings.PRIVATE_KEYS`: the first seals, all of them open. A sealed text names its key by a hash and is bound
to what it is about, so that it opens nowhere else. Ledger, logs, mails and search never see what is sealed.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.refusals import Conflict

PURPOSE = b"journeybook private answers"
NONCE = 12
"""Bytes, random for each text."""


class CannotOpen(Conflict):
    """The key is gone, or the sealed text was altered or moved."""

    def __init__(self) -> None:
        super().__init__(
            "This cannot be opened: its key is not in PRIVATE_KEYS, or it was altered. Tell the operator.",
            code="sealed",
        )


def available() -> bool:
    """Whether this site has a key; without one nothing confidential is asked for."""
    return bool(settings.PRIVATE_KEYS)


def seal(text: str, *, about: str) -> str:
    """The text, encrypted under the first key, for this one place. Raises Conflict without a key."""
    if not available():
        raise Conflict("This site has no key for it (PRIVATE_KEYS). Tell the operator.", code="no_key")
    key, nonce = settings.PRIVATE_KEYS[0], secrets.token_bytes(NONCE)
    sealed = AESGCM(key_for(key, PURPOSE)).encrypt(nonce, text.encode(), about.encode())
    return f"{_name(key)}:{urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, about: str) -> str:
    """What was sealed for this place. Raises CannotOpen."""
    name, _, body = sealed.partition(":")
    key = next((one for one in settings.PRIVATE_KEYS if _name(one) == name), None)
    if key is None:
        raise CannotOpen
    try:
        data = urlsafe_b64decode(body)
        return AESGCM(key_for(key, PURPOSE)).decrypt(data[:NONCE], data[NONCE:], about.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def is_current(sealed: str) -> bool:
    """Whether it is sealed with the key in force."""
    return available() and sealed.startswith(f"{_name(settings.PRIVATE_KEYS[0])}:")


def _name(key: str) -> str:
    return sha256(b"name of a private key:" + key.encode()).hexdigest()[:8]


@lru_cache
def key_for(secret: str, purpose: bytes) -> bytes:
    """32 bytes of this purpose alone (HKDF, RFC 5869): who learns them learns nothing of the secret."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
