"""What a program states for its registration: agency, ratio, wages, probation, selection."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from django import forms
from django.utils import timezone

from accounts.durations import format_hours
from accounts.fields import DayField
from accounts.models import User
from apprenticeship.models import Program, WageStep
from apprenticeship.models.probation import most_minutes, most_months
from apprenticeship.models.programs import RaisesFrom

MOST_STEPS = 30
BLANK_ROWS = 3
HOURS_ATTRS = {"inputmode": "decimal"}
NOT_A_NUMBER = {"invalid": "Write a number, like 1000 or 12.5."}


def _number(label: str, *, least: str = "0", most: str = "100000", **more: Any) -> forms.DecimalField:
    """A number that may stay empty, in a plain text box: arrows beside money are no help."""
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(least),
        max_value=Decimal(most),
        decimal_places=2,
        widget=forms.TextInput(attrs=HOURS_ATTRS),
        error_messages=NOT_A_NUMBER
        | {"min_value": "Write %(limit_value)s or more.", "max_value": "Write %(limit_value)s or less."},
        **more,
    )


RULE = ("raises_from", "pay_period_days")
"""What has a value where nobody states one."""


class DetailsForm(forms.ModelForm):
    """Everything but the wage steps. Hours are shown, minutes are kept; dollars are shown, cents are kept.

    What an Appendix A needs is not called optional, though it may follow later.
    """

    unmarked = frozenset(
        {
            "registration_agency",
            "ratio_apprentices",
            "ratio_journeyworkers",
            "journeyworker_wage",
            "journeyworker_wage_on",
            "probation_months",
            "probation_hours",
            "selection_procedure",
        }
    )

    probation_hours = _number("Probation, hours on the job")
    journeyworker_wage = _number(
        "Journeyworker wage, $ an hour",
        least="0.01",
        most="10000",
        help_text="What steps in per cent are of.",
    )

    class Meta:
        model = Program
        fields = (
            "registration_agency",
            "program_number",
            "registered_on",
            "ratio_apprentices",
            "ratio_journeyworkers",
            "ratio_note",
            "journeyworker_wage_on",
            "raises_from",
            "pay_period_starts_on",
            "pay_period_days",
            "probation_months",
            "selection_procedure",
            "ri_provider",
        )
        labels = {
            "registered_on": "Registered on",
            "ratio_apprentices": "Apprentices",
            "ratio_journeyworkers": "Journeyworkers",
            "ratio_note": "Where it holds",
            "journeyworker_wage_on": "As of",
            "probation_months": "Probation, months",
            "ri_provider": "Provider of related instruction",
        }
        help_texts = {
            "ratio_note": "For example: per job site.",
            "journeyworker_wage_on": "The day this wage was in force.",
            "probation_months": "At most a quarter of the term, and never more than 12 months.",
            "selection_procedure": "How apprentices are chosen, as the agency approved it.",
            "ri_provider": "School or training center, with its city.",
        }
        field_classes = {"registered_on": DayField, "journeyworker_wage_on": DayField}
        widgets = {
            "pay_period_starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "selection_procedure": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in RULE:
            self.fields[name].required = False
        program = self.instance
        self.initial["probation_hours"] = _shown(program.probation_minutes, 60)
        self.initial["journeyworker_wage"] = _shown(program.journeyworker_wage_cents, 100)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        apprentices, journeyworkers = said.get("ratio_apprentices"), said.get("ratio_journeyworkers")
        for field, number, other in (
            ("ratio_apprentices", apprentices, journeyworkers),
            ("ratio_journeyworkers", journeyworkers, apprentices),
        ):
            if field not in self.errors and (number == 0 or (number is None and other is not None)):
                self.add_error(field, "A ratio has two numbers, like 1 and 1.")
        self._check_probation(said)
        if said.get("raises_from") == RaisesFrom.PAY_PERIOD and not said.get("pay_period_starts_on"):
            self.add_error("pay_period_starts_on", "Choose the first day of any pay period.")
        if said.get("pay_period_days") == 0:
            self.add_error("pay_period_days", "Write 7 for a week, 14 for two.")
        return said

    def _check_probation(self, said: Mapping[str, Any]) -> None:
        """29 CFR 29.5(b)(8): a quarter of the program or a year, whichever is shorter."""
        months, hours = said.get("probation_months"), said.get("probation_hours")
        most = most_months(self.instance.term_months)
        if months is not None and not 1 <= months <= most:
            self.add_error(
                "probation_months",
                f"Write a number from 1 to {most}: the term is {self.instance.term_months} months.",
            )
        term = self.instance.ojt_required(self.instance.schedule)
        if hours is not None and term is not None and hours * 60 > most_minutes(term):
            self.add_error(
                "probation_hours", f"Write {format_hours(most_minutes(term))} or less, a quarter of the term."
            )

    def stated(self) -> dict[str, Any]:
        """The program's columns as this valid form says."""
        said = self.cleaned_data
        return {
            **{name: said[name] for name in self.Meta.fields},
            **{name: said[name] or getattr(self.instance, name) for name in RULE},
            "probation_minutes": _kept(said["probation_hours"], 60),
            "journeyworker_wage_cents": _kept(said["journeyworker_wage"], 100),
        }


