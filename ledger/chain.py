"""Write to the ledger: lock chains, append entries, erase words. Checkpoints: ledger.checkpoints.

    with transaction.atomic():
        chains = chain.lock([apprentice.uid])
        ...                                         # the change itself
        chain.append(chains[apprentice.uid], act="hours.approve", actor=mentor.uid,
                     object=entry.uid, at=now, payload={"minutes": 450, "date": entry.date})

The keys are settings.LEDGER_KEYS, {id: secret}; new entries are made with settings.LEDGER_KEY_ID,
older ones are verified with the key they name, so that a key can be changed and none may be lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from ledger.canonical import LedgerError, canonical, entry_digest, new_salt, payload_digest
from ledger.models import Chain, Entry, Payload
from ledger.verification import ERASE, Finding, verify

__all__ = ["Act", "Finding", "LedgerError", "append", "append_all", "entries_of"]
__all__ += ["erase", "erase_all", "head_of", "keep", "lock", "tell", "verify"]


class NoTransaction(LedgerError, transaction.TransactionManagementError):
    """An entry and the change it tells of are written together or not at all."""


class StaleChain(LedgerError):
    """The chain has moved since it was locked: it was not locked in this transaction."""


class NotErasable(LedgerError):
    """The payload is empty already, or is the record of an erasure, or no reason was given."""


def lock(subjects: Iterable[UUID]) -> dict[UUID, Chain]:
    """Lock the chains of these subjects until the transaction ends; a missing chain is begun.

    Always in the order of the subjects, so that two acts about several people cannot wait for
    each other. New chains are inserted before anything is locked, for the same reason.
    """
    _demand_transaction()
    wanted = sorted(set(subjects))
    chains = Chain.objects.filter(subject__in=wanted)
    there = set(chains.values_list("subject", flat=True))
    missing = [Chain(subject=subject) for subject in wanted if subject not in there]
    Chain.objects.bulk_create(missing, ignore_conflicts=True)
    return {row.subject: row for row in chains.select_for_update().order_by("subject")}


@dataclass(frozen=True)
class Act:
    """One act as it is to be recorded: what, by whom, about which row, when, in which words."""

    act: str
    actor: UUID | None
    object: UUID | None
    at: datetime
    payload: dict[str, Any]


def append(
    chain: Chain, *, act: str, actor: UUID | None, object: UUID | None, at: datetime, payload: dict[str, Any]
) -> Entry:
    """Write the next entry of a chain got from `lock` in this transaction; see `append_all`."""
    return append_all(chain, [Act(act, actor, object, at, payload)])[0]


def tell(
    subject: UUID, *, act: str, actor: UUID | None, object: UUID | None, at: datetime, payload: dict[str, Any]
) -> Entry:
    """Lock the chain of one subject and write its next entry: for an act that concerns nobody else."""
    return append(lock([subject])[subject], act=act, actor=actor, object=object, at=at, payload=payload)


def append_all(chain: Chain, acts: Sequence[Act]) -> list[Entry]:
    """Write the next entries of a chain got from `lock` in this transaction, in the order given.

    Raises NoTransaction, StaleChain, NotCanonical for a payload without one spelling, and
    UnknownKey. One statement an entry moves the chain on, two more write them all; none reads.
    """
    _demand_transaction()
    words = [(new_salt(), canonical(act.payload)) for act in acts]
    entries = []
    with connection.cursor() as cursor:
        for act, (salt, body) in zip(acts, words, strict=True):
            entry = _next(chain, act, payload_digest(salt, body))
            _advance(cursor, chain, entry)
            entries.append(entry)
    Entry.objects.bulk_create(entries)
    payloads = zip(entries, words, strict=True)
    Payload.objects.bulk_create(
        Payload(entry=entry, salt=salt, body=body) for entry, (salt, body) in payloads
    )
    return entries


def keep(
    chain: Chain, *, act: str, actor: UUID | None, object: UUID, at: datetime, payload: dict[str, Any]
) -> Entry | None:
    """As `append`, for a row that is told as it is: None, and nothing written, where the newest entry about
    `object` in this chain, of acts of the same kind (the word before the dot), says the same."""
    kind = act.partition(".")[0] + "."
    same = {"entry__chain": chain, "entry__object": object, "entry__act__startswith": kind}
    told = Payload.objects.filter(**same).order_by("-entry__sequence")
    if told.values_list("body", flat=True).first() == canonical(payload):
        return None
    return append(chain, act=act, actor=actor, object=object, at=at, payload=payload)


def _next(chain: Chain, act: Act, payload: str) -> Entry:
    entry = Entry(
        chain=chain,
        sequence=chain.length + 1,
        at=act.at,
        act=act.act,
        actor=act.actor,
        object=act.object,
        payload_digest=payload,
        previous=chain.head,
        key_id=settings.LEDGER_KEY_ID,
    )
    entry.digest = entry_digest(entry, chain.subject)
    return entry


MOVE_ON = """
UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s AND length = %s AND head = %s
"""
"""Written out: a week is twenty of them, since the table lets a chain grow by one entry in a statement."""


def _advance(cursor: CursorWrapper, chain: Chain, entry: Entry) -> None:
    cursor.execute(MOVE_ON, [entry.sequence, entry.digest, chain.pk, chain.length, chain.head])
    if not cursor.rowcount:
        raise StaleChain(f"The chain of {chain.subject} is longer than when it was read: lock it first.")
    chain.length, chain.head = entry.sequence, entry.digest


def _demand_transaction() -> None:
    if not connection.in_atomic_block:
        raise NoTransaction("The ledger is written inside transaction.atomic() only.")


def erase(entry: Entry, *, by: UUID, at: datetime, reason: str) -> Entry:
    """Empty the words of an entry for good and record that; the chain stays verifiable.

    Raises NotErasable. Returns the entry of the erasure, which itself can never be erased.
    """
    if not reason.strip():
        raise NotErasable("Say why the words are erased.")
    with transaction.atomic():
        chain = lock([entry.chain.subject])[entry.chain.subject]
        words = Payload.objects.filter(entry=entry, erased_at=None).exclude(entry__act=ERASE)
        if not words.update(salt="", body="", erased_at=at):
            raise NotErasable("The words of this entry were erased already, or tell of an erasure.")
        told = {"sequence": entry.sequence, "reason": reason.strip()}
        return append(chain, act=ERASE, actor=by, object=entry.object, at=at, payload=told)


def erase_all(
    subject: UUID, *, by: UUID, at: datetime, reason: str, only: QuerySet[Payload] | None = None
) -> list[int]:
    """Empty the words of every entry about a subject, or of those of `only`, with one entry that names them.

    The words of erasures stay. Nothing is written where nothing is left to empty. Returns the numbers of what
    was emptied. Call in a transaction.
    """
    _demand_transaction()
    chain = lock([subject])[subject]
    rows = Payload.objects.all() if only is None else only
    words = rows.filter(entry__chain=chain, erased_at=None).exclude(entry__act=ERASE)
    found = dict(words.order_by("entry__sequence").values_list("pk", "entry__sequence"))
    if found:
        Payload.objects.filter(entry__chain=chain, pk__in=found).update(salt="", body="", erased_at=at)
        told = {"sequences": list(found.values()), "reason": reason}
        append(chain, act=ERASE, actor=by, object=None, at=at, payload=told)
    return list(found.values())


def entries_of(subject: UUID) -> QuerySet[Entry]:
    """The record about a subject, oldest entry first, with its words."""
    return Entry.objects.filter(chain__subject=subject).select_related("payload").order_by("sequence")


def head_of(subject: UUID) -> str:
    """The digest of the newest entry, short enough to print ("7f3a 91c2"); "" without entries."""
    head = Chain.objects.filter(subject=subject).values_list("head", flat=True).first() or ""
    return f"{head[:4]} {head[4:8]}".strip()
