"""What counts, and why: minutes, performance standards, competencies and job functions of one apprentice."""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from accounts.durations import format_hours
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from apprenticeship.models.credits import Credited
from competencies.models import Competency, Course, JobFunction, PerformanceStandard
from ojt_logs.models import CourseResult

SET_ASIDE = "not applicable"
"""Why a competency does not count of which nothing is asked."""


@dataclass(frozen=True)
class Minutes:
    """Minutes on the record; `required` is None where the standards state none."""

    approved: int
    waiting: int
    required: int | None = None
    credited: int = 0
    """For what came before the agreement: it counts, and is in none of the other figures."""

    @property
    def counted(self) -> int:
        """What was approved and what is credited."""
        return self.approved + self.credited

    @property
    def met(self) -> bool:
        return self.required is None or self.counted >= self.required


@dataclass(frozen=True)
class CourseProgress:
    """A course of the related instruction: its minutes, and the pass that stands, else the newest failure."""

    course: Course
    minutes: Minutes
    result: CourseResult | None

    @property
    def name(self) -> str:
        """Of its figures, in an address."""
        return f"course-{self.course.uid}"

    @property
    def passed(self) -> bool:
        return self.result is not None and self.result.passed is True

    @property
    def credited(self) -> bool:
        """Whether credit stands in for the pass: for all the hours that the course states."""
        return 0 < self.minutes.credited >= (self.minutes.required or 0)

    @property
    def complete(self) -> bool:
        """Passed or credited, and its stated hours are met."""
        return (self.passed or self.credited) and self.minutes.met

    @property
    def to_finish(self) -> str:
        """What it still asks, as a sentence: hours of class, the pass, or both; "" for nothing."""
        words, minutes = [], self.minutes
        if minutes.required is not None and not minutes.met:
            words.append(
                f"{format_hours(minutes.required - minutes.counted)} of class to go "
                f"({format_hours(minutes.counted)} of {format_hours(minutes.required)} approved)"
            )
        if not self.passed and not self.credited:
            words.append(f"to be passed ({self.result.words})" if self.result else "to be passed")
        return f"{self.course}: {', and '.join(words)}." if words else ""

    @property
    def begun(self) -> bool:
        return bool(self.minutes.approved or self.minutes.waiting or self.result)


@dataclass(frozen=True)
class StandardProgress:
    """One requirement to sign: a performance standard, or a competency that lists none.

    Met by enough signed demonstrations, or by credit. Not applicable where it is not met and the newest
    standing signature says so: then it is settled without being met, is nothing that is missing, and stands
    in neither number of “41 of 64”. A newer rating, or withdrawing the signature, makes it asked again.
    """

    standard: PerformanceStandard | None
    competency: Competency
    demonstrations: int
    required_demonstrations: int
    credited: bool = False
    """Whether credit for the whole competency stands in for the signature."""
    set_aside_on: date | None = None
    """The day of the newest standing signature where that says “not applicable”."""

    @property
    def signed(self) -> bool:
        """Whether it was demonstrated and signed under the agreement."""
        return self.demonstrations >= self.required_demonstrations

    @property
    def met(self) -> bool:
        return self.signed or self.credited

    @property
    def not_applicable(self) -> bool:
        return self.set_aside_on is not None and not self.met

    @property
    def settled(self) -> bool:
        """Whether nothing is left to sign."""
        return self.met or self.not_applicable

    @property
    def lineage(self) -> uuid.UUID:
        return (self.standard or self.competency).lineage

    @property
    def text(self) -> str:
        return self.standard.text if self.standard else self.competency.title


@dataclass(frozen=True)
class CompetencyProgress:
    competency: Competency
    counts: bool
    why: str
    standards: tuple[StandardProgress, ...]

    @property
    def code(self) -> str:
        return self.competency.code

    @cached_property
    def standards_met(self) -> int:
        return sum(standard.met for standard in self.standards)

    @property
    def standards_total(self) -> int:
        """Those that are asked."""
        return len(self.standards) - self.standards_not_applicable

    @property
    def standards_left(self) -> int:
        """Of those that are asked, how many are to be met."""
        return self.standards_total - self.standards_met

    @cached_property
    def standards_not_applicable(self) -> int:
        return sum(standard.not_applicable for standard in self.standards)

    @property
    def not_applicable(self) -> bool:
        """Whether nothing of it is asked: then it counts no more than what is optional."""
        return not self.standards_total

    @cached_property
    def credited(self) -> bool:
        return any(standard.credited for standard in self.standards)

    @cached_property
    def achieved(self) -> bool:
        return self.standards_met == self.standards_total > 0

    @property
    def to_sign(self) -> str:
        """What it still asks, as a sentence."""
        if self.signed_whole:
            return f"{self.code}: to be signed."
        left = count_of(self.standards_left, "standard")
        return f"{self.code}: {left} to sign ({self.standards_met} of {self.standards_total} signed)."

    @property
    def signed_whole(self) -> bool:
        """Whether the competency itself is signed, because its schedule lists no standards under it."""
        return self.standards[0].standard is None


