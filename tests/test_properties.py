"""Whatever two apprentices and their reviewers do, in whatever order: the numbers are those of the entries.

A machine plays at random and foretells each act from a few lines of its own: whether it is refused, and
what the totals are after it. The product must agree step by step.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import uuid4

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
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Credit, Mentorship
from apprenticeship.models.credits import CreditLine
from apprenticeship.models.credits import credited as credited_by_product
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.attendance import Attended, record_attendance
from ojt_logs.behalf import Work, log_for
from ojt_logs.imports.bringing import RowsRefused, bring, plan_for
from ojt_logs.imports.history import HistoryFile, bring_history
from ojt_logs.imports.uploads import read
from ojt_logs.models import Authentication, HoursBatch, HoursEntry, HoursTotal, InvalidTransition, Line
from ojt_logs.models.moves import MOVES
from tests.cast import NOW, TODAY, Cast
from tests.foretelling import FROM, NOBODYS, OWN, Credited, Foretelling, Told, credited, reference

pytestmark = pytest.mark.django_db

PLACES = st.sampled_from(["2g", "2b", "3a", "other", "class"])
PEOPLE = st.sampled_from(["ana", "ben"])
ACTORS = st.sampled_from(["ana", "ben", "marcus", "lena", "priya"])
LOGGERS = st.sampled_from(["nora", "marcus", "lena", "priya"])
DAYS = st.sampled_from([TODAY, TODAY - timedelta(days=1)])
MINUTES = st.sampled_from([60, 120, 240, 480, 700, 960, 0, 1441])
SECONDS = st.sampled_from([1, 20, 61])
PICKS = st.integers(0, 30)
MONTH_END = date(2026, 10, 31)

DONE_AND_REFUSED = {
    *FROM,
    "log",
    "change",
    "remove",
    "correct",
    "log for",
    "attend",
    "import",
    "take out",
    "paper",
    "credit",
    "take back",
}
"""Acts of which each must have been tried; otherwise a run has proved nothing of them."""


def at_most(times: int, act: str) -> Callable[[Any], Any]:
    """A rule of an act that takes long: so often a play is it tried."""
    return precondition(lambda self: self.tried[act] < times)


class Months(Foretelling, RuleBasedStateMachine):
    """Random acts on one record, undone when the play is over."""

    cast: Cast
    places: dict[Any, str]
    happened: ClassVar[Counter[tuple[str, bool]]]

    def __init__(self) -> None:
        super().__init__()
        self.tried: Counter[str] = Counter()
        self.play = transaction.atomic()
        self.play.__enter__()

    # What is known

    def user(self, name: str) -> User:
        return {"ana": self.cast.ana_user, "ben": self.cast.ben_user}.get(name) or getattr(self.cast, name)

    def registration(self, person: str) -> Apprentice:
        """As it is now, with the suspensions of this play."""
        return Apprentice.objects.select_related("user").get(pk=getattr(self.cast, person).pk)

    def line(self, place: str, day: date, minutes: int) -> Line:
        if place == "class":
            return self.cast.ri(minutes=minutes, day=day)
        return (
            Line("ojt", day, minutes) if place == "other" else self.cast.ojt(place, minutes=minutes, day=day)
        )

    def attempt(self, act: str, do: Callable[[], Any], refusal: type[Exception] | None) -> Any:
        """Do it; it must be refused exactly when that was foretold."""
        self.happened[act, refusal is None] += 1
        self.tried[act] += 1
        if refusal is None:
            return do()
        with pytest.raises(refusal):
            do()
        return None

    def picked(self, pick: int, fits: Callable[[Told], bool]) -> Told:
        """Two times in three one that fits, where there is one."""
        ready = [one for one in self.entries if fits(one)]
        pool = ready if ready and pick % 3 else self.entries
        return pool[pick % len(pool)]

    def row(self, one: Told) -> HoursEntry:
        return HoursEntry.objects.get(pk=one.row)

    # What happens

    @initialize()
    def begin(self) -> None:
        """A play begins with hours that are approved, wait and are drafts, and a credit, of both."""
        for person in ("ana", "ben"):
            self.log_and_have_approved(person, "2g", 480)
            self.log(person, "3a", 240)
            self.move(self.entries[-1], "submit", person)
            self.log(person, "other", 60)
            self.credit(person, "2g", 600, "nora")

    @rule(person=PEOPLE, place=PLACES, minutes=MINUTES)
    def log(self, person: str, place: str, minutes: int, day: date = TODAY) -> None:
        """Always on one day, so that it fills up; corrections move hours to another."""
        apprentice, line = self.registration(person), self.line(place, day, minutes)
        refusal = None if self.fits(person, day, minutes) else ValidationError
        rows = self.attempt(
            "log",
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
            self.move(one, "approve", min(self.reviews(one.person, one.place, one.day)))

    @rule(person=PEOPLE, place=PLACES, minutes=MINUTES, day=DAYS, by=LOGGERS)
    def log_for_another(self, person: str, place: str, minutes: int, day: date, by: str) -> None:
        line, refusal = self.line(place, day, minutes), None
        if by not in ({"nora", "priya"} | self.mentors(person)):
            refusal = NotAllowed
        elif not self.fits(person, day, minutes):
            refusal = Refusal
        elif by not in ({"nora"} | self.reviews(person, place, day)):
            refusal = NotAllowed
        who, work = self.registration(person), Work(line, uuid4())
        rows = self.attempt("log for", lambda: log_for([who], work, by=self.user(by), now=self.now), refusal)
        if rows:
            told = Told(rows[0].pk, person, place, day, minutes, "submitted", by_others=True)
            self.entries.append(told)

    @at_most(2, "attend")
    @rule(minutes=MINUTES, by=st.sampled_from(["priya", "priya", "marcus"]))
    def attend(self, minutes: int, by: str) -> None:
        """Both were in class: recorded for both at once, or for none."""
        fits = all(self.fits(person, TODAY, minutes) for person in ("ana", "ben"))
        refusal = (None if fits else Refusal) if by == "priya" else NotAllowed
        rows = [Attended(self.registration(person), minutes) for person in ("ana", "ben")]
        told = {"day": TODAY, "by": self.user(by), "now": self.now, "key": uuid4()}
        written = self.attempt("attend", lambda: record_attendance(self.cast.klass, rows, **told), refusal)
        for row, person in zip(written or [], ("ana", "ben"), strict=False):
            said = {"reviewer": by, "reviewed": self.now, "by_others": True}
            self.entries.append(Told(row.pk, person, "class", TODAY, minutes, "approved", **said))

    @at_most(2, "import")
    @rule(minutes=MINUTES, day=DAYS)
    def import_of_both(self, minutes: int, day: date) -> None:
        """A file with a row of each: both come in, or neither."""
        rows = [f"{who}@example.org,{day},{minutes},2b,{uuid4()}" for who in ("ana", "ben")]
        text = "\n".join(["E-mail,Date,Minutes,Competency,Notes", *rows])
        file = read(text.encode(), name="payroll.csv", kind="hours")
        by = {"sponsor": self.cast.lakeside, "by": self.cast.nora, "now": self.now}
        plan = plan_for(file, sponsor=self.cast.lakeside)
        fits = all(self.fits(person, day, minutes) for person in ("ana", "ben"))
        found = self.attempt("import", lambda: bring(file, plan, **by), None if fits else RowsRefused)
        if found:
            came = list(found.batch.entries.order_by("batch_row"))
            told = [
                Told(row.pk, person, "2b", day, minutes, "submitted", by_others=True)
                for row, person in zip(came, ("ana", "ben"), strict=True)
            ]
            self.entries += told
            self.files.append((found.batch.pk, told))

    @precondition(lambda self: self.files)
    @rule(pick=PICKS)
    def take_file_out(self, pick: int) -> None:
        number, told = self.files[pick % len(self.files)]
        stays = any(one.touched or one not in self.entries for one in told)
        batch = HoursBatch.objects.get(pk=number)
        self.attempt(
            "take out", lambda: batch.undo(by=self.cast.nora, now=self.now), Conflict if stays else None
        )
        if not stays:
            self.entries = [one for one in self.entries if one not in told]

    @at_most(1, "paper")
    @rule(person=PEOPLE, minutes=MINUTES)
    def from_paper(self, person: str, minutes: int) -> None:
        """The total of a month, attested by the coordinator: it counts, and fills no day."""
        cells = {"email": f"{person}@example.org", "month": "2026-10", "minutes": str(minutes)}
        file = HistoryFile("h.xlsx", uuid4().hex, {"hours": [(2, cells | {"note": uuid4().hex})]})
        fits = self.fits(person, MONTH_END, minutes, month=True)
        told = {"authentication": Authentication("password", self.now), "papers_at": "The cabinet"}
        by = {"sponsor": self.cast.lakeside, "by": self.cast.nora, "now": self.now}
        batch = self.attempt("paper", lambda: bring_history(file, **by, **told), None if fits else Refusal)
        if batch:
            said = {"reviewer": "nora", "reviewed": self.now, "by_others": True, "month": True}
            row = batch.entries.get().pk
            self.entries.append(Told(row, person, "other", MONTH_END, minutes, "approved", **said))

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS, minutes=MINUTES)
    def change(self, pick: int, minutes: int) -> None:
        one = self.picked(pick, lambda one: one.state in FROM["submit"])
        fits = self.fits(one.person, one.day, minutes, one, one.corrects, month=one.month)
        refusal = None if fits else ValidationError
        if one.state not in FROM["submit"]:
            refusal = InvalidTransition
        user = self.user(one.person)
        self.attempt("change", lambda: self.row(one).change(by=user, now=self.now, minutes=minutes), refusal)
        if refusal is None:
            one.by_others &= one.minutes == minutes
            one.minutes = minutes

    @precondition(lambda self: self.entries)
    @rule(pick=PICKS)
    def remove(self, pick: int) -> None:
        one = self.picked(pick, lambda one: one.state == "draft" and not one.reviewer)
        refusal = None if one.state == "draft" and not one.reviewer else InvalidTransition
        self.attempt("remove", lambda: self.row(one).remove(by=self.user(one.person)), refusal)
        if refusal is None:
            self.entries.remove(one)

    @precondition(lambda self: self.entries)
    @rule(tries=st.lists(st.tuples(PICKS, st.sampled_from(sorted(MOVES)), ACTORS), min_size=1, max_size=3))
    def moves_of_anybody(self, tries: list[tuple[int, str, str]]) -> None:
        """Any move of the product's table, also those that only other acts make."""
        for pick, name, by in tries:
            self.move(self.entries[pick % len(self.entries)], name, by)

    @precondition(lambda self: self.entries)
    @rule(tries=st.lists(st.tuples(PICKS, st.sampled_from(sorted(FROM))), min_size=1, max_size=4))
    def moves_of_who_may(self, tries: list[tuple[int, str]]) -> None:
        for pick, name in tries:
            self.move_of_who_may(pick, name)

    def move_of_who_may(self, pick: int, name: str) -> None:
        others = name in ("dispute", "settle")
        one = self.picked(pick, lambda one: one.state in FROM[name] and one.by_others >= others)
        may = [one.person] if name in OWN else sorted(self.reviews(one.person, one.place, one.day))
        self.move(one, name, may[pick % len(may)])

    def move(self, one: Told, name: str, by: str) -> None:
        refusal, row = self.foretell(one, name, by), self.row(one)
        why = "Was this 2b?" if name in ("return", "dispute") else ""
        self.attempt(name, lambda: row.move(name, by=self.user(by), now=self.now, reason=why), refusal)
        if not refusal:
            one.become(name, by, self.now)

    @precondition(lambda self: any(one.state == "approved" for one in self.entries))
    @rule(pick=PICKS, place=PLACES, day=DAYS, minutes=MINUTES)
    def correct(self, pick: int, place: str, day: date, minutes: int) -> None:
        ready = [one for one in self.entries if one.state == "approved"]
        old, line = ready[pick % len(ready)], self.line(place, day, minutes)
        fits = self.fits(old.person, day, minutes, old, month=old.month)
        refusal = None if fits else ValidationError
        if self.corrected(old):
            refusal = InvalidTransition
        user, row = self.user(old.person), self.row(old)
        new = self.attempt(
            "correct",
            lambda: row.correct(by=user, now=self.now, reason="It was another.", line=line),
            refusal,
        )
        if new:
            told = Told(new.pk, old.person, place, day, minutes, corrects=old, month=old.month)
            self.entries.append(told)

    @at_most(5, "credit")
    @rule(person=PEOPLE, place=PLACES, minutes=MINUTES, by=st.sampled_from(["nora", "nora", "marcus"]))
    def credit(self, person: str, place: str, minutes: int, by: str) -> None:
        """Hours of before: they stand beside the totals and never in them."""
        about = self.line(place, TODAY, minutes)
        lines = [CreditLine(minutes, job_function=about.job_function, course=about.course)]
        seen = {"evidence": "Transcript", "decided_on": TODAY, "wage_step": None}
        who, grant = self.registration(person), Credit.objects.grant
        refusal = NotAllowed if by != "nora" else None if minutes else Refusal
        rows = self.attempt(
            "credit", lambda: grant(who, lines, **seen, by=self.user(by), now=self.now), refusal
        )
        if rows:
            key = place if place in ("other", "class") else place[0]
            self.credits.append(Credited(rows[0].pk, person, key, minutes))

    @precondition(lambda self: self.credits)
    @rule(pick=PICKS, by=st.sampled_from(["nora", "nora", "lena"]))
    def take_credit_back(self, pick: int, by: str) -> None:
        one = self.credits[pick % len(self.credits)]
        refusal = Conflict if not one.stands else NotAllowed if by != "nora" else None
        row = Credit.objects.get(pk=one.row)
        self.attempt(
            "take back", lambda: row.withdraw(by=self.user(by), now=self.now, reason="Twice."), refusal
        )
        one.stands = one.stands and refusal is not None

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
        self.happened["hand over", True] += 1

    @rule(person=PEOPLE)
    def suspend_or_reinstate(self, person: str) -> None:
        """From today on: no hours of today come onto the record meanwhile."""
        to = "active" if person in self.suspended else "suspended"
        nora, apprentice = self.cast.nora, self.registration(person)
        apprentice.change_status(to, effective_on=TODAY, reason="Work.", by=nora, now=self.now)
        self.suspended ^= {person}
        self.happened[to, True] += 1

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

    @invariant()
    def no_entry_is_lost_or_elsewhere(self) -> None:
        states = dict(HoursEntry.objects.values_list("pk", "status"))
        assert states == {one.row: one.state for one in self.entries}

    def teardown(self) -> None:
        try:
            self.check_credits()
            assert list(chain.verify()) == []
            assert list(record.compare()) == []
        finally:
            transaction.set_rollback(True)
            self.play.__exit__(None, None, None)

    def check_credits(self) -> None:
        found = {}
        for person in ("ana", "ben"):
            stands = credited_by_product(self.registration(person).credits.all(), as_of=TODAY)
            work = {self.places[key] if key else "other": minutes for key, minutes in stands.work.items()}
            courses = {self.places[key]: minutes for key, minutes in stands.courses.items()}
            found |= {(person, place): minutes for place, minutes in (work | courses).items()}
        assert found == credited(self.credits)


