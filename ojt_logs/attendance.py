"""Who attended a class on a day and how long: recorded by its instructor for everybody at once.

Recording approves in the same act, because nobody else would look at it. Hours say whether they were paid,
and whether they were in regular working hours, which veterans' benefits ask for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import Consent, User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice, Class
from ojt_logs.behalf import check_sense, places_of
from ojt_logs.models import HoursEntry, Kind, Line, State
from ojt_logs.models.acts import begin

MOST = 500
"""Apprentices of one recording."""


@dataclass(frozen=True)
class Attended:
    """One apprentice who was there, for how many minutes."""

    apprentice: Apprentice
    minutes: int
    paid: bool | None = None
    regular_hours: bool | None = None
    note: str = ""


def record_attendance(
    taught: Class, rows: Sequence[Attended], *, day: date, by: User, now: datetime, key: UUID
) -> list[HoursEntry]:
    """Write class hours of one day for these, approved by `by`, all or none.

    `key` is of the form: whom it wrote down before is not written twice. Raises ConsentNeeded, NotAllowed
    for who does not teach the class or was not there to teach it on that day, Refusal by field, with names.
    """
    Consent.objects.demand(by)
    _check(taught, rows, day=day, by=by)
    with transaction.atomic():
        people = [one.apprentice for one in rows]
        list(User.objects.select_for_update().filter(pk__in=[one.user_id for one in people]).order_by("pk"))
        names = {uuid5(key, str(one.uid)): one for one in people}
        before = HoursEntry.objects.everyone().filter(client_uid__in=names).select_related("apprentice")
        there = {entry.apprentice_id: entry for entry in before}
        new = [one for one in rows if one.apprentice.pk not in there]
        courses = dict(
            places_of([one.apprentice for one in new], Line(Kind.RI, day, 0, course=taught.course))
        )
        entries = [_entry(one, courses[one.apprentice], day, by=by, now=now, key=key) for one in new]
        check_sense(entries, now=now)
        begin("attend", entries, by=by, now=now, said={"class": str(taught.uid)})
        _check_review(entries, by=by)
    known = there | {entry.apprentice_id: entry for entry in entries}
    return [known[one.apprentice.pk] for one in rows]


def _check(taught: Class, rows: Sequence[Attended], *, day: date, by: User) -> None:
    if not Class.objects.taught_by(by).filter(pk=taught.pk).exists():
        raise NotAllowed("Attendance is recorded by the instructor of the class.", code="not_your_class")
    if not 0 < len(rows) <= MOST:
        raise Refusal(f"Mark between one and {MOST} who attended.", code="people", field="rows")
    if not taught.runs_on(day):
        raise Refusal("The class was not held on this day. Look at its days.", code="day", field="date")
    ids = [one.apprentice.pk for one in rows]
    on_roster = Apprentice.objects.attending(taught, seen_by=by).filter(pk__in=ids).exclude(user=by)
    if len(set(ids)) != len(ids) or on_roster.count() != len(ids):
        raise NotAllowed("These are not all on the roster, or twice.", code="roster", field="rows")


def _entry(
    one: Attended, place: dict[str, object], day: date, *, by: User, now: datetime, key: UUID
) -> HoursEntry:
    times = {"created_at": now, "updated_at": now, "submitted_at": now, "reviewed_at": now}
    return HoursEntry(
        apprentice=one.apprentice,
        kind=Kind.RI,
        date=day,
        minutes=one.minutes,
        note=one.note.strip(),
        client_uid=uuid5(key, str(one.apprentice.uid)),
        paid=one.paid,
        regular_hours=one.regular_hours,
        status=State.APPROVED,
        created_by=by,
        reviewed_by=by,
        **place,
        **times,
    )


def _check_review(entries: Sequence[HoursEntry], *, by: User) -> None:
    """Whoever records must be the one who may approve: instructor of the class on the day or today."""
    ids = {entry.pk for entry in entries}
    if HoursEntry.objects.under_review_of(by).filter(pk__in=ids).count() != len(ids):
        raise NotAllowed(
            "You were no instructor of this class on that day, or are none any more.", code="not_your_review"
        )
