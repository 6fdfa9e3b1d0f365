"""When an apprentice's next periodic review is due, and the figures that are looked at in it.

A program says every how many months, or after how many hours of work; whichever comes first.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q, Sum, prefetch_related_objects

from accounts.dates import add_months
from accounts.models.among import any_of
from apprenticeship.models import Apprentice
from apprenticeship.models.status import Status
from ojt_logs.models import HoursEntry, HoursTotal, Kind, PeriodicReview, State
from ojt_logs.progress import progress_of

SOON = timedelta(days=14)
"""So long before the day it is due a review is listed."""


@dataclass(frozen=True)
class Due:
    """Where one apprentice stands towards the next review."""

    apprentice: Apprentice
    last: date | None
    on: date | None
    """The day by which months make it due, None where the program counts none."""
    minutes: int
    """Approved work since the last review."""

    @property
    def every_minutes(self) -> int | None:
        return self.apprentice.program.review_minutes

    @property
    def by_hours(self) -> bool:
        """Whether the hours are reached."""
        return self.every_minutes is not None and self.minutes >= self.every_minutes

    def state(self, today: date) -> str:
        """overdue, due, later, or "" where the program asks for none or the apprentice is not active."""
        if self.apprentice.status != Status.ACTIVE or (self.on is None and self.every_minutes is None):
            return ""
        if self.by_hours or (self.on and today > self.on):
            return "overdue"
        return "due" if self.on and today >= self.on - SOON else "later"


def due_of(apprentices: Iterable[Apprentice], *, today: date) -> list[Due]:
    """For each of these the next review. A constant number of queries."""
    people = list(apprentices)
    prefetch_related_objects(people, "status_changes")
    newest = PeriodicReview.objects.everyone().filter(apprentice__in=people).order_by()
    last = dict(newest.values_list("apprentice").annotate(last=Max("held_on")))
    minutes = _minutes_since(people, last)
    return [
        Due(one, last.get(one.pk), _day(one, last.get(one.pk), today=today), minutes.get(one.pk, 0))
        for one in people
    ]


def _day(apprentice: Apprentice, last: date | None, *, today: date) -> date | None:
    """So many months after the last review or the start; days of suspension since are taken out."""
    months = apprentice.program.review_months
    if not months:
        return None
    begun = last or apprentice.started_on
    away = apprentice.suspended_days(until=today) - apprentice.suspended_days(until=begun)
    return add_months(begun, months) + timedelta(days=max(0, away))


def _minutes_since(people: list[Apprentice], last: dict[int, date]) -> dict[int, int]:
    """Approved minutes of work since the last review (all without one), by apprentice id."""
    first = HoursTotal.objects.filter(apprentice__in=people, kind=Kind.OJT).exclude(apprentice__in=last)
    held: dict[date, list[int]] = defaultdict(list)
    for pk, day in last.items():
        held[day].append(pk)
    after = any_of(Q(apprentice__in=held[day], date__gt=day) for day in held)
    later = HoursEntry.objects.everyone().filter(after, kind=Kind.OJT, status=State.APPROVED).order_by()
    return dict(first.values_list("apprentice").annotate(Sum("approved"))) | dict(
        later.values_list("apprentice").annotate(Sum("minutes"))
    )


def listed(apprentices: Iterable[Apprentice], *, today: date) -> list[tuple[Due, str]]:
    """Those whose review is due or overdue, with the word for it, the longest overdue first."""
    found = [(due, due.state(today)) for due in due_of(apprentices, today=today)]
    urgent = [pair for pair in found if pair[1] in ("overdue", "due")]
    return sorted(urgent, key=lambda pair: (pair[1] != "overdue", pair[0].on or today))


def figures_of(apprentice: Apprentice, *, as_of: date) -> dict[str, Any]:
    """What is looked at in a review, as it stands on a day; whole numbers and minutes."""
    progress = progress_of(apprentice, as_of=as_of)
    return {
        "as_of": as_of.isoformat(),
        "percent": progress.percent,
        "standards_met": progress.standards_met,
        "standards_counted": progress.standards_counted,
        "ojt_minutes": progress.ojt.approved,
        "ri_minutes": progress.ri.approved,
    }
