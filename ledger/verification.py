"""Read every chain again and name the first bad row of each.

Three things are compared: each entry with its own digest and the one before it, the end of each
chain with what `Chain` says, and every `Checkpoint` with the entry it certified. Somebody who
may write to the database but has no key can still cut off the newest entries together with the
chain row; only a checkpoint shows that, and only one kept outside shows it when the checkpoints
here were cut off too.

One statement reads all entries, so that appends going on meanwhile raise no false alarm, and rows
are streamed: memory does not grow with the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, Subquery

from ledger.canonical import UnknownKey, checkpoint_digest, entry_digest, payload_digest, same
from ledger.models import Chain, Checkpoint, Entry, Payload

ERASE = "ledger.erase"
ROWS_AT_ONCE = 1000
LONGEST = 2**63 - 1
"""No chain is longer than its column can say."""


@dataclass(frozen=True)
class Finding:
    """The first bad row of a chain. `subject` is None for a row that hangs on no chain at all."""

    subject: UUID | None
    sequence: int
    problem: str

    def __str__(self) -> str:
        whose = f"chain {self.subject}" if self.subject else "no chain"
        return f"{whose}, entry {self.sequence}: {self.problem}"


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


def compare(lines: Iterable[str]) -> Iterator[Finding]:
    """Compare the ledger with checkpoint lines that were kept outside the database."""
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, ROWS_AT_ONCE)):
        kept = [(number, parse(line)) for number, line in batch if line.strip() and not line.startswith("#")]
        yield from (
            Finding(None, 0, f"line {number} of the checkpoint file is not a checkpoint")
            for number, checkpoint in kept
            if checkpoint is None
        )
        yield from _compare([checkpoint for _, checkpoint in kept if checkpoint])


def line(checkpoint: Checkpoint) -> str:
    """A checkpoint as one line of text: subject, length, head, moment, key id, HMAC."""
    parts = (checkpoint.subject, checkpoint.length, checkpoint.head, checkpoint.at.isoformat())
    return " ".join(map(str, (*parts, checkpoint.key_id, checkpoint.hmac)))


def parse(text: str) -> Checkpoint | None:
    """The checkpoint of a line, unsaved; None when the line is none."""
    try:
        subject, length, head, at, key_id, hmac = text.split()
        moment = datetime.fromisoformat(at)
        if int(length) > LONGEST:
            return None
        return Checkpoint(
            subject=UUID(subject), length=int(length), head=head, at=moment, key_id=key_id, hmac=hmac
        )
    except ValueError:
        return None


@dataclass
class _Walk:
    """One chain, read from its first entry to its last."""

    chain: Chain
    count: int = 0
    last: str = ""
    first_bad: Finding | None = None
    emptied: dict[int, datetime] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        problem = self._own_problem(entry)
        if problem is None and entry.act == ERASE:
            self._settle(entry)
        if self.first_bad is None:
            self._take(entry, self._place_problem(entry) or problem)

    def finish(self) -> Finding | None:
        """The lowest bad row: a bad entry, an emptied payload nobody erased, or a wrong end."""
        found = [self.first_bad] if self.first_bad else [*self._wrong_end()]
        if self.emptied:
            emptied = min(self.emptied)
            found.append(self._finding(emptied, "its payload was emptied without an act of erasure"))
        return min(found, key=lambda finding: finding.sequence, default=None)

    def _take(self, entry: Entry, problem: tuple[int, str] | None) -> None:
        if problem:
            self.first_bad = self._finding(*problem)
            return
        self.count, self.last = entry.sequence, entry.digest
        if entry.payload.erased_at is not None:
            self.emptied[entry.sequence] = entry.payload.erased_at

    def _settle(self, erasure: Entry) -> None:
        erased = int((erasure.payload.content or {}).get("sequence", 0))
        if self.emptied.get(erased) == erasure.at:
            del self.emptied[erased]

    def _place_problem(self, entry: Entry) -> tuple[int, str] | None:
        expected = self.count + 1
        if entry.sequence > expected:
            return expected, "it is missing"
        if entry.sequence < expected:
            return entry.sequence, "two entries claim this place, or it is numbered wrongly"
        if not same(entry.previous, self.last):
            return expected, "it does not follow the entry before it"
        return None

    def _own_problem(self, entry: Entry) -> tuple[int, str] | None:
        try:
            right = entry_digest(entry, self.chain.subject)
        except UnknownKey as error:
            return entry.sequence, str(error)
        if not same(entry.digest, right):
            return entry.sequence, "it was altered: its digest does not match"
        payload = getattr(entry, "payload", None)
        if payload is None:
            return entry.sequence, "its payload row is missing"
        return _payload_problem(entry, payload)

    def _wrong_end(self) -> Iterator[Finding]:
        length, head = self.chain.length, self.chain.head
        if self.count < length:
            yield self._finding(self.count + 1, f"it is missing: the chain counts {length} entries")
        elif self.count > length:
            yield self._finding(length + 1, f"the chain counts only {length} entries")
        elif not same(head, self.last):
            yield self._finding(self.count, "the head of the chain is not the digest of its newest entry")

    def _finding(self, sequence: int, problem: str) -> Finding:
        return Finding(self.chain.subject, sequence, problem)


def _payload_problem(entry: Entry, payload: Payload) -> tuple[int, str] | None:
    if payload.erased_at is not None and not payload.body and not payload.salt:
        return (entry.sequence, "an act of erasure was emptied") if entry.act == ERASE else None
    if payload.erased_at is not None:
        return entry.sequence, "its payload says that it was erased, but was not"
    if not same(payload_digest(payload.salt, payload.body), entry.payload_digest):
        return entry.sequence, "its payload was altered"
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
    return Finding(subject, sequence, f"a row cannot be read, and nothing after it was: {error}")


def _emptied_chains(subjects: list[UUID] | None) -> Iterator[Finding]:
    chains = Chain.objects.filter(_about(subjects)).exclude(length=0, head="")
    empty = chains.filter(~Exists(Entry.objects.filter(chain=OuterRef("pk"))))
    for chain in empty.iterator(ROWS_AT_ONCE):
        yield Finding(chain.subject, 1, f"it is missing: the chain counts {chain.length} entries")


def _about(subjects: list[UUID] | None, *, via: str = "subject") -> Q:
    return Q() if subjects is None else Q(**{f"{via}__in": subjects})


def _broken_checkpoints(subjects: list[UUID] | None) -> Iterator[Finding]:
    there = Entry.objects.filter(chain__subject=OuterRef("subject"), sequence=OuterRef("length"))
    chain = Chain.objects.filter(subject=OuterRef("subject"))
    checkpoints = Checkpoint.objects.filter(_about(subjects)).annotate(
        there=Subquery(there.values("digest")[:1]), reached=Subquery(chain.values("length"))
    )
    for checkpoint in checkpoints.order_by("subject", "length", "id").iterator(ROWS_AT_ONCE):
        yield from _checkpoint_problem(checkpoint, checkpoint.there, checkpoint.reached or 0)


def _compare(kept: list[Checkpoint]) -> Iterator[Finding]:
    subjects = {checkpoint.subject for checkpoint in kept}
    reached = dict(Chain.objects.filter(subject__in=subjects).values_list("subject", "length"))
    digests = {
        (subject, sequence): digest
        for subject, sequence, digest in Entry.objects.filter(
            chain__subject__in=subjects, sequence__in={checkpoint.length for checkpoint in kept}
        ).values_list("chain__subject", "sequence", "digest")
    }
    for checkpoint in kept:
        there = digests.get((checkpoint.subject, checkpoint.length))
        yield from _checkpoint_problem(checkpoint, there, reached.get(checkpoint.subject, 0))


def _checkpoint_problem(checkpoint: Checkpoint, there: str | None, reached: int) -> Iterator[Finding]:
    subject, length, when = checkpoint.subject, checkpoint.length, f"the checkpoint of {checkpoint.at}"
    try:
        signed = same(checkpoint.hmac, checkpoint_digest(checkpoint))
    except UnknownKey as error:
        yield Finding(subject, length, f"{when}: {error}")
        return
    if not signed:
        yield Finding(subject, length, f"{when} was altered or forged")
    elif there is None:
        yield Finding(subject, min(reached + 1, length), f"it is missing: {when} counted {length} entries")
    elif not same(there, checkpoint.head):
        yield Finding(subject, length, f"it is not the entry that was there at {when}")


def _loose_rows() -> Iterator[Finding]:
    """Rows that point at a row which is gone; only possible with foreign keys switched off."""
    chains = Chain.objects.filter(pk=OuterRef("chain_id"))
    for entry in Entry.objects.filter(~Exists(chains)).order_by("id").iterator(ROWS_AT_ONCE):
        yield Finding(None, entry.sequence, f"its chain (row {entry.chain_id}) is gone")
    entries = Entry.objects.filter(pk=OuterRef("entry_id"))
    for payload in Payload.objects.filter(~Exists(entries)).order_by("entry_id").iterator(ROWS_AT_ONCE):
        yield Finding(None, 0, f"a payload belongs to an entry (row {payload.entry_id}) that is gone")
