"""REST: published schedules and frameworks, which need no token."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from competencies.forms import ScheduleWords
from competencies.models import (
    Competency,
    Course,
    Framework,
    FrameworkStatement,
    JobFunction,
    PerformanceStandard,
    WorkProcessSchedule,
)


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
        fields = ["id", "code", "title", "heading", "ri_minutes", "required"]


class ScheduleListSerializer(serializers.ModelSerializer[WorkProcessSchedule]):
    id = serializers.UUIDField(source="uid")
    occupation = OccupationSerializer()

    class Meta:
        model = WorkProcessSchedule
        fields = ["id", "title", "occupation", "version", "status", "approach", "rapids_code", "onet_code"]


class ScheduleSerializer(ScheduleListSerializer):
    job_functions = JobFunctionSerializer(many=True)
    courses = ScheduleCourseSerializer(many=True)

    class Meta(ScheduleListSerializer.Meta):
        fields = [
            *ScheduleListSerializer.Meta.fields,
            *("term_months", "minimum_ojt_minutes", "maximum_ojt_minutes", "minimum_ri_minutes"),
            *("source", "job_functions", "courses"),
        ]


class ScheduleViewSet(ReadOnlyModelViewSet[WorkProcessSchedule]):
    """Published work process schedules; of each the latest version, by its id any version."""

    permission_classes = [AllowAny]
    filter_backends = [ByWords]
    words = ScheduleWords
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = WorkProcessSchedule.objects.none()

    def get_queryset(self) -> QuerySet[WorkProcessSchedule]:
        rows = WorkProcessSchedule.objects.visible_to(self.request.user).filter(frozen=True)
        rows = rows.select_related("occupation")
        if self.action == "list":
            return rows.newest()
        tree = ("job_functions__topics", "job_functions__competencies__standards", "courses")
        return rows.prefetch_related(*tree)

    def get_object(self) -> WorkProcessSchedule:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_class(self) -> type[ScheduleListSerializer]:
        return ScheduleListSerializer if self.action == "list" else ScheduleSerializer


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
        children: dict[int | None, list[FrameworkStatement]] = {}
        for row in framework.statements.order_by("position"):
            children.setdefault(row.parent_id, []).append(row)
        return [
            {
                "title": domain.text,
                "subdomains": [
                    {
                        "title": subdomain.text,
                        "statements": StatementSerializer(children.get(subdomain.pk, []), many=True).data,
                    }
                    for subdomain in children.get(domain.pk, [])
                ],
            }
            for domain in children.get(None, [])
        ]


class FrameworkViewSet(ReadOnlyModelViewSet[Framework]):
    """Published competency frameworks with the number of learning resources listed for each statement."""

    permission_classes = [AllowAny]
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
