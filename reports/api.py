"""REST: ask for a document, follow it, fetch the file."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import AnyFormat, ByUid, ByWords, OnceOnly
from accounts.schema import PROBLEM, ProblemSerializer
from accounts.tables import FORMATS
from apprenticeship.models import Apprentice, Employer, Program
from competencies.models import WorkProcessSchedule
from reports.files import file_response
from reports.filters import ReportFilters
from reports.models import DocumentKind, ReportRun
from reports.tasks import enqueue


class ReportSerializer(serializers.ModelSerializer[ReportRun]):
    """A report as it stands; `percent` is sections done of sections known."""

    id = serializers.UUIDField(source="uid")
    document = serializers.CharField()
    status = serializers.CharField(source="state")
    apprentice = serializers.UUIDField(source="apprentice.uid", default=None, allow_null=True)
    program = serializers.UUIDField(source="program.uid", default=None, allow_null=True)
    schedule = serializers.UUIDField(source="schedule.uid", default=None, allow_null=True)
    employer = serializers.UUIDField(source="employer.uid", default=None, allow_null=True)

    class Meta:
        model = ReportRun
        fields = [
            "id",
            "document",
            "status",
            "percent",
            "apprentice",
            "program",
            "schedule",
            "employer",
            "for_each",
            "reason",
            "file_name",
            "sha256",
            "bytes",
            "created_at",
            "finished_at",
        ]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of the language, so these two are named here."""
        first = serializers.DateField(source="from_day", allow_null=True)
        last = serializers.DateField(source="to_day", allow_null=True)
        return super().get_fields() | {"from": first, "to": last}


class AskingSerializer(serializers.Serializer[Any]):
    """Which document, about one apprentice, program or schedule, for which days (both included; null: all).

    Of a program there are `schedule`, `progress`, `summary` and `workbook`; with `for_each` a ZIP with a file
    for each of its apprentices, of every document but the last two; with an `employer` only its apprentices.
    Of a schedule that one sees there is the blank `schedule`.
    """

    document = serializers.ChoiceField(choices=DocumentKind.values)
    apprentice = ByUid(Apprentice.objects.visible_to, noun="apprentice", required=False, allow_null=True)
    program = ByUid(Program.objects.visible_to, noun="program", required=False, allow_null=True)
    schedule = ByUid(WorkProcessSchedule.objects.visible_to, noun="schedule", required=False, allow_null=True)
    employer = ByUid(Employer.objects.visible_to, noun="employer", required=False, allow_null=True)
    for_each = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        first = serializers.DateField(source="from_day", required=False, allow_null=True)
        last = serializers.DateField(source="to_day", required=False, allow_null=True)
        return super().get_fields() | {"from": first, "to": last}


class ReportViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ReportRun]):
    """Reports that one asked for, and those about programs that one coordinates or audits."""

    serializer_class = ReportSerializer
    filter_backends = [ByWords]
    words = ReportFilters
    lookup_url_kwarg = "id"
    queryset = ReportRun.objects.none()

    def get_queryset(self) -> QuerySet[ReportRun]:
        return ReportRun.objects.visible_to(self.request.user).select_related(
            "apprentice", "program", "schedule", "employer"
        )

    def get_object(self) -> ReportRun:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=AskingSerializer, responses={202: ReportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a document; a worker builds it. Follow it at its own address."""
        words = AskingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        run = ReportRun.objects.start(by=signed_in(request), now=timezone.now(), **words.validated_data)
        enqueue(run)
        return Response(ReportSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "application/zip"): OpenApiTypes.BINARY,
            (200, FORMATS["xlsx"]): OpenApiTypes.BINARY,
            (409, PROBLEM): ProblemSerializer,
        }
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def file(self, request: Request, id: str) -> FileResponse:
        """The finished file; 409 while it is not finished."""
        return file_response(self.get_object())
