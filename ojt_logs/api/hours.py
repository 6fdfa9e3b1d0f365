"""REST: log hours, and move them through their states."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import ByUid, ByWords, OnceOnly
from accounts.models import User
from apprenticeship.models import Apprentice
from competencies.models import Competency, Course, JobFunction
from ojt_logs.forms.filters import HoursWords
from ojt_logs.models import Comment, HoursEntry, Kind, Line
from ojt_logs.models.comments import LONGEST
from ojt_logs.models.provenance import Columns, provenance_of
from ojt_logs.tables import HOURS_RELATED


class HoursSerializer(serializers.ModelSerializer[HoursEntry]):
    """An entry as it stands."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    kind = serializers.CharField()
    status = serializers.CharField()
    job_function = serializers.IntegerField(source="job_function.number", default=None, allow_null=True)
    competency = serializers.CharField(source="competency.code", default=None, allow_null=True)
    course = serializers.UUIDField(source="course.uid", default=None, allow_null=True)
    corrects = serializers.UUIDField(
        source="corrects.uid",
        default=None,
        allow_null=True,
        help_text="The approved entry that this one replaces when it is approved.",
    )
    source = serializers.CharField(  # type: ignore[assignment]  # a column of this name
        help_text="logged, copied, imported or paper."
    )
    provenance = serializers.CharField(
        source="provenance.words", help_text="Where it came from in words: “logged 3 days later”."
    )
    created_by = serializers.CharField(source="created_by.name")
    reviewed_by = serializers.CharField(source="reviewed_by.name", default=None, allow_null=True)
    dispute_reason = serializers.CharField(help_text="Why the apprentice disputes it; “” where they do not.")

    class Meta:
        model = HoursEntry
        fields = [
            "id",
            "apprentice",
            "kind",
            "date",
            "job_function",
            "competency",
            "course",
            "minutes",
            "note",
            "status",
            "source",
            "provenance",
            "copied_from",
            "taken_from",
            "created_by",
            "created_at",
            "device_at",
            "is_late",
            "external_id",
            "changed_at",
            "submitted_at",
            "reviewed_by",
            "reviewed_at",
            "return_reason",
            "dispute_reason",
            "corrects",
            "correction_reason",
        ]


LOOKED_UP = {
    "job_function": (JobFunction, "number"),
    "competency": (Competency, "code"),
    "course": (Course, "uid"),
    "created_by": (User, "name"),
    "reviewed_by": (User, "name"),
    "corrects": (HoursEntry, "uid"),
}
"""What a field of HoursSerializer says of the row that its column names. Each is looked up for itself:
PostgreSQL took five times as long to plan so many joins as to make them."""
NAMED: dict[str, Any] = {"id": "uid", "apprentice": "apprentice__uid"} | {
    name: Subquery(model._default_manager.filter(pk=OuterRef(name)).order_by().values(said))
    for name, (model, said) in LOOKED_UP.items()
}
"""Where a field of HoursSerializer is read from, if not from the column of its name."""
BESIDE = ("created_by_id", "apprentice__user_id", "apprentice__user__time_zone")
"""What the words of provenance are made of beside the columns of a row."""
FIELDS = HoursSerializer.Meta.fields
PLAIN = [name for name in FIELDS if name != "provenance"]


SHOWN = HoursEntry.objects.everyone().values_list(*(NAMED.get(name, name) for name in PLAIN), *BESIDE)


def rows_of(ids: Sequence[int]) -> list[dict[str, Any]]:
    """The entries of these ids as HoursSerializer says them, the newest first, read as columns: no model is
    made of what is only shown, which costs most of a list's time."""
    return [_shown(values) for values in SHOWN.filter(pk__in=ids).order_by("-pk")]


def _shown(values: Sequence[Any]) -> dict[str, Any]:
    said = dict(zip(PLAIN, values, strict=False))
    by, person, zone = values[-3:]
    said["provenance"] = provenance_of(
        Columns(
            source=said["source"],
            day=said["date"],
            created_at=said["created_at"],
            device_at=said["device_at"],
            copied_from=said["copied_from"],
            taken_from=said["taken_from"],
            is_late=said["is_late"],
            writer=said["created_by"] if by != person else None,
            zone=ZoneInfo(zone),
        )
    ).words
    return {name: said[name] for name in FIELDS}