@pytest.fixture
def months(cast: Cast) -> Iterator[type[Months]]:
    names = {cast.function(number).lineage: str(number) for number in (2, 3)}
    places = {**names, cast.klass.course.lineage: "class", HoursEntry().lineage: "other"}
    told = {"cast": cast, "places": places, "happened": Counter()}
    with time_machine.travel(NOW, tick=False):
        yield type("Months", (Months,), told)


def test_whatever_people_do_the_numbers_are_those_of_the_entries(months: type[Months]) -> None:
    bounds = settings(
        max_examples=28, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
    )
    run_state_machine_as_test(months, settings=bounds)
    tried = {act for act, _ in months.happened}
    assert {*DONE_AND_REFUSED, "hand over", "suspended", "active"} - tried == set()


def test_each_act_is_done_and_refused_and_the_numbers_are_those_of_the_entries(months: type[Months]) -> None:
    """What chance may leave out of a run, once each, in the same machine."""
    play = months()
    try:
        play.begin()
        for act in walk(play):
            act()
            play.totals_are_those_of_the_entries()
            play.no_entry_is_lost_or_elsewhere()
    finally:
        play.teardown()
    both = {(act, done) for act in DONE_AND_REFUSED for done in (True, False)}
    assert both - months.happened.keys() == set()


