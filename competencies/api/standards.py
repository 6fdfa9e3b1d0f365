"""REST: published schedules and frameworks, which need no token."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import get_or_deny
from accounts.api import OF_A_PAGE, ByWords, demand_known
from accounts.listing import Filters
from competencies.api.versions import DifferencesSerializer, FromSerializer, StepSerializer, VersionSerializer
from competencies.contents import Branch, framework_contents
from competencies.differences import Differences, compare
from competencies.forms import ScheduleWords
from competencies.imports.rows import schedule_outline
from competencies.models import (
    Competency,
    Course,
    Framework,
    FrameworkStatement,
    JobFunction,
    PerformanceStandard,
    WorkProcessSchedule,
)
from competencies.versions import beside, others_of


class OccupationSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    onet_code = serializers.CharField()
    rapids_code = serializers.CharField()


class StandardSerializer(serializers.ModelSerializer[PerformanceStandard]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = PerformanceStandard
        fields = ["id", "text", "required_demonstrations"]


class CompetencySerializer(serializers.ModelSerializer[Competency]):
    id = serializers.UUIDField(source="uid")
    performance_standards = StandardSerializer(source="standards", many=True)

    class Meta:
        model = Competency
        fields = ["id", "code", "title", "level", "required", "performance_standards"]


class RelatedInstructionSerializer(serializers.Serializer[Any]):
    skills = serializers.ListField(child=serializers.CharField())
    knowledge = serializers.ListField(child=serializers.CharField())
    tools = serializers.ListField(child=serializers.CharField())


class JobFunctionSerializer(serializers.ModelSerializer[JobFunction]):
    related_instruction = serializers.SerializerMethodField()
    tasks = serializers.ListField(child=serializers.CharField())
    competencies = CompetencySerializer(many=True)

    class Meta:
        model = JobFunction
        fields = [
            *("number", "title", "core", "tasks", "ojt_minutes_min", "ojt_minutes_max"),
            *("related_instruction", "competencies"),
        ]

    @extend_schema_field(RelatedInstructionSerializer)
    def get_related_instruction(self, function: JobFunction) -> dict[str, list[str]]:
        topics = list(function.topics.all())
        names = {"skills": "skill", "knowledge": "knowledge", "tools": "tool"}
        return {name: [topic.text for topic in topics if topic.kind == kind] for name, kind in names.items()}


class ScheduleCourseSerializer(serializers.ModelSerializer[Course]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Course
        fields = ["id", "code", "title", "heading", "ri_minutes", "ri_minutes_max", "provider", "required"]


class ScheduleListSerializer(serializers.ModelSerializer[WorkProcessSchedule]):
    id = serializers.UUIDField(source="uid")
    occupation = OccupationSerializer()

    class Meta:
        model = WorkProcessSchedule
        fields = ["id", "title", "occupation", "version", "status", "approach", "rapids_code", "onet_code"]


class ScheduleSerializer(ScheduleListSerializer):
    job_functions = JobFunctionSerializer(many=True)
    courses = ScheduleCourseSerializer(many=True)
    steps = StepSerializer(many=True)

    class Meta(ScheduleListSerializer.Meta):
        fields = [
            *ScheduleListSerializer.Meta.fields,
            *("term_months", "minimum_ojt_minutes", "maximum_ojt_minutes", "minimum_ri_minutes"),
            *("source", "approved_on", "steps", "job_functions", "courses"),
        ]


class ScheduleViewSet(ReadOnlyModelViewSet[WorkProcessSchedule]):
    """Published work process schedules; of each the latest version.

    By its id any version, also a draft of one's own sponsor.
    """

    permission_classes = [AllowAny]
    filter_backends = [ByWords]
    words = ScheduleWords
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = WorkProcessSchedule.objects.none()

    def get_queryset(self) -> QuerySet[WorkProcessSchedule]:
        rows = WorkProcessSchedule.objects.visible_to(self.request.user).select_related("occupation")
        if self.action == "list":
            return rows.filter(frozen=True).newest()
        tree = ("job_functions__topics", "job_functions__competencies__standards", "courses", "steps__by")
        return rows.prefetch_related(*tree) if self.action == "retrieve" else rows

    def get_object(self) -> WorkProcessSchedule:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_class(self) -> type[ScheduleListSerializer]:
        return ScheduleListSerializer if self.action == "list" else ScheduleSerializer

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, filter_backends=[])
    def versions(self, request: Request, id: str) -> Response:
        """This version and all others of the same document that one may see, the newest first."""
        demand_known(request, *OF_A_PAGE)
        rows = WorkProcessSchedule.objects.visible_to(request.user).filter(lineage=self.get_object().lineage)
        page = self.paginate_queryset(rows.select_related("sponsor")) or []
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("from", OpenApiTypes.UUID, description="The version before it, if not")],
        responses=DifferencesSerializer,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def differences(self, request: Request, id: str) -> Response:
        """What this version keeps, changes, adds and leaves out of another one, row by row."""
        schedule = self.get_object()
        others = others_of(schedule, request.user)
        said = request.query_params.dict()
        wish = FromSerializer(data=said, context={"request": request, "others": others})
        demand_known(request, *wish.fields)
        wish.is_valid(raise_exception=True)
        before = wish.validated_data.get("from") or beside(schedule, request.user)
        found = compare(schedule_outline(before), schedule_outline(schedule)) if before else Differences([])
        ends = {"before": before and before.uid, "to": schedule.uid}
        said = {name: getattr(found, name) for name in ("kept_percent", "counts", "parts")}
        return Response(DifferencesSerializer(ends | said).data)


class StatementSerializer(serializers.ModelSerializer[FrameworkStatement]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = FrameworkStatement
        fields = ["id", "text", "resource_count", "counted_on"]


class SubdomainSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    statements = StatementSerializer(many=True)


class DomainSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    statements = StatementSerializer(many=True)
    subdomains = SubdomainSerializer(many=True)


class FrameworkListSerializer(serializers.ModelSerializer[Framework]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Framework
        fields = ["id", "title", "publisher", "version", "source"]


class FrameworkSerializer(FrameworkListSerializer):
    domains = serializers.SerializerMethodField()

    class Meta(FrameworkListSerializer.Meta):
        fields = [*FrameworkListSerializer.Meta.fields, "domains"]

    @extend_schema_field(DomainSerializer(many=True))
    def get_domains(self, framework: Framework) -> Any:
        def told(branches: list[Branch]) -> Any:
            return StatementSerializer([branch.row for branch in branches], many=True).data

        return [
            {
                "title": domain.row.text,
                "statements": told(domain.statements),
                "subdomains": [
                    {"title": one.row.text, "statements": told(one.statements)} for one in domain.subdomains
                ],
            }
            for domain in framework_contents(framework).domains
        ]


class FrameworkViewSet(ReadOnlyModelViewSet[Framework]):
    """Published competency frameworks with the number of learning resources listed for each statement."""

    permission_classes = [AllowAny]
    filter_backends = [ByWords]
    words = Filters
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = Framework.objects.none()

    def get_queryset(self) -> QuerySet[Framework]:
        rows = Framework.objects.visible_to(self.request.user)
        return rows.newest() if self.action == "list" else rows

    def get_object(self) -> Framework:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_class(self) -> type[FrameworkListSerializer]:
        return FrameworkListSerializer if self.action == "list" else FrameworkSerializer
