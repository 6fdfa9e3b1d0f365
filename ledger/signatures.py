"""What anybody can check: Ed25519 signatures of this site (RFC 8032), beside the seals that need its key.

Each ledger key has a signing key of its own, derived from it, so that there is no second secret to keep and
an old key goes on verifying what was signed with it. Public keys are no secret: the site prints them, and
every record that somebody takes away holds them.
"""

import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from ledger.canonical import UnknownKey, canonical

PURPOSE = b"journeybook signatures ed25519"


def derived(key_id: str, purpose: bytes, *, algorithm: str = "sha256") -> bytes:
    """A secret for another purpose out of the ledger key of this id. Raises UnknownKey."""
    key = settings.LEDGER_KEYS.get(key_id)
    if key is None:
        raise UnknownKey(
            f"There is no ledger key with the id {key_id!r} (LEDGER_OLD_KEYS names earlier ones)."
        )
    return hmac.digest(key.encode(), purpose, algorithm)


def sign(said: dict[str, Any]) -> tuple[str, str]:
    """The id of the key of today, and its signature (hexadecimal) over what is said."""
    key_id = settings.LEDGER_KEY_ID
    return key_id, _private(key_id).sign(canonical(said).encode()).hex()


def valid(said: dict[str, Any], *, key_id: str, signature: str) -> bool:
    """Whether this site signed that. Raises UnknownKey."""
    try:
        _private(key_id).public_key().verify(bytes.fromhex(signature), canonical(said).encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_keys() -> dict[str, str]:
    """The public key (32 bytes, hexadecimal) by the id of the ledger key, that of today first."""
    ids = sorted(settings.LEDGER_KEYS, key=lambda key_id: (key_id != settings.LEDGER_KEY_ID, key_id))
    return {key_id: _told(_private(key_id).public_key()) for key_id in ids}


def _private(key_id: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived(key_id, PURPOSE))


def _told(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()
