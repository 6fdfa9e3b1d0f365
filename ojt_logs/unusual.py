"""What looks unusual in a person's week, as sentences of plain facts, for whoever reviews it.

Unusual is measured against the same person's own weeks before, so that who always writes the week on Sundays
is not pointed at every Sunday. Nothing is blocked and nobody is accused: a reviewer looks before approving.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.dates import short_day
from accounts.durations import format_hours
from ojt_logs.dates import monday_of
from ojt_logs.models import Kind, Source, State
from ojt_logs.models.hour_sets import HoursQuerySet

Week = tuple[int, date, str]
"""Apprentice id, Monday and kind."""

LONG_DAY = 12 * 60
LONG_WEEK = 60 * 60
"""Minutes."""
BEFORE = 8
"""So many weeks before are a person's own measure."""
USUAL_FROM = 3
"""From so many weeks with hours on, something can be called usual."""
MANY = 3.5
"""From so many subjects a week on, by the median, one alone is unusual."""
BROUGHT = (Source.IMPORTED, Source.PAPER)
A_SPREAD_WEEK = 3
"""Days of work from which on a week has a pattern at all."""


class Row(NamedTuple):
    """An entry as far as it matters here."""

    apprentice: int
    kind: str
    day: date
    minutes: int
    about: UUID | None
    code: str
    written: datetime
    zone: str
    source: str

    @property
    def written_on(self) -> date:
        """The day at the apprentice's place on which it was written."""
        return self.written.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class Habit:
    """One person's week of one kind, the same person's weeks before it (by Monday), and the day totals."""

    kind: str
    monday: date
    rows: Sequence[Row]
    before: dict[date, list[Row]]
    day_minutes: dict[date, int]

    def is_usual(self, seen: Callable[[Sequence[Row]], bool]) -> bool:
        """Whether more than half of the weeks before look so; never with fewer than USUAL_FROM."""
        alike = sum(seen(rows) for rows in self.before.values())
        return len(self.before) >= USUAL_FROM and alike * 2 > len(self.before)


def unusual(weeks: Iterable[Week], *, among: HoursQuerySet) -> dict[Week, tuple[str, ...]]:
    """Sentences about each of these weeks, () for nothing. One query for all of them.

    `among` is what the reader may see; drafts are left out, and what was replaced or would be by a
    correction that waits.
    """
    wanted = list(weeks)
    by_person: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(wanted, among):
        by_person[row.apprentice].append(row)
    return {key: tuple(_sentences(_habit(key, by_person[key[0]]))) for key in wanted}


def _rows(weeks: Sequence[Week], among: HoursQuerySet) -> list[Row]:
    near = Q(pk__in=[])
    for person, monday, _ in weeks:
        first = monday - timedelta(weeks=BEFORE)
        near |= Q(apprentice=person, date__range=(first, monday + timedelta(days=6)))
    recorded = among.filter(near).exclude(status__in=[State.DRAFT, State.SUPERSEDED])
    found = recorded.exclude(corrections__status=State.SUBMITTED).order_by("date", "pk")
    place = Coalesce("competency__lineage", "job_function__lineage", "course__lineage")
    code = Coalesce("competency__code", "course__title", "job_function__title")
    columns = ("apprentice", "kind", "date", "minutes", "place", "code", "written")
    written = Coalesce("device_at", "created_at")
    values = found.annotate(place=place, code=code, written=written).values_list(
        *columns, "apprentice__user__time_zone", "source"
    )
    return [Row(*value) for value in values]


def _habit(key: Week, rows: Sequence[Row]) -> Habit:
    _, monday, kind = key
    weeks: dict[date, list[Row]] = defaultdict(list)
    totals: dict[date, int] = defaultdict(int)
    for row in rows:
        if monday_of(row.day) == monday:
            totals[row.day] += row.minutes
        if row.kind == kind:
            weeks[monday_of(row.day)].append(row)
    own = weeks.pop(monday, [])
    earliest = monday - timedelta(weeks=BEFORE)
    before = {first: each for first, each in weeks.items() if earliest <= first < monday}
    worked = {row.day for row in own}
    return Habit(kind, monday, own, before, {day: totals[day] for day in sorted(worked)})


def _sentences(habit: Habit) -> Iterable[str]:
    for rule in (_long_days, _long_week, _same_weeks, _one_subject, _entered_at_once, _new_weekday):
        if sentence := rule(habit):
            yield sentence


def _long_days(habit: Habit) -> str:
    long = [(day, minutes) for day, minutes in habit.day_minutes.items() if minutes > LONG_DAY]
    return ", ".join(f"{format_hours(minutes)} on {short_day(day)}" for day, minutes in long)


def _long_week(habit: Habit) -> str:
    total = sum(row.minutes for row in habit.rows)
    return f"{format_hours(total)} in one week" if total > LONG_WEEK else ""


def _same_weeks(habit: Habit) -> str:
    """Classes repeat from week to week by their nature; days of work do not, to the minute."""
    before = [habit.before.get(habit.monday - timedelta(weeks=back), []) for back in (1, 2)]
    if habit.kind != Kind.OJT or len(habit.day_minutes) < A_SPREAD_WEEK:
        return ""
    same = all(_pattern(rows) == _pattern(habit.rows) for rows in before)
    return "the same days, times and work as in the two weeks before" if same else ""


def _pattern(rows: Sequence[Row]) -> Counter[tuple[int, UUID | None, int]]:
    return Counter((row.day.weekday(), row.about, row.minutes) for row in rows)


def _one_subject(habit: Habit) -> str:
    """A week on one thing by somebody who usually does several."""
    usual = [len({row.about for row in rows}) for rows in habit.before.values()]
    several_days = len(habit.day_minutes) >= A_SPREAD_WEEK
    if habit.kind != Kind.OJT or not several_days or len({row.about for row in habit.rows}) > 1:
        return ""
    if len(usual) < USUAL_FROM or median(usual) < MANY:
        return ""
    name = habit.rows[0].code or "other work"
    return f"only {name} all week, where there are usually {round(median(usual))} different"


def _entered_at_once(habit: Habit) -> str:
    if not _at_once(habit.rows) or habit.is_usual(_at_once):
        return ""
    days = len(habit.day_minutes)
    return f"all {days} days entered on {habit.rows[0].written_on:%A}, {short_day(habit.rows[0].written_on)}"


def _at_once(rows: Sequence[Row]) -> bool:
    """Whether the person wrote several days down on one and the same; what a file brought says nothing."""
    if any(row.source in BROUGHT for row in rows):
        return False
    written = {row.written_on for row in rows}
    return len(written) == 1 and len({row.day for row in rows}) >= A_SPREAD_WEEK


def _new_weekday(habit: Habit) -> str:
    """A day of the weekend on which this person did not work before."""
    if len(habit.before) < USUAL_FROM:
        return ""
    known = {row.day.weekday() for rows in habit.before.values() for row in rows}
    new = [day for day in habit.day_minutes if day.weekday() >= 5 and day.weekday() not in known]
    named = " and ".join(f"{day:%A}, {short_day(day)}" for day in new)
    return f"hours on {named}, the first on that day in {len(habit.before)} weeks" if new else ""