@dataclass(frozen=True)
class FunctionProgress:
    function: JobFunction
    counts: bool
    why: str
    ojt: Minutes
    competencies: tuple[CompetencyProgress, ...]

    @property
    def name(self) -> str:
        """Of its figures, in an address."""
        return f"function-{self.function.number}"

    @cached_property
    def counted(self) -> tuple[CompetencyProgress, ...]:
        return tuple(competency for competency in self.competencies if competency.counts)

    @cached_property
    def achieved(self) -> int:
        return sum(competency.achieved for competency in self.counted)

    @property
    def open_ones(self) -> list[CompetencyProgress]:
        """Counted competencies that are not achieved, nearest to done first."""
        found = [one for one in self.counted if not one.achieved]
        return sorted(found, key=lambda one: one.standards_left)

    @cached_property
    def standards_met(self) -> int:
        return sum(competency.standards_met for competency in self.counted)

    @cached_property
    def standards_counted(self) -> int:
        return sum(competency.standards_total for competency in self.counted)

    @cached_property
    def standards_not_applicable(self) -> int:
        """Those that would count, also where nothing else is asked of their competency."""
        asked = (one for one in self.competencies if one.counts or one.why == SET_ASIDE)
        return sum(one.standards_not_applicable for one in asked)

    @property
    def countable_minutes(self) -> int:
        """Approved and credited minutes without what exceeds the function's maximum (hybrid)."""
        most = self.function.ojt_minutes_max
        return self.ojt.counted if most is None else min(self.ojt.counted, most)

    @property
    def minutes_over(self) -> int:
        """Minutes above the maximum; in a hybrid program they count to nothing."""
        return self.ojt.counted - self.countable_minutes

    @property
    def minutes_short(self) -> int:
        """Approved minutes that are missing to the minimum, or to the plan of a time-based program."""
        return max(0, (self.ojt.required or 0) - self.ojt.counted)

    @property
    def bar_mark(self) -> int | None:
        """Where the bar of hours has its mark: at the minimum or plan, else at the maximum."""
        return self.ojt.required or self.function.ojt_minutes_max


Totals = dict[tuple[str, uuid.UUID], Minutes]
"""By kind and lineage of the job function or course."""
Results = dict[tuple[int, uuid.UUID], CourseResult]
"""By apprentice id and lineage of the course: the result that holds."""
Passes = dict[uuid.UUID, set[date]]
"""By lineage of what was rated: the days on which it was seen and passed."""
SetAside = dict[uuid.UUID, date]
"""By lineage: the day of the newest standing signature, where it says “not applicable”."""


@dataclass(frozen=True)
class Signatures:
    """What stands signed of one apprentice."""

    passes: Passes
    set_aside: SetAside


@dataclass(frozen=True)
class Elections:
    """Lineages of optional job functions and competencies that the program or the agreement elects."""

    functions: frozenset[uuid.UUID]
    competencies: frozenset[uuid.UUID]

    @classmethod
    def of(cls, person: Apprentice) -> "Elections":
        functions = [*person.program.elected_functions.all(), *person.elected_functions.all()]
        competencies = [*person.program.elected_competencies.all(), *person.elected_competencies.all()]
        return cls(
            frozenset(function.lineage for function in functions),
            frozenset(competency.lineage for competency in competencies),
        )

    def counts_function(self, function: JobFunction) -> bool:
        return function.core or function.lineage in self.functions

    def counts(self, competency: Competency, *, of: JobFunction) -> bool:
        """Whether a competency of the job function `of` counts; decision 2."""
        return self.counts_function(of) and (competency.required or competency.lineage in self.competencies)


def function_progress(
    function: JobFunction, elected: Elections, minutes: Totals, signed: Signatures, credit: Credited
) -> FunctionProgress:
    counts = elected.counts_function(function)
    why = "core" if function.core else "elected" if counts else "optional, not elected"
    competencies = tuple(
        _competency(competency, function, elected, signed, credit)
        for competency in function.competencies.all()
    )
    ojt = minutes.get(("ojt", function.lineage), Minutes(0, 0))
    required = function.ojt_minutes_min
    before = credit.work.get(function.lineage, 0)
    worked = Minutes(ojt.approved, ojt.waiting, required, before)
    return FunctionProgress(function, counts, why, worked, competencies)


def _competency(
    competency: Competency, function: JobFunction, elected: Elections, signed: Signatures, credit: Credited
) -> CompetencyProgress:
    chosen = competency.lineage in elected.competencies
    why = "required" if competency.required else "elected" if chosen else "optional, not elected"
    if not elected.counts_function(function):
        why = "its job function is optional and not elected"
    before = competency.lineage in credit.competencies

    def asked(standard: PerformanceStandard | None, times: int) -> StandardProgress:
        lineage = (standard or competency).lineage
        seen, aside = signed.passes.get(lineage, ()), signed.set_aside.get(lineage)
        return StandardProgress(standard, competency, len(seen), times, before, aside)

    listed = tuple(asked(one, one.required_demonstrations) for one in competency.standards.all())
    standards = listed or (asked(None, 1),)
    counts = elected.counts(competency, of=function)
    if counts and all(one.not_applicable for one in standards):
        counts, why = False, SET_ASIDE
    return CompetencyProgress(competency, counts, why, standards)
