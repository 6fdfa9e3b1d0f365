"""Hours that a mentor, an instructor or a coordinator writes down for apprentices, several at once.

They wait for review like others and say by whom they were logged. The apprentice may dispute them with a
reason; nobody approves them before that is settled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q

from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice, Class
from apprenticeship.models.apprentices import ApprenticeQuerySet
from competencies.models import Competency, Course, JobFunction
from ojt_logs.models import HoursEntry, Line, State
from ojt_logs.models.acts import begin
from ojt_logs.models.rules import problems_of_new

MOST = 100
"""Apprentices for whom one form is filled in."""


@dataclass(frozen=True)
class Work:
    """What is written down for several: a line, whose place each finds by lineage in their own version."""

    line: Line
    key: UUID
    """Of the form, so that it counts once however often it is sent."""


def loggable_by(user: User, *, now: datetime) -> ApprenticeQuerySet:
    """For whom `user` may write hours down today: those they mentor, teach or decide about, never oneself."""
    everyone = Apprentice.objects.all()
    taught = Class.objects.taught_by(user).values("roster")
    mentored = everyone.mentored_by(user, on=authority_day(now)).values("pk")
    decided = everyone.decided_by(user).values("pk")
    found = Apprentice.objects.visible_to(user).exclude(user=user)
    return found.filter(Q(pk__in=mentored) | Q(pk__in=decided) | Q(pk__in=taught))


def log_for(people: Sequence[Apprentice], work: Work, *, by: User, now: datetime) -> list[HoursEntry]:
    """Write the same hours down for each of these, all or none; they are submitted at once.

    Raises NotAllowed for people or hours that are not `by`'s to log, Refusal with the names of those for whom
    it makes no sense, ConsentNeeded.
    """
    Consent.objects.demand(by)
    if not 0 < len(people) <= MOST:
        raise Refusal(f"Choose between one and {MOST} apprentices.", code="people", field="people")
    with transaction.atomic():
        ids = {one.user_id for one in people}
        list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        found = _read_again(people, by=by, now=now)
        if there := _there(found, work):
            return there
        entries = [_entry(one, work, place, by=by, now=now) for one, place in places_of(found, work.line)]
        check_sense(entries, now=now)
        begin("log_for", entries, by=by, now=now, said={})
        _check_review(entries, by=by)
    return entries


def _read_again(people: Sequence[Apprentice], *, by: User, now: datetime) -> list[Apprentice]:
    wanted = {one.pk for one in people}
    rows = loggable_by(by, now=now).filter(pk__in=wanted).select_related("user", "program", "schedule")
    found = list(rows.prefetch_related("status_changes").order_by("user__name", "pk"))
    if {one.pk for one in found} != wanted:
        raise NotAllowed("These are not all apprentices of yours.", code="not_allowed", field="people")
    return found


def _name(one: Apprentice, work: Work) -> UUID:
    return uuid5(work.key, str(one.uid))


def _there(people: Iterable[Apprentice], work: Work) -> list[HoursEntry]:
    """What this very form has written before."""
    names = [_name(one, work) for one in people]
    return list(HoursEntry.objects.everyone().filter(client_uid__in=names))


def places_of(people: Sequence[Apprentice], line: Line) -> list[tuple[Apprentice, dict[str, Any]]]:
    """Each with the place of the line in the version of the schedule that they are pinned to."""
    target = line.competency or line.job_function or line.course
    if target is None:
        return [(one, {}) for one in people]
    schedules = {one.schedule_id for one in people}
    known = {_schedule_of(row): row for row in _same(target, schedules)}
    missing = [one.user.name for one in people if one.schedule_id not in known]
    if missing:
        raise Refusal(
            f"{', '.join(missing)} learn{'s' if len(missing) == 1 else ''} by a version of the schedule "
            "without this. Log it for them alone.",
            code="version",
            field="about",
        )
    return [(one, _columns(known[one.schedule_id])) for one in people]


def _same(target: Any, schedules: set[int]) -> list[Any]:
    """The rows of these schedules with the lineage of `target`."""
    if isinstance(target, Competency):
        rows = Competency.objects.filter(lineage=target.lineage, job_function__schedule__in=schedules)
        return list(rows.select_related("job_function"))
    model = type(target)
    return list(model.objects.filter(lineage=target.lineage, schedule__in=schedules))


def _schedule_of(row: Competency | JobFunction | Course) -> int:
    return row.job_function.schedule_id if isinstance(row, Competency) else row.schedule_id


def _columns(row: Competency | JobFunction | Course) -> dict[str, Any]:
    if isinstance(row, Competency):
        return {"job_function": row.job_function, "competency": row}
    return {"course": row} if isinstance(row, Course) else {"job_function": row}


def _entry(one: Apprentice, work: Work, place: dict[str, Any], *, by: User, now: datetime) -> HoursEntry:
    empty = {"job_function": None, "competency": None, "course": None}
    line = replace(work.line, client_uid=_name(one, work), **(empty | place))
    times = {"created_at": now, "updated_at": now, "submitted_at": now}
    return HoursEntry(apprentice=one, created_by=by, status=State.SUBMITTED, **times, **vars(line))


def check_sense(entries: Sequence[HoursEntry], *, now: datetime) -> None:
    """Raise Refusal, with the names, for those for whom these hours make no sense."""
    found = problems_of_new(entries, now=now)
    told = [
        f"{entry.apprentice.user.name}: {' '.join(one for said in problems.values() for one in said)}"
        for entry, problems in zip(entries, found, strict=True)
        if problems
    ]
    if told:
        raise Refusal(" ".join(told), code="no_sense")


def _check_review(entries: Sequence[HoursEntry], *, by: User) -> None:
    """Who may review hours may write them down, and who decides about a registration."""
    ids = {entry.pk for entry in entries}
    reviewed = set(HoursEntry.objects.under_review_of(by).filter(pk__in=ids).values_list("pk", flat=True))
    decided = set(Apprentice.objects.decided_by(by).values_list("pk", flat=True))
    if any(entry.pk not in reviewed and entry.apprentice_id not in decided for entry in entries):
        raise NotAllowed(
            "As a mentor you log work of days on which you were assigned, as an instructor class hours of "
            "your roster. A coordinator may log both.",
            code="not_yours_to_log",
        )
