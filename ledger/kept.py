"""Checkpoints as lines of text that were kept outside the database, compared with the ledger."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from ledger import given_up
from ledger.canonical import UnknownKey, moment
from ledger.damage import Damage, Finding
from ledger.models import Chain, Checkpoint, Entry
from ledger.signatures import sign, valid
from ledger.verification import checkpoint_problem

ROWS_AT_ONCE = 1000
LONGEST = 2**63 - 1
"""No chain is longer than its column can say."""
ALL = "all"
NONE = "-"


@dataclass(frozen=True)
class Line:
    """One checkpoint as text: subject, length, head, moment, key, seal; then root, key and signature, for
    which the key is not needed. Lines of earlier versions end with the seal."""

    checkpoint: Checkpoint
    key_id: str = ""
    signature: str = ""

    @classmethod
    def of(cls, row: Checkpoint) -> "Line":
        """Signed with the key of today."""
        return cls(row, *sign(said(row))) if row.root else cls(row)

    def __str__(self) -> str:
        row = self.checkpoint
        sealed = (row.subject, row.length, row.head, moment(row.at), row.key_id, row.hmac)
        return " ".join(map(str, (*sealed, row.root or NONE, self.key_id or NONE, self.signature or NONE)))

    @classmethod
    def read(cls, text: str) -> "Line | None":
        """None when it is no checkpoint."""
        words = [*text.split(), *[NONE] * 3][: max(9, len(text.split()))]
        try:
            subject, length, head, at, key_id, hmac, *more = words
            root, signed_with, signature = ("" if word == NONE else word for word in more)
            if int(length) > LONGEST:
                return None
            row = Checkpoint(subject=UUID(subject), length=int(length), head=head, root=root)
            row.at, row.key_id, row.hmac = datetime.fromisoformat(at), key_id, hmac
        except ValueError:
            return None
        return cls(row, signed_with, signature)


def said(row: Checkpoint) -> dict[str, Any]:
    """What the site signs of a checkpoint, in the words of ledger.canonical."""
    told = {"subject": row.subject, "length": row.length, "head": row.head, "root": row.root, "at": row.at}
    return told | {"of": "checkpoint"}


@dataclass(frozen=True)
class Total:
    """The line over all lines of a file: how many, over how many entries, and one digest, signed."""

    site: str
    at: datetime
    chains: int
    entries: int
    digest: str
    key_id: str = ""
    signature: str = ""

    @classmethod
    def none(cls, *, site: str, at: datetime) -> "Total":
        return cls(site, at, 0, 0, "")

    def with_line(self, line: Line) -> "Total":
        """The digest of the lines so far, and of this one after them."""
        row = line.checkpoint
        told = f"{self.digest} {row.subject} {row.length} {row.head} {row.root or NONE}"
        digest = hashlib.sha256(told.encode()).hexdigest()
        return replace(self, chains=self.chains + 1, entries=self.entries + row.length, digest=digest)

    def signed(self) -> "Total":
        key_id, signature = sign(self._said())
        return replace(self, key_id=key_id, signature=signature)

    def _said(self) -> dict[str, Any]:
        told = {"site": self.site, "at": self.at, "chains": self.chains, "entries": self.entries}
        return told | {"of": "all", "digest": self.digest}

    def __str__(self) -> str:
        told = (ALL, self.site, moment(self.at), self.chains, self.entries, self.digest or NONE)
        return " ".join(map(str, (*told, self.key_id, self.signature)))

    @classmethod
    def read(cls, text: str) -> "Total | None":
        try:
            _, site, at, chains, entries, digest, key_id, signature = text.split()
            told = (int(chains), int(entries), "" if digest == NONE else digest)
            return cls(site, datetime.fromisoformat(at), *told, key_id, signature)
        except ValueError:
            return None

    def problem(self, counted: "Total") -> str:
        """What is wrong with the file that begins so and has these lines, "" for nothing."""
        try:
            if not valid(self._said(), key_id=self.key_id, signature=self.signature):
                return "the line over all was altered or forged"
        except (UnknownKey, ValueError) as error:
            return str(error)
        if self.chains != counted.chains:
            return f"the file was cut: it tells of {self.chains} chains and has {counted.chains} lines"
        return "" if self.digest == counted.digest else "a line of the file was altered"


def compare(lines: Iterable[str], *, known: set[str] | None = None) -> Iterator[Finding]:
    """Compare the ledger with checkpoint lines that were kept outside the database.

    Lines in `known` were compared already and are passed over; those of this file are added.
    """
    known = set() if known is None else known
    total: Total | None = None
    counted: Total | None = None
    numbered, restored = enumerate(lines, start=1), given_up.restores()
    while batch := list(islice(numbered, ROWS_AT_ONCE)):
        kept = []
        for number, text in ((number, text.strip()) for number, text in batch):
            if not text or text.startswith("#"):
                continue
            if text.startswith(f"{ALL} ") and (total := Total.read(text)):
                counted = Total.none(site=total.site, at=total.at)
            elif line := Line.read(text):
                kept.append(line)
            else:
                told = f"line {number} of the checkpoint file is not a checkpoint"
                yield Finding(None, 0, told, Damage.CHECKPOINT)
        for line in kept:
            counted = counted and counted.with_line(line)
        yield from _compare([line.checkpoint for line in kept if str(line) not in known], restored)
        known.update(map(str, kept))
    if total and counted and (problem := total.problem(counted)):
        yield Finding(None, 0, f"checkpoints of {total.at}: {problem}", Damage.CHECKPOINT)


def _compare(kept: list[Checkpoint], restored: list[given_up.Restore]) -> Iterator[Finding]:
    subjects = {checkpoint.subject for checkpoint in kept}
    lengths = {checkpoint.length for checkpoint in kept}
    reached = dict(Chain.objects.filter(subject__in=subjects).values_list("subject", "length"))
    entries = Entry.objects.filter(chain__subject__in=subjects, sequence__in=lengths)
    columns = ("chain__subject", "sequence", "digest")
    digests = {(subject, sequence): digest for subject, sequence, digest in entries.values_list(*columns)}
    signed = Checkpoint.objects.filter(subject__in=subjects, length__in=lengths)
    there = set(signed.values_list("subject", "hmac"))
    for one in kept:
        found = checkpoint_problem(one, digests.get((one.subject, one.length)), reached.get(one.subject, 0))
        if found is None and (one.subject, one.hmac) not in there:
            told = f"the checkpoint of {one.at} is gone from the database"
            found = Finding(one.subject, one.length, told, Damage.CHECKPOINT)
        if found:
            yield given_up.unless(found, one, restored)
