"""REST: is the record of an apprentice whole?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import get_or_deny
from apprenticeship.models import Apprentice
from reports import checking


class FoundSerializer(serializers.Serializer[Any]):
    """The first bad entry of the chain, or a row that says otherwise (`entry` is null)."""

    entry = serializers.IntegerField(allow_null=True)
    damage = serializers.CharField()
    problem = serializers.CharField()


class CheckedSerializer(serializers.Serializer[Any]):
    """What was read, and what is wrong with it; `checkpoint_at` is null before the first."""

    whole = serializers.BooleanField()
    entries = serializers.IntegerField()
    head = serializers.CharField()
    newest_at = serializers.DateTimeField(allow_null=True)
    checkpoint_at = serializers.DateTimeField(source="certified.at", default=None, allow_null=True)
    checkpoint_entries = serializers.IntegerField(source="certified.length", default=None, allow_null=True)
    findings = FoundSerializer(many=True)


class VerificationView(APIView):
    """The record of one apprentice, read again: chain, checkpoints and rows."""

    @extend_schema(responses=CheckedSerializer)
    def get(self, request: Request, id: str) -> Response:
        """409 with the code `too_long` where nobody can wait for it."""
        visible = Apprentice.objects.visible_to(request.user).select_related("user", "program__sponsor")
        person = get_or_deny(visible, Apprentice.objects.record_visible_to(request.user), uid=id)
        return Response(CheckedSerializer(checking.check(person)).data)
