"""The hours log: one apprentice's days, with who approved them and when, and what they add up to.

The rows stand in a table a month: laying out one long table costs more than its length.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.utils.html import strip_tags

from accounts.dates import short_day
from accounts.templatetags.journeybook import when
from apprenticeship.models import Apprentice
from ojt_logs.dates import monday_of
from ojt_logs.models import HoursEntry, State
from ojt_logs.progress import Minutes
from ojt_logs.tables import HOURS_RELATED
from reports.progress_report import Period

TITLE = "Hours log"
MOST_ENTRIES = 4000
"""Four years of two entries a day, about 120 pages. A longer log is asked for in parts."""
WEEKS_A_TABLE = 26


@dataclass(frozen=True)
class Row:
    """An entry as printed."""

    entry: HoursEntry
    zone: str

    @property
    def subject(self) -> str:
        return self.entry.subject

    @property
    def signature(self) -> str:
        """“Marcus Webb, Nov 20, 2026, 4:10 pm CST”, or that it waits."""
        reviewer = self.entry.reviewed_by
        if self.entry.status != State.APPROVED or not reviewer:
            return ""
        return f"{reviewer.name}, {strip_tags(when(self.entry.reviewed_at, self.zone))}"


@dataclass(frozen=True)
class Total:
    """What one job function, course or week adds up to."""

    label: str
    minutes: Minutes


@dataclass(frozen=True)
class HoursLog:
    """One apprentice's entries of a period that are on the record: approved, or waiting for review."""

    apprentice: Apprentice
    period: Period
    as_of: date
    entries: list[HoursEntry]
    zone: str

    @property
    def first(self) -> date:
        return self.period.first or self.apprentice.started_on

    @cached_property
    def months(self) -> list[tuple[date, list[Row], dict[str, Minutes]]]:
        """First day, rows, and totals by kind of each month."""
        found = []
        for first, month in groupby(self.entries, key=lambda entry: entry.date.replace(day=1)):
            entries = list(month)
            sums = {kind: _sum(entry for entry in entries if entry.kind == kind) for kind in ("ojt", "ri")}
            found.append((first, [Row(entry, self.zone) for entry in entries], sums))
        return found

    @property
    def ojt(self) -> Minutes:
        return _sum(self._of("ojt"))

    @property
    def ri(self) -> Minutes:
        return _sum(self._of("ri"))

    @property
    def by_function(self) -> list[Total]:
        """On the job by job function, in the order of the schedule; work that fits nowhere last."""
        groups: dict[str, list[HoursEntry]] = defaultdict(list)
        order: dict[str, int] = {}
        for entry in self._of("ojt"):
            function = entry.job_function
            label = str(function) if function else "Other supervised work"
            groups[label].append(entry)
            order[label] = function.number if function else 10_000
        return [Total(label, _sum(groups[label])) for label in sorted(groups, key=lambda one: order[one])]

    @property
    def by_course(self) -> list[Total]:
        groups: dict[str, list[HoursEntry]] = defaultdict(list)
        for entry in self._of("ri"):
            groups[str(entry.course)].append(entry)
        return [Total(label, _sum(groups[label])) for label in sorted(groups)]

    @property
    def week_tables(self) -> list[list[tuple[str, Minutes, Minutes]]]:
        """Weeks with their OJT and RI, in tables of half a year."""
        weeks = [
            (_week(monday), _sum(entry for entry in rows if entry.kind == "ojt"), _sum(_ri(rows)))
            for monday, rows in self._weeks()
        ]
        return [weeks[at : at + WEEKS_A_TABLE] for at in range(0, len(weeks), WEEKS_A_TABLE)]

    @property
    def reviewers(self) -> list[str]:
        return sorted({entry.reviewed_by.name for entry in self.entries if entry.reviewed_by})

    def _weeks(self) -> Iterator[tuple[date, list[HoursEntry]]]:
        for monday, rows in groupby(self.entries, key=lambda entry: monday_of(entry.date)):
            yield monday, list(rows)

    def _of(self, kind: str) -> list[HoursEntry]:
        return [entry for entry in self.entries if entry.kind == kind]


def hours_log(apprentice: Apprentice, period: Period, *, today: date, zone: str) -> HoursLog:
    """The log of `apprentice`, moments in `zone`; at most one entry more than MOST_ENTRIES is read."""
    last = period.last or today
    rows = HoursEntry.objects.everyone().filter(apprentice=apprentice, date__lte=last)
    if period.first:
        rows = rows.filter(date__gte=period.first)
    on_record = rows.filter(status__in=[State.APPROVED, State.SUBMITTED])
    named = on_record.select_related(*HOURS_RELATED, "corrects")
    entries = list(named.order_by("date", "kind", "pk")[: MOST_ENTRIES + 1])
    return HoursLog(apprentice, period, last, entries, zone)


def _ri(rows: Iterable[HoursEntry]) -> Iterator[HoursEntry]:
    return (entry for entry in rows if entry.kind == "ri")


def _sum(entries: Iterable[HoursEntry]) -> Minutes:
    approved = waiting = 0
    for entry in entries:
        if entry.status == State.APPROVED:
            approved += entry.minutes
        else:
            waiting += entry.minutes
    return Minutes(approved, waiting)


def _week(monday: date) -> str:
    sunday = date.fromordinal(monday.toordinal() + 6)
    return f"{short_day(monday)} to {short_day(sunday)}, {sunday.year}"
