"""REST: sign performance standards, and withdraw a signature."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, ByWords, OnceOnly
from accounts.models import ApiToken
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency, PerformanceStandard, RatingLevel, WorkProcessSchedule
from ojt_logs.api.hours import ReasonSerializer
from ojt_logs.forms.filters import SignOffWords
from ojt_logs.models import Authentication, Rating, SignOff, SignOffComment
from ojt_logs.models.attestations import OFFERED


class SignOffSerializer(serializers.ModelSerializer[SignOff]):
    """One signed act as it is on the record."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    competency = serializers.CharField(source="competency.code")
    performance_standard = serializers.UUIDField(
        source="performance_standard.uid", default=None, allow_null=True
    )
    rating = serializers.IntegerField(
        source="rating.value",
        default=None,
        allow_null=True,
        help_text="Null for a withdrawal, and where it is not applicable.",
    )
    not_applicable = serializers.BooleanField()
    method = serializers.CharField()
    attestation = serializers.CharField(source="attestation.text")
    withdraws = serializers.UUIDField(source="withdraws.uid", default=None, allow_null=True)
    attested = serializers.UUIDField(
        source="attested.uid",
        default=None,
        allow_null=True,
        help_text="What a journeyworker attested to, and the signer accepted.",
    )

    class Meta:
        model = SignOff
        fields = [
            "id",
            "apprentice",
            "competency",
            "performance_standard",
            "rating",
            "not_applicable",
            "passed",
            "method",
            "attestation",
            "observed_from",
            "observed_to",
            "note",
            "reason",
            "withdraws",
            "attested",
            "original_at",
            "ink",
            "signer_name",
            "signer_initials",
            "signer_role",
            "signer_qualification",
            "signed_at",
        ]


class SignOffCommentSerializer(serializers.ModelSerializer[SignOffComment]):
    """What the apprentice says to a signature."""

    id = serializers.UUIDField(source="uid", read_only=True)
    by = serializers.CharField(source="by.name", read_only=True)
    text = serializers.CharField(allow_blank=True, max_length=1000)

    class Meta:
        model = SignOffComment
        fields = ["id", "by", "at", "text"]
        read_only_fields = ["at"]


class SigningSerializer(serializers.Serializer[Any]):
    """What is signed: a performance standard by its id, or a competency (by code) that lists none."""

    apprentice = ByUid(Apprentice.objects.record_visible_to, noun="apprentice")
    performance_standard = serializers.UUIDField(required=False, allow_null=True)
    competency = serializers.CharField(required=False, allow_null=True, max_length=8)
    rating = serializers.IntegerField(
        required=False, allow_null=True, help_text="The value of a level of the program's rating scale."
    )
    not_applicable = serializers.BooleanField(
        default=False,
        help_text="Instead of a rating, with a reason, where the scale has it: not asked of this apprentice.",
    )
    method = serializers.ChoiceField(choices=list(OFFERED))
    observed_from = serializers.DateField()
    observed_to = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")

    def rated(self) -> Rating:
        given = self.validated_data
        apprentice = given["apprentice"]
        return Rating(self._target(apprentice), self._level(apprentice), given["reason"])

    def _target(self, apprentice: Apprentice) -> PerformanceStandard | Competency:
        """The requirement in the apprentice's own schedule; an id of another version is found by lineage."""
        wanted, code = self.validated_data.get("performance_standard"), self.validated_data.get("competency")
        inside = Q(competency__job_function__schedule=apprentice.schedule_id)
        readable = WorkProcessSchedule.objects.visible_to(self.context["request"].user)
        known = Q(competency__job_function__schedule__in=readable.values("pk"))
        same = PerformanceStandard.objects.filter(known, uid=wanted).values("lineage") if wanted else []
        found: PerformanceStandard | Competency | None = None
        if wanted:
            found = PerformanceStandard.objects.filter(inside, Q(uid=wanted) | Q(lineage__in=same)).first()
        elif code:
            found = Competency.objects.filter(
                job_function__schedule=apprentice.schedule_id, code=code.lower()
            ).first()
        if found is None:
            raise Refusal(
                "There is no such performance standard in the apprentice's schedule.",
                code="invalid",
                field="performance_standard",
            )
        return found

    def _level(self, apprentice: Apprentice) -> RatingLevel:
        scale = apprentice.scale
        levels = {level.value: level for level in scale.rising} if scale else {}
        rating = self.validated_data.get("rating")
        level = None
        if (rating is None) == self.validated_data["not_applicable"]:
            level = levels.get(rating)
        if level is None:
            allowed = ", ".join(level.mark for level in levels.values())
            raise Refusal(f"Choose a rating of the scale: {allowed}.", code="off_scale", field="rating")
        return level


class SignOffViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[SignOff]):
    """Signed ratings and withdrawals. Signing needs a token with the scope `sign`."""

    serializer_class = SignOffSerializer
    filter_backends = [ByWords]
    words = SignOffWords
    lookup_url_kwarg = "id"
    scopes = {"create": "sign", "withdraw": "sign"}
    queryset = SignOff.objects.none()

    def get_queryset(self) -> QuerySet[SignOff]:
        return (
            SignOff.objects.visible_to(self.request.user)
            .with_fate()
            .select_related(
                "apprentice__user",
                "competency",
                "performance_standard",
                "rating",
                "attestation",
                "withdraws",
                "attested",
            )
        )

    @extend_schema(methods=["GET"], responses=SignOffCommentSerializer(many=True))
    @extend_schema(
        methods=["POST"], request=SignOffCommentSerializer, responses={201: SignOffCommentSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, filter_backends=[])
    def comments(self, request: Request, id: str) -> Response:
        """What the apprentice says to it; a new one stays on the record."""
        row = self.get_object()
        if request.method == "POST":
            words = SignOffCommentSerializer(data=request.data)
            words.is_valid(raise_exception=True)
            text = words.validated_data["text"]
            said = SignOffComment.objects.add(row, by=signed_in(request), now=timezone.now(), text=text)
            return Response(SignOffCommentSerializer(said).data, status=status.HTTP_201_CREATED)
        found = SignOffComment.objects.visible_to(request.user).filter(sign_off=row).select_related("by")
        return Response(SignOffCommentSerializer(found, many=True).data)

    def get_object(self) -> SignOff:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=SigningSerializer, responses={201: SignOffSerializer})
    def create(self, request: Request) -> Response:
        """Sign one standard, as the mentor assigned on the days it was seen."""
        words = SigningSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        given = words.validated_data
        (row,) = SignOff.objects.record(
            given["apprentice"],
            by=signed_in(request),
            now=timezone.now(),
            authentication=by_token(request),
            method=given["method"],
            observed_from=given["observed_from"],
            observed_to=given["observed_to"],
            ratings=[words.rated()],
            note=given["note"],
        )
        return Response(SignOffSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=SignOffSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take back a signature of one's own, with a reason; the original stays on the record."""
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        row = SignOff.objects.withdraw(
            self.get_object(),
            by=signed_in(request),
            now=timezone.now(),
            authentication=by_token(request),
            reason=words.validated_data["reason"],
        )
        return Response(SignOffSerializer(row).data)


def by_token(request: Request) -> Authentication:
    """A token with the scope `sign` stands for the fresh session in which it was made."""
    token = request.auth
    if not isinstance(token, ApiToken):
        raise NotAllowed("Signing over REST needs a token with the scope sign.", code="token_needed")
    return Authentication("token", token.created_at)
