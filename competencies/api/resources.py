"""REST: learning resources, by the statement they teach or the competency that a statement is linked to."""

import re
from urllib.parse import quote

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from competencies.library.forms import ResourceWords
from competencies.models import LearningResource

ALLOWED = "/?:@!$&'()*+,;=%"
"""Beside letters, digits and -._~, what an address and what stands behind its # may hold."""
STRAY = re.compile("%(?![0-9A-Fa-f]{2})")


class Address(serializers.URLField):
    """A web address as programs read one: what may stand in no URI (RFC 3986) is written as %3C and so on."""

    def to_representation(self, value: str) -> str:
        address, mark, place = STRAY.sub("%25", value).partition("#")
        return quote(address, safe=ALLOWED) + mark + quote(place, safe=ALLOWED)


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
