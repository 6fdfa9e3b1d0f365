"""REST: how far an apprentice is; the same result as the page and the papers."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import get_or_deny
from accounts.api import demand_known
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ojt_logs.progress import progress_of


class StandardsSerializer(serializers.Serializer[Any]):
    met = serializers.IntegerField(source="standards_met")
    counted = serializers.IntegerField(source="standards_counted")
    credited = serializers.IntegerField(
        source="standards_credited", help_text="Of `met`, those that credit stands in for."
    )
    not_applicable = serializers.IntegerField(
        source="standards_not_applicable", help_text="Settled by a signature; in none of the other figures."
    )


class MinutesSerializer(serializers.Serializer[Any]):
    approved = serializers.IntegerField()
    waiting = serializers.IntegerField()
    credited = serializers.IntegerField(help_text="For what came before; in none of the other figures.")
    required = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]


class CompetencyProgressSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    counts = serializers.BooleanField()
    why = serializers.CharField()
    achieved = serializers.BooleanField()
    credited = serializers.BooleanField()
    standards_met = serializers.IntegerField()
    standards_total = serializers.IntegerField(help_text="Those that are asked.")
    standards_not_applicable = serializers.IntegerField()


class FunctionProgressSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(source="function.number")
    counts = serializers.BooleanField()
    why = serializers.CharField()
    ojt_minutes = MinutesSerializer(source="ojt")
    ojt_minutes_most = serializers.IntegerField(source="function.ojt_minutes_max", allow_null=True)
    competencies = CompetencyProgressSerializer(many=True)


class CourseProgressSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="course.uid")
    code = serializers.CharField(source="course.code")
    title = serializers.CharField(source="course.title")
    required = serializers.BooleanField(source="course.required")  # type: ignore[assignment]
    minutes = MinutesSerializer()
    passed = serializers.BooleanField(source="result.passed", allow_null=True, default=None)
    completed_on = serializers.DateField(source="result.completed_on", allow_null=True, default=None)
    credited = serializers.BooleanField()
    grade = serializers.CharField(source="result.grade", default="")
    complete = serializers.BooleanField()


class ProgressSerializer(serializers.Serializer[Any]):
    apprentice = serializers.UUIDField(source="apprentice.uid")
    as_of = serializers.DateField()
    approach = serializers.CharField()
    complete = serializers.BooleanField()
    percent = serializers.IntegerField()
    standards = StandardsSerializer(source="*")
    ojt_minutes = MinutesSerializer(source="ojt")
    countable_ojt_minutes = serializers.IntegerField(source="countable_minutes")
    other_work_minutes = MinutesSerializer(source="other_work")
    ri_minutes = MinutesSerializer(source="ri")
    courses = CourseProgressSerializer(many=True)
    job_functions = FunctionProgressSerializer(source="functions", many=True)
    missing = serializers.ListField(child=serializers.CharField())


class AsOfSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateField(required=False)


class ProgressView(APIView):
    """Progress of one apprentice whose record one may read."""

    @extend_schema(
        responses=ProgressSerializer,
        parameters=[OpenApiParameter("as_of", type={"type": "string", "format": "date"}, required=False)],
    )
    def get(self, request: Request, id: str) -> Response:
        asked = AsOfSerializer(data=request.query_params.dict())
        demand_known(request, *asked.fields)
        asked.is_valid(raise_exception=True)
        visible = Apprentice.objects.visible_to(request.user)
        apprentice = get_or_deny(visible, Apprentice.objects.record_visible_to(request.user), uid=id)
        as_of = asked.validated_data.get("as_of")
        if as_of:
            _check_begun(as_of, apprentice, now=timezone.now())
        found = progress_of(apprentice, as_of=as_of)
        return Response(ProgressSerializer(found).data)


def _check_begun(day: date, apprentice: Apprentice, *, now: datetime) -> None:
    """Raise Refusal for a day after the apprentice's today: nobody has worked on it."""
    person = apprentice.user
    today = person.today(now)
    if day > today:
        raise Refusal(
            f"This day has not begun where {person} is ({person.time_zone}). Choose {today} or earlier.",
            code="future_day",
            field="as_of",
        )
