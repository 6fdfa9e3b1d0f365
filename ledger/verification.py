"""Read every chain again and name the first bad row of each.

Three things are compared: each entry with its own digest and the one before it, the end of each
chain with what `Chain` says, and every `Checkpoint` with the entry it certified, and all of them with
what was counted (ledger.whole). Somebody who may write to the database but has no key can still put the
whole of it back to an earlier state; only a checkpoint kept outside shows that (ledger.kept).

One statement reads all entries, so that appends going on meanwhile raise no false alarm, and rows
are streamed: memory does not grow with the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, Subquery

from ledger import whole
from ledger.canonical import UnknownKey, are_words_of, checkpoint_digest, entry_digest, same
from ledger.damage import Chained, Damage, Finding
from ledger.models import Chain, Checkpoint, Entry, Payload

ERASE = "ledger.erase"
ROWS_AT_ONCE = 1000
Problem = tuple[int, str, Damage]
"""Where, in which words, and of what kind."""


def verify(subjects: Iterable[UUID] | None = None) -> Iterator[Finding]:
    """At most one finding a chain, the lowest bad sequence; nothing when the ledger is whole."""
    wanted = None if subjects is None else list(subjects)
    bad: set[UUID | None] = set()
    for finding in _all_findings(wanted):
        if finding.subject is None or finding.subject not in bad:
            bad.add(finding.subject)
            yield finding


def _all_findings(subjects: list[UUID] | None) -> Iterator[Finding]:
    yield from _walk_chains(subjects)
    yield from _emptied_chains(subjects)
    yield from _broken_checkpoints(subjects)
    if subjects is None:
        yield from _loose_rows()
        yield from whole.missed()


@dataclass
class _Walk:
    """One chain, read from its first entry to its last."""

    chain: Chain
    count: int = 0
    last: str = ""
    first_bad: Finding | None = None
    unsealed: int = 0
    emptied: dict[int, datetime] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        problem = self._own_problem(entry)
        if problem is None and entry.act == ERASE:
            self._settle(entry)
        if self.first_bad is None:
            self._take(entry, self._gap(entry) or problem or self._place_problem(entry))

    def finish(self) -> Finding | None:
        """The lowest bad row: a bad entry, an emptied payload nobody erased, or a wrong end."""
        found = [self.first_bad] if self.first_bad else [*self._wrong_end()]
        if self.emptied:
            emptied = min(self.emptied)
            told = "its payload was emptied without an act of erasure"
            found.append(self._finding(emptied, told, Damage.WORDS))
        worst = min(found, key=lambda finding: finding.sequence, default=None)
        return self._diagnosed(worst) if worst else None

    def _diagnosed(self, finding: Finding) -> Finding:
        """The same with what happened there, where more of the chain has to be read to know that."""
        if finding.damage is Damage.MISSING:
            damage, problem = Chained(self.chain).of_missing(finding.sequence)
        elif finding.damage is Damage.EDITED and self.unsealed == finding.sequence:
            damage, problem = Chained(self.chain).of_unsealed(finding.sequence)
        else:
            return finding
        return replace(finding, damage=damage, problem=problem)

    def _take(self, entry: Entry, problem: Problem | None) -> None:
        if problem:
            self.first_bad = self._finding(*problem)
            return
        self.count, self.last = entry.sequence, entry.digest
        if entry.payload.erased_at is not None:
            self.emptied[entry.sequence] = entry.payload.erased_at

    def _settle(self, erasure: Entry) -> None:
        told = erasure.payload.content or {}
        for erased in map(int, told.get("sequences", [told.get("sequence", 0)])):
            if self.emptied.get(erased) == erasure.at:
                del self.emptied[erased]

    def _gap(self, entry: Entry) -> Problem | None:
        missing = self.count + 1
        return (missing, "it is missing", Damage.MISSING) if entry.sequence > missing else None

    def _place_problem(self, entry: Entry) -> Problem | None:
        expected = self.count + 1
        if entry.sequence < expected:
            told = "two entries claim this place, or it is numbered wrongly"
            return entry.sequence, told, Damage.INSERTED
        if not same(entry.previous, self.last):
            told = "it does not follow the entry before it: two histories of this record were mixed"
            return expected, told, Damage.ROLLED_BACK
        return None

    def _own_problem(self, entry: Entry) -> Problem | None:
        try:
            right = entry_digest(entry, self.chain.subject)
        except UnknownKey as error:
            return entry.sequence, str(error), Damage.KEY
        if not same(entry.digest, right):
            self.unsealed = self.unsealed or entry.sequence
            return entry.sequence, "it was altered: its digest does not match", Damage.EDITED
        payload = getattr(entry, "payload", None)
        if payload is None:
            return entry.sequence, "its payload row is missing", Damage.WORDS
        return _payload_problem(entry, payload)

    def _wrong_end(self) -> Iterator[Finding]:
        length, head = self.chain.length, self.chain.head
        if self.count < length:
            told = f"it is missing, and all after it: the chain counts {length} entries"
            yield self._finding(self.count + 1, told, Damage.CUT_OFF)
        elif self.count > length:
            yield self._finding(length + 1, f"the chain counts only {length} entries", Damage.EDITED)
        elif not same(head, self.last):
            told = "the head of the chain is not the digest of its newest entry"
            yield self._finding(self.count, told, Damage.EDITED)

    def _finding(self, sequence: int, problem: str, damage: Damage) -> Finding:
        return Finding(self.chain.subject, sequence, problem, damage)


def _payload_problem(entry: Entry, payload: Payload) -> Problem | None:
    if payload.erased_at is not None and not payload.body and not payload.salt:
        told = "an act of erasure was emptied"
        return (entry.sequence, told, Damage.WORDS) if entry.act == ERASE else None
    if payload.erased_at is not None:
        return entry.sequence, "its payload says that it was erased, but was not", Damage.WORDS
    if not are_words_of(entry.payload_digest, salt=payload.salt, body=payload.body):
        return entry.sequence, "its payload was altered", Damage.WORDS
    return None


def _walk_chains(subjects: list[UUID] | None) -> Iterator[Finding]:
    about = Entry.objects.filter(_about(subjects, via="chain__subject"))
    entries = about.select_related("chain", "payload").order_by("chain_id", "sequence", "id")
    walk: _Walk | None = None
    try:
        for _, rows in groupby(entries.iterator(ROWS_AT_ONCE), key=lambda entry: entry.chain_id):
            walk = None
            for entry in rows:
                walk = walk or _Walk(entry.chain)
                walk.read(entry)
            if walk and (finding := walk.finish()):
                yield finding
    except (DatabaseError, TypeError, ValueError, OverflowError) as error:
        yield _unreadable(walk, error)


def _unreadable(walk: _Walk | None, error: Exception) -> Finding:
    """SQLite keeps anything in any column: a row that is no entry at all ends the reading."""
    subject, sequence = (walk.chain.subject, walk.count + 1) if walk else (None, 0)
    told = f"a row cannot be read, and nothing after it was: {error}"
    return Finding(subject, sequence, told, Damage.UNREADABLE)


def _emptied_chains(subjects: list[UUID] | None) -> Iterator[Finding]:
    chains = Chain.objects.filter(_about(subjects)).exclude(length=0, head="")
    empty = chains.filter(~Exists(Entry.objects.filter(chain=OuterRef("pk"))))
    for chain in empty.iterator(ROWS_AT_ONCE):
        told = f"it is missing, and all others: the chain counts {chain.length} entries"
        yield Finding(chain.subject, 1, told, Damage.GONE)


def _about(subjects: list[UUID] | None, *, via: str = "subject") -> Q:
    return Q() if subjects is None else Q(**{f"{via}__in": subjects})


def _broken_checkpoints(subjects: list[UUID] | None) -> Iterator[Finding]:
    there = Entry.objects.filter(chain__subject=OuterRef("subject"), sequence=OuterRef("length"))
    chain = Chain.objects.filter(subject=OuterRef("subject"))
    checkpoints = Checkpoint.objects.filter(_about(subjects)).annotate(
        there=Subquery(there.values("digest")[:1]), reached=Subquery(chain.values("length"))
    )
    for checkpoint in checkpoints.order_by("subject", "length", "id").iterator(ROWS_AT_ONCE):
        if found := checkpoint_problem(checkpoint, checkpoint.there, checkpoint.reached or 0):
            yield found


def checkpoint_problem(checkpoint: Checkpoint, there: str | None, reached: int) -> Finding | None:
    """What a checkpoint says against the ledger: `there` is the digest of the entry that it certified, None
    when there is none, `reached` how long the chain is now."""
    subject, length, when = checkpoint.subject, checkpoint.length, f"the checkpoint of {checkpoint.at}"
    try:
        signed = same(checkpoint.hmac, checkpoint_digest(checkpoint))
    except UnknownKey as error:
        return Finding(subject, length, f"{when}: {error}", Damage.KEY)
    if not signed:
        return Finding(subject, length, f"{when} was altered or forged", Damage.CHECKPOINT)
    if there is None:
        told = f"it is missing: {when} counted {length} entries"
        damage = Damage.ROLLED_BACK if reached else Damage.GONE
        return Finding(subject, min(reached + 1, length), told, damage)
    if not same(there, checkpoint.head):
        told = f"it is not the entry that was there at {when}"
        return Finding(subject, length, told, Damage.ROLLED_BACK)
    return None


def _loose_rows() -> Iterator[Finding]:
    """Rows that point at a row which is gone; only possible with foreign keys switched off."""
    chains = Chain.objects.filter(pk=OuterRef("chain_id"))
    for entry in Entry.objects.filter(~Exists(chains)).order_by("id").iterator(ROWS_AT_ONCE):
        yield Finding(None, entry.sequence, f"its chain (row {entry.chain_id}) is gone", Damage.GONE)
    entries = Entry.objects.filter(pk=OuterRef("entry_id"))
    for payload in Payload.objects.filter(~Exists(entries)).order_by("entry_id").iterator(ROWS_AT_ONCE):
        told = f"a payload belongs to an entry (row {payload.entry_id}) that is gone"
        yield Finding(None, 0, told, Damage.MISSING)
