"""REST: one move of several entries, as a page makes it of a whole week."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.api import OnceOnly
from ojt_logs.api.hours import HoursSerializer, ReturnSerializer
from ojt_logs.models import HoursEntry
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.tables import HOURS_RELATED

MOST = 200
"""Entries of one request."""
OFFERED = ("submit", "recall", "approve", "return", "undo")


class MoveSerializer(ReturnSerializer):
    """The entries, and what becomes of all of them. `reason` is for a return."""

    move = serializers.ChoiceField(OFFERED)
    entries = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=MOST)


class MoveView(OnceOnly, APIView):
    """Several entries at once."""

    @extend_schema(request=MoveSerializer, responses=HoursSerializer(many=True))
    def post(self, request: Request) -> Response:
        """Submit, take back, approve, return or undo all of these, or none of them."""
        words = MoveSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        said, person = words.validated_data, signed_in(request)
        entries = _named(request, set(said["entries"]))
        told = {"reason": said["reason"], "seen": said["seen"]}
        moved = entries.move(said["move"], by=person, now=timezone.now(), **told)
        rows = HoursEntry.objects.visible_to(person).filter(pk__in=[one.pk for one in moved])
        shown = rows.select_related(*HOURS_RELATED, "corrects").order_by("date", "pk")
        return Response(HoursSerializer(shown, many=True).data)


def _named(request: Request, wanted: set[Any]) -> HoursQuerySet:
    visible = HoursEntry.objects.visible_to(request.user).filter(uid__in=wanted)
    found = list(visible.values_list("pk", flat=True))
    if len(found) < len(wanted):
        raise ValidationError({"entries": ["These are not all entries that you may see."]})
    return HoursEntry.objects.everyone().filter(pk__in=found)
