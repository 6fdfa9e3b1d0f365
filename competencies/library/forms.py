"""The library: its filters, one resource, a file of them."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.listing import Filters, Sort, by_id, select, words
from accounts.models import Sponsor, User
from competencies.library.files import LONGEST
from competencies.models import Course, FrameworkStatement, LearningResource, ResourceType
from competencies.models.resources import said_in

SORTS = (
    Sort("title", "Title, A to Z", ("title", "pk")),
    Sort("newest", "Newest first", ("-added_at", "-pk")),
)


class LibraryFilters(Filters):
    """Words in title, provider or address; the type; what has its place beside a statement."""

    q = words("Words of a title, provider or address")
    type = select("Type", "Any type", ResourceType.choices)
    placed = select("Beside a statement", "Wherever", [("yes", "Beside a statement"), ("no", "Beside none")])

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            return said_in(value)
        if name == "placed":
            return Q(uses__isnull=value == "no")
        return Q(**{name: value})

    def narrow(self, rows: QuerySet[Any, Any]) -> Any:
        return super().narrow(rows).distinct()


class ResourceWords(LibraryFilters):
    """Resources over REST; a statement is named by its id in any version."""

    statement = by_id("Id of a framework's statement")

    def condition(self, name: str, value: Any) -> Q:
        if name != "statement":
            return super().condition(name, value)
        named = FrameworkStatement.objects.filter(uid=value, framework__frozen=True)
        return Q(uses__statement__in=named.values("lineage"))


class ResourceForm(forms.ModelForm):
    """“Add what you teach with”, beside one statement."""

    class Meta:
        model = LearningResource
        fields = ("title", "address", "provider", "type", "minutes", "licence", "language")
        labels = {"licence": "License"}
        help_texts = {"address": "Begins with https:// or http://", "minutes": "How long it takes, if known."}

    def __init__(self, data: Any = None, *, sponsors: QuerySet[Sponsor]) -> None:
        super().__init__(data)
        self.fields["sponsor"] = forms.ModelChoiceField(
            sponsors, label="Library of", initial=sponsors.first(), empty_label=None
        )
        taught = Course.objects.filter(
            schedule__sponsor__in=sponsors.values("pk"), schedule__programs__isnull=False
        )
        self.fields["course"] = CourseField(
            taught.distinct().order_by("title", "pk"),
            required=False,
            empty_label="None",
            label="Registered course it belongs to",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        course, sponsor = cleaned.get("course"), cleaned.get("sponsor")
        if course and sponsor and course.schedule.sponsor_id != sponsor.pk:
            self.add_error("course", f"Choose a course of {sponsor}.")
        return cleaned

    def keep(self, statement: FrameworkStatement, *, by: User, now: datetime) -> LearningResource:
        """Put the resource of this valid form beside the statement; a known address is the same one."""
        course = self.cleaned_data["course"]
        facts = {name: self.cleaned_data[name] for name in self.Meta.fields}
        facts["course"] = course.lineage if course else None
        row = LearningResource.objects.keep(self.cleaned_data["sponsor"], by=by, now=now, **facts)
        row.use_for(statement)
        return row


class CourseField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class FileForm(forms.Form):
    """A CSV file, or its text as the dry run gave it back."""

    file = forms.FileField(label="CSV file")
    text = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST, strip=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("text")

    def again(self) -> "FileForm":
        """The form that confirms what this one, valid and read, would do."""
        return FileForm(initial={"text": self.sent.decode("utf-8-sig", "replace")})

    @cached_property
    def sent(self) -> bytes:
        """The bytes of this valid form."""
        file = self.cleaned_data.get("file")
        return file.read(LONGEST + 1) if file else self.cleaned_data["text"].encode()
