"""What waits for a reviewer, by person and week, and what a reviewer decides about it.

On-the-job hours go to the mentor, class hours to the instructor; somebody who is both has a line for each.
A page of it is read in a constant number of queries, whoever waits.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, TruncWeek
from django.http import Http404
from django.utils.text import Truncator

from accounts.dates import short_day
from accounts.durations import format_hours
from accounts.models import User
from accounts.models.people import authority_day
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice, Class, Mentorship
from apprenticeship.models.apprentices import ApprenticeQuerySet
from apprenticeship.models.programs import covers
from competencies.models import JobFunction
from ojt_logs.dates import days_of_week, monday_of
from ojt_logs.models import HoursEntry, Kind, State
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.moves import UNDO_WINDOW
from ojt_logs.reviewers import reviewers_of
from ojt_logs.tables import HOURS_RELATED
from ojt_logs.unusual import Week, unusual

SHOWN = 40
"""Weeks of a person on a page of the queue."""

KEY = ("apprentice", "monday", "kind")


@dataclass(frozen=True)
class Batch:
    """Entries of one person, one week and one kind, as a reviewer meets them. Never empty."""

    apprentice: Apprentice
    monday: date
    kind: str
    entries: tuple[HoursEntry, ...]
    days_waiting: int
    elsewhere: tuple[str, ...] = ()
    approved: dict[date, int] = field(default_factory=dict)
    """Minutes of the same week and kind that are approved already, by day."""
    unusual: tuple[str, ...] = ()
    """What looks unusual for this person; then a reviewer opens the week before approving it."""

    @property
    def key(self) -> Week:
        return self.apprentice.pk, self.monday, self.kind

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @property
    def since(self) -> datetime:
        """When the oldest of them was submitted."""
        return min(entry.submitted_at or entry.created_at for entry in self.entries)

    @property
    def seen(self) -> str:
        """What the reviewer has seen of them, for `decide`; see `seen_of`."""
        return seen_of(self.entries)

    @property
    def sent_together(self) -> bool:
        return len({entry.submitted_at for entry in self.entries}) == 1

    @property
    def week(self) -> str:
        """“Nov 9 – 15”, or “Nov 30 – Dec 6”."""
        return week_words(self.monday)

    @property
    def days(self) -> list[tuple[date, int, int]]:
        """The seven days with the minutes that wait and those that are approved already, 0 for none."""
        minutes: dict[date, int] = defaultdict(int)
        for entry in self.entries:
            minutes[entry.date] += entry.minutes
        return [(day, minutes[day], self.approved.get(day, 0)) for day in days_of_week(self.monday)]

    @property
    def split(self) -> list[tuple[str, int]]:
        """Minutes by competency (by job function where none is named, by course in class), most first."""
        minutes: dict[str, int] = defaultdict(int)
        for entry in self.entries:
            minutes[short_subject(entry)] += entry.minutes
        return sorted(minutes.items(), key=lambda pair: -pair[1])

    @property
    def notes(self) -> list[HoursEntry]:
        return [entry for entry in self.entries if entry.note]

    @property
    def corrections(self) -> int:
        return sum(entry.corrects_id is not None for entry in self.entries)

    @property
    def from_records(self) -> int:
        """How many lie on days before the reviewer's own assignment; see `from_records` below."""
        return sum(getattr(entry, "from_records", False) for entry in self.entries)

    @property
    def entered(self) -> str:
        """When the days were written down, where that says something: each on its day, or all at once."""
        zone = self.apprentice.user.zone
        written = [(entry.created_at.astimezone(zone).date(), entry.date) for entry in self.entries]
        if all(on == day for on, day in written):
            return "all logged the same day"
        on, several = written[0][0], len({day for _, day in written}) > 1
        if several and all(one == on for one, _ in written):
            return f"all entered on {short_day(on)}"
        return ""


