"""REST: periodic reviews, to read and, as the apprentice, to answer."""

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
from accounts.api import ByWords, OnceOnly
from ojt_logs.forms.filters import ReviewWords
from ojt_logs.models import PeriodicReview, ReviewAnswer
from ojt_logs.models.reviews import LONGEST


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
    queryset = PeriodicReview.objects.none()

    def get_queryset(self) -> QuerySet[PeriodicReview]:
        rows = PeriodicReview.objects.visible_to(self.request.user)
        return rows.select_related("apprentice", "answer")

    def get_object(self) -> PeriodicReview:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

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
