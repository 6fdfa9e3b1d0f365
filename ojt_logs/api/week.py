"""REST: a week as a grid of subjects by days, saved whole or not at all."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from ojt_logs import own
from ojt_logs.forms.grid import CHANGED, MOST_ROWS, NOTHING, SUNDAY, GridForm, Row
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import HoursEntry
from ojt_logs.tables import HOURS_RELATED

SEVERAL = "There are several drafts of this subject and day. Change them one by one."
Asked = Sequence[tuple[str, Mapping[str, int]]]
"""Subjects with the minutes by day that their drafts shall have."""


class WeekRowSerializer(serializers.Serializer[Any]):
    """`about`: a competency (`2g`), a job function (`2`), `other`, or `course-` and the id of a course.
    `minutes`: of its drafts, by day."""

    about = serializers.CharField(max_length=60)
    minutes = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=999_999), allow_empty=True
    )


class WeekSerializer(serializers.Serializer[Any]):
    """What the drafts of the week shall be.

    `seen`: as the week was read; a draft that was changed since is not overwritten (409). `key`: as it was
    read, so that the same week sent twice is written once.
    """

    seen = serializers.CharField(allow_blank=True, max_length=60_000)
    key = serializers.UUIDField(required=False, default=uuid.uuid4)
    rows = WeekRowSerializer(many=True)


class ShownRowSerializer(WeekRowSerializer):
    """`several`: minutes where a day has several drafts of the subject, which the grid does not change."""

    label = serializers.CharField()  # type: ignore[assignment]  # a word of this name
    several = serializers.DictField(child=serializers.IntegerField())


class ShownWeekSerializer(serializers.Serializer[Any]):
    """The week as it stands. `on_record`: minutes a day that are submitted or approved; `closed`: the days
    that take no hours, with the reason."""

    monday = serializers.DateField()
    seen = serializers.CharField()
    key = serializers.UUIDField()
    rows = ShownRowSerializer(many=True)
    on_record = serializers.DictField(child=serializers.IntegerField())
    closed = serializers.DictField(child=serializers.CharField())


class WeekView(APIView):
    """One's own drafts of a week."""

    @extend_schema(responses=ShownWeekSerializer)
    def get(self, request: Request, id: str, monday: date) -> Response:
        """The drafts by subject and day, and what a week can be about lately."""
        return Response(_shown(_form(request, _own(request, id), monday)))

    @extend_schema(request=WeekSerializer, responses=ShownWeekSerializer)
    def put(self, request: Request, id: str, monday: date) -> Response:
        """Make the drafts of the week what is sent: written, changed and deleted together, or none of it.

        What is on the record stays as it is, and so do days with several drafts of one subject.
        """
        apprentice = _own(request, id)
        before = _form(request, apprentice, monday)
        words = WeekSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        asked = [(row["about"], row["minutes"]) for row in words.validated_data["rows"]]
        _check(before, asked)
        named = {about for about, _ in asked}
        rows = asked + [(row.about, {}) for row in before.rows if row.about and row.about not in named]
        if len(rows) > MOST_ROWS:
            raise ValidationError({"rows": [f"A week has at most {MOST_ROWS} subjects."]})
        form = _form(request, apprentice, monday, data=_typed(before, rows, words.validated_data))
        if not form.save(by=signed_in(request), now=timezone.now()) and form.errors != [NOTHING]:
            raise _refusal(form)
        return Response(_shown(_form(request, apprentice, monday)))


def _own(request: Request, uid: str) -> Apprentice:
    apprentice = own.registration_of(signed_in(request), uid)
    prefetch_related_objects([apprentice], "status_changes")
    return apprentice


def _form(
    request: Request, apprentice: Apprentice, day: date, *, data: Mapping[str, Any] | None = None
) -> GridForm:
    now = timezone.now()
    monday = own.monday_within(apprentice, day, now=now)
    rows = HoursEntry.objects.visible_to(request.user).filter(apprentice=apprentice)
    entries = rows.of_days(monday, monday + SUNDAY).select_related(*HOURS_RELATED).order_by("date", "pk")
    subjects = Subjects(apprentice)
    return GridForm(apprentice, monday, subjects=subjects, entries=list(entries), now=now, data=data)


def _check(form: GridForm, asked: Asked) -> None:
    """Raise ValidationError for subjects and days without a place in this grid, and what it leaves alone."""
    days = {day.isoformat(): day for day in form.days}
    cells = {(row.about, cell.day.isoformat()): cell for row in form.rows for cell in row.cells}
    for number, (about, minutes) in enumerate(asked):
        if form.subjects.get(about) is None:
            raise ValidationError({f"rows.{number}.about": ["This is not in your program."]})
        for day, time in minutes.items():
            cell, place = cells.get((about, day)), f"rows.{number}.minutes.{day}"
            drafted = cell.entry.minutes if cell and cell.entry else None
            if day not in days:
                raise ValidationError({place: ["This day is not in the week."]})
            if cell and cell.several:
                raise ValidationError({place: [SEVERAL]})
            if days[day] in form.closed and time != drafted:
                raise ValidationError({place: [form.closed[days[day]]]})


def _typed(form: GridForm, rows: Asked, said: Mapping[str, Any]) -> dict[str, str]:
    """The grid as its page would send it."""
    typed = {"rows": str(len(rows)), "seen": said["seen"], "nonce": str(said["key"])}
    for number, (about, minutes) in enumerate(rows):
        typed[f"row-{number}-about"] = about
        for at, day in enumerate(form.days):
            time = minutes.get(day.isoformat())
            typed[f"row-{number}-{at}"] = f"{time} min" if time else ""
    return typed


def _refusal(form: GridForm) -> Exception:
    if CHANGED in form.errors:
        return Conflict(
            "This week was changed elsewhere after you read it, so nothing was saved. Read it again.",
            code="changed_since",
        )
    subjects = {f"rows.{row.number}.about": row.errors for row in form.rows if row.errors}
    cells = {
        f"rows.{row.number}.minutes.{cell.day.isoformat()}": cell.errors
        for row in form.rows
        for cell in row.cells
        if cell.errors
    }
    return ValidationError(subjects | cells)


def _shown(form: GridForm) -> dict[str, Any]:
    """As the serializer of the answer says."""
    answer = {
        "monday": form.monday,
        "seen": form.seen,
        "key": form.nonce,
        "rows": [_row(row) for row in form.rows if row.subject],
        "on_record": {
            day.isoformat(): minutes
            for day, minutes in zip(form.days, form.fixed_minutes, strict=True)
            if minutes
        },
        "closed": {day.isoformat(): why for day, why in form.closed.items()},
    }
    return dict(ShownWeekSerializer(answer).data)


def _row(row: Row) -> dict[str, Any]:
    return {
        "about": row.about,
        "label": row.subject.label if row.subject else "",
        "minutes": {cell.day.isoformat(): cell.minutes for cell in row.cells if cell.minutes},
        "several": {cell.day.isoformat(): cell.several for cell in row.cells if cell.several},
    }
