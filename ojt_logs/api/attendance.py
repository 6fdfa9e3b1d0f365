"""REST: who attended a class on a day, up to 500 at once, with a result a row."""

from typing import Any
from uuid import uuid5

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.access import signed_in
from accounts.api import ByUid, OnceOnly
from apprenticeship.models import Apprentice, Class
from ojt_logs.attendance import MOST, Attended, record_attendance
from ojt_logs.models import HoursEntry


class AttendedSerializer(serializers.Serializer[Any]):
    """One apprentice who was there."""

    apprentice = serializers.UUIDField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    paid = serializers.BooleanField(required=False, allow_null=True, default=None)
    regular_hours = serializers.BooleanField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class AttendanceSerializer(serializers.Serializer[Any]):
    """The attendance of a class on one day. All rows are recorded, or none."""

    taught = ByUid(Class.objects.visible_to, noun="class")
    date = serializers.DateField()
    rows = serializers.ListField(child=AttendedSerializer(), allow_empty=False, max_length=MOST)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`class` is a word of the language, so it is named here."""
        return {"class" if name == "taught" else name: field for name, field in super().get_fields().items()}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """With `attended`: each apprentice once, of those on the roster whom the person may know."""
        roster = Apprentice.objects.attending(given["class"], seen_by=self.context["request"].user)
        known = {one.uid: one for one in roster.select_related("user", "program")}
        attended, wrong = [], {}
        for place, row in enumerate(given["rows"]):
            person = known.pop(row.pop("apprentice"), None)
            if person is None:
                wrong[f"rows.{place}.apprentice"] = "This apprentice is not on the roster, or named twice."
            else:
                attended.append(Attended(person, **row))
        if wrong:
            raise ValidationError(wrong)
        return given | {"attended": attended}


class AttendedResultSerializer(serializers.Serializer[Any]):
    """What stands on the record for a row; not `new` where it was recorded before."""

    apprentice = serializers.UUIDField(source="apprentice.uid")
    id = serializers.UUIDField(source="uid")
    minutes = serializers.IntegerField()
    status = serializers.CharField()
    new = serializers.SerializerMethodField()

    def get_new(self, entry: HoursEntry) -> bool:
        return bool(entry.created_at == self.context["now"])


class AttendanceViewSet(OnceOnly, ViewSet):
    """Attendance of classes, recorded by their instructors."""

    @extend_schema(request=AttendanceSerializer, responses={201: AttendedResultSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Record who of a class attended on a day, as its instructor; their hours are approved.

        An apprentice is recorded once for a class and day, however often that is sent.
        """
        words = AttendanceSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        given, now = words.validated_data, timezone.now()
        taught, day = given["class"], given["date"]
        entries = record_attendance(
            taught,
            given["attended"],
            day=day,
            by=signed_in(request),
            now=now,
            key=uuid5(taught.uid, day.isoformat()),
        )
        told = AttendedResultSerializer(entries, many=True, context={"now": now})
        return Response(told.data, status=status.HTTP_201_CREATED)
