"""The board of a program: how far everybody is, what waits for whom, who is behind."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min, Sum

from accounts.models.people import authority_day
from apprenticeship.models import Apprentice, Mentorship, Program
from apprenticeship.models.status import Status
from competencies.models import Approach
from ojt_logs.burn_up import BurnUp, burn_up
from ojt_logs.dates import monday_of
from ojt_logs.models import HoursEntry, State
from ojt_logs.progress import Progress, progress
from ojt_logs.reviewers import Reviewers, reviewers_of

if TYPE_CHECKING:
    from accounts.models import User

Key = tuple[int, str, UUID | None]
"""Apprentice id, kind, and for class the course's lineage."""

CURRENT = (Status.ACTIVE, Status.SUSPENDED)


@dataclass(frozen=True)
class Waiting:
    """Submitted hours of one apprentice that wait for the same people, by kind and course."""

    kind: str
    people: tuple[str, ...]
    minutes: int
    days: int
    mondays: frozenset[date]

    @property
    def names(self) -> str:
        return " or ".join(self.people)


@dataclass(frozen=True)
class Row:
    """One apprentice on the board."""

    progress: Progress
    waiting: tuple[Waiting, ...]
    has_mentor: bool
    """Somebody may approve their work today, or is assigned from a later day on."""
    no_work_until: date | None = None
    """The last day of the period without work that today is in."""

    @property
    def apprentice(self) -> Apprentice:
        return self.progress.apprentice

    @property
    def is_current(self) -> bool:
        return self.apprentice.status in CURRENT

    @property
    def behind(self) -> bool:
        """Behind the plan; somebody who is suspended or has ended is not asked."""
        return self.apprentice.status == Status.ACTIVE and self.progress.pace.behind

    @property
    def unguided(self) -> bool:
        """At work without a mentor: what they submit waits for nobody, and nothing can be signed."""
        return self.apprentice.status == Status.ACTIVE and not self.has_mentor

    @property
    def days_waiting(self) -> int:
        """Days that the oldest waits, -1 when nothing does."""
        return max((one.days for one in self.waiting), default=-1)


@dataclass(frozen=True)
class Board:
    """A program as its coordinator sees it at one moment. Build it with `board_of()`."""

    program: Program
    today: date
    rows: tuple[Row, ...]
    burn_up: BurnUp

    @property
    def current(self) -> list[Row]:
        return [row for row in self.rows if row.is_current]

    @property
    def suspended(self) -> list[Row]:
        return [row for row in self.rows if row.apprentice.status == Status.SUSPENDED]

    @property
    def ended(self) -> list[Row]:
        return [row for row in self.rows if not row.is_current]

    @property
    def active(self) -> list[Row]:
        return [row for row in self.rows if row.apprentice.status == Status.ACTIVE]

    @property
    def behind(self) -> list[Row]:
        """Those behind the plan, furthest first."""
        return sorted((row for row in self.rows if row.behind), key=lambda row: row.progress.pace.days or 0)

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.rows if row.waiting]

    @property
    def unguided(self) -> list[Row]:
        return [row for row in self.rows if row.unguided]

    @property
    def weeks_waiting(self) -> int:
        """Weeks of a person that wait for somebody; work and class of one week are one."""
        mondays = (frozenset().union(*(one.mondays for one in row.waiting)) for row in self.waiting)
        return sum(len(weeks) for weeks in mondays)

    @property
    def oldest_days(self) -> int:
        return max((row.days_waiting for row in self.waiting), default=0)

    @property
    def by_hours(self) -> bool:
        """Whether job functions are told by their hours: time-based, where competencies decide nothing."""
        return self.program.approach == Approach.TIME

    @property
    def not_elected(self) -> list[int]:
        """Numbers of job functions that count for nobody who is shown."""
        functions = [one for row in self.rows for one in row.progress.functions]
        counted = {one.function.number for one in functions if one.counts}
        return sorted({one.function.number for one in functions} - counted)


def board_of(program: Program, *, viewer: "User", now: datetime) -> Board:
    """The board of `program` with those of its apprentices whose record `viewer` reads.

    A constant number of queries, however many apprentices there are.
    """
    zone = ZoneInfo(program.time_zone)
    today = now.astimezone(zone).date()
    people = Apprentice.objects.record_visible_to(viewer).filter(program=program)
    found = progress(
        people.select_related("employer").prefetch_related("probation_decisions").order_by("user__name", "pk")
    )
    reviewers = reviewers_of(found, on=authority_day(now))
    waits = _waiting(reviewers, list(found), now=now, zone=zone)
    guided = {pk for (pk, course), mentors in reviewers.items() if mentors and not course}
    guided |= _mentored_later(list(found), today=authority_day(now))
    rows = tuple(
        Row(one, tuple(waits[pk]), pk in guided, _no_work_until(one.apprentice, today))
        for pk, one in found.items()
    )
    current = [row.progress for row in rows if row.is_current]
    return Board(program, today, rows, burn_up(current, today=today))


def _mentored_later(ids: list[int], *, today: date) -> set[int]:
    """Ids of those to whom a mentor is assigned from a day after `today` on. One query."""
    later = Mentorship.objects.filter(apprentice__in=ids, starts_on__gt=today)
    return set(later.values_list("apprentice_id", flat=True))


def _no_work_until(person: Apprentice, today: date) -> date | None:
    rows = [row for row in person.no_work_periods.all() if row.stands]
    return max((row.last_day for row in rows if row.first_day <= today <= row.last_day), default=None)


def _waiting(
    reviewers: Reviewers, ids: list[int], *, now: datetime, zone: ZoneInfo
) -> dict[int, list[Waiting]]:
    """What waits of each apprentice, by who reviews it, work first."""
    today = now.astimezone(zone).date()
    rows = (
        HoursEntry.objects.everyone()
        .filter(apprentice__in=ids, status=State.SUBMITTED)
        .order_by("kind", "date")
        .values_list("apprentice_id", "kind", "course__lineage", "date")
        .annotate(Min("submitted_at"), Sum("minutes"))
    )
    groups: dict[Key, list[tuple[date, date, int]]] = defaultdict(list)
    for apprentice, kind, course, day, since, minutes in rows:
        groups[(apprentice, kind, course)].append((day, since.astimezone(zone).date(), minutes))
    found: dict[int, list[Waiting]] = defaultdict(list)
    for key, days in groups.items():
        oldest = min(since for _, since, _ in days)
        waiting = Waiting(
            kind=key[1],
            people=tuple(person.get_short_name() for person in reviewers.get((key[0], key[2]), ())),
            minutes=sum(minutes for _, _, minutes in days),
            days=max(0, (today - oldest).days),
            mondays=frozenset(monday_of(day) for day, _, _ in days),
        )
        found[key[0]].append(waiting)
    return found