@dataclass(frozen=True)
class Mentored:
    """An apprentice of a mentor, and whether the schedule lists anything to sign."""

    apprentice: Apprentice
    signs: bool


def seen_of(entries: Iterable[HoursEntry]) -> str:
    """When the newest of these entries was submitted, as a form keeps it: what comes later was not seen."""
    return max(entry.submitted_at or entry.created_at for entry in entries).isoformat()


def week_words(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    end = f"{sunday.day}" if sunday.month == monday.month else short_day(sunday)
    return f"{short_day(monday)} – {end}"


def short_subject(entry: HoursEntry) -> str:
    """What an entry names, short enough for a list of many: “2g”, “2 Nursing Process”, a course."""
    if entry.competency:
        return entry.competency.code
    if entry.job_function:
        return f"{entry.job_function.number} {Truncator(entry.job_function.title).words(4)}"
    return str(entry.course or "other work")


def from_records(reviewer: "int | OuterRef") -> Case:
    """Whether the entry's date lies outside the reviewer's own assignment: “approved from records”."""
    mentors = Mentorship.objects.filter(mentor=reviewer, apprentice=OuterRef("apprentice"))
    classes = Class.objects.filter(
        instructor=reviewer, roster=OuterRef("apprentice"), course__lineage=OuterRef("course__lineage")
    )
    in_class = ~Exists(classes.filter(covers(OuterRef("date"))))
    at_work = ~Exists(mentors.filter(covers(OuterRef("date"))))
    return Case(When(kind=Kind.RI, then=in_class), default=at_work, output_field=BooleanField())


def weeks_of(user: User) -> QuerySet[HoursEntry, Any]:
    """The weeks that wait for `user`, a row each: `apprentice` (id), `monday`, `kind`, `name`, and `since`
    when the oldest of its entries waits."""
    waiting = HoursEntry.objects.reviewable_by(user).order_by()
    named = waiting.annotate(monday=TruncWeek("date"), name=F("apprentice__user__name"))
    weeks = named.values(*KEY, "name").annotate(since=Min(Coalesce("submitted_at", "created_at")))
    return weeks.values_list(*KEY, "name", "since", named=True)


def batches_of(user: User, weeks: Iterable[Any], *, now: datetime) -> list[Batch]:
    """These rows of `weeks_of` with their entries, in their order; one that was taken back is left out."""
    keys = [_key(week) for week in weeks]
    entries = _read(HoursEntry.objects.reviewable_by(user).filter(_within(keys)), user)
    elsewhere = _class_hours(user, entries, on=authority_day(now))
    done = HoursEntry.objects.under_review_of(user).filter(_within(keys), status=State.APPROVED)
    batches = batched(entries, done=done, today=user.today(now), elsewhere=elsewhere)
    return sorted(looked_at(user, batches), key=lambda one: keys.index(one.key))


def looked_at(user: User, batches: Sequence[Batch]) -> list[Batch]:
    """The same with what looks unusual in them to `user`. One query."""
    found = unusual([one.key for one in batches], among=HoursEntry.objects.visible_to(user))
    return [replace(one, unusual=found[one.key]) for one in batches]


def entries_of(user: User, weeks: Iterable[Any]) -> Iterator[HoursEntry]:
    """The entries of these rows of `weeks_of` in their order, read some weeks at a time."""
    waiting = HoursEntry.objects.reviewable_by(user).select_related(*HOURS_RELATED)
    rest = iter(weeks)
    while keys := [_key(week) for week in islice(rest, SHOWN)]:
        rows = waiting.filter(_within(keys)).order_by("date", "pk")
        yield from sorted(
            rows, key=lambda row: keys.index((row.apprentice_id, monday_of(row.date), row.kind))
        )


def _key(week: Any) -> Week:
    return week.apprentice, week.monday, week.kind


def _within(weeks: Iterable[Week]) -> Q:
    """Entries of one of these weeks."""
    found = Q(pk__in=[])
    for person, monday, kind in weeks:
        found |= Q(apprentice=person, kind=kind, date__range=(monday, monday + timedelta(days=6)))
    return found


def just_approved(user: User, *, now: datetime) -> list[Batch]:
    """What `user` approved within the last minute and may still undo, newest first."""
    done = HoursEntry.objects.under_review_of(user).filter(
        status=State.APPROVED, reviewed_by=user, reviewed_at__gte=now - UNDO_WINDOW, corrects=None
    )
    return batched(_read(done, user), today=user.today(now))[::-1]


def week_of(user: User, uid: uuid.UUID, monday: date) -> list[HoursEntry]:
    """The entries of one person's week that fall to `user`, whatever became of them; no drafts."""
    mine = HoursEntry.objects.under_review_of(user).exclude(status=State.DRAFT)
    week = mine.filter(apprentice__uid=uid).of_days(monday, monday + timedelta(days=6))
    return _read(week.select_related("reviewed_by").prefetch_related("comments__by"), user)


def to_sign_for(user: User, *, on: date) -> list[Mentored]:
    """Whom `user` mentors on the day `on`. Two queries."""
    people = list(Apprentice.objects.mentored_by(user, on=on).select_related("user", "program"))
    listing = JobFunction.objects.filter(schedule__in=[one.schedule_id for one in people])
    signed = set(listing.exclude(competencies=None).values_list("schedule", flat=True))
    return [Mentored(one, one.schedule_id in signed) for one in people]


def classes_of(user: User, *, on: date) -> list[Class]:
    """Classes that `user` teaches on the day `on` or later, with `state` and `people`, by their first day."""
    mine = Class.objects.taught_by(user).with_state(on=on).exclude(ends_on__lt=on)
    counted = mine.annotate(people=Count("roster"))
    return list(counted.select_related("course", "program").order_by("starts_on", "pk"))


def reviewed_by(user: User) -> ApprenticeQuerySet:
    """Apprentices whose hours may come to `user`, as mentor or instructor; never oneself."""
    mine = Q(mentorships__mentor=user) | Q(classes__instructor=user)
    return Apprentice.objects.visible_to(user).filter(mine).exclude(user=user).distinct()


def batched(
    entries: Iterable[HoursEntry],
    *,
    today: date,
    done: Iterable[HoursEntry] = (),
    elsewhere: dict[tuple[int, date], tuple[str, ...]] | None = None,
) -> list[Batch]:
    """Entries by person, week and kind; `done` are approved ones, for the days of the same weeks."""
    groups: dict[Week, list[HoursEntry]] = defaultdict(list)
    for entry in entries:
        groups[(entry.apprentice_id, monday_of(entry.date), entry.kind)].append(entry)
    approved: dict[Week, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for entry in done:
        approved[(entry.apprentice_id, monday_of(entry.date), entry.kind)][entry.date] += entry.minutes
    found = []
    for (person, monday, kind), rows in groups.items():
        apprentice = rows[0].apprentice
        oldest = min(row.submitted_at or row.created_at for row in rows)
        days = (today - oldest.astimezone(apprentice.user.zone).date()).days
        beside = (elsewhere or {}).get((person, monday), ()) if kind == Kind.OJT else ()
        settled = dict(approved[(person, monday, kind)])
        found.append(Batch(apprentice, monday, kind, tuple(rows), max(0, days), beside, settled))
    return found


def _read(entries: HoursQuerySet, user: User) -> list[HoursEntry]:
    named = entries.select_related("apprentice__user", "job_function", "competency", "course", "created_by")
    return list(named.annotate(from_records=from_records(user.pk)).order_by("date", "pk"))


def _class_hours(
    user: User, mine: Sequence[HoursEntry], *, on: date
) -> dict[tuple[int, date], tuple[str, ...]]:
    """Sentences by person and week about class hours beside them that wait for somebody else."""
    worked = {(entry.apprentice_id, monday_of(entry.date)) for entry in mine if entry.kind == Kind.OJT}
    beside = _within((person, monday, Kind.RI) for person, monday in sorted(worked))
    others = HoursEntry.objects.visible_to(user).filter(beside, status=State.SUBMITTED)
    people = {person for person, _ in worked}
    reviewers = reviewers_of(people, on=on)
    minutes: dict[tuple[int, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in others.exclude(pk__in=[entry.pk for entry in mine]).select_related("course"):
        lineage = row.course.lineage if row.course else None
        teachers = [person.get_short_name() for person in reviewers[row.apprentice_id, lineage]]
        minutes[(row.apprentice_id, monday_of(row.date))][" or ".join(teachers)] += row.minutes
    return {
        key: tuple(
            f"{format_hours(amount)} class go to {who or 'the instructor'}"
            for who, amount in by_teacher.items()
        )
        for key, by_teacher in minutes.items()
    }


@dataclass(frozen=True)
class Decision:
    """What one press of a reviewer did."""

    approved: tuple[HoursEntry, ...]
    returned: tuple[HoursEntry, ...]


def decide(
    user: User,
    *,
    uid: uuid.UUID,
    monday: date,
    now: datetime,
    approve: Sequence[uuid.UUID] = (),
    send_back: Sequence[uuid.UUID] = (),
    reason: str = "",
    seen: datetime | None = None,
) -> Decision:
    """Approve and return exactly these entries of a week, all or none.

    `seen`: when the newest that the page showed was submitted. Raises Conflict when one of them does not
    wait any more or was submitted again since then, NotAllowed when it does not fall to `user`,
    Http404 for a stranger's.
    """
    back: list[HoursEntry] = []
    done: list[HoursEntry] = []
    with transaction.atomic():
        if send_back:
            back = _shown(user, uid, monday, send_back).move(
                "return", by=user, now=now, reason=reason, seen=seen
            )
        if approve:
            done = _shown(user, uid, monday, approve).move("approve", by=user, now=now, seen=seen)
    return Decision(tuple(done), tuple(back))


def undo(
    user: User, *, uid: uuid.UUID, monday: date, now: datetime, entries: Sequence[uuid.UUID]
) -> list[HoursEntry]:
    """Put entries that `user` approved within the last minute back into the queue."""
    return _shown(user, uid, monday, entries).move("undo", by=user, now=now)


def _shown(user: User, uid: uuid.UUID, monday: date, wanted: Sequence[uuid.UUID]) -> HoursQuerySet:
    """The entries that a page showed. Raises Conflict when the apprentice took one back meanwhile."""
    week = HoursEntry.objects.visible_to(user).filter(apprentice__uid=uid)
    found = list(
        week.of_days(monday, monday + timedelta(days=6)).filter(uid__in=wanted).values_list("pk", flat=True)
    )
    if len(found) == len(set(wanted)):
        return HoursEntry.objects.everyone().filter(pk__in=found)
    if not found and not Apprentice.objects.visible_to(user).filter(uid=uid).exists():
        raise Http404
    raise Conflict("The apprentice took back a part of this.", code="invalid_transition")


def overtaken(user: User, *, uid: uuid.UUID, wanted: Sequence[uuid.UUID]) -> str:
    """What happened to entries that do not wait any more, in plain words; nothing was changed by `user`."""
    rows = HoursEntry.objects.visible_to(user).filter(apprentice__uid=uid, uid__in=wanted)
    for row in rows.exclude(reviewed_by=None).select_related("reviewed_by", "apprentice__user"):
        if row.status in (State.APPROVED, State.RETURNED):
            who = "You" if row.reviewed_by == user else str(row.reviewed_by)
            return (
                f"{who} {row.status} hours of {row.apprentice} in this week already. "
                "Nothing more was changed; this is how things stand now."
            )
    return (
        "The week was changed by the apprentice after you opened it, so nothing was done. "
        "This is how it stands now."
    )
