"""What kind of damage a chain has, told from what is left of it.

Every entry seals its place, its chain and the digest before it. So an entry that was moved still tells
where it belonged, and one that was edited is told from one that was written anew by whether the next one
still seals it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from ledger.canonical import UnknownKey, entry_digest, same
from ledger.models import Chain, Checkpoint, Entry


class Damage(StrEnum):
    """The words that pages, REST and the command use."""

    EDITED = "edited"
    WORDS = "words changed"
    CUT_OFF = "cut off"
    MISSING = "missing"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    RESEALED = "sealed without the key"
    MOVED = "moved from another record"
    ROLLED_BACK = "rolled back"
    GONE = "whole chain gone"
    CHECKPOINT = "checkpoint damaged"
    KEY = "key missing"
    UNREADABLE = "unreadable"
    GIVEN_UP = "given up in a restore"
    """No damage: a sealed entry of the site says so (ledger.restores)."""


@dataclass(frozen=True)
class Finding:
    """The first bad row of a chain. `subject` is None for a row that hangs on no chain at all."""

    subject: UUID | None
    sequence: int
    problem: str
    damage: Damage

    @property
    def is_damage(self) -> bool:
        return self.damage is not Damage.GIVEN_UP

    def __str__(self) -> str:
        whose = f"chain {self.subject}" if self.subject else "no chain"
        return f"{whose}, entry {self.sequence} ({self.damage}): {self.problem}"


MOST_PLACES = 10_000
MOST_CHAINS = 1_000
"""So many are tried where nothing tells where an entry belonged."""


class Chained:
    """What stands in one chain now, to find out what happened to it. All of it is in memory."""

    def __init__(self, chain: Chain) -> None:
        self.subject = chain.subject
        entries = Entry.objects.filter(chain=chain).order_by("sequence", "id")
        self.entries = list(entries)
        self.at: dict[int, list[Entry]] = {}
        for entry in self.entries:
            self.at.setdefault(entry.sequence, []).append(entry)

    def of_unsealed(self, place: int) -> tuple[Damage, str]:
        """What happened to the first entry whose seal does not fit."""
        entry = self.at[place][-1]
        here = self._place_here(entry)
        if here is not None:
            return self._from_here(entry, here)
        if elsewhere := self._elsewhere(entry):
            return Damage.MOVED, f"it was sealed as entry {elsewhere[1]} of the record {elsewhere[0]}"
        after = next(iter(self.at.get(place + 1, [])), None)
        if after is None:
            return self._of_last(entry)
        if sealed(after, self.subject):
            return Damage.EDITED, "it was altered: its digest does not match"
        if sealed(after, self.subject, place):
            return Damage.INSERTED, "it was put between two entries that follow each other"
        return Damage.RESEALED, "from here on the entries were sealed without the key of this site"

    def of_missing(self, place: int) -> tuple[Damage, str]:
        """Where the entry went that is missing here."""
        stray = next((one for one in self.entries if sealed(one, self.subject, place)), None)
        if stray:
            return Damage.EDITED, f"it is missing, and stands under the number {stray.sequence}"
        after = next((one for one in self.entries if one.sequence > place), None)
        others = Entry.objects.exclude(chain__subject=self.subject)
        taken = others.filter(digest=after.previous if after else "?")
        for other in taken.select_related("chain"):
            return Damage.MOVED, f"it is missing, and stands in the record {other.chain.subject}"
        return Damage.MISSING, "it is missing"

    def _from_here(self, entry: Entry, belongs: int) -> tuple[Damage, str]:
        there = self.at.get(belongs, [])
        if any(one.pk != entry.pk and one.digest == entry.digest for one in self.entries):
            return Damage.INSERTED, f"it is a copy of entry {belongs}"
        if any(sealed(one, self.subject, entry.sequence) for one in there):
            return Damage.SWAPPED, f"it has changed places with entry {belongs}"
        if belongs > entry.sequence:
            return Damage.MISSING, f"it is missing, and what was entry {belongs} took its number"
        return Damage.EDITED, f"it was entry {belongs}, and was numbered anew"

    def _of_last(self, entry: Entry) -> tuple[Damage, str]:
        """Nothing follows that would tell an altered entry from one that was added."""
        certified = Checkpoint.objects.filter(subject=self.subject, length=entry.sequence)
        if certified.filter(head=entry.digest).exists():
            return Damage.EDITED, "it was altered: its digest does not match"
        if certified.exists():
            return Damage.RESEALED, "it was sealed without the key of this site"
        return Damage.INSERTED, "it was added, or altered and sealed, without the key of this site"

    def _place_here(self, entry: Entry) -> int | None:
        """The number under which this entry was sealed in this chain."""
        before = [one.sequence + 1 for one in self.entries if one.digest == entry.previous]
        last = min(len(self.entries) + 2, MOST_PLACES)
        for place in (*before, *range(1, last + 1)):
            if sealed(entry, self.subject, place):
                return place
        return None

    def _elsewhere(self, entry: Entry) -> tuple[UUID, int] | None:
        """The record and number under which this entry was sealed."""
        for subject, place in self._perhaps(entry):
            if sealed(entry, subject, place):
                return subject, place
        return None

    def _perhaps(self, entry: Entry) -> Iterator[tuple[UUID, int]]:
        before = Entry.objects.filter(digest=entry.previous).exclude(chain__subject=self.subject)
        for other in before.select_related("chain"):
            yield other.chain.subject, other.sequence + 1
        digests = [one.digest for one in self.entries[:MOST_PLACES]]
        certified = Checkpoint.objects.filter(head__in=digests).exclude(subject=self.subject)
        for subject in certified.values_list("subject", flat=True).distinct():
            yield subject, entry.sequence
        if not entry.previous:
            others = Chain.objects.exclude(subject=self.subject).values_list("subject", flat=True)
            yield from ((subject, 1) for subject in others[:MOST_CHAINS])


def sealed(entry: Entry, subject: UUID, place: int | None = None) -> bool:
    """Whether the seal of an entry fits, in this chain and at this place (its own)."""
    own = entry.sequence
    try:
        entry.sequence = place or own
        return same(entry.digest, entry_digest(entry, subject))
    except UnknownKey:
        return False
    finally:
        entry.sequence = own
