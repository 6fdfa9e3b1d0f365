"""A file with hours, and what its columns mean."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F, Q

from accounts.forms import PasswordForm
from accounts.listing import Filters, select
from apprenticeship.models import Apprentice
from competencies.imports.outline import Malformed
from competencies.imports.package import MOST_BYTES
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.imports.cells import DayOrder
from ojt_logs.imports.history import HistoryFile, read_file
from ojt_logs.imports.reading import Plan
from ojt_logs.imports.uploads import MOST_ROWS, Upload, read
from ojt_logs.models import HoursBatch
from ojt_logs.models.payroll import LONGEST
from ojt_logs.models.scans import people_of

SAMPLE = 30
"""Characters of a value that are shown beside its heading."""


class Several(forms.FileInput):
    """Chooses several files; the form sees the last, `request.FILES.getlist` all."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name)


class FileForm(forms.Form):
    """One file. Its table is in `upload` once the form is valid; a refusal stands beside the file."""

    file = forms.FileField(
        label="File",
        help_text=f"A workbook (.xlsx, .ods) or text with columns (.csv), at most {MOST_ROWS:,} rows. "
        "What it is, its content says.",
        error_messages={"required": "Choose the file.", "empty": "This file is empty."},
    )
    upload: Upload | None = None

    def __init__(self, data: Any = None, files: Any = None, *, kind: str) -> None:
        super().__init__(data, files)
        self.kind = kind

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(f"A file has at most {MOST_BYTES // 1_000_000} MB.")
        try:
            self.upload = read(file.read(), name=file.name or "the file", kind=self.kind)
        except Malformed as refusal:
            raise ValidationError(f"Nothing was read. {refusal.message}", code=refusal.code) from refusal
        return file


class ColumnsForm(forms.Form):
    """For everything that a column may mean, the column; one column means one thing."""

    day_order = forms.ChoiceField(
        label="A day like 3/4/2026 is",
        choices=[
            ("", "told by the file, else March 4"),
            (DayOrder.MONTH_FIRST.value, "March 4"),
            (DayOrder.DAY_FIRST.value, "April 3"),
        ],
        required=False,
    )
    leave_out_strangers = forms.BooleanField(
        label="Leave out rows of people who are no apprentices here",
        help_text="For a payroll of everybody. How many were left out stays with the file.",
        required=False,
    )

    def __init__(self, data: Any = None, *, upload: Upload, plan: Plan) -> None:
        super().__init__(data)
        self.upload = upload
        choices = [("", "Not in this file"), *_columns(upload)]
        for field in upload.fields:
            self.fields[field.name] = forms.TypedChoiceField(
                label=field.label,
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
                help_text=field.about,
                initial=plan.columns.get(field.name),
            )
        self.initial["day_order"] = plan.day_order
        self.initial["leave_out_strangers"] = bool(plan.leave_out_strangers)
        self.order_fields([field.name for field in upload.fields])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        taken: dict[int, str] = {}
        for field in self.upload.fields:
            at = cleaned.get(field.name)
            if at in taken:
                self.add_error(field.name, f"This column is “{taken[at]}” already. Choose another one.")
            elif at is not None:
                taken[at] = field.label
        return cleaned

    @property
    def unmarked(self) -> set[str]:
        """Hardly any file has all of them: that they are optional goes without saying."""
        return set(self.fields)

    @property
    def selects(self) -> list[forms.BoundField]:
        """The columns, and the order of day and month."""
        return [field for field in self if field.name != "leave_out_strangers"]

    @property
    def plan(self) -> Plan:
        """What was chosen. Only of a valid form."""
        said = self.cleaned_data
        columns = {one.name: said[one.name] for one in self.upload.fields if said[one.name] is not None}
        return Plan(columns, said["day_order"], "yes" if said["leave_out_strangers"] else "")


def _columns(upload: Upload) -> list[tuple[int, str]]:
    """The columns of the file by heading, with the first value that stands below it."""
    headings = upload.header.cells
    below = [row for number, row in upload.rows if number > upload.header.number]
    found = []
    for at, heading in enumerate(headings):
        value = next((row[at] for row in below if at < len(row) and row[at]), "")
        shown = f"{value[:SAMPLE]}…" if len(value) > SAMPLE else value
        found.append((at, f"{heading or f'Column {at + 1}'}{f': {shown}' if shown else ''}"))
    return found


class PaidFilters(Filters):
    """Pay periods by what is to do, whose they are, and days."""

    show = select("Show", "Every period", [("open", "Differences to explain"), ("differing", "Differences")])
    apprentice = select("Apprentice", "Everybody", [])

    def __init__(self, data: Mapping[str, Any], *, people: list[tuple[str, str]]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["apprentice"]).choices = [("", "Everybody"), *people]
        self.days()

    def condition(self, name: str, value: Any) -> Q:
        differing = ~Q(difference=0)
        known = {
            "differing": differing,
            "open": differing & ~Q(explained_difference__isnull=False, explained_difference=F("difference")),
        }
        if name == "apprentice":
            return Q(apprentice__uid=value)
        days = {"from": Q(ends_on__gte=value), "to": Q(starts_on__lte=value)}
        return known[value] if name == "show" else days[name]


class ExplainForm(forms.Form):
    """Why paid and logged hours of a period differ."""

    text = forms.CharField(
        label="Explanation",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why they differ, in a few words."},
        help_text="Stays with your name and the day. What was said before stays too.",
    )


class HistoryForm(forms.Form):
    """Our workbook, filled in. What was read is in `history` once the form is valid."""

    file = forms.FileField(
        label="The workbook, filled in",
        help_text="The workbook of this page (.xlsx or .ods), with its sheets.",
        error_messages={"required": "Choose the file.", "empty": "This file is empty."},
    )
    history: HistoryFile | None = None

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(f"A file has at most {MOST_BYTES // 1_000_000} MB.")
        try:
            self.history = read_file(file.read(), name=file.name or "the file")
        except Malformed as refusal:
            raise ValidationError(f"Nothing was read. {refusal.message}", code=refusal.code) from refusal
        return file


class AttestForm(PasswordForm):
    """Where the papers are, and the name of a coordinator under all of it."""

    papers_at = forms.CharField(
        label="Where the papers are kept",
        max_length=200,
        help_text="Like: binder 3, training office, Lakeside Health.",
        error_messages={"required": "Say where the papers are kept, so that somebody finds them."},
    )
    field_order = ["papers_at"]

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["password"].required = False


class ScansForm(forms.Form):
    """Scans of one apprentice's pages, looked at by whoever attaches them."""

    apprentice = forms.ModelChoiceField(
        Apprentice.objects.none(),
        label="Whose pages",
        to_field_name="uid",
        help_text="They read them too. A sheet that names several people stays with the papers.",
        error_messages={"required": "Say whose pages these are."},
    )
    file = forms.FileField(
        label="Photos or PDFs",
        help_text=f"{NO_PATIENTS} Up to 10 MB each; where a photo was taken is removed from it.",
        error_messages={"required": "Choose a photo or a PDF first."},
        widget=Several(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )
    looked = forms.BooleanField(
        label="I looked at every page: it names no patient and nobody else.",
        error_messages={"required": "Look at every page first, and say so."},
    )

    def __init__(self, *args: Any, batch: HoursBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whose = cast("forms.ModelChoiceField[Apprentice]", self.fields["apprentice"])
        whose.queryset = people_of(batch).select_related("user").order_by("user__name", "pk")
