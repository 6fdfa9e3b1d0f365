"""REST: patient information on a record: reported, which hides it at once, and what was reported."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByWords, OnceOnly
from ojt_logs.forms.filters import PrivacyWords
from ojt_logs.models import PrivacyReport
from ojt_logs.models.reportable import REPORTABLE


class PrivacyReportSerializer(serializers.ModelSerializer[PrivacyReport]):
    """A report as it stands, without what it hides; `outcome`: “”, redacted or shown."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    about = serializers.CharField(help_text="As it was reported.")
    thing = serializers.CharField(help_text="The same in words: “note of hours”.")
    outcome = serializers.CharField()

    class Meta:
        model = PrivacyReport
        fields = [
            "id",
            "apprentice",
            "about",
            "thing",
            "row",
            "sha256",
            "reported_at",
            "why",
            "outcome",
            "decided_at",
        ]


class PrivacyReportingSerializer(serializers.Serializer[Any]):
    """What holds it: a text or a file of a record, by its kind and the id of its row."""

    about = serializers.ChoiceField(choices=[(word, one.thing) for word, one in REPORTABLE.items()])
    id = serializers.UUIDField()
    why = serializers.CharField(max_length=500, help_text="What is in it, without repeating it.")


class PrivacyReportViewSet(
    OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[PrivacyReport]
):
    """Reports on the records that one may read, and one's own. Two people decide them, on the page."""

    serializer_class = PrivacyReportSerializer
    filter_backends = [ByWords]
    words = PrivacyWords
    lookup_url_kwarg = "id"
    queryset = PrivacyReport.objects.none()

    def get_queryset(self) -> QuerySet[PrivacyReport]:
        rows = PrivacyReport.objects.visible_to(self.request.user)
        return rows.select_related("apprentice")

    def get_object(self) -> PrivacyReport:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(request=PrivacyReportingSerializer, responses={201: PrivacyReportSerializer})
    def create(self, request: Request) -> Response:
        """Hide a text or a file that one sees, at once, wherever else its words stand on the record."""
        words = PrivacyReportingSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        said, person = words.validated_data, signed_in(request)
        about, now = said["about"], timezone.now()
        row = get_or_deny(REPORTABLE[about].visible_to(person), uid=said["id"])
        report = PrivacyReport.objects.report(about, row, by=person, now=now, why=said["why"])
        return Response(PrivacyReportSerializer(report).data, status=status.HTTP_201_CREATED)
