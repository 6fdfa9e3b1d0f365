"""One spelling for every value, and the digests made over it.

Canonical JSON: keys sorted, no spaces, UTF-8; values are text, whole numbers, true, false, null,
dates (ISO 8601), moments (ISO 8601, UTC, microseconds), UUIDs, and lists and dicts of these.
Floats are refused: 0.1 has more than one spelling. Durations are integer minutes.
"""

import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from ledger.models import Checkpoint, Entry

SALT = re.compile("[0-9a-f]{32}")


class LedgerError(Exception):
    """The caller used the ledger wrongly; nothing was written."""


class NotCanonical(LedgerError, TypeError):
    """A value that has no single spelling, such as a float or a moment without a time zone."""


class UnknownKey(LedgerError):
    """settings.LEDGER_KEYS has no key of this id."""


def canonical(value: Any) -> str:
    """The one spelling of a value. Raises NotCanonical and names what it cannot spell."""
    text = json.dumps(_plain(value, "value"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"The text holds half a character: {error}") from None
    return text


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date | UUID):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {_key(key, where): _plain(item, f"{where}.{key}") for key, item in value.items()}
    raise NotCanonical(f"{where} is a {type(value).__name__}, which has no single spelling in the ledger.")


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise NotCanonical(f"{where} has the key {key!r}; keys of the ledger are text.")
    return key


def moment(at: datetime) -> str:
    """A moment as the ledger writes it: UTC with microseconds."""
    if at.tzinfo is None:
        raise NotCanonical(f"{at} has no time zone.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_salt() -> str:
    """128 random bits: without them nobody can guess erased words from their digest."""
    return secrets.token_hex(16)


def payload_digest(salt: str, body: str) -> str:
    return hashlib.sha256((salt + body).encode()).hexdigest()


def are_words_of(digest: str, *, salt: str, body: str) -> bool:
    """Whether an entry with this payload digest says that. Salt and words are digested as one text, so the
    shape of the salt is part of the question: no letter of the words passes as one of the salt."""
    return bool(SALT.fullmatch(salt)) and same(payload_digest(salt, body), digest)


def entry_digest(entry: Entry, subject: UUID) -> str:
    """HMAC-SHA256 over everything an entry says. Raises UnknownKey."""
    return _hmac(entry.key_id, said_by(entry, subject) | {"of": "entry"})


def said_by(entry: Entry, subject: UUID) -> dict[str, Any]:
    """Everything an entry of this chain says, but for its digest."""
    return {
        "subject": subject,
        "sequence": entry.sequence,
        "act": entry.act,
        "at": entry.at,
        "actor": entry.actor,
        "object": entry.object,
        "payload": entry.payload_digest,
        "previous": entry.previous,
        "key_id": entry.key_id,
    }


def checkpoint_digest(checkpoint: Checkpoint) -> str:
    """HMAC-SHA256 over everything a checkpoint says. Raises UnknownKey."""
    said = {
        "of": "checkpoint",
        "subject": checkpoint.subject,
        "length": checkpoint.length,
        "head": checkpoint.head,
        "at": checkpoint.at,
        "key_id": checkpoint.key_id,
    }
    if checkpoint.root:  # older ones have none
        said["root"] = checkpoint.root
    return _hmac(checkpoint.key_id, said)


def backup_seal(sha256: str, key_id: str) -> str:
    """HMAC-SHA256 over the digest of a whole backup. Raises UnknownKey."""
    return _hmac(key_id, {"of": "backup", "sha256": sha256, "key_id": key_id})


def same(one: str, other: str) -> bool:
    """Compare two digests without telling by the time taken how much of them agrees."""
    return hmac.compare_digest(one.encode(), other.encode())


def _hmac(key_id: str, said: dict[str, Any]) -> str:
    key = settings.LEDGER_KEYS.get(key_id)
    if key is None:
        raise UnknownKey(
            f"There is no ledger key with the id {key_id!r} (LEDGER_OLD_KEYS names earlier ones)."
        )
    return hmac.new(key.encode(), canonical(said).encode(), hashlib.sha256).hexdigest()
