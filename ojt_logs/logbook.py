"""What a device is given so that it can be used without signal: as little as a day's entry needs.

For an apprentice: name, registration, the subjects of the schedule, and what stands on the last days. For a
mentor: whom they may sign for and what there is to rate. Numbers, words to show and ids; nobody's notes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, cast

from accounts.models import User
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs.forms.subjects import Subject, Subjects
from ojt_logs.models import HoursEntry, Method, SignOff

DAYS = 14
"""So many days back a device knows what is logged; for earlier ones it asks when it sends."""


def logbook_of(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything that the device of `user` keeps, as JSON can say it."""
    today = user.today(now)
    own = Apprentice.objects.visible_to(user).filter(user=user, ended_on=None).order_by("-started_on", "-pk")
    return {
        "name": user.get_short_name(),
        "zone": str(user.time_zone),
        "registrations": [
            _registration(one, today=today) for one in own.select_related("program__sponsor", "schedule")
        ],
        "signing": _signing(user),
    }


def _registration(apprentice: Apprentice, *, today: date) -> dict[str, Any]:
    subjects = Subjects(apprentice)
    entries = apprentice.hours.exclude(status="superseded").select_related(
        "job_function", "competency", "course"
    )
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries.of_days(today - timedelta(days=DAYS), today).order_by("date", "pk"):
        days[entry.date.isoformat()].append(_known(entry, subjects))
    return {
        "uid": str(apprentice.uid),
        "program": str(apprentice.program),
        "started_on": apprentice.started_on.isoformat(),
        "subjects": list(_subjects(subjects)),
        "recent": [one.token for one in subjects.recent()],
        "days": days,
    }


def _known(entry: HoursEntry, subjects: Subjects) -> dict[str, Any]:
    subject = subjects.of(entry)
    return {
        "mark": mark(entry),
        "about": subject.token if subject else "",
        "label": entry.subject,
        "minutes": entry.minutes,
        "status": entry.status,
    }


def mark(entry: HoursEntry) -> str:
    """Stands for an entry as somebody read it: another after its hours, its day or its subject changed."""
    place = entry.competency_id, entry.job_function_id, entry.course_id
    read = f"{entry.uid} {entry.date} {entry.minutes} {place}"
    return hashlib.sha256(read.encode()).hexdigest()[:16]


def _subjects(subjects: Subjects) -> Iterator[dict[str, Any]]:
    """Every choice with its group, in the order of the pages."""
    for group, rows in subjects.choices:
        for token, label in cast("list[tuple[str, str]]", rows):
            one = subjects.get(token)
            yield {"token": token, "label": label, "group": group, **(_fields(one) if one else {})}


def _fields(subject: Subject) -> dict[str, Any]:
    """What says this subject over REST."""
    return {
        "kind": subject.kind,
        "job_function": subject.job_function.number if subject.job_function else None,
        "competency": subject.competency.code if subject.competency else None,
        "course": str(subject.course.uid) if subject.course else None,
    }


def _signing(user: User) -> dict[str, Any] | None:
    """Whom `user` may sign for and what, each scale and schedule once; None for who signs for nobody."""
    rows = Apprentice.objects.signable_by(user).filter(ended_on=None)
    people = list(
        rows.select_related("user", "program__rating_scale", "schedule__rating_scale").order_by("user__name")
    )
    if not people:
        return None
    schedules = {one.schedule_id for one in people}
    scales = {scale.pk: scale for one in people if (scale := one.scale)}
    return {
        "people": [
            {
                "uid": str(one.uid),
                "name": str(one),
                "schedule": one.schedule_id,
                "scale": one.scale.pk if one.scale else None,
                "signed": _signed(one, user),
            }
            for one in people
        ],
        "schedules": {key: _competencies(key) for key in schedules},
        "scales": {key: [_level(level) for level in scale.rising] for key, scale in scales.items()},
        "methods": [{"value": method.value, "label": str(method.label)} for method in Method],
    }


def _signed(apprentice: Apprentice, user: User) -> dict[str, str]:
    """By code of the competency, when `user` signed it last: a draft that is older has been signed."""
    rows = SignOff.objects.visible_to(user).filter(apprentice=apprentice, signer=user).order_by("signed_at")
    return {row.competency.code: row.signed_at.isoformat() for row in rows.select_related("competency")}


def _competencies(schedule: int) -> list[dict[str, Any]]:
    rows = Competency.objects.filter(job_function__schedule=schedule).prefetch_related("standards")
    return [
        {
            "code": one.code,
            "title": one.title,
            "standards": [
                {"uid": str(standard.uid), "text": standard.text} for standard in one.standards.all()
            ]
            or [{"uid": str(one.uid), "text": one.title}],
        }
        for one in rows.order_by("job_function__number", "position")
    ]


def _level(level: Any) -> dict[str, Any]:
    return {
        "value": level.answer,
        "label": level.label,
        "short": level.short_label,
        "needs_reason": level.needs_reason,
    }
