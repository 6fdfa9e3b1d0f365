"""What the ledger says of the rows of one record, and how a row is held against it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.models import User
from apprenticeship.models import ProbationDecision, StatusChange
from ledger.models import Entry
from ledger.tombstones import digest
from ojt_logs.models import (
    AttestationAnswer,
    Comment,
    CourseResult,
    PeriodicReview,
    ReviewAnswer,
    SignOff,
    SignOffComment,
    State,
    WageDecision,
)
from ojt_logs.models.comments import ACT as SAID

__all__ = ["ACTS", "ASKED", "SAID", "Difference", "Told", "Word", "by_id", "facts_problem", "row_problem"]
__all__ += ["same_hand", "take", "told_of"]

M = TypeVar("M", bound=Model)

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Difference:
    """A row and its ledger entry that disagree, or one of them without the other."""

    subject: UUID
    object: UUID
    problem: str
    kind: str = "registration"

    def __str__(self) -> str:
        return f"record of {self.kind} {self.subject}, row {self.object}: {self.problem}"


@dataclass(frozen=True)
class Word:
    """The newest act about a row: what, by whom, when, and in which words, None where they were erased."""

    act: str
    actor: UUID | None
    at: datetime
    words: dict[str, Any] | None
    slipped: bool = False
    """Whether an earlier act told other hours, and nobody could have changed them in between."""


SETTLED = ("kind", "date", "minutes", "lineage")
"""What hours are, once they are submitted."""
Told = dict[UUID, Word]
"""By object."""


def by_id(rows: QuerySet[M], size: int) -> Iterator[Sequence[M]]:
    """These rows in the order of their ids, `size` at a time.

    No cursor is open between two lists, so that each may be followed by transactions of its own.
    """
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield found
        last = found[-1].pk


def told_of(subject: UUID, acts: tuple[str, ...]) -> Told:
    """The newest word about each row in this chain, of the acts that begin so."""
    found: Told = {}
    rows = Entry.objects.filter(chain__subject=subject, object__isnull=False).order_by("sequence")
    columns = ("object", "act", "actor", "at", "payload__body")
    for thing, act, actor, at, body in rows.values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE):
        if act.startswith(acts):
            words = _words(body) if body else None
            before = found.get(thing)
            found[thing] = Word(act, actor, at, words, slipped=_slipped(before, words) if before else False)
    return found


def _slipped(before: Word, words: dict[str, Any] | None) -> bool:
    """Hours are the apprentice's to change as a draft and when returned. Otherwise they are the same from one
    act to the next, or somebody reached for the row beside the product."""
    if before.words is None or words is None or before.words.get("to") in (State.DRAFT, State.RETURNED):
        return False
    return before.slipped or any(before.words.get(name) != words.get(name) for name in SETTLED)


ASKED = ("attestation.ask", "attestation.use", "attestation.revoke")
ACTS: dict[type[Model], tuple[str, ...]] = {
    SignOff: ("sign_off.sign", "sign_off.withdraw"),
    CourseResult: ("course.",),
    PeriodicReview: ("periodic_review.sign",),
    StatusChange: ("apprentice.register", "apprentice.status"),
    ProbationDecision: ("apprentice.probation",),
    WageDecision: ("apprentice.wage_step",),
    Comment: (SAID,),
    SignOffComment: ("sign_off_comment.",),
    AttestationAnswer: ("attestation.accept", "attestation.decline"),
    ReviewAnswer: ("periodic_review.answer",),
}
"""Which acts tell of such a row."""


def take(told: Told, thing: UUID, *acts: str) -> Word | None:
    """The newest word about this row, which is then spoken for. A word of another act is of another row: it
    stays, and says nothing about this one."""
    word = told.get(thing)
    return told.pop(thing) if word and word.act.startswith(acts) else None


def _words(body: str) -> dict[str, Any]:
    """What an entry says; one of the time when reasons were told in full says their hash as well."""
    said: dict[str, Any] = json.loads(body)
    if "reason" in said:
        said["reason_sha256"] = digest(said["reason"])
    return said


def same_hand(told: Word, person: User | None, at: datetime | None) -> bool:
    """Whether the entry names this person and this moment."""
    return told.actor == (person.uid if person else None) and told.at == at


def facts_problem(facts: dict[str, Any], words: dict[str, Any]) -> str:
    """Which facts the words contradict, "" for none."""
    changed = [name for name, value in facts.items() if words.get(name) != value]
    return f"the ledger says otherwise about {', '.join(changed)}" if changed else ""


def row_problem(told: Word | None, facts: dict[str, Any], what: str) -> str:
    """What is wrong with a row that the ledger tells as it is, "" for nothing.

    A fact that the entry does not name is younger than the entry: a later version of the product added it.
    """
    if told is None:
        return f"the ledger knows nothing {what}"
    words = told.words or {}
    return facts_problem({name: value for name, value in facts.items() if name in words}, words)
