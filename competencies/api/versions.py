"""What REST says of the versions of a schedule, and of what two of them say differently."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import ByUid
from competencies import differences
from competencies.models import Status, VersionStep, WorkProcessSchedule


class StepSerializer(serializers.ModelSerializer[VersionStep]):
    """A status that a version took, and who noted it; `letter_sha256` is null without a letter."""

    by = serializers.CharField(source="by.name")
    letter_sha256 = serializers.SerializerMethodField()

    class Meta:
        model = VersionStep
        fields = ["status", "on", "reason", "by", "at", "letter_sha256"]

    def get_letter_sha256(self, step: VersionStep) -> str | None:
        return step.letter_hash or None


class VersionSerializer(serializers.ModelSerializer[WorkProcessSchedule]):
    """One version of a document; `sponsor` is null for the public ones."""

    id = serializers.UUIDField(source="uid")
    sponsor = serializers.CharField(source="sponsor.name", default=None, allow_null=True)
    status = serializers.ChoiceField(Status.choices)

    class Meta:
        model = WorkProcessSchedule
        fields = ["id", "title", "sponsor", "version", "status", "published_at", "approved_on"]


class FromSerializer(serializers.Serializer[Any]):
    """Which version is compared with, in the address; `others` of the context may be."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of the language, so it is named here."""
        others = self.context["others"]
        noun = "other version of this schedule"
        return {"from": ByUid(lambda user: others, noun=noun, required=False)}


class CountsSerializer(serializers.Serializer[Any]):
    kept = serializers.IntegerField()
    changed = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()


class FactSerializer(serializers.Serializer[Any]):
    """Something said beside the words, such as hours, that is not the same."""

    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class DifferenceSerializer(serializers.Serializer[differences.Difference]):
    """One thing in both versions or in one of them; the text of the silent one is null."""

    kind = serializers.ChoiceField(differences.KINDS)
    what = serializers.CharField(source="said.what")
    place = serializers.CharField(source="said.place")
    before = serializers.CharField(source="before.text", default=None, allow_null=True)
    after = serializers.CharField(source="after.text", default=None, allow_null=True)
    facts = serializers.SerializerMethodField()

    @extend_schema_field(FactSerializer(many=True))
    def get_facts(self, row: differences.Difference) -> list[dict[str, str]]:
        names = ("name", "before", "after")
        return [dict(zip(names, fact, strict=True)) for fact in row.facts]


class PartSerializer(serializers.Serializer[differences.Part]):
    """The document itself, a job function with everything in it, or the courses."""

    title = serializers.CharField()
    counts = CountsSerializer()
    rows = DifferenceSerializer(many=True)


class DifferencesSerializer(serializers.Serializer[Any]):
    """What the version `to` says otherwise than `from`, which is null for a first version: it has no parts.

    `kept_percent` is how much of the older version the newer keeps word for word.
    """

    to = serializers.UUIDField()
    kept_percent = serializers.IntegerField()
    counts = CountsSerializer()
    parts = PartSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        return {"from": serializers.UUIDField(source="before", allow_null=True)} | fields
