"""REST: periodic reviews, to read, to sign as the mentor, and to answer as the apprentice."""

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
from ojt_logs import periodic_reviews
from ojt_logs.api.sign_offs import by_token
from ojt_logs.forms.filters import ReviewWords
from ojt_logs.models import PeriodicReview, ReviewAnswer
from ojt_logs.models.reviews import LONGEST, PARTS, Said, Step


class ReviewAnswerSerializer(serializers.ModelSerializer[ReviewAnswer]):
    """What the apprentice answered."""

    class Meta:
        model = ReviewAnswer
        fields = ["agrees", "words", "at"]


class PeriodicReviewSerializer(serializers.ModelSerializer[PeriodicReview]):
    """A review as it was signed; minutes in its figures."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    answer = ReviewAnswerSerializer(allow_null=True, default=None)

    class Meta:
        model = PeriodicReview
        fields = [
            "id",
            "apprentice",
            "since",
            "held_on",
            "progress",
            "conduct",
            "safety",
            "instruction",
            "aims",
            "step",
            "figures",
            "signer_name",
            "signer_initials",
            "signer_role",
            "signer_qualification",
            "signed_at",
            "answer",
        ]


class ReviewingSerializer(serializers.Serializer[Any]):
    """What a mentor writes of an apprentice; the figures beside it are taken when it is signed."""

    apprentice = ByUid(Apprentice.objects.record_visible_to, noun="apprentice")
    held_on = serializers.DateField()
    progress = serializers.CharField(max_length=LONGEST)
    conduct = serializers.CharField(max_length=LONGEST)
    safety = serializers.CharField(max_length=LONGEST)
    instruction = serializers.CharField(max_length=LONGEST)
    aims = serializers.CharField(max_length=LONGEST)
    step = serializers.ChoiceField(
        choices=Step.choices, help_text="What it says of the wage step, which the coordinator decides."
    )


class AnsweringSerializer(serializers.Serializer[Any]):
    """Whether one acknowledges it; who does not says in words why."""

    agrees = serializers.BooleanField()
    words = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST)


class PeriodicReviewViewSet(
    OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[PeriodicReview]
):
    """Reviews on the records that one may read."""

    serializer_class = PeriodicReviewSerializer
    filter_backends = [ByWords]
    words = ReviewWords
    lookup_url_kwarg = "id"
    scopes = {"create": "sign"}
    queryset = PeriodicReview.objects.none()

    def get_queryset(self) -> QuerySet[PeriodicReview]:
        rows = PeriodicReview.objects.visible_to(self.request.user)
        return rows.select_related("apprentice", "answer")

    def get_object(self) -> PeriodicReview:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=ReviewingSerializer, responses={201: PeriodicReviewSerializer})
    def create(self, request: Request) -> Response:
        """Sign a review of the time since the one before, as the mentor assigned on the day."""
        words = ReviewingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        said, person, now = words.validated_data, signed_in(request), timezone.now()
        apprentice, held_on = said["apprentice"], said["held_on"]
        row = PeriodicReview.objects.sign(
            apprentice,
            by=person,
            now=now,
            authentication=by_token(request),
            held_on=held_on,
            said=Said(**{name: said[name] for name in PARTS}),
            step=said["step"],
            figures=periodic_reviews.figures_of(apprentice, as_of=min(held_on, person.today(now))),
        )
        return Response(PeriodicReviewSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AnsweringSerializer, responses={201: ReviewAnswerSerializer})
    @action(detail=True, methods=["post"])
    def respond(self, request: Request, id: str) -> Response:
        """Acknowledge a review of one's own, or disagree in writing; once, for good."""
        person = signed_in(request)
        mine = self.get_queryset().filter(apprentice__user=person)
        row = get_or_deny(self.get_queryset(), mine, uid=id)
        words = AnsweringSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        answer = row.respond(by=person, now=timezone.now(), **words.validated_data)
        return Response(ReviewAnswerSerializer(answer).data, status=status.HTTP_201_CREATED)
