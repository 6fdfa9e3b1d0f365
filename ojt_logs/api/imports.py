"""REST: bring hours in from a file, with a result a row."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, OnceOnly, OneFile
from accounts.models import Sponsor
from accounts.refusals import Refusal
from competencies.imports.outline import Malformed
from competencies.imports.package import MOST_BYTES
from ojt_logs.imports import bringing
from ojt_logs.imports.bringing import Result
from ojt_logs.imports.cells import DayOrder
from ojt_logs.imports.columns import HOURS
from ojt_logs.imports.reading import Plan
from ojt_logs.imports.rows import Fate
from ojt_logs.imports.summary import summary
from ojt_logs.imports.uploads import Upload, read
from ojt_logs.models import HoursBatch


class HoursFile(OneFile):
    """A form with the file."""

    most = MOST_BYTES
    words = f"{MOST_BYTES // 1_000_000} MB. Divide the file"


class HoursFileSerializer(serializers.Serializer[Any]):
    """The file, and how it is read where its headings do not say so.

    `columns`: the heading of the column for each field that is told otherwise, as JSON: {"hours": "Amount"}.
    """

    file = serializers.FileField(allow_empty_file=True)
    sponsor = ByUid(Sponsor.objects.managed_by, noun="sponsor")
    columns = serializers.JSONField(required=False, default=dict)
    day_order = serializers.ChoiceField([one.value for one in DayOrder], required=False, default="")
    leave_out_strangers = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=False)

    def validate_columns(self, value: Any) -> dict[str, str]:
        known = {field.name for field in HOURS}
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise ValidationError('Write it like {"hours": "Amount"}.')
        if unknown := sorted(value.keys() - known):
            raise ValidationError(f"There is no field {unknown[0]}. Fields are {', '.join(sorted(known))}.")
        return value


class RowSerializer(serializers.Serializer[Any]):
    """What became of a row, or would in a dry run. `row` counts as a spreadsheet does."""

    row = serializers.IntegerField()
    result = serializers.ChoiceField([one.value for one in Fate])
    apprentice = serializers.UUIDField(allow_null=True)
    date = serializers.DateField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]
    note = serializers.CharField(allow_null=True)


class FileResultSerializer(serializers.Serializer[Any]):
    """`batch` is the id under which the entries stand, null where nothing was written."""

    batch = serializers.UUIDField(allow_null=True)
    new = serializers.IntegerField()
    there = serializers.IntegerField()
    left_out = serializers.IntegerField()
    refused = serializers.IntegerField()
    minutes = serializers.IntegerField()
    day_order = serializers.CharField()
    day_order_open = serializers.CharField(allow_null=True)
    rows = RowSerializer(many=True)


OF_FILE = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class UndoneSerializer(serializers.Serializer[Any]):
    removed = serializers.IntegerField(help_text="Entries that were taken out.")


class HoursFileViewSet(OnceOnly, ViewSet):
    """Files of hours, for the coordinators of a whole sponsor."""

    parser_classes = [HoursFile]
    lookup_url_kwarg = "id"

    @extend_schema(
        request={"multipart/form-data": HoursFileSerializer},
        responses={200: FileResultSerializer, 201: FileResultSerializer},
    )
    def create(self, request: Request) -> Response:
        """Bring hours in from CSV or XLSX, all rows or none; they wait for the usual review.

        201 where entries came in; 200 for a dry run, and where every row was there before. Where a row cannot
        come in, none does, and `errors` name each cell: `rows.12.date`.
        """
        bringing.check_coordinates(signed_in(request))
        words = HoursFileSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        asked = words.validated_data
        by = {"sponsor": asked["sponsor"], "by": signed_in(request), "now": timezone.now()}
        try:
            upload = read(asked["file"].read(), name=asked["file"].name, kind="hours")
            plan = _plan(upload, asked)
            if asked["dry_run"]:
                result = Result(bringing.look(upload, plan, **by))
            else:
                result = bringing.bring(upload, plan, **by)
        except Malformed as refusal:
            raise Refusal(
                f"Nothing was read. {refusal.message}", code=refusal.code, field="file"
            ) from refusal
        status = 201 if result.batch else 200
        return Response(FileResultSerializer(summary(result)).data, status=status)

    @extend_schema(parameters=[OF_FILE], request=None, responses=UndoneSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, id: str) -> Response:
        """Take all entries of a file out again; 409 once one of them was reviewed or changed."""
        visible = HoursBatch.objects.visible_to(request.user)
        batch = get_or_deny(visible, HoursBatch.objects.managed_by(request.user), uid=id)
        removed = batch.undo(by=signed_in(request), now=timezone.now())
        return Response({"removed": removed})


def _plan(upload: Upload, asked: dict[str, Any]) -> Plan:
    """As remembered or as the headings say, but for what was asked."""
    plan = bringing.plan_for(upload, sponsor=asked["sponsor"])
    headings = {cell.casefold(): at for at, cell in enumerate(upload.header.cells)}
    if unknown := [one for one in asked["columns"].values() if one.casefold() not in headings]:
        raise ValidationError({"columns": f"There is no column “{unknown[0]}” in the file."})
    chosen = {name: headings[heading.casefold()] for name, heading in asked["columns"].items()}
    return Plan(
        {**plan.columns, **chosen},
        asked["day_order"] or plan.day_order,
        "yes" if asked["leave_out_strangers"] else plan.leave_out_strangers,
    )
