"""REST: what waits how long and for whom."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.api import ByWords
from ojt_logs.forms.filters import WaitingWords
from ojt_logs.listing import WAITING_SORTS
from ojt_logs.waiting import opened, waiting_of


class WaitingSerializer(serializers.Serializer[Any]):
    """Hours of one apprentice that wait for the same people, `people` none where nobody is assigned."""

    apprentice = serializers.UUIDField(source="apprentice_uid")
    name = serializers.CharField()
    program = serializers.UUIDField(source="program_uid")
    kind = serializers.CharField()
    course = serializers.CharField(allow_blank=True)
    minutes = serializers.IntegerField()
    entries = serializers.IntegerField()
    since = serializers.DateTimeField()
    days = serializers.IntegerField(help_text="Days since the oldest entry was submitted.")
    people = serializers.ListField(child=serializers.CharField())


class WaitingView(APIView):
    """What waits in the programs that one follows as coordinator or auditor, the longest waiting first."""

    @staticmethod
    def words(data: Any) -> WaitingWords:
        return WaitingWords(data, now=timezone.now())

    @extend_schema(responses=WaitingSerializer(many=True))
    def get(self, request: Request) -> Response:
        """A row by apprentice, kind and course."""
        narrowed = ByWords().filter_queryset(request, waiting_of(signed_in(request)), self)
        rows = narrowed.order_by(*WAITING_SORTS[0].keys)
        return Response(WaitingSerializer(list(opened(rows, now=timezone.now())), many=True).data)
