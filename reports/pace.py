"""How an apprentice came to where they are: the line of the pace chart, which ends where `progress` is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Sum

from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.progress import Progress, countable, days_out, met_days, plan_days
from reports.signatures import by_requirement


@dataclass(frozen=True)
class PaceLine:
    """What was reached on which day, as a share of the whole; the plan runs from 0 to 1 between its days."""

    starts_on: date
    ends_on: date
    as_of: date
    reached: list[tuple[date, float]]

    @property
    def share(self) -> float:
        return self.reached[-1][1] if self.reached else 0.0


def pace_line(progress: Progress, rows: Iterable[SignOff]) -> PaceLine:
    """Counted standards met by day, or hours that count to the term by day, as `progress.measure` says.

    `rows` are the standing sign-offs up to `progress.as_of`. Days without work move the end of the plan.
    """
    person = progress.apprentice
    days = plan_days(person) + days_out(person, until=progress.as_of)
    steps = _standards(progress, rows) if progress.measure == "standards" else _hours(progress)
    reached = [(day, min(1.0, share)) for day, share in steps]
    return PaceLine(person.started_on, person.started_on + timedelta(days=days), progress.as_of, reached)


def _standards(progress: Progress, rows: Iterable[SignOff]) -> list[tuple[date, float]]:
    passed = by_requirement(row for row in rows if row.passed)
    passes = {lineage: {row.observed_to for row in found} for lineage, found in passed.items()}
    return _shares(Counter(met_days(progress, passes)), progress.standards_counted)


def _hours(progress: Progress) -> list[tuple[date, float]]:
    if not progress.ojt.required:
        return []
    worked = HoursEntry.objects.everyone().filter(
        apprentice=progress.apprentice, kind="ojt", status="approved", date__lte=progress.as_of
    )
    by_day = worked.order_by().values_list("date", "job_function__lineage").annotate(Sum("minutes"))
    steps: Counter[date] = Counter()
    for day, minutes in countable(progress, by_day):
        steps[day] += minutes
    return _shares(steps, progress.ojt.required)


def _shares(steps: Counter[date], whole: int) -> list[tuple[date, float]]:
    """Running totals by day as shares of `whole`."""
    days = sorted(steps)
    totals = accumulate(steps[day] for day in days)
    return [(day, total / whole) for day, total in zip(days, totals, strict=True)] if whole else []