class StepForm(forms.Form):
    """A row of the wage schedule; an empty row is none."""

    hours = _number("From hours")
    months = forms.IntegerField(
        label="From months", required=False, min_value=0, max_value=240, widget=forms.TextInput
    )
    competencies = forms.IntegerField(
        label="Competencies", required=False, min_value=0, max_value=999, widget=forms.TextInput
    )
    percent = _number("Per cent", least="0.01", most="100")
    dollars = _number("$ an hour", least="0.01", most="10000")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = str(self.prefix).rpartition("-")[2]
        number = int(row) + 1 if row.isdigit() else row
        for field in self.fields.values():
            attrs = {"aria-label": f"Step {number}: {field.label}", "inputmode": "decimal", "size": "6"}
            field.widget.attrs |= attrs
        self.fields["months"].error_messages |= NOT_A_NUMBER
        self.fields["competencies"].error_messages |= NOT_A_NUMBER

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for value in self.cleaned_data.values())

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.errors or self.is_empty:
            return said
        if (said["percent"] is None) == (said["dollars"] is None):
            self.add_error("percent", "Write the wage, either in per cent or in dollars.")
        return said

    def step(self, program: Program, number: int) -> WageStep:
        said = self.cleaned_data
        return WageStep(
            program=program,
            number=number,
            from_minutes=_kept(said["hours"], 60),
            from_months=said["months"],
            from_competencies=said["competencies"],
            percent=said["percent"],
            cents=_kept(said["dollars"], 100),
        )


class StepRows(forms.BaseFormSet):
    """The wage schedule, lowest step first."""

    def clean(self) -> None:
        """29 CFR 29.5(b)(5): wages increase. What opens a step is never less than for the one before."""
        if any(self.errors):
            return
        rows = [form for form in self.forms if not form.is_empty]
        for before, after in pairwise(rows):
            for field in ("percent", "dollars", "hours", "months", "competencies"):
                low, high = before.cleaned_data[field], after.cleaned_data[field]
                wage = field in ("percent", "dollars")
                if low is not None and high is not None and (high <= low if wage else high < low):
                    after.add_error(
                        field,
                        f"Write more than {low:g}, the step before." if wage else f"Write {low:g} or more.",
                    )


Steps = forms.formset_factory(StepForm, StepRows, extra=0, max_num=MOST_STEPS, absolute_max=MOST_STEPS)


class ForRegistration:
    """The whole page: the details and the table of wage steps, valid and saved together."""

    def __init__(self, program: Program, data: Mapping[str, Any] | None = None) -> None:
        self.program = program
        self.details = DetailsForm(data, instance=program)
        self.steps = Steps(data, prefix="steps", initial=None if data is not None else _rows(program))

    @classmethod
    def with_more_rows(cls, program: Program, data: Mapping[str, Any]) -> "ForRegistration":
        """As typed, with more empty rows at the end, nothing checked."""
        page = cls(program)
        page.details.initial.update({name: data.get(name) for name in page.details.fields})
        total = Steps(data, prefix="steps").total_form_count()
        typed = [
            {name: data.get(f"steps-{number}-{name}") for name in StepForm.base_fields}
            for number in range(total)
        ]
        page.steps = Steps(prefix="steps", initial=(typed + [{}] * BLANK_ROWS)[:MOST_STEPS])
        return page

    @cached_property
    def is_valid(self) -> bool:
        return self.details.is_valid() & self.steps.is_valid()

    def save(self, *, by: User) -> None:
        kept = [form for form in self.steps.forms if not form.is_empty]
        steps = [form.step(self.program, number) for number, form in enumerate(kept, start=1)]
        self.program.change(by=by, now=timezone.now(), steps=steps, **self.details.stated())


def _rows(program: Program) -> list[dict[str, Any]]:
    kept = [
        {
            "hours": _shown(step.from_minutes, 60),
            "months": step.from_months,
            "competencies": step.from_competencies,
            "percent": _plain(step.percent),
            "dollars": _shown(step.cents, 100),
        }
        for step in program.wage_steps.all()
    ]
    return kept + [{}] * BLANK_ROWS


def _shown(units: int | None, size: int) -> str | None:
    """Minutes as hours, cents as dollars: 720 is 12, 1450 is 14.50."""
    if units is None:
        return None
    exact = Decimal(units) / size
    return f"{exact:.2f}" if size == 100 else _plain(exact.quantize(Decimal("0.01")))


def _plain(number: Decimal | None) -> str | None:
    """52.50 is 52.5, 60.00 is 60."""
    return None if number is None else f"{number.normalize():f}"


def _kept(number: Decimal | None, size: int) -> int | None:
    return None if number is None else round(number * size)
