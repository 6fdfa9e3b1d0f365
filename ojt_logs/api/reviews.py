"""REST: periodic reviews, to read."""

from django.db.models import QuerySet
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from ojt_logs.forms.filters import ReviewWords
from ojt_logs.models import PeriodicReview, ReviewAnswer


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


class PeriodicReviewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[PeriodicReview]):
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
