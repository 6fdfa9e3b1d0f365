"""REST: how a schedule and the frameworks of schools answer to each other."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api import OF_A_PAGE, ByUid, Paging, demand_known
from competencies import crosswalk
from competencies.models import (
    Alignment,
    AlignmentKind,
    AlignmentStatus,
    Framework,
    Side,
    TargetKind,
    WorkProcessSchedule,
)


class ListPaging(Paging):
    """Cursor paging of a list in a fixed order; the cursor is a place in it."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.base_url = request, request.build_absolute_uri()
        self.size = self.get_page_size(request) or self.page_size
        cursor = self.decode_cursor(request)
        self.start = int(cursor.position or 0) if cursor else 0
        self.total = len(queryset)
        return list(queryset[self.start : self.start + self.size])

    def get_next_link(self) -> str | None:
        following = self.start + self.size
        return self.encode_cursor(Cursor(0, False, following)) if following < self.total else None

    def get_previous_link(self) -> str | None:
        before = max(0, self.start - self.size)
        return self.encode_cursor(Cursor(0, False, before)) if self.start else None


class SideSerializer(serializers.Serializer[Alignment]):
    side = serializers.ChoiceField(Side.choices)
    status = serializers.ChoiceField(AlignmentStatus.choices)
    kind = serializers.ChoiceField(AlignmentKind.choices)
    by = serializers.CharField(source="decided_by.name")
    at = serializers.DateTimeField(source="decided_at")


class AlignmentSerializer(serializers.Serializer[Any]):
    """One link. `score`, 0 to 1, is how alike the texts are; null for a link that a person made."""

    competency_code = serializers.SerializerMethodField()
    target_kind = serializers.ChoiceField(TargetKind.choices, source="target.kind")
    target = serializers.UUIDField(source="target.row.uid")
    target_text = serializers.CharField(source="target.text")
    framework = serializers.UUIDField(source="statement.framework.uid")
    statement = serializers.UUIDField(source="statement.uid")
    statement_text = serializers.CharField(source="statement.text")
    kind = serializers.ChoiceField(AlignmentKind.choices)
    status = serializers.ChoiceField(AlignmentStatus.choices)
    score = serializers.FloatField(allow_null=True)
    confident = serializers.BooleanField()
    decisions = SideSerializer(many=True)

    def get_competency_code(self, link: crosswalk.Standing) -> str | None:
        """Null for related instruction and cross-cutting competencies."""
        return link.target.code or None


class Wish(serializers.Serializer[Any]):
    """What is asked for in the address."""

    schedule = ByUid(WorkProcessSchedule.objects.visible_to, noun="schedule")
    framework = ByUid(Framework.objects.visible_to, noun="framework", required=False)
    status = serializers.ChoiceField(AlignmentStatus.choices, required=False)

    def validate_schedule(self, schedule: WorkProcessSchedule) -> WorkProcessSchedule:
        if not schedule.frozen:
            raise ValidationError("This schedule is a draft. Only published ones are aligned.")
        return schedule


class AlignmentViewSet(GenericViewSet[Alignment]):
    """What a schedule has in common with the newest version of each framework, or with the one named.

    In the order of the schedule, competencies first; of each part the best link first. Between public
    documents everybody reads the suggestions; on a sponsor's own schedule its people read what was decided.
    """

    permission_classes = [AllowAny]
    pagination_class = ListPaging
    serializer_class = AlignmentSerializer
    queryset = Alignment.objects.none()

    def get_queryset(self) -> QuerySet[Alignment]:
        return Alignment.objects.visible_to(self.request.user)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "schedule", OpenApiTypes.UUID, required=True, description="A published schedule"
            ),
            OpenApiParameter("framework", OpenApiTypes.UUID, description="Links to this framework alone"),
            OpenApiParameter("status", enum=AlignmentStatus.values, description="Links that stand so"),
        ]
    )
    def list(self, request: Request) -> Response:
        wish = Wish(data=request.query_params, context={"request": request})
        demand_known(request, *wish.fields, *OF_A_PAGE)
        wish.is_valid(raise_exception=True)
        asked = wish.validated_data
        found = crosswalk.read(asked["schedule"], user=request.user, framework=asked.get("framework"))
        wanted = asked.get("status")
        rows = [link for link in found.links if wanted in (None, link.status)]
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(AlignmentSerializer(page, many=True).data)
