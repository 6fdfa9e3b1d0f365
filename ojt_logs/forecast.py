"""When an apprentice will be done, if they go on as they have lately: a range, with its assumption.

A forecast is no promise and counts nowhere. It looks at the last weeks alone, days without work left out, and
goes on at their pace; how much the weeks differed makes the range.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import mean, stdev

from django.db.models import Sum

from accounts.dates import day_words
from apprenticeship.models.status import FINAL
from ojt_logs.models import HoursEntry, days_without_work
from ojt_logs.progress import Progress, met_days, passes_of

WEEKS = 8
"""So many weeks are looked at."""
LEAST_WEEKS = 3
"""With work in fewer of them nothing can be said."""
FURTHEST = 10 * 366
"""Whoever would need more days than that is told no day."""


@dataclass(frozen=True)
class Forecast:
    """From `earliest` to `latest`, None where nobody can say; and the sentence that stands beside it."""

    earliest: date | None
    latest: date | None
    assumption: str

    @property
    def words(self) -> str:
        """“between Mar 2, 2027 and May 1, 2027”."""
        if self.earliest is None:
            return ""
        if self.latest is None:
            return f"not before {day_words(self.earliest)}"
        if self.latest == self.earliest:
            return f"about {day_words(self.earliest)}"
        return f"between {day_words(self.earliest)} and {day_words(self.latest)}"

    @property
    def says(self) -> str:
        """The whole, on pages and on paper: the assumption and, where anybody can say, the range."""
        return f"{self.assumption}: {self.words}." if self.words else self.assumption


def forecast_of(found: Progress) -> Forecast | None:
    """The forecast of what `found.measure` counts; None where it is reached, has ended or nothing is asked.

    Two queries. Neither class time nor a course to be passed is in it, and completion of a competency-based
    program is never before its months.
    """
    left = _left(found)
    if left <= 0 or found.apprentice.status in FINAL:
        return None
    weeks = _weeks(found)
    unit = "hours approved" if found.measure == "hours" else f"{found.signed_things} signed"
    if sum(week > 0 for week in weeks) < LEAST_WEEKS:
        return Forecast(
            None,
            None,
            f"Too little in the last {WEEKS} weeks to say: fewer than {LEAST_WEEKS} weeks with {unit}.",
        )
    assumption = f"All {unit}, if it goes on as in the last {WEEKS} weeks, days without work left out"
    fast, slow = _speeds(weeks)
    return Forecast(
        _reached(found, left, fast), _reached(found, left, slow) if slow > 0 else None, assumption
    )


def _left(found: Progress) -> float:
    if found.measure == "standards":
        return found.standards_counted - found.standards_met
    return ((found.ojt.required or 0) - found.countable_minutes) / 60


def _weeks(found: Progress) -> list[float]:
    """What was done in each of the last weeks, as if it had had seven days; a week that was all away is
    left out."""
    first = found.as_of - timedelta(days=7 * WEEKS - 1)
    done = _by_day(found, first)
    away = days_without_work(found.apprentice, first, found.as_of)
    rates = []
    for number in range(WEEKS):
        days = [first + timedelta(days=7 * number + day) for day in range(7)]
        there = [day for day in days if day not in away and day >= found.apprentice.started_on]
        if there:
            rates.append(sum(done[day] for day in days) * 7 / len(there))
    return rates


def _by_day(found: Progress, first: date) -> Counter[date]:
    if found.measure == "standards":
        passes = passes_of([found.apprentice], as_of=found.as_of)[found.apprentice.pk]
        return Counter(met_days(found, passes))
    rows = HoursEntry.objects.everyone().filter(
        apprentice=found.apprentice, kind="ojt", status="approved", date__gte=first, date__lte=found.as_of
    )
    sums: Iterable[tuple[date, int]] = rows.order_by().values_list("date").annotate(Sum("minutes"))
    return Counter({day: minutes / 60 for day, minutes in sums})


def _speeds(weeks: list[float]) -> tuple[float, float]:
    """The faster and the slower pace a week: the mean, and twice its standard error to either side."""
    average = mean(weeks)
    away = 2 * stdev(weeks) / len(weeks) ** 0.5 if len(weeks) > 1 else 0.0
    return average + away, average - away


def _reached(found: Progress, left: float, speed: float) -> date | None:
    days = ceil(7 * left / speed)
    if days > FURTHEST:
        return None
    day = found.as_of + timedelta(days=days)
    return max(day, found.months_end_on) if found.approach == "competency" else day
