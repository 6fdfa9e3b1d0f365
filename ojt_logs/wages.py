"""Which wage step an apprentice has earned, from when it is paid, and what the next one waits for.

A step is earned on the day of the work, class of days or observation that met its last condition, whenever
somebody got to approving it. All approved hours count, never capped ones, and so does credit. Days are
calendar days, durations minutes. Pay is for the apprentice and the office: begin with
`Apprentice.objects.registration_visible_to`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Literal

from django.urls import reverse

from accounts.dates import add_months
from accounts.models import Membership, User
from accounts.models.people import Role, authority_day
from accounts.numbers import listed
from apprenticeship.models import Apprentice, Program, WageStep
from apprenticeship.models.programs import RaisesFrom
from apprenticeship.models.status import FINAL, Status
from ojt_logs.models import Notice, WageDecision
from ojt_logs.models.notices import About
from ojt_logs.models.wage_decisions import Verdict
from ojt_logs.progress import Progress, progress
from ojt_logs.slices import SLICE_SECONDS
from ojt_logs.wage_conditions import Condition, Reached, reached_of


@dataclass(frozen=True)
class Step:
    """A step of the wage schedule as it stands for one apprentice."""

    step: WageStep
    conditions: tuple[Condition, ...]
    earned_on: date | None
    effective_on: date | None
    decision: WageDecision | None
    given: bool
    """Paid from the first day: the entry wage, or what credit reached."""

    @property
    def number(self) -> int:
        return self.step.number

    @property
    def state(self) -> Literal["given", "confirmed", "declined", "proposed", "ahead"]:
        if self.given:
            return "given"
        if self.decision:
            return "confirmed" if self.decision.verdict == Verdict.CONFIRMED else "declined"
        return "proposed" if self.earned_on else "ahead"

    @property
    def back_pay_from(self) -> date | None:
        """The day from which pay is owed, where the step was confirmed after it took effect."""
        row = self.decision
        if row is None or row.effective_on is None:
            return None
        return row.effective_on if row.effective_on < authority_day(row.at) else None


@dataclass(frozen=True)
class Wages:
    """All steps of one apprentice at one moment. Build it with `wages_of()`."""

    progress: Progress
    steps: tuple[Step, ...]

    @property
    def apprentice(self) -> Apprentice:
        return self.progress.apprentice

    @property
    def current(self) -> Step | None:
        """The highest step that is paid."""
        paid = [one for one in self.steps if one.state in ("given", "confirmed")]
        return paid[-1] if paid else None

    @property
    def proposed(self) -> list[Step]:
        """Earned, and not decided yet."""
        return [one for one in self.steps if one.state == "proposed"]

    @property
    def next(self) -> Step | None:
        """The first step that is not earned yet."""
        return next((one for one in self.steps if one.state == "ahead"), None)

    @property
    def waits_for(self) -> list[Condition]:
        """What the next raise waits for, others first: they hold up what is done already."""
        unmet = [one for one in self.next.conditions if one.met_on is None] if self.next else []
        return sorted(unmet, key=lambda one: ("others", "apprentice", "calendar").index(one.waits_for))

    @property
    def line(self) -> str:
        """What the next raise waits for and for whom, in one sentence to the apprentice; "" for nothing:
        “Your next raise waits for Marcus (8 h submitted) and for you (2 competencies to be signed).”"""
        if self.apprentice.status in FINAL:
            return ""
        if self.proposed:
            return f"You have earned wage step {self.proposed[0].number}: it waits for your coordinator."
        missing: dict[str, list[str]] = defaultdict(list)
        for one in self.waits_for:
            missing[one.whom].append(one.brief)
        told = [f"for {whom} ({', '.join(brief)})" for whom, brief in missing.items()]
        return f"Your next raise waits {listed(told)}." if told else ""

    def step(self, number: int) -> Step | None:
        return next((one for one in self.steps if one.number == number), None)


def wages_of(people: Iterable[Apprentice], *, now: datetime) -> dict[int, Wages]:
    """By apprentice id, in a constant number of queries."""
    found = progress(people)
    ids = list(found)
    decided: dict[int, dict[int, WageDecision]] = defaultdict(dict)
    for row in WageDecision.objects.filter(apprentice__in=ids).order_by("pk").select_related("by"):
        decided[row.apprentice_id][row.step] = row
    steps: dict[int, list[WageStep]] = defaultdict(list)
    for step in WageStep.objects.filter(program__apprentices__in=ids).distinct().order_by("number"):
        steps[step.program_id].append(step)
    reached = reached_of(found, now=now)
    return {
        pk: Wages(one, _steps(reached[pk], steps[one.apprentice.program_id], decided[pk]))
        for pk, one in found.items()
    }


def _steps(reached: Reached, steps: Sequence[WageStep], decided: dict[int, WageDecision]) -> tuple[Step, ...]:
    person = reached.person
    credited = [row.wage_step for row in person.credits.all() if row.stands and row.wage_step]
    entry = max([1, *credited])
    found, before, all_earned = [], person.started_on, True
    for step in steps:
        conditions = reached.conditions(step)
        days = [one.met_on for one in conditions if one.met_on]
        given = step.number <= entry
        row = decided.get(step.number)
        row = None if row is None or row.verdict == Verdict.UNDONE else row
        earned = max([before, *days]) if all_earned and len(days) == len(conditions) else None
        if given:
            earned = person.started_on
        effective = effective_from(person.program, earned) if earned else None
        if row and row.verdict == Verdict.CONFIRMED:  # what is paid is undone by a person, not by a figure
            earned, effective = row.earned_on, row.effective_on
        found.append(Step(step, conditions, earned, effective, row, given))
        before, all_earned = earned or before, all_earned and earned is not None
    return tuple(found)


def effective_from(program: Program, earned_on: date) -> date:
    """From when a step earned on a day is paid: at once, with the next pay period or the next month. A day
    that begins one is its own."""
    if program.raises_from == RaisesFrom.MONTH:
        return earned_on if earned_on.day == 1 else add_months(earned_on.replace(day=1), 1)
    if program.raises_from == RaisesFrom.PAY_PERIOD and program.pay_period_starts_on:
        over = (earned_on - program.pay_period_starts_on).days % program.pay_period_days
        return earned_on if not over else earned_on + timedelta(days=program.pay_period_days - over)
    return earned_on


def decide(
    apprentice: Apprentice, number: int, verdict: str, *, by: User, now: datetime, reason: str = ""
) -> WageDecision:
    """Confirm, decline or undo a step as it stands at this moment; see WageDecisionQuerySet.decide."""
    step = wages_of([apprentice], now=now)[apprentice.pk].step(number)
    return WageDecision.objects.decide(
        apprentice,
        number,
        verdict,
        earned_on=step.earned_on if step and not step.given else None,
        effective_on=step.effective_on if step else None,
        by=by,
        now=now,
        reason=reason,
    )


def tell_earned(*, now: datetime, after: int = 0, seconds: float = SLICE_SECONDS) -> int:
    """Tell who is active and has earned a step, and their coordinators, each of a step once. Nobody else:
    pay is no mentor's.

    Goes on behind the program with the key `after`, for so long; the key that it reached, 0 at the end.
    """
    begun = monotonic()
    paid = Program.objects.everyone().filter(wage_steps__isnull=False, pk__gt=after).order_by("pk")
    for program in paid.distinct():
        people = Apprentice.objects.everyone().filter(program=program, status=Status.ACTIVE)
        due = [row for row in wages_of(people, now=now).values() if row.proposed]
        held = (
            Membership.objects.active(on=authority_day(now))
            .whole()
            .filter(sponsor=program.sponsor_id, role=Role.COORDINATOR)
        )
        office = User.objects.filter(pk__in=held.values("user"))
        for row in due:
            _tell(row, office, now=now)
        if monotonic() - begun > seconds:
            return program.pk
    return 0


def _tell(row: Wages, office: Iterable[User], *, now: datetime) -> None:
    person = row.apprentice.user
    for step in row.proposed:
        said: dict[str, Any] = {
            "path": reverse("wages", args=[row.apprentice.uid]),
            "key": f"{row.apprentice.pk} step {step.number}",
            "apprentice": row.apprentice,
            "now": now,
        }
        words = "You have earned a wage step. Your coordinator confirms it."
        Notice.objects.tell(About.RAISE, [person], words=words, **said)
        words = f"{person.name} has earned a wage step, which waits for your decision."
        others = [one for one in office if one.pk != person.pk]
        Notice.objects.tell(About.RAISE, others, words=words, **said)
