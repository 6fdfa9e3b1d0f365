"""What is due when: for the first screen of an apprentice, period by period.

It tells of working days on which nothing is logged, and nudges nobody to fill them: a day without work needs
nothing, and days that are explained are not told at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects

from accounts.dates import short_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from apprenticeship.periods import Period, period_of
from ojt_logs.models import State
from ojt_logs.models.no_work import days_without_work

DAY = timedelta(days=1)
LOOK_BACK = timedelta(weeks=4)
"""From how far before a period its usual working days are taken."""
WORKWEEK = frozenset(range(5))
"""Monday to Friday, for who has logged nothing yet."""
MOST_DAYS = 5
"""So many missing days are named one by one."""


@dataclass(frozen=True)
class Due:
    """One reporting period of one apprentice as it stands at a moment."""

    period: Period
    now: datetime
    drafts: int
    returned: int
    missing: tuple[date, ...]

    @property
    def is_overdue(self) -> bool:
        return self.now >= self.period.due_before

    @property
    def is_late(self) -> bool:
        """Whether something of it would be late now."""
        return bool(self.drafts) and self.period.is_late(self.now)

    @property
    def to_submit(self) -> bool:
        """Whether submitting it is the thing to do: its days are over and something waits."""
        return bool(self.drafts) and self.is_overdue

    @property
    def headline(self) -> str:
        """“October 2026 is due Thu, Nov 5, 11:59 pm CST”."""
        name, due = self.period.name, self.period.due_words
        if not self.is_overdue:
            return f"{name} is due {due}"
        if self.is_late:
            return f"{name} was due {due}, and what is submitted now is marked late"
        if self.period.is_late(self.now):
            return f"{name} was due {due}"
        return f"{name} was due {due}, and is on time until {self.period.grace_words}"

    @property
    def gaps(self) -> str:
        """“Oct 29 is missing”, “Oct 29 and 30 are missing”, or ""."""
        if not self.missing:
            return ""
        if len(self.missing) > MOST_DAYS:
            return f"{len(self.missing)} days are missing, the first is {short_day(self.missing[0])}"
        *most, last = [short_day(day) for day in self.missing]
        return f"{', '.join(most)} and {last} are missing" if most else f"{last} is missing"

    @property
    def says(self) -> str:
        """The whole sentence for a page, a mail or a program."""
        told = "; ".join(one for one in (self._unsent, self._came_back, self.gaps) if one)
        return f"{self.headline}: {told}" if told else self.headline

    @property
    def _unsent(self) -> str:
        number = count_of(self.drafts, "entry is", "entries are")
        return f"{number} not submitted" if self.drafts else ""

    @property
    def _came_back(self) -> str:
        return f"{count_of(self.returned, 'entry', 'entries')} came back to you" if self.returned else ""


def dues_of(apprentice: Apprentice, *, now: datetime) -> list[Due]:
    """The period in which today lies, and before it those that are still open, oldest first. Four queries.

    An earlier period is open while something of it is not submitted, or days are missing and it is not late.
    """
    prefetch_related_objects([apprentice], "no_work_periods", "status_changes")
    program = apprentice.program
    today = apprentice.user.today(now)
    current = period_of(program, today)
    before = period_of(program, current.first - DAY)
    oldest = apprentice.hours.filter(status__in=UNSENT, date__lt=before.first).order_by("date").first()
    first = period_of(program, oldest.date).first if oldest else before.first
    entries = list(
        apprentice.hours.filter(date__gte=first - LOOK_BACK, date__lte=current.last).values_list(
            "date", "status"
        )
    )
    periods = _periods(apprentice, first, current)
    found = [_due(apprentice, period, entries, now=now, today=today) for period in periods]
    runs = not apprentice.ended_on or apprentice.ended_on >= current.first
    return [one for one in found if (runs and one.period == current) or _is_open(one)]


def unreported(apprentice: Apprentice, *, now: datetime) -> list[Period]:
    """Periods whose grace is over and of which nothing was handed in, though nothing explains all of their
    working days; oldest first. Three queries. What is typed and not handed in is nobody else's to know."""
    prefetch_related_objects([apprentice], "no_work_periods", "status_changes")
    handed_in = apprentice.hours.exclude(status=State.DRAFT).order_by("date")
    rows = list(handed_in.values_list("date", "status", "carried_over").distinct())
    months = {(day.year, day.month) for day, _, carried_over in rows if carried_over}
    entries = [(day, status) for day, status, _ in rows]
    last = min(apprentice.user.today(now), apprentice.ended_on or date.max)
    found, period = [], period_of(apprentice.program, apprentice.started_on)
    while period.first <= last and period.is_late(now):
        if not any(period.first <= day <= period.last for day, _ in entries):
            missing = missing_days(apprentice, period.first, period.last, entries)
            if any((day.year, day.month) not in months for day in missing):
                found.append(period)
        period = period_of(apprentice.program, period.last + DAY)
    return found


UNSENT = (State.DRAFT, State.RETURNED)


def missing_days(
    apprentice: Apprentice, first: date, last: date, entries: Iterable[tuple[date, str]]
) -> tuple[date, ...]:
    """Working days from `first` to `last` on which nothing is logged and that nothing explains.

    Working days are the days of the week on which this person logged something in at least two of the four
    weeks before; Monday to Friday for who has logged nothing then.
    """
    first = max(first, apprentice.started_on)
    last = min(last, apprentice.ended_on or last)
    if first > last:
        return ()
    logged = {day for day, _ in entries}
    usual = _usual(logged, first)
    explained = days_without_work(apprentice, first, last)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() in usual and day not in logged and day not in explained)


def _usual(logged: set[date], first: date) -> frozenset[int]:
    weeks: dict[int, int] = defaultdict(int)
    for day in logged:
        if first - LOOK_BACK <= day < first:
            weeks[day.weekday()] += 1
    return frozenset(day for day, times in weeks.items() if times > 1) or WORKWEEK


def _due(
    apprentice: Apprentice,
    period: Period,
    entries: Sequence[tuple[date, str]],
    *,
    now: datetime,
    today: date,
) -> Due:
    states = [status for day, status in entries if period.first <= day <= period.last]
    missing = missing_days(apprentice, period.first, min(period.last, today - DAY), entries)
    return Due(period, now, states.count(State.DRAFT), states.count(State.RETURNED), missing)


def _periods(apprentice: Apprentice, first: date, current: Period) -> list[Period]:
    found = [current]
    while found[0].first > max(first, apprentice.started_on):
        found.insert(0, period_of(apprentice.program, found[0].first - DAY))
    return found


def _is_open(due: Due) -> bool:
    left = due.drafts or due.returned
    return bool(left) or (bool(due.missing) and not due.period.is_late(due.now))
