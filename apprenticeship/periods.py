"""Reporting periods: for which days hours are handed in together, and until when; see Program.

The days are those of the program's time zone. A period is due at the end of its due day there, and counts
as on time until the end of the last day of grace.
"""

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from accounts.dates import add_months, clock_words, short_day
from apprenticeship.models.programs import Reporting

if TYPE_CHECKING:
    from apprenticeship.models import Program

A_MONDAY = date(2026, 1, 5)
"""Two-week periods are counted from here where the program names no first day of its own."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Period:
    """Days whose hours are handed in together, both ends included, and the moments until which."""

    first: date
    last: date
    name: str
    due_before: datetime
    late_from: datetime

    @property
    def due_words(self) -> str:
        """“Thu, Nov 5, 11:59 pm CST”, in the program's time zone."""
        return _last_minute(self.due_before)

    @property
    def grace_words(self) -> str:
        """The same of the end of its grace."""
        return _last_minute(self.late_from)

    def is_late(self, moment: datetime) -> bool:
        """Whether hours of this period that are handed in at `moment` are late."""
        return moment >= self.late_from


def period_of(program: "Program", day: date) -> Period:
    """The reporting period of `program` in which `day` lies."""
    first, last = _ends(program, day)
    due = last + timedelta(days=program.reporting_due_days + 1)
    late = due + timedelta(days=program.reporting_grace_days)
    zone = zoneinfo.ZoneInfo(program.time_zone)
    return Period(first, last, _name(program, first, last), _midnight(due, zone), _midnight(late, zone))


def _ends(program: "Program", day: date) -> tuple[date, date]:
    kind = program.reporting_period
    if kind == Reporting.MONTH:
        first = day.replace(day=1)
        return first, add_months(first, 1) - timedelta(days=1)
    if kind == Reporting.HALF_MONTH:
        month = day.replace(day=1)
        if day.day <= 15:
            return month, day.replace(day=15)
        return day.replace(day=16), add_months(month, 1) - timedelta(days=1)
    length, anchor = 7, A_MONDAY
    if kind == Reporting.TWO_WEEKS:
        length, anchor = 14, program.reporting_first_day or A_MONDAY
    first = day - timedelta(days=(day - anchor).days % length)
    return first, first + timedelta(days=length - 1)


def _name(program: "Program", first: date, last: date) -> str:
    """“October 2026”, “Oct 1 – 15”, “Oct 26 – Nov 8”."""
    if program.reporting_period == Reporting.MONTH:
        return f"{first:%B} {first.year}"
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{short_day(first)} – {last.day if same_month else short_day(last)}"


def _midnight(day: date, zone: zoneinfo.ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _last_minute(moment: datetime) -> str:
    # Counted in the clock's own time: an hour that is skipped at midnight would turn 11:59 pm into 10:59.
    last = moment.replace(tzinfo=None) - MINUTE
    named = last.replace(tzinfo=moment.tzinfo)
    zone = named.tzname() or ""
    return f"{last:%a}, {short_day(last)}, {clock_words(last)} {zone if zone[:1].isalpha() else 'UTC' + zone}"
