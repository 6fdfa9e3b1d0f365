"""REST: log the same hours for one or several apprentices, as who mentors, teaches or coordinates them."""

from typing import Any
from uuid import uuid4

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.api import OnceOnly
from apprenticeship.models import Apprentice
from ojt_logs.api.hours import HoursSerializer, LineSerializer
from ojt_logs.behalf import MOST, Work, log_for
from ojt_logs.models import HoursEntry
from ojt_logs.models.lines import check_name
from ojt_logs.tables import HOURS_RELATED


class BehalfSerializer(LineSerializer):
    """The same work for all of `people`; for each it is found in their own version of the schedule."""

    apprentice = None  # type: ignore[assignment]  # there are several
    external_id = None  # type: ignore[assignment]
    device_at = None  # type: ignore[assignment]
    people = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MOST, help_text="Ids of apprentices."
    )
    key = serializers.UUIDField(
        required=False,
        default=uuid4,
        validators=[check_name],
        help_text="Your own name for it. Sent again, it writes nothing.",
    )

    def validate_people(self, wanted: list[Any]) -> list[Apprentice]:
        visible = Apprentice.objects.visible_to(self.context["request"].user).filter(uid__in=wanted)
        found = {one.uid: one for one in visible.select_related("user", "schedule", "program")}
        if len(found) < len(set(wanted)):
            raise ValidationError("These are not all apprentices that you may see.")
        return [found[uid] for uid in dict.fromkeys(wanted)]


class BehalfView(OnceOnly, APIView):
    """Hours that one logs for others."""

    @extend_schema(
        request=BehalfSerializer, responses={200: HoursSerializer(many=True), 201: HoursSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Log the same hours for each of these, or for none. They are submitted at once, wait for review like
        others, and their apprentices may dispute them. 200 where the `key` was sent before."""
        words = BehalfSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        people, person, now = words.validated_data["people"], signed_in(request), timezone.now()
        work = Work(words.line(people[0]), words.validated_data["key"])
        entries = log_for(people, work, by=person, now=now)
        new = all(one.created_at == now for one in entries)
        rows = HoursEntry.objects.visible_to(person).filter(pk__in=[one.pk for one in entries])
        shown = rows.select_related(*HOURS_RELATED, "corrects").order_by("apprentice__user__name", "pk")
        code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response(HoursSerializer(shown, many=True).data, status=code)
