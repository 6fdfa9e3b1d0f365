"""What waits how long and for whom, over all programs of an office, and how long reviewers usually take."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import (
    Avg,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    Q,
    QuerySet,
    Sum,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.models.people import authority_day
from apprenticeship.models import Class, Mentorship, Program
from ojt_logs.models import HoursEntry, Kind, Source, State
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.requests import SignOffRequest
from ojt_logs.models.totals import OTHER_WORK
from ojt_logs.reviewers import reviewers_of

AT_ONCE = 200
MOST_REQUESTS = 200
LATELY = timedelta(days=90)
KEY = ("apprentice", "kind", "course_key")


@dataclass(frozen=True)
class Waiting:
    """Hours of one apprentice that wait for the same people."""

    apprentice_uid: UUID
    name: str
    program: str
    program_uid: UUID
    kind: str
    course: str
    minutes: int
    entries: int
    since: datetime
    days: int
    people: tuple[str, ...]

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def for_whom(self) -> str:
        """“Marcus Webb or Lena Fox”, “nobody” where nobody is assigned today."""
        return " or ".join(self.people) or "nobody"


@dataclass(frozen=True)
class Pace:
    """How long somebody takes to review, lately."""

    name: str
    decided: int
    usual: timedelta

    @property
    def words(self) -> str:
        if self.usual < timedelta(hours=1):
            return "within an hour"
        if self.usual < timedelta(days=1):
            return f"{round(self.usual / timedelta(hours=1))} h"
        return f"{self.usual / timedelta(days=1):.1f} days"


def waiting_of(user: User) -> "QuerySet[HoursEntry, Any]":
    """What waits on the records that `user` follows as coordinator or auditor: a row by apprentice, kind and
    course, with `since`, `minutes` and `entries`; see `opened`."""
    hours = _followed(user).filter(status=State.SUBMITTED).order_by()
    named = hours.annotate(
        course_key=Coalesce("course__lineage", Value(OTHER_WORK, output_field=UUIDField())),
        uid_=F("apprentice__uid"),
        name=F("apprentice__user__name"),
        program=F("apprentice__program__name"),
        program_uid=F("apprentice__program__uid"),
        course_title=Coalesce("course__title", Value("")),
    )
    groups = named.values(
        "apprentice", "kind", "course_key", "uid_", "name", "program", "program_uid", "course_title"
    )
    sums = groups.annotate(since=Min("submitted_at"), total=Sum("minutes"), entries=Count("pk"))
    columns = ("uid_", "name", "program", "program_uid", "course_title", "since", "total", "entries")
    return sums.values_list(*KEY, *columns, named=True)


def opened(rows: Iterable[Any], *, now: datetime) -> Iterator[Waiting]:
    """The rows of `waiting_of` with the people that each waits for, read some at a time: two queries each."""
    on, rest = authority_day(now), iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        reviewers = reviewers_of({row.apprentice for row in some}, on=on)
        for row in some:
            lineage = row.course_key if row.kind == Kind.RI else None
            people = reviewers.get((row.apprentice, lineage), [])
            yield Waiting(
                row.uid_,
                row.name,
                row.program,
                row.program_uid,
                row.kind,
                row.course_title,
                row.total,
                row.entries,
                row.since,
                (on - authority_day(row.since)).days,
                tuple(person.name for person in people),
            )


@dataclass(frozen=True)
class Asked:
    """A request for a sign-off that nobody has answered, how long it waits and for whom."""

    request: SignOffRequest
    days: int
    people: tuple[str, ...]

    @property
    def for_whom(self) -> str:
        return " or ".join(self.people) or "nobody"


def requests_of(user: User, *, now: datetime) -> list[Asked]:
    """Open requests for sign-offs on the records that `user` follows, the longest waiting first; the first
    MOST_REQUESTS. Four queries."""
    on = authority_day(now)
    programs = Program.objects.followed_by(user).values("pk")
    found = SignOffRequest.objects.visible_to(user).open().filter(apprentice__program__in=programs)
    named = found.select_related("apprentice__user", "apprentice__program").prefetch_related("competencies")
    rows = list(named.order_by("asked_at", "pk")[:MOST_REQUESTS])
    reviewers = reviewers_of({row.apprentice_id for row in rows}, on=on)
    return [
        Asked(
            row,
            (on - authority_day(row.asked_at)).days,
            tuple(person.name for person in reviewers.get((row.apprentice_id, None), [])),
        )
        for row in rows
    ]


def waits_for(person: UUID, *, on: date) -> Q:
    """Rows of `waiting_of` that this person may review on the day `on`."""
    mentored = Mentorship.objects.in_force(on=on).filter(mentor__uid=person).values("apprentice")
    found = Q(kind=Kind.OJT, apprentice__in=mentored)
    for taught in Class.objects.in_force(on=on).filter(instructor__uid=person).select_related("course"):
        found |= _of_class(taught)
    return found


def waits_for_nobody(user: User, *, on: date) -> Q:
    """Rows of `waiting_of` that nobody is assigned to review on the day `on`."""
    mentored = Mentorship.objects.in_force(on=on).values("apprentice")
    found = Q(kind=Kind.OJT) & ~Q(apprentice__in=mentored)
    in_class = Q(pk__in=[])
    for taught in _classes(user, on=on).select_related("course"):
        in_class |= _of_class(taught)
    return found | Q(kind=Kind.RI) & ~in_class


def reviewers_at(user: User, *, on: date) -> list[User]:
    """Everybody to whom something on the records that `user` follows may go today, by name."""
    programs = Program.objects.followed_by(user).values("pk")
    mentors = Mentorship.objects.in_force(on=on).filter(apprentice__program__in=programs)
    people = Q(pk__in=mentors.values("mentor")) | Q(pk__in=_classes(user, on=on).values("instructor"))
    return list(User.objects.filter(people).order_by("name", "pk"))


def paces_of(user: User, *, now: datetime) -> list[Pace]:
    """How long each reviewer took lately on the records that `user` follows, the slowest first. One query."""
    took = ExpressionWrapper(F("reviewed_at") - F("submitted_at"), output_field=DurationField())
    decided = _followed(user).filter(reviewed_at__gte=now - LATELY, submitted_at__lte=F("reviewed_at"))
    rows = (
        decided.exclude(source=Source.PAPER)
        .filter(status__in=(State.APPROVED, State.RETURNED))
        .order_by()
        .values("reviewed_by", "reviewed_by__name")
    )
    told = rows.annotate(number=Count("pk"), took=Avg(took)).values_list(
        "reviewed_by__name", "number", "took"
    )
    return sorted((Pace(*row) for row in told), key=lambda one: (-one.usual, one.name))


def _followed(user: User) -> HoursQuerySet:
    programs: Sequence[Any] | Any = Program.objects.followed_by(user).values("pk")
    return HoursEntry.objects.on_record_for(user).filter(apprentice__program__in=programs)


def _classes(user: User, *, on: date) -> "QuerySet[Class]":
    return Class.objects.in_force(on=on).filter(program__in=Program.objects.followed_by(user).values("pk"))


def _of_class(taught: Class) -> Q:
    return Q(kind=Kind.RI, course_key=taught.course.lineage, apprentice__in=taught.roster.values("pk"))