def walk(play: Months) -> Iterator[Callable[[], None]]:
    """Everything that is in DONE_AND_REFUSED, both ways."""
    done, waits = play.entries[0], play.entries[1]
    for minutes in (0, 120):
        yield lambda minutes=minutes: play.change(1, minutes)
    yield lambda: play.log("ana", "2g", 0)
    yield lambda: play.remove(3)
    yield lambda: play.remove(1)
    for by in ("lena", "marcus"):
        yield lambda by=by: play.log_for_another("ana", "2b", 60, TODAY, by)
    told = play.entries[-1]
    for name in ("settle", "dispute", "approve", "settle", "return", "submit", "recall", "submit"):
        for by in ("ben", "ana" if name in OWN else "marcus"):
            yield lambda name=name, by=by: play.move(told, name, by)
    yield lambda: play.move(waits, "dispute", "ana")
    yield lambda: play.move(waits, "recall", "ana")
    for name in ("undo", "undo", *sorted(NOBODYS)):
        yield lambda name=name: play.move(done, name, "marcus")
    for minutes in (60, 0):
        yield lambda minutes=minutes: play.attend(minutes, "priya")
        yield lambda minutes=minutes: play.import_of_both(minutes, TODAY)
        yield lambda minutes=minutes: play.from_paper("ana", minutes)
        yield lambda minutes=minutes: play.credit("ana", "class", minutes, "nora")
    for _ in range(2):
        yield lambda: play.take_file_out(0)
        yield lambda: play.correct(0, "2b", TODAY, 60)
        yield lambda: play.take_credit_back(0, "nora")
