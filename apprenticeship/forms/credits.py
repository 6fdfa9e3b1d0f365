"""Granting credit, and what the address of its list says."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q

from accounts.fields import DayField, HoursField
from accounts.listing import Filters, by_id
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice, Credit
from apprenticeship.models.credits import CreditLine
from competencies.models import Competency

OTHER = "work-other"


class CreditForm(forms.Form):
    """Hours by job function and course, competencies, the evidence, the day and the wage step."""

    evidence = forms.CharField(
        label="Evidence that was seen",
        max_length=1000,
        help_text="Payslips, a transcript, a certificate, a test: what, from whom. No health details.",
        error_messages={"required": "Say which evidence was seen."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    decided_on = DayField(label="Decided on", help_text="By the end of probation.")
    wage_step = forms.TypedChoiceField(label="Wage step that it reaches", coerce=int, empty_value=None)
    competencies = forms.ModelMultipleChoiceField(
        Competency.objects.none(), required=False, to_field_name="uid", label="Competencies"
    )

    def __init__(self, data: Any = None, *, apprentice: Apprentice) -> None:
        super().__init__(data)
        self.apprentice = apprentice
        schedule = apprentice.schedule
        self.functions = list(schedule.job_functions.order_by("number"))
        self.courses = list(schedule.courses.order_by("position"))
        for number, one in enumerate(self.functions, start=1):
            self.fields[f"work-{number}"] = HoursField(label=str(one), required=False)
        self.fields[OTHER] = HoursField(label="Other work", required=False)
        for number, course in enumerate(self.courses, start=1):
            self.fields[f"course-{number}"] = HoursField(label=str(course), required=False)
        choices = cast(forms.ModelMultipleChoiceField, self.fields["competencies"])
        choices.queryset = Competency.objects.filter(job_function__schedule=schedule).order_by(
            "job_function__number", "position"
        )
        steps = [(step.number, f"Step {step.number}") for step in apprentice.program.wage_steps.all()]
        if steps:
            cast(forms.ChoiceField, self.fields["wage_step"]).choices = [("", "Choose …"), *steps]
        else:
            del self.fields["wage_step"]

    @property
    def hours(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of hours, under their headings."""
        work = [self[name] for name in self.fields if name.startswith("work-")]
        classes = [self[name] for name in self.fields if name.startswith("course-")]
        return [("Hours of work", work), *([("Hours of class", classes)] if classes else [])]

    @property
    def lines(self) -> list[CreditLine]:
        said = self.cleaned_data
        functions = {f"work-{number}": one for number, one in enumerate(self.functions, start=1)}
        courses = {f"course-{number}": one for number, one in enumerate(self.courses, start=1)}
        work = [CreditLine(said[name], job_function=one) for name, one in functions.items() if said[name]]
        other = [CreditLine(said[OTHER])] if said[OTHER] else []
        taught = [CreditLine(said[name], course=one) for name, one in courses.items() if said[name]]
        signed = [CreditLine(competency=one) for one in said["competencies"]]
        return [*work, *other, *taught, *signed]

    def save(self, *, by: User, now: datetime) -> list[Credit]:
        """Grant it; an empty list where it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return []
        said: dict[str, Any] = {
            name: self.cleaned_data.get(name) for name in ("evidence", "decided_on", "wage_step")
        }
        try:
            return Credit.objects.grant(self.apprentice, self.lines, by=by, now=now, **said)
        except Refusal as refusal:
            refuse(self, refusal)
            return []


class CreditWords(Filters):
    """Credits of many apprentices, by whose they are."""

    apprentice = by_id("Apprentice")

    def condition(self, name: str, value: Any) -> Q:
        return Q(apprentice__uid=value)


class WhyForm(forms.Form):
    """Why something that was decided is taken back."""

    reason = forms.CharField(
        label="Reason", max_length=500, error_messages={"required": "Say why, in a few words."}
    )
