"""Is a record whole? One apprentice's, with findings, and a print-out's, with an answer that names nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from competencies import versions
from ledger import checkpoints
from ledger.codes import Printed, read
from ledger.models import Chain, Checkpoint, Entry
from ojt_logs import record, rollup

MOST_AT_ONCE = 20_000
"""Entries of a record that somebody waits for; more than a whole apprenticeship has."""
EXPORT = "report.export"
"""The act of printing; it changes nothing that a print-out says."""


@dataclass(frozen=True)
class Found:
    """One thing that is wrong: the first bad entry of the chain, or a row that differs (entry None)."""

    entry: int | None
    damage: str
    problem: str


@dataclass(frozen=True)
class Checked:
    """What a check of one record found."""

    entries: int
    head: str
    newest_at: datetime | None
    certified: Checkpoint | None
    findings: tuple[Found, ...]

    @property
    def whole(self) -> bool:
        return not self.findings


def check(person: Apprentice) -> Checked:
    """Read this record again: chain, checkpoints here and outside, and the rows it tells of.

    Raises Conflict (`too_long`) where nobody can wait for it.
    """
    chain = Chain.objects.filter(subject=person.uid).first() or Chain(subject=person.uid)
    if chain.length > MOST_AT_ONCE:
        raise Conflict(
            f"This record has more than {MOST_AT_ONCE:,} entries. Ask for the whole record instead: it is "
            "checked while it is built.",
            code="too_long",
        )
    return _checked(person, chain)


def _checked(person: Apprentice, chain: Chain) -> Checked:
    newest = (
        Entry.objects.filter(chain__subject=person.uid).order_by("-sequence").values_list("at", flat=True)
    )
    return Checked(
        chain.length,
        chain.head,
        newest.first(),
        checkpoints.newest([person.uid]).first(),
        tuple(findings(person)),
    )


def findings(person: Apprentice) -> Iterator[Found]:
    """The first bad entry of the chain, each row that says something else than its entry, totals that are not
    those of the hours, and a schedule that is not what was published."""
    for one in checkpoints.examine([person.uid]):
        if one.is_damage:
            yield Found(one.sequence, one.damage.value, one.problem)
    for row in record.compare_one(person):
        yield Found(None, "rows differ", f"row {row.object}: {row.problem}")
    for problem in (*rollup.differences_of(person), *versions.problems_of(person.schedule)):
        yield Found(None, "rows differ", problem)


class Answer(StrEnum):
    """What the public page says of a print-out."""

    CURRENT = "current"
    GROWN = "grown"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    LONG = "long"
    """Nobody can wait for the check."""


@dataclass(frozen=True)
class Told:
    """An answer about a print-out; how many entries came since, and when the newest."""

    answer: Answer
    since: int = 0
    newest_at: datetime | None = None


def answer(code: str) -> Told:
    """Whether a print-out with this code is of the current, unaltered record."""
    printed = read(code)
    if printed is None:
        return Told(Answer.UNKNOWN)
    if Chain.objects.filter(subject=printed.subject, length__gt=MOST_AT_ONCE).exists():
        return Told(Answer.LONG)
    person = Apprentice.objects.everyone().filter(uid=printed.subject).first()
    if person is None or not _stands(printed) or next(findings(person), None):
        return Told(Answer.BROKEN)
    since = Entry.objects.filter(chain__subject=printed.subject, sequence__gt=printed.length).exclude(
        act=EXPORT
    )
    if newest := since.order_by("-sequence").first():
        return Told(Answer.GROWN, since.count(), newest.at)
    return Told(Answer.CURRENT)


def _stands(printed: Printed) -> bool:
    """Whether the record still has the entry that was its newest then."""
    there = Entry.objects.filter(chain__subject=printed.subject, sequence=printed.length)
    return there.filter(digest__startswith=printed.head).exists()
