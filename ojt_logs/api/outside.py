"""REST: what journeyworkers without an account attest, to read, and what a mentor makes of it."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByWords, OnceOnly
from ojt_logs import attesting
from ojt_logs.api.hours import ReasonSerializer
from ojt_logs.api.sign_offs import SignOffSerializer, by_token
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
    OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[OutsideAttestation]
):
    """Attestations on the records that one may read."""

    serializer_class = OutsideAttestationSerializer
    filter_backends = [ByWords]
    words = AttestationWords
    lookup_url_kwarg = "id"
    scopes = {"accept": "sign"}
    queryset = OutsideAttestation.objects.none()

    def get_queryset(self) -> QuerySet[OutsideAttestation]:
        rows = OutsideAttestation.objects.visible_to(self.request.user)
        return rows.select_related("apprentice__user", "link", "answer__by")

    def get_object(self) -> OutsideAttestation:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def _to_answer(self) -> OutsideAttestation:
        """One of whom one mentors today; 403 for those who only read it."""
        mine = OutsideAttestation.objects.answerable_by(self.request.user)
        return get_or_deny(self.get_queryset(), mine, uid=self.kwargs["id"])

    @extend_schema(request=None, responses={201: SignOffSerializer(many=True)})
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def accept(self, request: Request, id: str) -> Response:
        """Sign every rating that was attested to, as a mentor of today; from then on they count."""
        signed = attesting.accept(
            self._to_answer(),
            by=signed_in(request),
            now=timezone.now(),
            authentication=by_token(request),
        )
        return Response(SignOffSerializer(signed, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses={201: AttestationAnswerSerializer})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, id: str) -> Response:
        """Say why it does not count; it stays on the record."""
        row = self._to_answer()
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        reason = words.validated_data["reason"]
        answer = attesting.decline(row, by=signed_in(request), now=timezone.now(), reason=reason)
        return Response(AttestationAnswerSerializer(answer).data, status=status.HTTP_201_CREATED)
