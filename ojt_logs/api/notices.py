"""REST: what one is told, to list and to mark as read."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import signed_in
from accounts.api import ByWords, OnceOnly
from ojt_logs.forms.notices import NoticeFilters
from ojt_logs.models import Notice

MOST = 200
"""Notices that one request names."""


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """One sentence; `path` is the page where it is read and mended."""

    id = serializers.UUIDField(source="uid")
    about = serializers.CharField()
    apprentice = serializers.UUIDField(source="apprentice.uid", default=None, allow_null=True)

    class Meta:
        model = Notice
        fields = ["id", "about", "words", "path", "apprentice", "at", "read_at"]


class ReadingSerializer(serializers.Serializer[Any]):
    """Which of one's own: those named, those up to a moment; all where neither is said."""

    notices = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST)
    until = serializers.DateTimeField(required=False)


class MarkedSerializer(serializers.Serializer[Any]):
    """How many were not read before."""

    read = serializers.IntegerField()


class NoticeViewSet(OnceOnly, mixins.ListModelMixin, GenericViewSet[Notice]):
    """One's own notices, kept for 90 days."""

    serializer_class = NoticeSerializer
    filter_backends = [ByWords]
    words = NoticeFilters
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        return Notice.objects.visible_to(signed_in(self.request)).select_related("apprentice")

    @extend_schema(request=ReadingSerializer, responses=MarkedSerializer)
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def read(self, request: Request) -> Response:
        """Mark notices as read; nobody else's are, whatever is named."""
        words = ReadingSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        said, now = words.validated_data, timezone.now()
        mine = Notice.objects.visible_to(signed_in(request)).filter(at__lte=said.get("until", now))
        if "notices" in said:
            mine = mine.filter(uid__in=said["notices"])
        return Response({"read": mine.read(now=now)})
