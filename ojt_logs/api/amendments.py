"""REST: amendments, by which an apprentice changes to another version of the schedule."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByWords, OnceOnly
from apprenticeship.models import Amendment, Apprentice
from ojt_logs import amendments
from ojt_logs.forms.filters import AmendmentWords


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    """What was proposed: from the version `before` to `after`, ids of schedules; and what became of it."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    before = serializers.UUIDField(source="before.uid")
    after = serializers.UUIDField(source="after.uid")
    proposed_by = serializers.CharField(source="proposed_by.name")

    class Meta:
        model = Amendment
        fields = [
            "id",
            "apprentice",
            "before",
            "after",
            "effective_on",
            "proposed_by",
            "proposed_at",
            "acknowledged_at",
            "withdrawn_at",
        ]


class AmendmentViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Amendment]):
    """Amendments of the registrations that one may read."""

    serializer_class = AmendmentSerializer
    filter_backends = [ByWords]
    words = AmendmentWords
    lookup_url_kwarg = "id"
    queryset = Amendment.objects.none()

    def get_queryset(self) -> QuerySet[Amendment]:
        rows = Amendment.objects.visible_to(self.request.user)
        return rows.select_related(
            "apprentice__user", "apprentice__program__sponsor", "before", "after", "proposed_by"
        )

    def get_object(self) -> Amendment:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=None, responses=AmendmentSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, id: str) -> Response:
        """Agree, as the apprentice: the registration is measured by the other version from now on."""
        person = signed_in(request)
        mine = Amendment.objects.visible_to(person).filter(apprentice__user=person)
        row = get_or_deny(self.get_queryset(), mine, uid=id)
        amendments.acknowledge(row, by=person, now=timezone.now())
        return Response(AmendmentSerializer(row).data)

    @extend_schema(request=None, responses=AmendmentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take a proposal back, as the coordinator, before it is acknowledged."""
        person = signed_in(request)
        managed = Apprentice.objects.decided_by(person).values("pk")
        mine = Amendment.objects.visible_to(person).filter(apprentice__in=managed)
        row = get_or_deny(self.get_queryset(), mine, uid=id)
        row.withdraw(by=person, now=timezone.now())
        return Response(AmendmentSerializer(row).data)
