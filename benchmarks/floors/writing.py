"""Rows of hours and of the ledger by hand-written statements.

Digests are made by the functions of the ledger: an entry that nobody can verify would be another thing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from ledger.canonical import canonical, entry_digest, new_salt, payload_digest
from ledger.models import Chain, Entry

ENTRY = (
    "chain_id",
    "sequence",
    "at",
    "act",
    "actor",
    "object",
    "payload_digest",
    "previous",
    "key_id",
    "digest",
)


def spelled(value: Any) -> Any:
    """As the database at hand keeps it."""
    if connection.vendor == "postgresql":
        return str(value) if isinstance(value, UUID) else value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if hasattr(value, "isoformat") else value


def entries(chain: Chain, acts: Iterable[tuple[str, UUID, UUID, datetime, dict[str, Any]]]) -> list[Any]:
    """The next entries of a chain, which is moved on, each with salt and body of its payload."""
    made = []
    for act, actor, thing, at, payload in acts:
        salt, body = new_salt(), canonical(payload)
        one = Entry(
            chain=chain,
            sequence=chain.length + 1,
            at=at,
            act=act,
            actor=actor,
            object=thing,
            payload_digest=payload_digest(salt, body),
            previous=chain.head,
            key_id=settings.LEDGER_KEY_ID,
        )
        one.digest = entry_digest(one, chain.subject)
        chain.length, chain.head = one.sequence, one.digest
        made.append((one, salt, body))
    return made


def insert(
    cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], end: str = ""
) -> None:
    """One statement for all rows."""
    marks = ", ".join(f"({', '.join(['%s'] * len(columns))})" for _ in rows)
    values = [spelled(value) for row in rows for value in row]
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks} {end}", values)


def copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """COPY, where there is one; else one prepared statement for all rows."""
    if connection.vendor != "postgresql":
        marks = ", ".join(["%s"] * len(columns))
        given = [[spelled(value) for value in row] for row in rows]
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", given)
        return
    text = StringIO("\n".join("\t".join(map(_cell, row)) for row in rows))
    cursor.cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text)


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def values_of(entry: Entry) -> list[Any]:
    return [getattr(entry, name) for name in ENTRY]
