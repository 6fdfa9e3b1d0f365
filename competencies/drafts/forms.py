"""What may be written in a draft: one form for the document, one for each kind of row."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.fields import DayField, HoursField, LinesField, RowsField
from accounts.models.people import check_printable
from accounts.refusals import Conflict
from competencies import codes
from competencies.drafts import acts
from competencies.models import (
    Approach,
    Competency,
    Course,
    Credential,
    CrossCuttingCompetency,
    JobFunction,
    PerformanceStandard,
    RatingScale,
    TopicKind,
    WorkProcessSchedule,
)

LARGEST_LETTER = 5 * 1024 * 1024


class LongLine(forms.Textarea):
    """One line of text that is longer than a field is wide: all of it is seen, breaks are refused."""


class DraftForm(forms.ModelForm):
    """A form of a row in a draft that knows what the row said when the page was made.

    `collision` is what the row says now, field by field, where somebody else was faster.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collision: list[tuple[str, str]] = []
        for field in self.fields.values():
            if type(field.widget) in (forms.TextInput, LongLine) and isinstance(field, forms.CharField):
                field.validators.append(check_printable)
        self.fields["seen"].initial = acts.look(self.instance, self.columns) if self.instance.pk else ""

    @property
    def columns(self) -> list[str]:
        return [name for name in self.fields if name != "seen"]

    def save_in(self, draft: WorkProcessSchedule) -> bool:
        """Write the row; False, with `collision` filled, where somebody else changed it meanwhile.

        Raises Conflict where the draft or the row is no more.
        """
        if not self.instance.pk:
            acts.add(draft, self.instance)
            return True
        try:
            acts.change(draft, self.instance, self.columns, seen=self.cleaned_data["seen"])
        except Conflict as refusal:
            if refusal.code != "changed_meanwhile":
                raise
            self.add_error(None, ValidationError(refusal.message, code=refusal.code))
            self._show(type(self.instance)._default_manager.get(pk=self.instance.pk))
            return False
        return True

    def _show(self, now: Any) -> None:
        """What is there now beside what was written, and a page that may replace it."""
        for name in self.columns:
            if getattr(now, name) != getattr(self.instance, name):
                field = self[name]
                said = field.field.prepare_value(getattr(now, name))
                self.collision.append((str(field.label), str(said)))
        self.data = {**self.data, self.add_prefix("seen"): acts.look(now, self.columns)}


def _check_range(form: forms.BaseForm, least: str, most: str) -> None:
    """At most is not below at least."""
    low, high = form.cleaned_data.get(least), form.cleaned_data.get(most)
    if low and high and low > high:
        form.add_error(most, "Write as many hours as at least, or more.")


class FunctionForm(DraftForm):
    ojt_minutes_min = HoursField(label="Hours on the job, at least", required=False)
    ojt_minutes_max = HoursField(label="Hours on the job, at most", required=False)
    ri_minutes_min = HoursField(label="Hours of related instruction, at least", required=False)
    ri_minutes_max = HoursField(label="Hours of related instruction, at most", required=False)

    class Meta:
        model = JobFunction
        fields = (
            "title",
            "details",
            "core",
            "ojt_minutes_min",
            "ojt_minutes_max",
            "ri_minutes_min",
            "ri_minutes_max",
        )
        labels = {"details": "Tasks", "core": "Core: everybody learns it"}
        help_texts = {"details": "One a line, where the schedule lists tasks instead of competencies."}
        widgets = {"title": LongLine(attrs={"rows": 2}), "details": forms.Textarea(attrs={"rows": 4})}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for kind in ("ojt", "ri"):
            _check_range(self, f"{kind}_minutes_min", f"{kind}_minutes_max")
        return said


class CompetencyForm(DraftForm):
    class Meta:
        model = Competency
        fields = ("title", "details", "level", "required", "heading")
        labels = {
            "required": "Required: it counts for everybody who learns its job function",
            "heading": "Stands under the heading",
        }
        widgets = {"title": forms.Textarea(attrs={"rows": 2}), "details": forms.Textarea(attrs={"rows": 3})}


