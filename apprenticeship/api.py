"""REST: programs, apprentices, and who one is."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, ByWords, OnceOnly
from accounts.models.people import authority_day
from apprenticeship.forms.credits import CreditWords
from apprenticeship.forms.lists import ApprenticeWords, ClassWords, ProgramFilters
from apprenticeship.models import Apprentice, Class, Credit, Program
from apprenticeship.models.credits import CreditLine
from competencies.models import Competency, Course, RatingLevel


class CourseSerializer(serializers.ModelSerializer[Course]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Course
        fields = ["id", "code", "title", "ri_minutes", "required"]


class RatingLevelSerializer(serializers.ModelSerializer[RatingLevel]):
    class Meta:
        model = RatingLevel
        fields = ["value", "label", "description", "passing", "needs_reason", "not_applicable"]


class ProgramListSerializer(serializers.ModelSerializer[Program]):
    id = serializers.UUIDField(source="uid")
    sponsor = serializers.CharField(source="sponsor.name")
    schedule = serializers.UUIDField(source="schedule.uid")
    approach = serializers.CharField()

    class Meta:
        model = Program
        fields = ["id", "name", "sponsor", "approach", "rapids_code", "onet_code", "schedule"]


class ProgramSerializer(ProgramListSerializer):
    courses = CourseSerializer(source="schedule.courses", many=True)
    rating_scale = serializers.SerializerMethodField()

    class Meta(ProgramListSerializer.Meta):
        fields = [
            *ProgramListSerializer.Meta.fields,
            "term_months",
            "minimum_months",
            "ojt_minutes_required",
            "ri_minutes_required",
            "courses",
            "rating_scale",
        ]

    @extend_schema_field(RatingLevelSerializer(many=True))
    def get_rating_scale(self, program: Program) -> Any:
        scale = program.scale
        return RatingLevelSerializer(scale.rising, many=True).data if scale else []


class ProgramViewSet(ReadOnlyModelViewSet[Program]):
    """Programs of one's sponsors, and those one is an apprentice in."""

    filter_backends = [ByWords]
    words = ProgramFilters
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = Program.objects.none()

    def get_queryset(self) -> QuerySet[Program]:
        rows = Program.objects.visible_to(self.request.user)
        return rows.select_related("sponsor", "schedule__rating_scale", "rating_scale")

    def get_object(self) -> Program:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_class(self) -> type[ProgramListSerializer]:
        return ProgramListSerializer if self.action == "list" else ProgramSerializer


class ApprenticeSerializer(serializers.ModelSerializer[Apprentice]):
    id = serializers.UUIDField(source="uid")
    name = serializers.CharField(source="user.name")
    program = serializers.UUIDField(source="program.uid")
    schedule = serializers.UUIDField(source="schedule.uid")
    status = serializers.CharField()

    class Meta:
        model = Apprentice
        fields = ["id", "name", "program", "schedule", "status", "started_on", "expected_end_on", "ended_on"]


class ApprenticeViewSet(ReadOnlyModelViewSet[Apprentice]):
    """Oneself, whom one mentors or teaches, and everybody of the programs one coordinates or audits."""

    serializer_class = ApprenticeSerializer
    filter_backends = [ByWords]
    words = ApprenticeWords
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = Apprentice.objects.none()

    def get_queryset(self) -> QuerySet[Apprentice]:
        return Apprentice.objects.visible_to(self.request.user).select_related("user", "program", "schedule")

    def get_object(self) -> Apprentice:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])


class ClassListSerializer(serializers.ModelSerializer[Class]):
    id = serializers.UUIDField(source="uid")
    program = serializers.UUIDField(source="program.uid")
    course = CourseSerializer()
    instructor = serializers.CharField(source="instructor.name")

    class Meta:
        model = Class
        fields = ["id", "program", "course", "instructor", "starts_on", "ends_on"]


class ClassSerializer(ClassListSerializer):
    """With the ids of those on the roster whom one may know."""

    apprentices = serializers.SerializerMethodField()

    class Meta(ClassListSerializer.Meta):
        fields = [*ClassListSerializer.Meta.fields, "apprentices"]

    def get_apprentices(self, taught: Class) -> list[UUID]:
        people = Apprentice.objects.attending(taught, seen_by=signed_in(self.context["request"]))
        return list(people.order_by("pk").values_list("uid", flat=True))


class ClassViewSet(ReadOnlyModelViewSet[Class]):
    """Classes that one teaches, and those of the programs that one coordinates or audits."""

    filter_backends = [ByWords]
    words = ClassWords
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = Class.objects.none()

    def get_queryset(self) -> QuerySet[Class]:
        rows = Class.objects.visible_to(self.request.user).with_state(on=authority_day(timezone.now()))
        return rows.select_related("program", "course", "instructor")

    def get_object(self) -> Class:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_class(self) -> type[ClassListSerializer]:
        return ClassListSerializer if self.action == "list" else ClassSerializer


