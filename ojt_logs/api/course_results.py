"""REST: record who passed a course, for one or for a whole class, and take a result back."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, ByWords, OnceOnly
from apprenticeship.models import Apprentice, Class
from ojt_logs.api.hours import ReasonSerializer
from ojt_logs.api.sign_offs import by_token
from ojt_logs.forms.filters import CourseResultWords
from ojt_logs.models import CourseResult
from ojt_logs.models.course_results import Outcome

MOST_AT_ONCE = 200
"""Results in one request."""


class CourseResultSerializer(serializers.ModelSerializer[CourseResult]):
    """One act as it is on the record; `passed` is null for a withdrawal."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    course = serializers.UUIDField(source="course.uid")
    course_code = serializers.CharField(source="course.code")
    withdraws = serializers.UUIDField(source="withdraws.uid", default=None, allow_null=True)

    class Meta:
        model = CourseResult
        fields = [
            *("id", "apprentice", "course", "course_code", "passed", "completed_on", "grade", "note"),
            *("reason", "withdraws", "signer_name", "signer_initials", "signer_qualification", "signed_at"),
        ]


class OutcomeSerializer(serializers.Serializer[Any]):
    """What is said of one apprentice on the roster; the grade as the school writes it."""

    apprentice = serializers.UUIDField()
    passed = serializers.BooleanField()
    grade = serializers.CharField(required=False, allow_blank=True, max_length=20, default="")
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class RecordingSerializer(serializers.Serializer[Any]):
    """The results of a class on one day. All of them are recorded, or none."""

    taught = ByUid(Class.objects.visible_to, noun="class")
    completed_on = serializers.DateField()
    results = serializers.ListField(child=OutcomeSerializer(), allow_empty=False, max_length=MOST_AT_ONCE)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`class` is a word of the language, so it is named here."""
        return {"class" if name == "taught" else name: field for name, field in super().get_fields().items()}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """With `outcomes`: each apprentice once, of those on the roster whom the person may know."""
        taught, user = given["class"], self.context["request"].user
        known = {one.uid: one for one in Apprentice.objects.attending(taught, seen_by=user)}
        outcomes: list[Outcome] = []
        for one in given["results"]:
            person = known.pop(one["apprentice"], None)
            if person is None:
                raise ValidationError(
                    {"results": f"{one['apprentice']} is not on the roster, or named twice."}
                )
            outcomes.append(Outcome(person, one["passed"], one["grade"], one["note"]))
        return given | {"outcomes": outcomes}


class CourseResultViewSet(
    OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[CourseResult]
):
    """Results of courses and withdrawals. Recording needs a token with the scope `sign`."""

    serializer_class = CourseResultSerializer
    filter_backends = [ByWords]
    words = CourseResultWords
    lookup_url_kwarg = "id"
    scopes = {"create": "sign", "withdraw": "sign"}
    queryset = CourseResult.objects.none()

    def get_queryset(self) -> QuerySet[CourseResult]:
        rows = CourseResult.objects.visible_to(self.request.user)
        return rows.select_related("apprentice__user", "course", "withdraws")

    def get_object(self) -> CourseResult:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=RecordingSerializer, responses={201: CourseResultSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Record who of a class passed its course on a day, as its instructor."""
        words = RecordingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        given = words.validated_data
        rows = CourseResult.objects.record(
            given["class"],
            by=signed_in(request),
            now=timezone.now(),
            authentication=by_token(request),
            completed_on=given["completed_on"],
            outcomes=given["outcomes"],
        )
        return Response(CourseResultSerializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=CourseResultSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take back a result that one gave, with a reason; the original stays on the record."""
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        row = CourseResult.objects.withdraw(
            self.get_object(),
            by=signed_in(request),
            now=timezone.now(),
            authentication=by_token(request),
            reason=words.validated_data["reason"],
        )
        return Response(CourseResultSerializer(row).data)
