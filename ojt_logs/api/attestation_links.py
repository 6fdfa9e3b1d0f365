"""REST: links by which journeyworkers without an account are asked to attest."""

from datetime import datetime
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
from accounts.api import ByUid, ByWords
from accounts.models.people import authority_day
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs import attesting
from ojt_logs.forms.filters import AttestationWords
from ojt_logs.forms.outside import MOST
from ojt_logs.models import AttestationLink
from ojt_logs.models.outside import Way, askable_by


class AttestationLinkSerializer(serializers.ModelSerializer[AttestationLink]):
    """A link as it stands: waiting, used, revoked or expired. `attestation`: what came of it."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    competencies = serializers.SlugRelatedField[Competency](slug_field="code", many=True, read_only=True)
    asked_by = serializers.CharField(source="asked_by.name")
    way = serializers.CharField()
    state = serializers.SerializerMethodField()
    attestation = serializers.UUIDField(source="attestation.uid", default=None, allow_null=True)

    class Meta:
        model = AttestationLink
        fields = [
            "id",
            "apprentice",
            "competencies",
            "asked_by",
            "way",
            "email",
            "created_at",
            "expires_at",
            "used_at",
            "revoked_at",
            "state",
            "attestation",
        ]

    def get_state(self, link: AttestationLink) -> str:
        now: datetime = self.context["now"]
        return link.state(now=now)


class IssuedLinkSerializer(AttestationLinkSerializer):
    """`address`: what the printed code opens, told in this answer alone; “” for a link that was mailed.
    `mailed`: false too where no mail server took it, so that a code was made instead."""

    address = serializers.CharField()
    mailed = serializers.BooleanField()

    class Meta(AttestationLinkSerializer.Meta):
        fields = [*AttestationLinkSerializer.Meta.fields, "address", "mailed"]


class AttestationAskingSerializer(serializers.Serializer[Any]):
    """Who is asked about whom: competencies by code; an e-mail address for a link by mail."""

    apprentice = ByUid(Apprentice.objects.visible_to, noun="apprentice")
    competencies = serializers.ListField(
        child=serializers.CharField(max_length=8), allow_empty=False, max_length=MOST
    )
    way = serializers.ChoiceField(choices=[one.value for one in Way])
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)

    def asked(self) -> dict[str, Any]:
        """The arguments of `attesting.ask`. Raises Refusal for a code that the schedule has not."""
        said = dict(self.validated_data)
        inside = Competency.objects.filter(job_function__schedule=said["apprentice"].schedule_id)
        codes = {code.lower() for code in said["competencies"]}
        said["competencies"] = list(inside.filter(code__in=codes))
        if len(said["competencies"]) < len(codes):
            raise Refusal(
                "Choose competencies of the apprentice's schedule.", code="off_schedule", field="competencies"
            )
        return said


class AttestationLinkViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[AttestationLink]
):
    """Links about the records that one may read. Their secrets are kept nowhere, so that making one takes no
    Idempotency-Key: one too many is revoked."""

    serializer_class = AttestationLinkSerializer
    filter_backends = [ByWords]
    words = AttestationWords
    lookup_url_kwarg = "id"
    queryset = AttestationLink.objects.none()

    def get_queryset(self) -> QuerySet[AttestationLink]:
        rows = AttestationLink.objects.visible_to(self.request.user)
        related = ("apprentice__user", "asked_by", "attestation")
        return rows.select_related(*related).prefetch_related("competencies")

    def get_object(self) -> AttestationLink:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    @extend_schema(request=AttestationAskingSerializer, responses={201: IssuedLinkSerializer})
    def create(self, request: Request) -> Response:
        """Ask a journeyworker to attest, as a mentor of today or the coordinator."""
        words = AttestationAskingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        asked = words.asked()
        made = attesting.ask(asked.pop("apprentice"), by=signed_in(request), now=timezone.now(), **asked)
        told = AttestationLinkSerializer(made.link, context=self.get_serializer_context()).data
        told |= {"address": made.address, "mailed": made.mailed}
        return Response(told, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses=AttestationLinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, id: str) -> Response:
        """Take a link back that nobody has used."""
        person, now = signed_in(request), timezone.now()
        askable = askable_by(person, on=authority_day(now))
        mine = AttestationLink.objects.visible_to(person).filter(apprentice__in=askable.values("pk"))
        link = get_or_deny(self.get_queryset(), mine, uid=id)
        link.revoke(by=person, now=now)
        return Response(AttestationLinkSerializer(link, context=self.get_serializer_context()).data)
