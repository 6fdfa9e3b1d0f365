"""REST: what is due when, as the first screen says it, and handing it in."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.api import OnceOnly
from accounts.refusals import Conflict
from ojt_logs import own, weeks
from ojt_logs.api.receipts import ReceiptSerializer
from ojt_logs.due import dues_of


class DueSerializer(serializers.Serializer[Any]):
    """A reporting period that is open; `missing`: its working days on which nothing is logged."""

    name = serializers.CharField(source="period.name")
    first = serializers.DateField(source="period.first")
    last = serializers.DateField(source="period.last")
    due_before = serializers.DateTimeField(source="period.due_before")
    late_from = serializers.DateTimeField(source="period.late_from", help_text="The end of the grace.")
    is_overdue = serializers.BooleanField()
    drafts = serializers.IntegerField()
    returned = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.DateField())
    says = serializers.CharField(help_text="All of it in one sentence.")


class DueView(APIView):
    """One's own reporting periods."""

    @extend_schema(responses=DueSerializer(many=True))
    def get(self, request: Request, id: str) -> Response:
        """The period of today and those before it that are still open, the oldest first."""
        apprentice = own.registration_of(signed_in(request), id)
        return Response(DueSerializer(dues_of(apprentice, now=timezone.now()), many=True).data)


class DaysSerializer(serializers.Serializer[Any]):
    """Both ends included: a week, a reporting period, or any other days."""

    first = serializers.DateField()
    last = serializers.DateField()


class SubmitView(OnceOnly, APIView):
    """Handing in one's hours of some days."""

    @extend_schema(request=DaysSerializer, responses={201: ReceiptSerializer})
    def post(self, request: Request, id: str) -> Response:
        """Submit the drafts of these days, and the returned entries that were changed since, all or none.

        The answer is the receipt. 409 where there is nothing to submit.
        """
        person = signed_in(request)
        apprentice = own.registration_of(person, id)
        words = DaysSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        waiting = weeks.to_submit(apprentice, words.validated_data["first"], words.validated_data["last"])
        now = timezone.now()
        moved = waiting.move("submit", by=person, now=now)
        if not moved:
            raise Conflict("There is nothing to submit in these days.", code="nothing_to_submit")
        given = apprentice.receipts.get(submitted_at=moved[0].submitted_at or now)
        return Response(ReceiptSerializer(given).data, status=status.HTTP_201_CREATED)
