"""What an apprentice's progress amounts to: per cent, completion, and what is missing in sentences."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from accounts.dates import day_words, long_day
from accounts.durations import format_hours
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from ojt_logs.progress.counting import CompetencyProgress, CourseProgress, FunctionProgress, Minutes
from ojt_logs.progress.plan import Pace

MOST_COURSES_NAMED = 6
"""Of more courses the unfinished are told by their number, and those not begun stand folded."""


@dataclass(frozen=True)
class Progress:
    """One apprentice's progress on one day. Build it with `progress()` or `progress_of()`."""

    apprentice: Apprentice
    as_of: date
    approach: str
    functions: tuple[FunctionProgress, ...]
    ojt: Minutes
    ri: Minutes
    courses: tuple[CourseProgress, ...]
    other_work: Minutes
    months_end_on: date
    pace: Pace

    @cached_property
    def standards_met(self) -> int:
        return sum(function.standards_met for function in self.functions)

    @cached_property
    def standards_counted(self) -> int:
        return sum(function.standards_counted for function in self.functions)

    @property
    def standards_not_applicable(self) -> int:
        """Those that would count and are settled as not applicable, in none of the other figures."""
        return sum(function.standards_not_applicable for function in self.functions)

    @cached_property
    def counted(self) -> list[CompetencyProgress]:
        """The competencies that count, of all job functions, as the schedule lists them."""
        return [one for function in self.functions for one in function.counted]

    @property
    def competencies_achieved(self) -> int:
        return sum(one.achieved for one in self.counted)

    @property
    def competencies_counted(self) -> int:
        return len(self.counted)

    @cached_property
    def countable_minutes(self) -> int:
        """Approved and credited OJT that counts to the term: hybrid leaves out what exceeds a maximum."""
        if self.approach != "hybrid":
            return self.ojt.counted
        return sum(function.countable_minutes for function in self.functions) + self.other_work.counted

    @property
    def minutes_over(self) -> int:
        """OJT that exceeds maximums: on the record, in no requirement (hybrid)."""
        return self.ojt.counted - self.countable_minutes

    @property
    def competencies_credited(self) -> int:
        """Of `competencies_achieved`, those that credit stands in for."""
        return sum(one.credited and not all(each.signed for each in one.standards) for one in self.counted)

    @property
    def standards_credited(self) -> int:
        """Of `standards_met`, those that nobody signed and credit stands in for."""
        return sum(each.credited and not each.signed for one in self.counted for each in one.standards)

    @cached_property
    def whole_competencies(self) -> bool:
        """Whether nothing but competencies themselves is signed: no standards to tell of."""
        return all(one.signed_whole for function in self.functions for one in function.competencies)

    @property
    def optional_functions(self) -> bool:
        """Whether any job function counts only where it is elected."""
        return any(not function.function.core for function in self.functions)

    @property
    def has_competencies(self) -> bool:
        return any(function.competencies for function in self.functions)

    @property
    def function_hours_bind(self) -> bool:
        """Whether completion needs the hours of each job function: hybrid, or where the program says so."""
        binding = self.apprentice.program.function_hours_bind
        return self.approach == "hybrid" or (self.approach == "time" and binding)

    @property
    def longest_minutes(self) -> int:
        """The length that the bars of all job functions are drawn to, so that they can be compared."""
        ends = [
            max(function.ojt.approved + function.ojt.waiting, function.bar_mark or 0)
            for function in self.functions
        ]
        return max([*ends, 1])

    @property
    def courses_begun(self) -> list[CourseProgress]:
        """Of many courses those with hours or a result on the record; of few all."""
        return [one for one in self.courses if one.begun or len(self.courses) <= MOST_COURSES_NAMED]

    @property
    def courses_ahead(self) -> list[CourseProgress]:
        """The others."""
        return [one for one in self.courses if not one.begun and len(self.courses) > MOST_COURSES_NAMED]

    @property
    def credit_words(self) -> str:
        """“400 h of work, 3 competencies”: what came before the agreement and counts; "" for nothing."""
        before = [
            (self.ojt.credited, f"{format_hours(self.ojt.credited)} of work"),
            (self.ri.credited, f"{format_hours(self.ri.credited)} of class"),
            (self.competencies_credited, count_of(self.competencies_credited, "competency", "competencies")),
        ]
        return ", ".join(words for amount, words in before if amount)

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def percent(self) -> int:
        """Rounded down; 100 only when complete."""
        shares = {"competency": self.signed_percent, "time": self.worked_percent}
        share = shares.get(self.approach, min(self.signed_percent, self.worked_percent))
        return 100 if self.complete else min(99, share)

    @property
    def signed_percent(self) -> int:
        """Counted standards met, of those that count; 0 where none counts."""
        return _percent(self.standards_met, self.standards_counted)

    @property
    def worked_percent(self) -> int:
        """Hours that count to the term, of the term; 0 where no term is stated."""
        return _percent(min(self.countable_minutes, self.ojt.required or 0), self.ojt.required)

    @property
    def measure(self) -> Literal["standards", "hours"]:
        """What the dates are held against: counted standards, or the hours of the term (time, hybrid)."""
        return "standards" if self.approach == "competency" else "hours"

    @property
    def signed_things(self) -> str:
        """“competencies” where they themselves are what is signed, else “standards”."""
        return "competencies" if self.whole_competencies else "standards"

    @property
    def expects(self) -> str:
        """“The plan expects 79 % by Nov 20, 2026”; that it has not started on the first day and before."""
        if self.pace.days is None:
            return "The plan has not started yet"
        return f"The plan expects {self.pace.expected_percent} % by {day_words(self.as_of)}"

    @property
    def pace_fraction(self) -> float:
        """The share reached of what `measure` says is compared with the dates."""
        if self.measure == "standards":
            return self.standards_met / self.standards_counted if self.standards_counted else 0.0
        return min(1.0, self.countable_minutes / self.ojt.required) if self.ojt.required else 0.0

    @cached_property
    def missing(self) -> list[str]:
        """What completion still needs, one sentence each, in the order that helps most; empty: complete."""
        return [*(one.to_sign for one in self.open_competencies), *self.missing_besides]

    @property
    def missing_besides(self) -> list[str]:
        """The sentences of `missing` that are about no competency."""
        nothing = self.approach != "time" and not self.competencies_counted
        unasked = [f"No competency counts: {self._why_none_counts}."] if nothing else []
        return [*unasked, *self.missing_hours, *self.missing_instruction]

    @property
    def _why_none_counts(self) -> str:
        if not self.has_competencies:
            return "the schedule lists none"
        if self.standards_not_applicable:
            return "all that would count is signed as not applicable"
        return "what the schedule lists is optional, and nothing is elected"

    @cached_property
    def open_competencies(self) -> list[CompetencyProgress]:
        """What completion needs signed, nearest to done first; empty where hours alone complete."""
        if self.approach == "time":
            return []
        open_ones = (one for one in self.counted if not one.achieved)
        return sorted(open_ones, key=lambda one: one.standards_left)

    @property
    def functions_short(self) -> list[FunctionProgress]:
        """Job functions below their hours where hours complete, the furthest below first."""
        short = [one for one in self.functions if one.counts and one.minutes_short]
        return [] if self.approach == "competency" else sorted(short, key=lambda one: -one.minutes_short)

    @property
    def missing_hours(self) -> list[str]:
        """The sentences of `missing` about work."""
        found = []
        if self.approach == "competency" and self.as_of < self.months_end_on:
            found.append(
                f"{self.apprentice.program.minimum_months} months of on-the-job training are complete on "
                f"{long_day(self.months_end_on)}."
            )
        if self.approach != "competency" and self.ojt.required is None:
            found.append("The program states no hours for its term.")
        elif self.ojt.required and self.countable_minutes < self.ojt.required:
            found.append(
                f"{format_hours(self.ojt.required - self.countable_minutes)} of on-the-job training to go "
                f"({format_hours(self.countable_minutes)} of {format_hours(self.ojt.required)} "
                f"{'approved or credited' if self.ojt.credited else 'approved'})."
            )
        if self.function_hours_bind:
            below = "its minimum" if self.approach == "hybrid" else "its hours, which this program requires"
            found += [
                f"Job function {one.function.number}: {format_hours(one.minutes_short)} below {below}."
                for one in self.functions
                if one.counts and one.minutes_short
            ]
        return found

    @property
    def _class_words(self) -> str:
        """“12 h of 144 h approved”."""
        asked = f" of {format_hours(self.ri.required)}" if self.ri.required else ""
        word = "approved or credited" if self.ri.credited else "approved"
        return f"{format_hours(self.ri.counted)}{asked} {word}"

    @property
    def missing_instruction(self) -> list[str]:
        """The sentences of `missing` about class."""
        required = [one for one in self.courses if one.course.required]
        found = [one.to_finish for one in required if not one.complete]
        in_courses = sum(max(0, (one.minutes.required or 0) - one.minutes.counted) for one in required)
        if len(found) > MOST_COURSES_NAMED:
            found = [f"{len(found)} required courses of related instruction to finish, {self._class_words}."]
        left = (self.ri.required or 0) - self.ri.counted
        if left > in_courses:
            found.append(f"{format_hours(left)} of related instruction to go ({self._class_words}).")
        return found


def _percent(part: int, whole: int | None) -> int:
    """Rounded down in whole numbers: 29 of 100 is 29, which floats make 28."""
    return 100 * part // whole if whole else 0