class RoleSerializer(serializers.Serializer[Any]):
    sponsor_id = serializers.UUIDField(source="sponsor.uid")
    sponsor = serializers.CharField(source="sponsor.name")
    role = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    email = serializers.EmailField()
    name = serializers.CharField()
    initials = serializers.CharField()
    time_zone = serializers.CharField()
    roles = RoleSerializer(many=True)
    apprenticeships = ApprenticeSerializer(many=True)


class MeView(APIView):
    """Who the token or session belongs to, with roles and registrations."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        person = signed_in(request)
        roles = person.memberships.active(on=authority_day(timezone.now()))
        own = Apprentice.objects.visible_to(person).filter(user=person)
        data = {
            **{name: getattr(person, name) for name in ("uid", "email", "name", "initials", "time_zone")},
            "roles": roles.select_related("sponsor"),
            "apprenticeships": own.select_related("user", "program", "schedule"),
        }
        return Response(MeSerializer(data).data)


class CreditSerializer(serializers.ModelSerializer[Credit]):
    """One thing credited: minutes of work, minutes of a course, or a competency whole."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    job_function = serializers.IntegerField(source="job_function.number", default=None, allow_null=True)
    course = serializers.UUIDField(source="course.uid", default=None, allow_null=True)
    competency = serializers.CharField(source="competency.code", default=None, allow_null=True)
    granted_by = serializers.CharField(source="granted_by.name")

    class Meta:
        model = Credit
        fields = [
            "id",
            "apprentice",
            "minutes",
            "job_function",
            "course",
            "competency",
            "evidence",
            "decided_on",
            "wage_step",
            "granted_by",
            "granted_at",
            "withdrawn_at",
            "withdrawn_why",
        ]


class GrantSerializer(serializers.Serializer[Any]):
    """Minutes with a job function by number, with a course by id or with neither; or a competency by code."""

    apprentice = ByUid(Apprentice.objects.visible_to, noun="apprentice")
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=3_000_000, default=None)
    job_function = serializers.IntegerField(required=False, default=None)
    course = serializers.UUIDField(required=False, default=None)
    competency = serializers.CharField(required=False, default=None, max_length=8)
    evidence = serializers.CharField(max_length=1000)
    decided_on = serializers.DateField()
    wage_step = serializers.IntegerField(required=False, default=None)

    def line(self) -> CreditLine:
        """What is credited. Raises ValidationError for what the apprentice's schedule has not, or for two."""
        said, schedule = self.validated_data, self.validated_data["apprentice"].schedule
        asked = {
            "job_function": schedule.job_functions.filter(number=said["job_function"] or 0),
            "course": schedule.courses.filter(uid=said["course"]),
            "competency": Competency.objects.filter(
                job_function__schedule=schedule, code=(said["competency"] or "").lower()
            ),
        }
        named = [name for name in asked if said[name] is not None]
        found = {name: asked[name].first() for name in named}
        if len(named) > 1 or None in found.values() or (said["competency"] and said["minutes"]):
            words = (
                "Name one job function, course or competency of the schedule; a competency without minutes."
            )
            raise serializers.ValidationError({named[0]: [words]})
        return CreditLine(said["minutes"], **found)


class WhySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True, default="", max_length=500)


class CreditViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Credit]):
    """Credit for what came before the agreement: one's own, and of whom one coordinates or audits."""

    serializer_class = CreditSerializer
    filter_backends = [ByWords]
    words = CreditWords
    lookup_url_kwarg = "id"
    queryset = Credit.objects.none()

    def get_queryset(self) -> QuerySet[Credit]:
        return Credit.objects.visible_to(self.request.user).select_related(
            "apprentice", "job_function", "course", "competency", "granted_by"
        )

    def get_object(self) -> Credit:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=GrantSerializer, responses={201: CreditSerializer})
    def create(self, request: Request) -> Response:
        """Grant one credit, as a coordinator."""
        words = GrantSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        said = {name: words.validated_data[name] for name in ("evidence", "decided_on", "wage_step")}
        (row,) = Credit.objects.grant(
            words.validated_data["apprentice"],
            [words.line()],
            **said,
            by=signed_in(request),
            now=timezone.now(),
        )
        return Response(CreditSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=WhySerializer, responses=CreditSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take it back, with a reason; it stays on the record."""
        words = WhySerializer(data=request.data)
        words.is_valid(raise_exception=True)
        row = self.get_object()
        row.withdraw(by=signed_in(request), now=timezone.now(), reason=words.validated_data["reason"])
        return Response(CreditSerializer(row).data)
