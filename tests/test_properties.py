"""Whatever two apprentices and their reviewers do, in whatever order: the numbers are those of the entries.

A machine plays at random and foretells each act from a few lines of its own: whether it is refused, and
what the totals are after it. The product must agree step by step.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from accounts.refusals import NotAllowed
from apprenticeship.models import Apprentice, Mentorship
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.models import HoursEntry, HoursTotal, InvalidTransition, Line
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

FROM = {
    "submit": {"draft", "returned"},
    "recall": {"submitted"},
    "approve": {"submitted"},
    "return": {"submitted"},
    "undo": {"approved"},
}
TO = {
    "submit": "submitted",
    "recall": "draft",
    "approve": "approved",
    "return": "returned",
    "undo": "submitted",
}
PENDING = {"draft", "submitted", "returned"}
PLACES = st.sampled_from(["2g", "2b", "3a", "other", "class"])
PEOPLE = st.sampled_from(["ana", "ben"])
ACTORS = st.sampled_from(["ana", "ben", "marcus", "lena", "priya"])
DAYS = st.sampled_from([TODAY, TODAY - timedelta(days=1)])
MINUTES = st.sampled_from([60, 120, 240, 480, 700, 960, 0, 1441])
SECONDS = st.sampled_from([1, 20, 61])
PICKS = st.integers(0, 30)


@dataclass(eq=False)
class Told:
    """One entry as the machine remembers it."""

    row: int
    person: str
    place: str
    day: date
    minutes: int
    state: str = "draft"
    corrects: "Told | None" = None
    reviewer: str = ""
    reviewed: datetime = NOW

    @property
    def fills_its_day(self) -> bool:
        return self.state != "superseded" and not (self.corrects and self.state in PENDING)


def reference(entries: list[Told]) -> dict[tuple[str, str], tuple[int, int]]:
    """Waiting and approved minutes by person and place, added up in the plainest way."""
    waiting: dict[tuple[str, str], int] = defaultdict(int)
    approved: dict[tuple[str, str], int] = defaultdict(int)
    for one in entries:
        place = one.place if one.place in ("other", "class") else one.place[0]
        if one.state == "submitted":
            waiting[one.person, place] += one.minutes
        if one.state == "approved":
            approved[one.person, place] += one.minutes
    return {key: (waiting[key], approved[key]) for key in waiting.keys() | approved.keys()}


class Months(RuleBasedStateMachine):
    """Random acts on one record, undone when the play is over."""

    cast: Cast
    places: dict[Any, str]

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Told] = []
        self.now = NOW
        self.suspended: set[str] = set()
        self.left: set[str] = set()
        self.play = transaction.atomic()
        self.play.__enter__()

    # What is known

    def user(self, name: str) -> User:
        return {"ana": self.cast.ana_user, "ben": self.cast.ben_user}.get(name) or getattr(self.cast, name)

    def line(self, place: str, day: date, minutes: int) -> Line:
        if place == "class":
            return self.cast.ri(minutes=minutes, day=day)
        return (
            Line("ojt", day, minutes) if place == "other" else self.cast.ojt(place, minutes=minutes, day=day)
        )

    def reviews(self, one: Told) -> set[str]:
        if one.place == "class":
            return {"priya"}
        mentors = {"marcus"} if one.person == "ana" else {"marcus", "lena"}
        if one.person not in self.left:
            return mentors
        return {"marcus", "lena"} if one.day < TODAY else {"lena"}

    def fits(self, person: str, day: date, minutes: int, *without: Told | None) -> bool:
        if person in self.suspended and day == TODAY:
            return False
        others = [
            one.minutes
            for one in self.entries
            if one.person == person and one.day == day and one.fills_its_day and one not in without
        ]
        return 0 < minutes <= 1440 and sum(others) + minutes <= 1440

    def corrected(self, one: Told) -> bool:
        return any(other.corrects is one for other in self.entries)

    def foretell(self, one: Told, name: str, by: str) -> type[Exception] | None:
        """The refusal that this move must meet, if any."""
        if by not in ({one.person} if name in ("submit", "recall") else self.reviews(one)):
            return NotAllowed
        if one.state not in FROM[name]:
            return InvalidTransition
        if name == "undo":
            late = self.now - one.reviewed > timedelta(minutes=1)
            fixed = one.corrects or self.corrected(one)
            return InvalidTransition if fixed or late or one.reviewer != by else None
        weighed = name == "submit" or (name == "approve" and one.corrects)
        if weighed and not self.fits(one.person, one.day, one.minutes, one, one.corrects):
            return ValidationError
        gone = name == "approve" and one.corrects and one.corrects.state != "approved"
        return InvalidTransition if gone else None

    def attempt(self, act: Callable[[], Any], refusal: type[Exception] | None) -> Any:
        """Do it; it must be refused exactly when that was foretold."""
        if refusal is None:
            return act()
        with pytest.raises(refusal):
            act()
        return None

    def row(self, one: Told) -> HoursEntry:
        return HoursEntry.objects.get(pk=one.row)

    # What happens

    @initialize()
    def begin(self) -> None:
        """A play begins with hours that are approved and hours that wait, of both."""
        for person in ("ana", "ben"):
            self.log_and_have_approved(person, "2g", 480)
            self.log(person, "3a", 240)
            self.move(self.entries[-1], "submit", person)

    @rule(person=PEOPLE, place=PLACES, minutes=MINUTES)
    def log(self, person: str, place: str, minutes: int, day: date = TODAY) -> None:
        """Always on one day, so that it fills up; corrections move hours to another."""
        apprentice = Apprentice.objects.select_related("user").get(pk=getattr(self.cast, person).pk)
        line = self.line(place, day, minutes)
        refusal = None if self.fits(person, day, minutes) else ValidationError
        rows = self.attempt(
            lambda: HoursEntry.objects.log(apprentice, by=apprentice.user, now=self.now, lines=[line]),
            refusal,
        )
        if rows:
            self.entries.append(Told(rows[0].pk, person, place, day, minutes))

    @rule(person=PEOPLE, place=PLACES, minutes=MINUTES)
    def log_and_have_approved(self, person: str, place: str, minutes: int) -> None:
        """The usual way, in one step, so that a play has approved hours to correct."""
        before = len(self.entries)
        self.log(person, place, minutes)
        for one in self.entries[before:]:
            self.move(one, "submit", person)
            self.move(one, "approve", sorted(self.reviews(one))[0])

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS, minutes=MINUTES)
    def change(self, pick: int, minutes: int) -> None:
        one = self.entries[pick % len(self.entries)]
        refusal = None if self.fits(one.person, one.day, minutes, one, one.corrects) else ValidationError
        if one.state not in FROM["submit"]:
            refusal = InvalidTransition
        user = self.user(one.person)
        self.attempt(lambda: self.row(one).change(by=user, now=self.now, minutes=minutes), refusal)
        one.minutes = one.minutes if refusal else minutes

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS)
    def remove(self, pick: int) -> None:
        one = self.entries[pick % len(self.entries)]
        refusal = None if one.state == "draft" and not one.reviewer else InvalidTransition
        self.attempt(lambda: self.row(one).remove(by=self.user(one.person)), refusal)
        if refusal is None:
            self.entries.remove(one)

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS, name=st.sampled_from(sorted(FROM)), by=ACTORS)
    def move_of_anybody(self, pick: int, name: str, by: str) -> None:
        self.move(self.entries[pick % len(self.entries)], name, by)

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS, name=st.sampled_from(sorted(FROM)))
    def move_of_who_may(self, pick: int, name: str) -> None:
        ready = [one for one in self.entries if one.state in FROM[name]] or self.entries
        one = ready[pick % len(ready)]
        may = [one.person] if name in ("submit", "recall") else sorted(self.reviews(one))
        self.move(one, name, may[pick % len(may)])

    def move(self, one: Told, name: str, by: str) -> None:
        refusal, row = self.foretell(one, name, by), self.row(one)
        why = "Was this 2b?" if name == "return" else ""
        self.attempt(lambda: row.move(name, by=self.user(by), now=self.now, reason=why), refusal)
        if refusal:
            return
        one.state = TO[name]
        if name in ("approve", "return"):
            one.reviewer, one.reviewed = by, self.now
        if name == "approve" and one.corrects:
            one.corrects.state = "superseded"

    @precondition(lambda self: any(one.state == "approved" for one in self.entries))
    @rule(pick=PICKS, place=PLACES, day=DAYS, minutes=MINUTES)
    def correct(self, pick: int, place: str, day: date, minutes: int) -> None:
        ready = [one for one in self.entries if one.state == "approved"]
        old, line = ready[pick % len(ready)], self.line(place, day, minutes)
        refusal = None if self.fits(old.person, day, minutes, old) else ValidationError
        if self.corrected(old):
            refusal = InvalidTransition
        user, row = self.user(old.person), self.row(old)
        new = self.attempt(
            lambda: row.correct(by=user, now=self.now, reason="It was another.", line=line), refusal
        )
        if new:
            self.entries.append(Told(new.pk, old.person, place, day, minutes, corrects=old))

    @precondition(lambda self: len(self.left) < 2)
    @rule(person=PEOPLE)
    def marcus_hands_over_to_lena(self, person: str) -> None:
        """His last day was yesterday: what waits is hers, and he keeps what was done in his days."""
        if person in self.left:
            return
        apprentice: Apprentice = getattr(self.cast, person)
        nora, marcus = self.cast.nora, apprentice.mentorships.get(mentor=self.cast.marcus)
        marcus.end(on=TODAY - timedelta(days=1), by=nora, now=self.now)
        if person == "ana":
            Mentorship.objects.assign(apprentice, self.cast.lena, starts_on=TODAY, by=nora, now=self.now)
        self.left.add(person)

    @rule(person=PEOPLE)
    def suspend_or_reinstate(self, person: str) -> None:
        """From today on: no hours of today come onto the record meanwhile."""
        to = "active" if person in self.suspended else "suspended"
        apprentice = Apprentice.objects.get(pk=getattr(self.cast, person).pk)
        apprentice.change_status(to, effective_on=TODAY, reason="Work.", by=self.cast.nora, now=self.now)
        self.suspended ^= {person}

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    # What must hold

    @invariant()
    def totals_are_those_of_the_entries(self) -> None:
        people = {self.cast.ana.pk: "ana", self.cast.ben.pk: "ben"}
        kept = {
            (people[total.apprentice_id], self.places[total.lineage]): (total.waiting, total.approved)
            for total in HoursTotal.objects.all()
            if total.waiting or total.approved
        }
        assert kept == reference(self.entries)
        assert rollup.differences() == []
        states = dict(HoursEntry.objects.values_list("pk", "status"))
        assert states == {one.row: one.state for one in self.entries}

    def teardown(self) -> None:
        try:
            assert list(chain.verify()) == []
            assert list(record.compare()) == []
        finally:
            transaction.set_rollback(True)
            self.play.__exit__(None, None, None)


@pytest.fixture
def months(cast: Cast) -> Iterator[type[Months]]:
    names = {cast.function(number).lineage: str(number) for number in (2, 3)}
    places = {**names, cast.klass.course.lineage: "class", HoursEntry().lineage: "other"}
    with time_machine.travel(NOW, tick=False):
        yield type("Months", (Months,), {"cast": cast, "places": places})


def test_whatever_people_do_the_numbers_are_those_of_the_entries(months: type[Months]) -> None:
    bounds = settings(
        max_examples=40, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
    )
    run_state_machine_as_test(months, settings=bounds)