class LineSerializer(serializers.Serializer[Any]):
    """What may be written: OJT names a job function by number, RI a course by its id or code."""

    apprentice = ByUid(Apprentice.objects.visible_to, noun="apprentice")
    kind = serializers.ChoiceField(choices=[Kind.OJT.value, Kind.RI.value])
    date = serializers.DateField()
    job_function = serializers.IntegerField(required=False, allow_null=True)
    competency = serializers.CharField(required=False, allow_null=True, max_length=8)
    course = serializers.CharField(required=False, allow_null=True, max_length=64)
    minutes = serializers.IntegerField(help_text="Whole minutes, 1 to 1440.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    external_id = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="Your own number for it. Sent again, it writes nothing and answers with the first entry.",
    )
    device_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Of an entry that was written offline: the moment by the device's own clock.",
    )

    def line(self, apprentice: Apprentice, entry: HoursEntry | None = None) -> Line:
        """The validated words as a Line; what a partial update leaves out comes from `entry`."""
        given = self.validated_data
        old = vars(Line.of(entry)) if entry else {}
        places = self._places(apprentice, old)
        plain = {name: given.get(name, old.get(name)) for name in ("kind", "date", "minutes")}
        note = given.get("note", old.get("note", ""))
        came = {"device_at": given.get("device_at"), "external_id": given.get("external_id", "")}
        return Line(**plain, **places, note=note, **came)

    def _places(self, apprentice: Apprentice, old: dict[str, Any]) -> dict[str, Any]:
        given = self.validated_data
        found = {name: old.get(name) for name in ("job_function", "competency", "course")}
        functions = {one.number: one for one in apprentice.schedule.job_functions.all()}
        if "job_function" in given:
            found["job_function"] = self._pick(functions, given["job_function"], "job_function")
        if "competency" in given:
            found["competency"] = self._competency(found["job_function"], given["competency"])
        if "course" in given:
            courses = {key: one for one in apprentice.schedule.courses.all() for key in names_of(one)}
            found["course"] = self._pick(courses, given["course"], "course")
        return found

    def _competency(self, function: JobFunction | None, code: str | None) -> Any:
        inside = {one.code: one for one in function.competencies.all()} if function else {}
        return self._pick(inside, code.lower() if code else None, "competency")

    def _pick(self, choices: dict[Any, Any], wanted: Any, field: str) -> Any:
        if wanted in (None, ""):
            return None
        if wanted not in choices:
            noun = field.replace("_", " ")
            raise serializers.ValidationError(
                {field: [f"This {noun} is not in the program. Choose one of it."]}
            )
        return choices[wanted]


def names_of(course: Course) -> list[str]:
    """How a client may name a course: by its id or its code."""
    return [str(course.uid), course.code] if course.code else [str(course.uid)]


class SeenSerializer(serializers.Serializer[Any]):
    """`seen`: the `submitted_at` of the entry as you read it. If it was submitted again since, it is not
    approved (409)."""

    seen = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ChangingSerializer(LineSerializer):
    """What is to be otherwise; `seen`: the `changed_at` of the entry as you read it. If it was changed since,
    nothing is written (409)."""

    seen = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True, default="", max_length=500)


class ReturnSerializer(ReasonSerializer, SeenSerializer):
    """Why, and perhaps when the entry was read."""


class CorrectingSerializer(LineSerializer):
    """What the entry should have been; what is left out stays as it was."""

    reason = serializers.CharField(max_length=500, help_text="What was wrong.")


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """What was said about an entry, by whom and when; `returned`: it was the reason of a return."""

    id = serializers.UUIDField(source="uid", required=False)
    by = serializers.CharField(source="by.name", read_only=True)
    words = serializers.CharField(source="note", max_length=LONGEST, help_text="“” where it was hidden.")

    class Meta:
        model = Comment
        fields = ["id", "by", "at", "words", "returned"]
        read_only_fields = ["at", "returned"]


