"""REST: wage steps, for the apprentice and the office alone."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import get_or_deny, signed_in
from apprenticeship.models import Apprentice
from ojt_logs.models.wage_decisions import Verdict
from ojt_logs.wages import decide, wages_of


class WageConditionSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    met_on = serializers.DateField(allow_null=True)
    waits_for = serializers.CharField(help_text="apprentice, others or calendar, where it is not met.")
    what_helps = serializers.CharField()


class WageStepSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    state = serializers.CharField(help_text="given, confirmed, declined, proposed or ahead.")
    earned_on = serializers.DateField(allow_null=True)
    confirmed_at = serializers.DateTimeField(source="decision.at", default=None, allow_null=True)
    effective_on = serializers.DateField(allow_null=True)
    back_pay_from = serializers.DateField(allow_null=True)
    reason = serializers.CharField(source="decision.reason", default="")
    conditions = WageConditionSerializer(many=True)


class WagesSerializer(serializers.Serializer[Any]):
    apprentice = serializers.UUIDField(source="apprentice.uid")
    current = serializers.IntegerField(source="current.number", default=None, allow_null=True)
    next = serializers.IntegerField(source="next.number", default=None, allow_null=True)
    steps = WageStepSerializer(many=True)


class VerdictSerializer(serializers.Serializer[Any]):
    step = serializers.IntegerField(min_value=1, max_value=32_000)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class WagesView(APIView):
    """The steps of one apprentice, and a coordinator's verdict on one that was earned."""

    @extend_schema(responses=WagesSerializer)
    def get(self, request: Request, id: str) -> Response:
        visible = Apprentice.objects.visible_to(request.user)
        found = get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=id)
        return self._answer(found)

    @extend_schema(request=VerdictSerializer, responses=WagesSerializer)
    def post(self, request: Request, id: str) -> Response:
        visible = Apprentice.objects.visible_to(request.user)
        found = get_or_deny(visible, Apprentice.objects.decided_by(request.user), uid=id)
        words = VerdictSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        said = words.validated_data
        number, verdict, reason = said["step"], said["verdict"], said["reason"]
        decide(found, number, verdict, by=signed_in(request), now=timezone.now(), reason=reason)
        return self._answer(found)

    def _answer(self, found: Apprentice) -> Response:
        fresh = Apprentice.objects.everyone().get(pk=found.pk)
        return Response(WagesSerializer(wages_of([fresh], now=timezone.now())[fresh.pk]).data)
