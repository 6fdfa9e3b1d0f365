"""REST: ask to be signed, take it back, or decline."""

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
from competencies.models import Competency
from ojt_logs.api.hours import ReasonSerializer
from ojt_logs.forms.filters import RequestWords
from ojt_logs.models import HoursEntry, Rating, SelfRating, SignOffRequest


class SelfRatingSerializer(serializers.ModelSerializer[SelfRating]):
    """How the apprentice rates one standard; it counts nowhere."""

    performance_standard = serializers.UUIDField(
        source="performance_standard.uid", default=None, allow_null=True
    )
    competency = serializers.CharField(source="competency.code")
    rating = serializers.IntegerField(source="rating.value")

    class Meta:
        model = SelfRating
        fields = ["performance_standard", "competency", "rating"]


class SignOffRequestSerializer(serializers.ModelSerializer[SignOffRequest]):
    """A request as it stands."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    competencies = serializers.SlugRelatedField[Competency](slug_field="code", many=True, read_only=True)
    evidence = serializers.ListField(child=serializers.UUIDField())
    self_ratings = SelfRatingSerializer(many=True)
    state = serializers.CharField()

    class Meta:
        model = SignOffRequest
        fields = [
            "id",
            "apprentice",
            "competencies",
            "evidence",
            "self_ratings",
            "note",
            "asked_at",
            "state",
            "closed_at",
            "reason",
        ]


class OwnRatingSerializer(serializers.Serializer[Any]):
    performance_standard = serializers.UUIDField(required=False, allow_null=True)
    competency = serializers.CharField(required=False, max_length=8)
    rating = serializers.IntegerField()


class SignOffAskingSerializer(serializers.Serializer[Any]):
    """What is asked for: competencies by code; perhaps one's own ratings, and hours by id that show it."""

    apprentice = ByUid(Apprentice.objects.record_visible_to, noun="apprentice")
    competencies = serializers.ListField(
        child=serializers.CharField(max_length=8), allow_empty=False, max_length=10
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    evidence = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=50
    )
    self_ratings = OwnRatingSerializer(many=True, required=False, default=list)

    def what(self) -> dict[str, Any]:
        """The arguments of the asking. Raises ValidationError, by field, for what is not there."""
        given = self.validated_data
        apprentice = given["apprentice"]
        own = Competency.objects.filter(job_function__schedule=apprentice.schedule_id)
        wanted = {code.lower() for code in given["competencies"]}
        named = list(own.filter(code__in=wanted).select_related("job_function"))
        if len(named) < len(wanted):
            raise serializers.ValidationError({"competencies": ["Choose competencies of the schedule."]})
        hours = HoursEntry.objects.visible_to(self.context["request"].user).filter(apprentice=apprentice)
        entries = list(hours.filter(uid__in=given["evidence"]))
        if len(entries) < len(set(given["evidence"])):
            raise serializers.ValidationError({"evidence": ["Name hours of your own."]})
        ratings = [self._rating(apprentice, named, one) for one in given["self_ratings"]]
        return {"competencies": named, "note": given["note"], "evidence": entries, "ratings": ratings}

    def _rating(self, apprentice: Apprentice, named: list[Competency], one: dict[str, Any]) -> Rating:
        scale = apprentice.scale
        levels = {level.value: level for level in scale.levels.all()} if scale else {}
        targets: dict[Any, Any] = {row.code: row for row in named}
        targets |= {standard.uid: standard for row in named for standard in row.standards.all()}
        target = targets.get(one.get("performance_standard") or one.get("competency", "").lower())
        if target is None or one["rating"] not in levels:
            raise serializers.ValidationError(
                {"self_ratings": ["Rate standards that you ask for, on the program's scale."]}
            )
        return Rating(target, levels[one["rating"]])


class SignOffRequestViewSet(
    OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[SignOffRequest]
):
    """Requests to be signed that one may see."""

    serializer_class = SignOffRequestSerializer
    filter_backends = [ByWords]
    words = RequestWords
    lookup_url_kwarg = "id"
    queryset = SignOffRequest.objects.none()

    def get_queryset(self) -> QuerySet[SignOffRequest]:
        rows = SignOffRequest.objects.visible_to(self.request.user).select_related("apprentice__user")
        rated = [f"self_ratings__{name}" for name in ("competency", "performance_standard", "rating")]
        return rows.prefetch_related("competencies", *rated)

    def get_object(self) -> SignOffRequest:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=SignOffAskingSerializer, responses={201: SignOffRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask one's mentors, as the apprentice."""
        words = SignOffAskingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        row = SignOffRequest.objects.ask(
            words.validated_data["apprentice"], by=signed_in(request), now=timezone.now(), **words.what()
        )
        return Response(SignOffRequestSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SignOffRequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        """Take back what one asked for."""
        row = self.get_object()
        row.withdraw(by=signed_in(request), now=timezone.now())
        return Response(SignOffRequestSerializer(row).data)

    @extend_schema(request=ReasonSerializer, responses=SignOffRequestSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, id: str) -> Response:
        """Say no with a reason, as a mentor assigned today."""
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        row = self.get_object()
        row.decline(by=signed_in(request), now=timezone.now(), reason=words.validated_data["reason"])
        return Response(SignOffRequestSerializer(row).data)
