"""REST: what journeyworkers without an account attest, to read. A mentor accepts it on the page."""

from django.db.models import QuerySet
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from ojt_logs.forms.filters import AttestationWords
from ojt_logs.models import AttestationAnswer, OutsideAttestation


class AttestationAnswerSerializer(serializers.ModelSerializer[AttestationAnswer]):
    """What a mentor made of it."""

    by = serializers.CharField(source="by.name")

    class Meta:
        model = AttestationAnswer
        fields = ["accepted", "reason", "by", "at"]


class OutsideAttestationSerializer(serializers.ModelSerializer[OutsideAttestation]):
    """What was attested, word for word; `way`: mail (the mailbox was proved) or code (nothing was)."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    way = serializers.CharField(source="link.way")
    method = serializers.CharField()
    answer = AttestationAnswerSerializer(allow_null=True, default=None)

    class Meta:
        model = OutsideAttestation
        fields = [
            "id",
            "apprentice",
            "way",
            "name",
            "title",
            "employer",
            "method",
            "observed_from",
            "observed_to",
            "text",
            "attested_at",
            "answer",
        ]


class OutsideAttestationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[OutsideAttestation]
):
    """Attestations on the records that one may read."""

    serializer_class = OutsideAttestationSerializer
    filter_backends = [ByWords]
    words = AttestationWords
    lookup_url_kwarg = "id"
    queryset = OutsideAttestation.objects.none()

    def get_queryset(self) -> QuerySet[OutsideAttestation]:
        rows = OutsideAttestation.objects.visible_to(self.request.user)
        return rows.select_related("apprentice", "link", "answer__by")

    def get_object(self) -> OutsideAttestation:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])
