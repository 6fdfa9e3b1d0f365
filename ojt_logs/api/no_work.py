"""REST: days without work."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, ByWords, OnceOnly
from apprenticeship.models import Apprentice
from ojt_logs.api.hours import ReasonSerializer
from ojt_logs.forms.no_work import NoWorkWords
from ojt_logs.models import NoWorkPeriod
from ojt_logs.models.no_work import Why


class NoWorkSerializer(serializers.ModelSerializer[NoWorkPeriod]):
    """Days without work, both ends included."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    why = serializers.CharField()
    entered_by = serializers.CharField(source="entered_by.name")

    class Meta:
        model = NoWorkPeriod
        fields = [
            "id",
            "apprentice",
            "why",
            "first_day",
            "last_day",
            "note",
            "entered_by",
            "entered_at",
            "withdrawn_at",
            "withdrawn_why",
        ]


class NotingSerializer(serializers.Serializer[Any]):
    apprentice = ByUid(Apprentice.objects.visible_to, noun="apprentice")
    why = serializers.ChoiceField(choices=Why.choices)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class NoWorkViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[NoWorkPeriod]):
    """One's own days without work, and those of whom one coordinates or audits. They refuse no hours."""

    serializer_class = NoWorkSerializer
    filter_backends = [ByWords]
    words = NoWorkWords
    lookup_url_kwarg = "id"
    queryset = NoWorkPeriod.objects.none()

    def get_queryset(self) -> QuerySet[NoWorkPeriod]:
        return NoWorkPeriod.objects.visible_to(self.request.user).select_related("apprentice", "entered_by")

    def get_object(self) -> NoWorkPeriod:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=NotingSerializer, responses={201: NoWorkSerializer})
    def create(self, request: Request) -> Response:
        """Note days without work, as the apprentice or a coordinator."""
        words = NotingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        row = NoWorkPeriod.objects.record(**words.validated_data, by=signed_in(request), now=timezone.now())
        return Response(NoWorkSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=NoWorkSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take it back, with a reason; it stays on the record."""
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        row = self.get_object()
        row.withdraw(by=signed_in(request), now=timezone.now(), reason=words.validated_data["reason"])
        return Response(NoWorkSerializer(row).data)
