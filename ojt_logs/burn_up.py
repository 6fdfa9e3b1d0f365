"""What a program has reached against what its plans expected, month by month, and how that is drawn.

Competency-based programs count performance standards, time-based and hybrid ones approved OJT hours.
Pages and papers draw the same figures.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from ojt_logs.models import HoursEntry, Kind, State
from ojt_logs.progress import (
    Progress,
    add_months,
    countable,
    elapsed_days,
    met_days,
    passes_of,
    plan_days,
)

MONTHS_SHOWN = 24
STEPS = (1, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class Point:
    """What was done and what was expected by the end of a day."""

    day: date
    done: int
    expected: float


@dataclass(frozen=True)
class BurnUp:
    """The points of a program, oldest first, each a month's end but the last, which is today."""

    unit: str
    """“hours”, “standards”, or “competencies” where they are what is signed."""
    whole: int
    points: tuple[Point, ...]

    @property
    def done(self) -> int:
        return self.points[-1].done if self.points else 0

    @property
    def expected(self) -> int:
        return round(self.points[-1].expected) if self.points else 0

    def drawn(self, width: int, height: int) -> "Drawing":
        return Drawing(self, width, height)

    @property
    def wide(self) -> "Drawing":
        return self.drawn(1100, 230)

    @property
    def middle(self) -> "Drawing":
        return self.drawn(740, 230)

    @property
    def narrow(self) -> "Drawing":
        return self.drawn(360, 220)


@dataclass(frozen=True)
class Drawing:
    """A burn-up in an SVG of the given size, as coordinates for a template."""

    figures: BurnUp
    width: int
    height: int

    LEFT = 40
    RIGHT = 12
    TOP = 14
    BOTTOM = 26
    NAME = 62
    """The room that the name of a month with its year takes."""

    @property
    def right(self) -> int:
        return self.width - self.RIGHT

    @property
    def base(self) -> int:
        return self.height - self.BOTTOM

    @property
    def top_value(self) -> int:
        """The value of the highest line: a round number that nothing exceeds."""
        most = max((max(point.done, point.expected) for point in self.figures.points), default=0)
        return 4 * _round_step(most / 4)

    def x(self, day: date) -> float:
        first, last = self.figures.points[0].day, self.figures.points[-1].day
        share = (day - first).days / max(1, (last - first).days)
        return round(self.LEFT + share * (self.right - self.LEFT), 1)

    def y(self, value: float) -> float:
        return round(self.base - value / self.top_value * (self.base - self.TOP), 1)

    @property
    def done_line(self) -> str:
        return " ".join(f"{self.x(point.day)},{self.y(point.done)}" for point in self.figures.points)

    @property
    def pace_line(self) -> str:
        return " ".join(f"{self.x(point.day)},{self.y(point.expected)}" for point in self.figures.points)

    @property
    def area(self) -> str:
        return f"{self.LEFT},{self.base} {self.done_line} {self.right},{self.base}"

    @property
    def levels(self) -> list[tuple[int, float]]:
        """The horizontal lines: value and height."""
        return [(value, self.y(value)) for value in range(0, self.top_value + 1, self.top_value // 4)]

    @property
    def months(self) -> list[tuple[date, float]]:
        """The months named under the drawing, as many as fit beside one another."""
        days = [point.day for point in self.figures.points[:-1]]
        fit = max(1, self.width // self.NAME)
        step = -(-len(days) // fit) or 1
        named: list[tuple[date, float]] = []
        for day in days[::step]:
            at = self.x(day)
            if at < self.right - 30 and (not named or at - named[-1][1] >= self.NAME):
                named.append((day, at))
        return named


def burn_up(found: Collection[Progress], *, today: date) -> BurnUp:
    """The figures of these apprentices of one program up to `today`, in one query."""
    people = [one.apprentice for one in found]
    if not people:
        return BurnUp("standards", 0, ())
    measure = next(iter(found)).measure
    days = list(_days(min(person.started_on for person in people), today))
    done = (_hours if measure == "hours" else _standards)(found, days)
    whole = {one.apprentice.pk: _whole(one) for one in found}
    points = tuple(
        Point(day, reached, sum(_expected(one, day) * whole[one.apprentice.pk] for one in found))
        for day, reached in zip(days, done, strict=True)
    )
    whole_ones = measure == "standards" and all(one.whole_competencies for one in found)
    return BurnUp("competencies" if whole_ones else measure, sum(whole.values()), points)


def _days(start: date, today: date) -> Iterator[date]:
    """The start, the first of every month after it (the newest two years), and today."""
    month = add_months(start.replace(day=1), 1)
    oldest = add_months(today.replace(day=1), -MONTHS_SHOWN)
    yield max(start, oldest) if start <= today else today
    while month < today:
        if month > oldest:
            yield month
        month = add_months(month, 1)
    if start < today:
        yield today


def _expected(one: Progress, day: date) -> float:
    return min(1.0, max(0, elapsed_days(one.apprentice, on=day)) / plan_days(one.apprentice))


def _whole(one: Progress) -> int:
    return (one.ojt.required or 0) // 60 if one.measure == "hours" else one.standards_counted


def _standards(found: Collection[Progress], days: list[date]) -> list[int]:
    """Counted standards met by the end of each day."""
    passes = passes_of([one.apprentice for one in found])
    met = sorted(day for one in found for day in met_days(one, passes[one.apprentice.pk]))
    return [bisect_right(met, day) for day in days]


def _hours(found: Collection[Progress], days: list[date]) -> list[int]:
    """OJT hours that count to the term, of the months that had ended before each day; at the last one all."""
    entries = HoursEntry.objects.everyone().filter(
        apprentice__in=[one.apprentice.pk for one in found], kind=Kind.OJT, status=State.APPROVED
    )
    months = entries.order_by().values_list("apprentice_id", TruncMonth("date"), "job_function__lineage")
    worked = defaultdict(list)
    for apprentice, month, lineage, minutes in months.annotate(Sum("minutes")):
        worked[apprentice].append((month, lineage, minutes))
    steps = [step for one in found for step in countable(one, worked[one.apprentice.pk])]
    ended = [(add_months(month, 1), minutes) for month, minutes in steps]
    earlier = [sum(minutes for end, minutes in ended if end <= day) // 60 for day in days[:-1]]
    return [*earlier, sum(minutes for _, minutes in steps) // 60]


def _round_step(least: float) -> int:
    """The smallest round number, such as 3, 40 or 500, that is not below `least`."""
    power = 1
    while True:
        for step in STEPS:
            if step * power >= least:
                return step * power
        power *= 10