class StandardForm(DraftForm):
    class Meta:
        model = PerformanceStandard
        fields = ("text", "required_demonstrations")
        labels = {"text": "What is seen", "required_demonstrations": "Passing ratings on different days"}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class CourseForm(DraftForm):
    ri_minutes = HoursField(label="Hours, at least", required=False)
    ri_minutes_max = HoursField(
        label="Hours, at most", required=False, help_text="Where the standards print a range."
    )

    class Meta:
        model = Course
        fields = (
            "code",
            "title",
            "ri_minutes",
            "ri_minutes_max",
            "required",
            "heading",
            "provider",
            "details",
        )
        labels = {"required": "Required", "heading": "Stands under the heading"}
        help_texts = {"heading": "For example Level 1 (1st year)."}
        widgets = {"details": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        _check_range(self, "ri_minutes", "ri_minutes_max")
        return said


class CredentialForm(DraftForm):
    class Meta:
        model = Credential
        fields = ("name", "abbreviation", "awarding_body", "timing")
        labels = {"timing": "Taken in the apprenticeship"}


class CrossCuttingForm(DraftForm):
    class Meta:
        model = CrossCuttingCompetency
        fields = ("tier", "tier_title", "title", "level")
        labels = {"tier": "Tier", "tier_title": "Name of the tier"}


class AboutForm(DraftForm):
    """The document itself."""

    minimum_ojt_minutes = HoursField(label="Hours on the job, at least", required=False)
    maximum_ojt_minutes = HoursField(label="Hours on the job, at most", required=False)
    minimum_ri_minutes = HoursField(label="Hours of related instruction, at least", required=False)
    maximum_ri_minutes = HoursField(label="Hours of related instruction, at most", required=False)
    job_titles = LinesField(label="Other job titles", required=False, help_text="One a line.")
    promotional_paths = LinesField(required=False, help_text="One a line.")
    transitional_paths = LinesField(required=False, help_text="One a line.")
    associations = LinesField(
        label="Trade associations and labor organizations", required=False, help_text="One a line."
    )
    accreditors = LinesField(required=False, help_text="One a line.")
    wage_steps = RowsField(
        cells=3, label="Wage schedule", required=False, help_text="A line a step: step | condition | wage."
    )
    workforce = RowsField(
        cells=2, label="Workforce figures", required=False, help_text="One a line: label | figure."
    )
    registration = RowsField(
        cells=2, label="Registration", required=False, help_text="One a line: label | value, as printed."
    )

    class Meta:
        model = WorkProcessSchedule
        fields = (
            "title",
            "approach",
            "onet_code",
            "rapids_code",
            "rating_scale",
            "minimum_ojt_minutes",
            "maximum_ojt_minutes",
            "minimum_ri_minutes",
            "maximum_ri_minutes",
            "term_months",
            "ratio",
            "probation",
            "selection",
            "wage_note",
            "wage_steps",
            "job_title",
            "company_contact",
            "required_certifications",
            "job_titles",
            "context",
            "purpose",
            "prerequisites",
            "attitudes",
            "promotional_paths",
            "transitional_paths",
            "associations",
            "accreditors",
            "workforce",
            "registration",
            "cross_cutting_note",
            "blank_job_functions",
            "notes",
        )
        labels = {
            "term_months": "Term in months",
            "cross_cutting_note": "Note on the foundation skills",
            "blank_job_functions": "Empty job functions printed at the end",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["approach"] = forms.ChoiceField(
            choices=[("", "Not stated"), *Approach.choices], required=False, label="Approach"
        )
        scales: Any = self.fields["rating_scale"]
        scales.queryset = RatingScale.objects.order_by("name")
        scales.empty_label = "None"

    def clean_approach(self) -> str | None:
        return self.cleaned_data["approach"] or None

    def clean_onet_code(self) -> str:
        return self._code("onet_code", codes.parse_onet, "29-2072.00")

    def clean_rapids_code(self) -> str:
        return self._code("rapids_code", codes.parse_rapids, "1114 or 1114CB")

    def _code(self, name: str, parse: Callable[[str], Any], example: str) -> str:
        text = str(self.cleaned_data[name]).strip()
        if text and not parse(text):
            raise ValidationError(f"This is no code of that kind. Write it like {example}.")
        return str(parse(text)) if text else ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for kind in ("ojt", "ri"):
            _check_range(self, f"minimum_{kind}_minutes", f"maximum_{kind}_minutes")
        return said


FORMS: dict[str, type[DraftForm]] = {
    "job-function": FunctionForm,
    "competency": CompetencyForm,
    "performance-standard": StandardForm,
    "course": CourseForm,
    "credential": CredentialForm,
    "foundation-skill": CrossCuttingForm,
}
"""By the word in the address."""


class TopicsForm(forms.Form):
    """What the related instruction of a job function covers, three lists."""

    def __init__(self, function: JobFunction, data: Any = None) -> None:
        super().__init__(data)
        self.function = function
        self.collision: list[tuple[str, str]] = []
        for kind in TopicKind:
            rows = list(function.topics.filter(kind=kind).order_by("position"))
            self.fields[kind.value] = LinesField(
                label=kind.label, required=False, initial=[row.text for row in rows], help_text="One a line."
            )
            self.fields[f"seen_{kind.value}"] = forms.CharField(
                widget=forms.HiddenInput, initial=acts.topics_look(rows), required=False
            )

    def save(self) -> bool:
        """Write the lists; False where somebody else changed one meanwhile, of which nothing is written."""
        said, good = self.cleaned_data, True
        for kind in TopicKind.values:
            try:
                acts.set_topics(self.function, kind, said[kind], seen=said[f"seen_{kind}"])
            except Conflict as refusal:
                if refusal.code != "changed_meanwhile":
                    raise
                good = False
                self.add_error(kind, ValidationError(refusal.message))
                rows = list(self.function.topics.filter(kind=kind).order_by("position"))
                self.collision.append((str(self[kind].label), "\n".join(row.text for row in rows)))
                self.data = {**self.data, f"seen_{kind}": acts.topics_look(rows)}
        return good


class FinishForm(forms.Form):
    """Which way a draft becomes final, and why although something in it contradicts."""

    way = forms.ChoiceField(choices=[("submit", "Submit to the agency"), ("publish", "Publish")])
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why it stays so",
        max_length=500,
        error_messages={"required": "Say why, in a few words. It stands on the record of this version."},
    )

    def __init__(self, data: Any = None, *, warned: bool) -> None:
        super().__init__(data)
        if not warned:
            del self.fields["reason"]


class ApprovalForm(forms.Form):
    """The agency's approval."""

    on = DayField(label="Approved on")
    letter = forms.FileField(label="The agency's letter", required=False, help_text="A PDF of up to 5 MB.")

    def clean_letter(self) -> UploadedFile | None:
        letter: UploadedFile | None = self.cleaned_data["letter"]
        if letter is None:
            return None
        if (letter.size or 0) > LARGEST_LETTER:
            raise ValidationError("This file is larger than 5 MB. Scan the letter in black and white.")
        if not letter.read(5) == b"%PDF-":
            raise ValidationError("This is no PDF. Save or scan the letter as one.")
        letter.seek(0)
        letter.name = "letter.pdf"
        return letter


class ReasonForm(forms.Form):
    """Why a version is retired."""

    reason = forms.CharField(
        label="Why", max_length=500, error_messages={"required": "Say why, in a few words."}
    )
