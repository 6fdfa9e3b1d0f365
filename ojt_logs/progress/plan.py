"""The plan of an apprenticeship: its days, and how far ahead or behind somebody is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from accounts.dates import add_months
from apprenticeship.models import Apprentice

NEAR_PACE = 7
"""Within so many days of the plan somebody is “on pace”."""


@dataclass(frozen=True)
class Pace:
    """Days ahead (+) or behind (-) the plan; None when there is nothing to compare yet."""

    days: int | None
    expected_percent: int

    @property
    def state(self) -> Literal["not_started", "behind", "on_pace", "ahead"]:
        if self.days is None:
            return "not_started"
        if abs(self.days) <= NEAR_PACE:
            return "on_pace"
        return "ahead" if self.days > 0 else "behind"

    @property
    def word(self) -> str:
        """“not started”, “12 days behind”, “on pace” or “9 days ahead”."""
        away = f"{abs(self.days)} days " if self.days and self.state != "on_pace" else ""
        return away + self.state.replace("_", " ")

    @property
    def behind(self) -> bool:
        return self.state == "behind"


def plan_days(person: Apprentice) -> int:
    """Days from the start to the planned end, at least 1."""
    end = person.expected_end_on or add_months(person.started_on, person.program.term_months)
    return max(1, (end - person.started_on).days)


def elapsed_days(person: Apprentice, *, on: date) -> int:
    """Days of the plan gone by `on`, without `days_out`; 0 or less while it has not begun."""
    last = min(on, person.ended_on or on)
    return (last - person.started_on).days - days_out(person, until=last)


def days_out(person: Apprentice, *, until: date) -> int:
    """Days up to and including `until` that no plan expects work on: suspensions and periods without work.

    A day that is in both, or in two, is one. Reads `status_changes` and `no_work_periods`.
    """
    without = [(row.first_day, row.last_day) for row in person.no_work_periods.all() if row.stands]
    total, counted = 0, person.started_on - timedelta(days=1)
    for first, last in sorted([*person.suspensions(until=until), *without]):
        first, last = max(first, counted + timedelta(days=1)), min(last, until)
        if first <= last:
            total, counted = total + (last - first).days + 1, last
    return total
