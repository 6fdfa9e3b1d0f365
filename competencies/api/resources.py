"""REST: learning resources, by the statement they teach or the competency that a statement is linked to."""

from django.db.models import QuerySet
from django.utils.encoding import iri_to_uri
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from competencies.library.forms import ResourceWords
from competencies.models import LearningResource


class Address(serializers.URLField):
    """A web address as programs read one: what may stand in no URI (RFC 3986) is written as %3C and so on."""

    def to_representation(self, value: str) -> str:
        return iri_to_uri(value) or ""


class ResourceSerializer(serializers.ModelSerializer[LearningResource]):
    id = serializers.UUIDField(source="uid")
    sponsor = serializers.CharField(source="sponsor.name", default=None)
    type = serializers.CharField()
    address = Address()

    class Meta:
        model = LearningResource
        fields = [
            *("id", "title", "address", "provider", "type", "minutes", "licence", "language", "sponsor"),
        ]


class ResourceViewSet(ReadOnlyModelViewSet[LearningResource]):
    """The public library, and those of one's own sponsors."""

    permission_classes = [AllowAny]
    filter_backends = [ByWords]
    words = ResourceWords
    serializer_class = ResourceSerializer
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    queryset = LearningResource.objects.none()

    def get_queryset(self) -> QuerySet[LearningResource]:
        return LearningResource.objects.visible_to(self.request.user).select_related("sponsor")

    def get_object(self) -> LearningResource:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])
