"""One apprentice's record: do the rows still say what the ledger says?

`manage.py verify_ledger` prints what `compare()` finds. The chains themselves are checked by
ledger.verification; here every row of hours, sign-offs, course results, status and assignments is held
against the entries that tell of it, and the totals against a recount.

The site goes on meanwhile. Entries and rows are two statements, and an act between them looks like a
difference; so whoever seems to differ is read again under the lock of their User row, which every act on a
record takes first, and only what remains is told.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from apprenticeship.models import Apprentice, Mentorship, ProbationDecision, StatusChange
from apprenticeship.models.status import FINAL
from ledger.models import Entry
from ojt_logs import rollup
from ojt_logs.models import CourseResult, HoursEntry, SignOff, State

PEOPLE_AT_ONCE = 100
ROWS_AT_ONCE = 1000
EDITABLE = {State.DRAFT, State.RETURNED}
"""In these states the apprentice may change an entry, so only its state is compared."""


@dataclass(frozen=True)
class Difference:
    """A row and its ledger entry that disagree, or one of them without the other."""

    registration: UUID
    object: UUID
    problem: str

    def __str__(self) -> str:
        return f"record of registration {self.registration}, row {self.object}: {self.problem}"


@dataclass(frozen=True)
class Word:
    """The newest act about a row: what, by whom, when, and in which words, None where they were erased."""

    act: str
    actor: UUID | None
    at: datetime
    words: dict[str, Any] | None


Told = dict[UUID, Word]
"""By object."""


def compare() -> Iterator[Difference | str]:
    """Every difference between rows and ledger, apprentice by apprentice, and between totals and entries.

    One apprentice's record is in memory at a time, however long the ledger is.
    """
    for people in Apprentice.objects.everyone().by_id(PEOPLE_AT_ONCE):
        for person in people:
            if any(_compare_one(person)):
                yield from _under_lock(person)
    yield from rollup.differences()


def _under_lock(person: Apprentice) -> list[Difference]:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.user_id)
        return list(_compare_one(person))


def _told(subject: UUID) -> Told:
    found: Told = {}
    rows = Entry.objects.filter(chain__subject=subject, object__isnull=False).order_by("sequence")
    columns = ("object", "act", "actor", "at", "payload__body")
    for thing, act, actor, at, body in rows.values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE):
        if act.startswith(("hours.", "sign_off.", "course.", "apprentice.")):
            found[thing] = Word(act, actor, at, json.loads(body) if body else None)
    return found


def _compare_one(person: Apprentice) -> Iterator[Difference]:
    told = _told(person.uid)
    hours = HoursEntry.objects.everyone().filter(apprentice=person)
    named = hours.select_related("job_function", "competency", "course", "corrects", "reviewed_by")
    for entry in named.iterator(chunk_size=ROWS_AT_ONCE):
        problem = _hours_problem(entry, told.pop(entry.uid, None))
        if problem:
            yield Difference(person.uid, entry.uid, problem)
    signed = SignOff.objects.everyone().filter(apprentice=person)
    related = ("competency", "performance_standard", "rating", "attestation", "withdraws", "signer")
    graded = CourseResult.objects.everyone().filter(apprentice=person)
    acts: list[SignOff | CourseResult] = [
        *signed.select_related(*related),
        *graded.select_related("course", "withdraws", "signer"),
    ]
    changes = StatusChange.objects.filter(apprentice=person).select_related("apprentice", "by").order_by("pk")
    yield from _status_differences(person, list(changes))
    decided = ProbationDecision.objects.filter(apprentice=person).select_related("apprentice", "by")
    for row in [*acts, *changes, *decided]:
        problem = _act_problem(row, told.pop(row.uid, None))
        if problem:
            yield Difference(person.uid, row.uid, problem)
    yield from _assignment_differences(person, told)
    yield from _lost(person, told)


def _assignment_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """Who may review and sign, and when, is as the newest entry about each assignment says."""
    rows = Mentorship.objects.filter(apprentice=person).select_related("mentor", "stands_in_for")
    for row in rows:
        row.apprentice = person
        word = told.pop(row.uid, None)
        if word is None:
            yield Difference(person.uid, row.uid, "the ledger knows nothing of this assignment")
        elif word.words and (problem := _facts_problem(row.facts(), word.words)):
            yield Difference(person.uid, row.uid, problem)


def _status_differences(person: Apprentice, changes: list[StatusChange]) -> Iterator[Difference]:
    """A registration shows the status of its newest change, and begins with its first."""
    if not changes:
        return
    first, newest = changes[0], changes[-1]
    ended = newest.effective_on if newest.status in FINAL else None
    shown = Apprentice.objects.everyone().values_list("status", "ended_on", "started_on").get(pk=person.pk)
    if shown != (newest.status, ended, first.effective_on):
        told = f"{newest.status} since {newest.effective_on}, started on {first.effective_on}"
        yield Difference(person.uid, person.uid, f"it shows another status or other dates than {told}")


def _hours_problem(entry: HoursEntry, told: Word | None) -> str:
    if told is None:
        return (
            "" if entry.status == State.DRAFT else f"it is {entry.status}, and the ledger knows nothing of it"
        )
    if told.words is None:
        return ""
    if entry.status != told.words["to"]:
        return f"it is {entry.status}, and the ledger's newest word ({told.act}) is {told.words['to']}"
    if told.act == "hours.approve" and not _same_hand(told, entry.reviewed_by, entry.reviewed_at):
        return "the ledger says that somebody else approved it, or at another moment"
    if entry.status in EDITABLE:
        return ""
    return _facts_problem(entry.facts(), told.words)


def _same_hand(told: Word, person: User | None, at: datetime | None) -> bool:
    return told.actor == (person.uid if person else None) and told.at == at


def _act_problem(row: SignOff | CourseResult | StatusChange | ProbationDecision, told: Word | None) -> str:
    if told is None:
        return "the ledger knows nothing of it"
    person, at = (row.signer, row.signed_at) if isinstance(row, SignOff | CourseResult) else (row.by, row.at)
    if not _same_hand(told, person, at):
        return "the ledger says that somebody else did it, or at another moment"
    return _facts_problem(row.facts(), told.words) if told.words else ""


def _facts_problem(facts: dict[str, Any], words: dict[str, Any]) -> str:
    changed = [name for name, value in facts.items() if words.get(name) != value]
    return f"the ledger says otherwise about {', '.join(changed)}" if changed else ""


def _lost(person: Apprentice, told: Told) -> Iterable[Difference]:
    """What the ledger tells of and the tables have not; a draft that was taken back may be deleted."""
    for thing, word in told.items():
        if word.words is None or word.words.get("to") != State.DRAFT:
            yield Difference(person.uid, thing, f"the ledger tells of it ({word.act}), and the row is gone")
