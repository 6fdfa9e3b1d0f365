"""One week of an apprentice's hours: its days, what waits for whom, what came back, what can be sent."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Min, Q, Sum

from accounts.durations import format_hours
from accounts.models import User
from accounts.models.people import authority_day
from apprenticeship.models import Apprentice
from ojt_logs.dates import days_of_week, monday_of
from ojt_logs.models import HoursEntry, Line, Source, State
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.rules import fills_day, problems_of
from ojt_logs.reviewers import reviewers_of
from ojt_logs.tables import HOURS_RELATED

WEEK = timedelta(days=7)
WORST_FIRST = ("returned", "draft", "submitted", "approved")
"""A day is as far as the entry that still needs most from the apprentice."""


def counted(entries: Iterable[HoursEntry]) -> int:
    """Minutes of those of the entries that fill their day."""
    return sum(entry.minutes for entry in entries if fills_day(entry))


@dataclass(frozen=True)
class Day:
    on: date
    entries: tuple[HoursEntry, ...]
    today: date

    @property
    def minutes(self) -> int:
        return counted(self.entries)

    @property
    def state(self) -> str:
        """The state that this day shows, "" when nothing is logged."""
        states = {entry.status for entry in self.entries}
        return next((state for state in WORST_FIRST if state in states), "")

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def has_begun(self) -> bool:
        return self.on <= self.today


@dataclass(frozen=True)
class Waiting:
    """Hours that wait for the same people: since when, and how many days that is."""

    minutes: int
    since: datetime
    people: tuple[str, ...]
    course: str
    days: int


@dataclass(frozen=True)
class Refused:
    """An entry that could not be submitted as it is, with the sentences that say why and the remedy."""

    entry: HoursEntry
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Week:
    """What the first screen of an apprentice shows. Build it with `week_of()`."""

    monday: date
    today: date
    days: tuple[Day, ...]
    ready: tuple[HoursEntry, ...]
    refused: tuple[Refused, ...]
    waiting: tuple[Waiting, ...]
    returned: tuple[HoursEntry, ...]
    older_drafts: tuple[tuple[date, int], ...]
    to_copy: Day | None
    first_monday: date

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def entries(self) -> list[HoursEntry]:
        return [entry for day in self.days for entry in day.entries]

    @property
    def minutes(self) -> int:
        return counted(self.entries)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Each state with its minutes in words ("16 h approved"), in the order in which hours travel."""
        order = (State.APPROVED, State.SUBMITTED, State.RETURNED, State.DRAFT)
        sums = [(state, counted(one for one in self.entries if one.status == state)) for state in order]
        return [
            (state.value, f"{format_hours(minutes)} {state.label.lower()}")
            for state, minutes in sums
            if minutes
        ]

    @property
    def copies_yesterday(self) -> bool:
        return self.to_copy is not None and self.to_copy.on == self.today - timedelta(days=1)

    @property
    def is_current(self) -> bool:
        return self.monday == monday_of(self.today)

    @property
    def log_first(self) -> bool:
        """Whether logging today is the next thing to do, rather than submitting what is there."""
        return self.is_current and not (self.ready and any(day.entries for day in self.days if day.is_today))

    @property
    def previous(self) -> date | None:
        return self.monday - WEEK if self.monday > self.first_monday else None

    @property
    def next(self) -> date | None:
        return None if self.monday >= monday_of(self.today) else self.monday + WEEK

    @property
    def ready_minutes(self) -> int:
        return sum(entry.minutes for entry in self.ready)


def week_of(apprentice: Apprentice, monday: date, *, now: datetime) -> Week:
    """The week from `monday` as it stands at `now`, in a constant number of queries."""
    today = apprentice.user.today(now)
    entries = list(_full(apprentice).of_days(monday, monday + timedelta(days=6)).order_by("date", "pk"))
    ready = [entry for entry in entries if _can_be_submitted(entry)]
    refused = problems_of(ready, now=now)
    return Week(
        monday=monday,
        today=today,
        days=tuple(
            Day(day, tuple(one for one in entries if one.date == day), today) for day in days_of_week(monday)
        ),
        ready=tuple(ready),
        refused=tuple(
            Refused(entry, tuple(sentence for found in refused[entry.pk].values() for sentence in found))
            for entry in ready
            if entry.pk in refused
        ),
        waiting=tuple(_waiting(apprentice, now)),
        returned=tuple(_full(apprentice).filter(status="returned").order_by("date", "pk")),
        older_drafts=tuple(_older_drafts(apprentice, monday)),
        to_copy=day_to_copy(apprentice, today),
        first_monday=monday_of(apprentice.started_on),
    )


