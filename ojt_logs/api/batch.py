"""REST: entries that were written without signal, sent together, with a result for each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import signed_in
from accounts.api import OnceOnly, describe
from accounts.schema import ErrorSerializer
from ojt_logs.api.hours import LineSerializer
from ojt_logs.logbook import mark
from ojt_logs.models import HoursEntry
from ojt_logs.models.lines import check_name
from ojt_logs.sending import Arrival, Outcome, Result, receive

MOST = 50
"""Entries of one request; a device sends the rest with the next."""


class ArrivalSerializer(LineSerializer):
    """An entry as a device wrote it. `client_uid` is its name there, and makes that it is written once."""

    client_uid = serializers.UUIDField(validators=[check_name])
    seen = serializers.ListField(
        child=serializers.CharField(max_length=16),
        required=False,
        default=list,
        max_length=100,
        help_text="Marks of the entries of that day which the writer saw.",
    )
    replaces = serializers.BooleanField(
        required=False,
        default=False,
        help_text="After a conflict about this very entry: what is sent now is to stand.",
    )

    def arrival(self, ours: frozenset[str]) -> Arrival:
        given = self.validated_data
        return Arrival(
            apprentice=given["apprentice"],
            line=replace(self.line(given["apprentice"]), client_uid=given["client_uid"]),
            seen=frozenset(given["seen"]),
            ours=ours,
            replaces=given["replaces"],
        )


class BatchSerializer(serializers.Serializer[Any]):
    """Entries in the order in which they were written. What is wrong with one keeps no other from it."""

    entries = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST)
    ours = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=500,
        help_text="`client_uid`s that this device sent earlier: nobody else's changes of a day.",
    )
    sent_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Now, by the device's clock."
    )


class OtherSerializer(serializers.Serializer[HoursEntry]):
    """What stands on the record where the device says something else."""

    id = serializers.UUIDField(source="uid")
    date = serializers.DateField()
    minutes = serializers.IntegerField()
    subject = serializers.CharField()
    note = serializers.CharField()
    status = serializers.CharField()
    mark = serializers.SerializerMethodField()

    def get_mark(self, entry: HoursEntry) -> str:
        return mark(entry)


class ReceivedSerializer(serializers.Serializer[Any]):
    client_uid = serializers.CharField()
    result = serializers.ChoiceField(choices=[one.value for one in Result])
    id = serializers.UUIDField(allow_null=True)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]
    others = OtherSerializer(many=True)


class ReceivedBatchSerializer(serializers.Serializer[Any]):
    """`clock_ahead`: seconds by which the device's clock is ahead of ours, null where it did not say."""

    results = ReceivedSerializer(many=True)
    clock_ahead = serializers.IntegerField(allow_null=True)


class HoursBatch(OnceOnly, APIView):
    """Several entries of one's own, each with its own result."""

    @extend_schema(request=BatchSerializer, responses=ReceivedBatchSerializer)
    def post(self, request: Request) -> Response:
        """Write what was entered without signal: `saved`, `there` already, `refused`, or in `conflict`."""
        now = timezone.now()
        words = BatchSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        sent_at = words.validated_data["sent_at"]
        ahead = round((sent_at - now).total_seconds()) if sent_at else None
        results = list(_results(request, words.validated_data))
        return Response({"results": results, "clock_ahead": ahead})


def _results(request: Request, batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sent = [str(row.get("client_uid", ""))[:64] for row in batch["entries"]]
    ours = frozenset(map(str, batch["ours"])).union(sent)
    for name, row in zip(sent, batch["entries"], strict=True):
        yield {"client_uid": name, **_result(request, row, ours)}


def _result(request: Request, row: dict[str, Any], ours: frozenset[str]) -> dict[str, Any]:
    words = ArrivalSerializer(data=row, context={"request": request})
    try:
        words.is_valid(raise_exception=True)
        arrival = words.arrival(ours)
    except exceptions.ValidationError as problem:
        return _told(Outcome(Result.REFUSED), errors=describe(problem))
    outcome = receive(arrival, by=signed_in(request), now=timezone.now())
    return _told(outcome, errors=describe(outcome.problem) if outcome.problem else None)


def _told(outcome: Outcome, *, errors: tuple[int, str, list[dict[str, Any]]] | None) -> dict[str, Any]:
    return {
        "result": outcome.result.value,
        "id": str(outcome.entry.uid) if outcome.entry else None,
        "errors": errors[2] if errors else [],
        "others": [OtherSerializer(one).data for one in outcome.others],
    }
