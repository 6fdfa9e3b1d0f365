"""REST: bring a schedule in from the file that a sponsor has, as the page and the command do."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.access import signed_in
from accounts.api import ByUid, OnceOnly, OneFile
from accounts.models import Sponsor
from accounts.refusals import Refusal
from competencies.imports import outline as o
from competencies.imports.package import MOST_BYTES
from competencies.imports.recognise import read
from competencies.imports.to_json import summary
from competencies.load import Stored, owners, store_file
from competencies.models import Approach


class ScheduleFile(OneFile):
    """A form with the file."""

    most = MOST_BYTES
    words = f"{MOST_BYTES // 1_000_000} MB, far more than any schedule"


class BringingSerializer(serializers.Serializer[Any]):
    """The file, and for whom it is stored, which may be left out by whoever coordinates one sponsor alone.

    `title` is for a file that has none. With `dry_run` it is read and told, and nothing is stored.
    """

    file = serializers.FileField(allow_empty_file=True)
    sponsor = ByUid(Sponsor.objects.managed_by, noun="sponsor", required=False)
    title = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    dry_run = serializers.BooleanField(required=False, default=False)


class ReadOccupationSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(allow_null=True)
    onet_code = serializers.CharField(allow_null=True)
    rapids_code = serializers.CharField(allow_null=True)


class ReadCompetencySerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class ReadFunctionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    ojt_minutes_min = serializers.IntegerField(allow_null=True)
    ojt_minutes_max = serializers.IntegerField(allow_null=True)
    competencies = ReadCompetencySerializer(many=True)


class ReadCourseSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    code = serializers.CharField(allow_null=True)
    ri_minutes_min = serializers.IntegerField(allow_null=True)
    ri_minutes_max = serializers.IntegerField(allow_null=True)


class ReadStepSerializer(serializers.Serializer[Any]):
    """A wage step as printed, and what of its condition and wage is a number."""

    title = serializers.CharField()
    condition = serializers.CharField(allow_null=True)
    wage = serializers.CharField(allow_null=True)
    months = serializers.IntegerField(allow_null=True)
    ojt_minutes = serializers.IntegerField(allow_null=True)
    ri_minutes = serializers.IntegerField(allow_null=True)
    percent = serializers.FloatField(allow_null=True)


class FindingSerializer(serializers.Serializer[Any]):
    """Something odd in the file: where it stands, what it is, what was done about it."""

    severity = serializers.ChoiceField([one.value for one in o.Severity])
    place = serializers.CharField()
    message = serializers.CharField()
    done = serializers.CharField(allow_null=True)


class StoredSerializer(serializers.Serializer[Stored]):
    """The version that says what a schedule of the file says; not `new` where it was there before."""

    id = serializers.UUIDField(source="schedule.uid")
    title = serializers.CharField(source="schedule.title")
    version = serializers.IntegerField(source="schedule.version")
    new = serializers.BooleanField()


class BroughtSerializer(serializers.Serializer[Any]):
    """What was read, as `manage.py import_schedule --json` prints it, and what became of it.

    `id`, `version` and `new` are of the schedule that is told, null in a dry run; `others` are those that
    stand in the same file.
    """

    format = serializers.CharField()
    occupation = ReadOccupationSerializer()
    approach = serializers.ChoiceField(Approach.choices, allow_null=True)
    job_functions = ReadFunctionSerializer(many=True)
    courses = ReadCourseSerializer(many=True)
    wage_steps = ReadStepSerializer(many=True)
    findings = FindingSerializer(many=True)
    id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    new = serializers.BooleanField(allow_null=True)
    others = StoredSerializer(many=True)


class ImportViewSet(OnceOnly, ViewSet):
    """Files with schedules, for the coordinators of a whole sponsor."""

    parser_classes = [ScheduleFile]

    @extend_schema(
        request={"multipart/form-data": BringingSerializer},
        responses={200: BroughtSerializer, 201: BroughtSerializer},
    )
    def create(self, request: Request) -> Response:
        """Read a file (workbook, Word, RAPIDS, CASE, our outline) and store it as a draft of the sponsor.

        201 for a new version; 200 where it changes nothing, or for a dry run. A file with several schedules
        is stored whole or not at all. What is no schedule is refused with the reason.
        """
        sponsors = owners(signed_in(request))
        words = BringingSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        asked = words.validated_data
        sponsor = asked.get("sponsor") or _only(sponsors)
        file = asked["file"]
        try:
            readings = [one.titled(asked["title"]) for one in read(file.read(), name=file.name)]
            kept = {"sponsor": sponsor, "now": timezone.now(), "name": file.name}
            stored = [] if asked["dry_run"] else store_file(readings, **kept)
        except o.Malformed as refusal:
            field = "title" if refusal.field == "title" else "file"
            raise Refusal(
                f"Nothing was stored. {refusal.message}", code=refusal.code, field=field
            ) from refusal
        return Response(
            BroughtSerializer(summary(readings) | _kept(*stored)).data,
            status=201 if any(one.new for one in stored) else 200,
        )


def _only(sponsors: QuerySet[Sponsor]) -> Sponsor:
    found = list(sponsors[:2])
    if len(found) > 1:
        raise ValidationError({"sponsor": "You coordinate several sponsors. Name one; `me/` has their ids."})
    return found[0]


def _kept(first: Stored | None = None, *others: Stored) -> dict[str, Any]:
    """What became of the schedule that is told, and of the others in its file."""
    told = {"id": first.schedule.uid, "version": first.schedule.version, "new": first.new} if first else {}
    return {"id": None, "version": None, "new": None, "others": others} | told