def _full(apprentice: Apprentice) -> HoursQuerySet:
    """The apprentice's entries with what the pages and the rules read of them."""
    return (
        HoursEntry.objects.everyone()
        .filter(apprentice=apprentice)
        .select_related(*HOURS_RELATED, "corrects")
        .prefetch_related("apprentice__status_changes")
    )


def to_submit(apprentice: Apprentice, first: date, last: date) -> HoursQuerySet:
    """What submitting these days sends: drafts, and returned entries that were changed since."""
    mended = Q(status="returned", updated_at__gt=F("reviewed_at"))
    own = apprentice.hours.filter(Q(status="draft") | mended)
    return HoursEntry.objects.everyone().filter(pk__in=own).of_days(first, last)


def _can_be_submitted(entry: HoursEntry) -> bool:
    """The condition of `to_submit`, for an entry that was read already."""
    if entry.status == "draft":
        return True
    return entry.status == "returned" and bool(entry.reviewed_at and entry.updated_at > entry.reviewed_at)


def _waiting(apprentice: Apprentice, now: datetime) -> Iterable[Waiting]:
    """What waits, by who reviews it: work for the mentors, each course for those who teach it."""
    today = apprentice.user.today(now)
    reviewers = reviewers_of([apprentice.pk], on=authority_day(now))
    rows = apprentice.hours.filter(status="submitted").order_by().values("course__lineage", "course__title")
    for row in rows.annotate(sum=Sum("minutes"), since=Min("submitted_at")).order_by("since"):
        people = tuple(person.name for person in reviewers[apprentice.pk, row["course__lineage"]])
        waited = today - row["since"].astimezone(apprentice.user.zone).date()
        yield Waiting(row["sum"], row["since"], people, row["course__title"] or "", waited.days)


def _older_drafts(apprentice: Apprentice, monday: date) -> list[tuple[date, int]]:
    """Weeks before `monday` in which drafts were left, oldest first, with their minutes."""
    weeks: dict[date, int] = {}
    drafts = apprentice.hours.filter(status="draft", date__lt=monday).order_by("date")
    for day, minutes in drafts.values_list("date", "minutes"):
        weeks[monday_of(day)] = weeks.get(monday_of(day), 0) + minutes
    return list(weeks.items())


def day_to_copy(apprentice: Apprentice, today: date) -> Day | None:
    """The last day within a week on which something was logged, unless today has something already.

    It is copied as it is known now: a correction that was approved stands for what it replaced.
    """
    since = today - WEEK
    entries = list(_full(apprentice).of_days(since, today).order_by("-date", "pk"))
    if any(entry.date == today and entry.status != "superseded" for entry in entries):
        return None
    standing = [entry for entry in entries if fills_day(entry)]
    if not standing:
        return None
    day = standing[0].date
    return Day(day, tuple(one for one in standing if one.date == day), today)


def copy_day(day: Day, *, by: User, now: datetime) -> Sequence[HoursEntry]:
    """Drafts of today like the entries of `day`, without their notes; asked twice, they are written once.

    Raises ValidationError when today cannot take them.
    """
    lines = [
        Line(
            entry.kind,
            day.today,
            entry.minutes,
            entry.job_function,
            entry.competency,
            entry.course,
            client_uid=uuid.uuid5(entry.uid, day.today.isoformat()),
            source=Source.COPIED,
            copied_from=day.on,
        )
        for entry in day.entries
    ]
    apprentice = day.entries[0].apprentice
    return HoursEntry.objects.log(apprentice, by=by, now=now, lines=lines)


def stamps(entries: Iterable[HoursEntry]) -> str:
    """What a page has seen of these entries, to be sent back with its form; see `unseen`."""
    return " ".join(_stamp(entry) for entry in entries)


def unseen(entry: HoursEntry, seen: str) -> bool:
    """Whether this entry is not as the page with these stamps showed it: another page was first."""
    return _stamp(entry) not in seen.split()


def _stamp(entry: HoursEntry) -> str:
    return f"{entry.uid.hex}:{entry.updated_at.timestamp():.6f}"
