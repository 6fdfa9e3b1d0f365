"""REST: programs, apprentices, and who one is."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByWords
from accounts.models.people import authority_day
from apprenticeship.forms.lists import ApprenticeWords, ClassWords, ProgramFilters
from apprenticeship.models import Apprentice, Class, Program
from competencies.models import Course, RatingLevel


class CourseSerializer(serializers.ModelSerializer[Course]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Course
        fields = ["id", "code", "title", "ri_minutes", "required"]


class RatingLevelSerializer(serializers.ModelSerializer[RatingLevel]):
    class Meta:
        model = RatingLevel
        fields = ["value", "label", "description", "passing", "needs_reason"]


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
        return RatingLevelSerializer(scale.levels.order_by("value"), many=True).data if scale else []


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