class HoursViewSet(OnceOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[HoursEntry]):
    """Hours entries that one may see. A move that the entry's state forbids answers 409."""

    serializer_class = HoursSerializer
    filter_backends = [ByWords]
    words = HoursWords
    lookup_url_kwarg = "id"
    queryset = HoursEntry.objects.none()

    def get_queryset(self) -> QuerySet[HoursEntry]:
        return HoursEntry.objects.visible_to(self.request.user).select_related(*HOURS_RELATED, "corrects")

    def get_object(self) -> HoursEntry:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of them, the newest first. Which ones is asked first, what they say of those alone."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().values("pk")))
        return self.get_paginated_response(rows_of([row["pk"] for row in page or []]))

    @extend_schema(request=LineSerializer, responses={200: HoursSerializer, 201: HoursSerializer})
    def create(self, request: Request) -> Response:
        """Write a draft; 200 with the first one where its `external_id` was sent before."""
        words = LineSerializer(data=request.data, context={"request": request})
        words.is_valid(raise_exception=True)
        apprentice = words.validated_data["apprentice"]
        lines = [words.line(apprentice)]
        now = timezone.now()
        (entry,) = HoursEntry.objects.log(apprentice, by=signed_in(request), now=now, lines=lines)
        code = status.HTTP_201_CREATED if entry.created_at == now else status.HTTP_200_OK
        return Response(HoursSerializer(entry).data, status=code)

    @extend_schema(request=ChangingSerializer(partial=True), responses=HoursSerializer)
    def partial_update(self, request: Request, id: str) -> Response:
        """Change a draft or a returned entry of one's own."""
        entry = self.get_object()
        words = ChangingSerializer(data=request.data, partial=True, context={"request": request})
        words.is_valid(raise_exception=True)
        fields = words.line(entry.apprentice, entry).contents()
        fields["seen"] = words.validated_data.get("seen")
        entry.change(by=signed_in(request), now=timezone.now(), **fields)
        return Response(HoursSerializer(entry).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:
        """Delete a draft of one's own."""
        self.get_object().remove(by=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _move(
        self, request: Request, name: str, *, reason: str = "", seen: datetime | None = None
    ) -> Response:
        entry = self.get_object()
        entry.move(name, by=signed_in(request), now=timezone.now(), reason=reason, seen=seen)
        return Response(HoursSerializer(entry).data)

    @extend_schema(request=None, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, id: str) -> Response:
        """Hand a draft or a mended entry in for review."""
        return self._move(request, "submit")

    @extend_schema(request=None, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, id: str) -> Response:
        """Take back what nobody has reviewed yet."""
        return self._move(request, "recall")

    @extend_schema(request=SeenSerializer, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, id: str) -> Response:
        """Approve, as the assigned mentor (OJT) or instructor (RI)."""
        words = SeenSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        return self._move(request, "approve", seen=words.validated_data["seen"])

    @extend_schema(request=None, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, id: str) -> Response:
        """Undo one's own approval within a minute."""
        return self._move(request, "undo")

    @extend_schema(request=ReasonSerializer, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, id: str) -> Response:
        """Say that hours which somebody else logged for you are not right; nobody approves them before
        that is settled."""
        words = ReasonSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        return self._move(request, "dispute", reason=words.validated_data["reason"])

    @extend_schema(request=None, responses=HoursSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, id: str) -> Response:
        """Say that they are right after all."""
        return self._move(request, "settle")

    @extend_schema(request=CorrectingSerializer(partial=True), responses={201: HoursSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, id: str) -> Response:
        """Draft a correction of an approved entry of one's own, which replaces it once it is approved."""
        entry = self.get_object()
        words = CorrectingSerializer(data=request.data, partial=True, context={"request": request})
        words.is_valid(raise_exception=True)
        said = {"reason": words.validated_data.get("reason", ""), "line": words.line(entry.apprentice, entry)}
        new = entry.correct(by=signed_in(request), now=timezone.now(), **said)
        return Response(HoursSerializer(new).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["GET"], responses=CommentSerializer(many=True))
    @extend_schema(methods=["POST"], request=CommentSerializer, responses={201: CommentSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None, filter_backends=[])
    def comments(self, request: Request, id: str) -> Response:
        """What was said about an entry, the oldest first; POST says something, for good. An `id` of your own
        makes it once."""
        entry, person = self.get_object(), signed_in(request)
        if request.method != "POST":
            rows = entry.comments.visible_to(person).select_related("by")
            return Response(CommentSerializer(rows, many=True).data)
        words = CommentSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        said = {"words": words.validated_data["note"], "uid": words.validated_data.get("uid")}
        row = Comment.objects.add(entry, by=person, now=timezone.now(), **said)
        return Response(CommentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReturnSerializer, responses=HoursSerializer)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, id: str) -> Response:
        """Return to the apprentice with a reason."""
        words = ReturnSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        return self._move(request, "return", **words.validated_data)
