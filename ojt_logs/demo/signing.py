"""The sign-offs of the demo, spread evenly over an apprenticeship, and the change of a status."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from accounts.models import User
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ojt_logs.dates import monday_of
from ojt_logs.demo.stage import Stage
from ojt_logs.demo.work import Act
from ojt_logs.models import Authentication, Method, Rating, SignOff

AT_ONCE = 3
FIRST_DAYS = 12
FRIDAY = 4
METHODS = [Method.REVIEWED] * 6 + [Method.OBSERVED] * 3 + [Method.QUESTIONING]


@dataclass(frozen=True)
class Sitting:
    """Some standards of one competency, by position, that a mentor signs together."""

    code: str
    first: int
    count: int
    values: tuple[int, ...] = ()


def acts_of_signing(stage: Stage, one: dict[str, Any]) -> Iterator[Act]:
    """Everything that is signed of this apprentice, and a suspension when there is one."""
    signing = Signing(stage, one)
    yield from signing.plan()
    for tried in one.get("tried", ()):
        values = (tried["rating"],) * tried["standards"]
        sitting = Sitting(tried["code"], 0, tried["standards"], values)
        yield stage.at(signing.friday(tried["weeks_ago"]), "15:10"), partial(signing.sign, sitting)
    for taken in one.get("withdrawn", ()):
        moment = stage.at(signing.friday(taken["weeks_ago"]), "14:20")
        yield moment, partial(signing.sign, Sitting(taken["code"], 0, 1))
        yield moment + timedelta(days=3), partial(signing.withdraw, taken)
    if "suspended" in one:
        yield stage.at(stage.monday(one["suspended"]["weeks_ago"]), "08:30"), signing.suspend
    if paused := one.get("paused"):
        change = partial(signing.change, "suspended", paused["reason"])
        yield stage.at(stage.monday(paused["weeks_ago"]), "07:30"), change
        back = partial(signing.change, "active", paused["back"])
        yield stage.at(stage.monday(paused["until_weeks_ago"]), "08:45"), back


class Signing:
    """Acts of signing for one apprentice, each called with the moment it happens."""

    def __init__(self, stage: Stage, one: dict[str, Any]) -> None:
        self.stage = stage
        self.one = one
        self.apprentice = stage.registration(one)
        self.mentor: User = stage.people[one["mentors"][0]["name"]]
        name = one.get("key", one["name"])
        self.chance = random.Random(f"{stage.plan['seed']} signs {name}")  # noqa: S311  no secret
        scale = self.apprentice.program.scale
        self.levels: dict[int, RatingLevel] = (
            {level.value: level for level in scale.levels.all() if level.value is not None} if scale else {}
        )

    def plan(self) -> Iterator[Act]:
        """The sittings of `signed`, each on the day by which that many standards are due.

        Without a scale nothing is signed: `signed` is then only the order of the work.
        """
        if not self.levels:
            return
        total = sum(count for _, count in self.one["signed"])
        signed = 0
        for sitting in self._sittings():
            signed += sitting.count
            day = self._day(signed / total)
            moment = self.stage.at(day, "13:15") + timedelta(minutes=self.chance.randrange(180))
            yield moment, partial(self.sign, sitting)

    def _sittings(self) -> Iterator[Sitting]:
        for code, count in self.one["signed"]:
            for first in range(0, count, AT_ONCE):
                yield Sitting(code, first, min(AT_ONCE, count - first))

    def _day(self, share: float) -> date:
        """The working day at which `share` of the signed standards has been reached."""
        begins = self.apprentice.started_on + timedelta(days=FIRST_DAYS)
        paused = self.one.get("suspended")
        ends = (self.stage.monday(paused["weeks_ago"]) if paused else self.stage.today) - timedelta(days=3)
        day = begins + (ends - begins) * share
        return min(day, monday_of(day) + timedelta(days=FRIDAY))

    def friday(self, weeks_ago: int) -> date:
        return self.stage.monday(weeks_ago) + timedelta(days=FRIDAY)

    def sign(self, sitting: Sitting, at: datetime) -> None:
        """Rate the standards of a sitting, seen in the days up to the moment of signing."""
        day = at.astimezone(self.stage.zone).date()
        chosen = self._targets(sitting)
        passing = [value for value in sorted(self.levels) if self.levels[value].passing]
        values = sitting.values or self.chance.choices(
            passing, weights=(2, 3)[-len(passing) :], k=len(chosen)
        )
        SignOff.objects.record(
            self.apprentice,
            by=self.mentor,
            now=at,
            authentication=Authentication("password", at - timedelta(minutes=2)),
            method=self.chance.choice(METHODS),
            observed_from=max(monday_of(day), self.apprentice.started_on),
            observed_to=day,
            ratings=[Rating(row, self.levels[value]) for row, value in zip(chosen, values, strict=True)],
            note=self.chance.choice(self.stage.plan["sign_notes"]),
        )

    def _targets(self, sitting: Sitting) -> Sequence[PerformanceStandard | Competency]:
        """The standards of a sitting, or the competency itself where the schedule lists none."""
        of_schedule = Competency.objects.filter(job_function__schedule=self.apprentice.schedule)
        competency = of_schedule.select_related("job_function").get(code=sitting.code)
        standards = competency.standards.select_related("competency__job_function").order_by("position")
        return list(standards[sitting.first : sitting.first + sitting.count]) or [competency]

    def withdraw(self, taken: dict[str, Any], at: datetime) -> None:
        given = SignOff.objects.standing().filter(
            apprentice=self.apprentice, competency__code=taken["code"], signer=self.mentor
        )
        SignOff.objects.withdraw(
            given.latest("signed_at"),
            by=self.mentor,
            now=at,
            authentication=Authentication("password", at - timedelta(minutes=1)),
            reason=taken["reason"],
        )

    def suspend(self, at: datetime) -> None:
        self.change("suspended", self.one["suspended"]["reason"], at)

    def change(self, status: str, reason: str, at: datetime) -> None:
        self.apprentice.change_status(
            status,
            effective_on=at.astimezone(self.stage.zone).date(),
            reason=reason,
            by=self.stage.only("coordinator", self.apprentice.program),
            now=at,
        )
