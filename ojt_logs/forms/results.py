"""What an instructor says of a course: passed or not, for one or for everybody on the roster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from accounts.fields import DayField
from accounts.forms import PasswordForm
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice, Class
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models import Authentication, CourseResult
from ojt_logs.models.course_results import Outcome

CHOICES = [("", "Nothing yet"), ("passed", "Passed"), ("not", "Not passed")]


@dataclass(frozen=True)
class Row:
    """One apprentice with the fields about them."""

    apprentice: Apprentice
    fields: list[forms.BoundField]


class ResultsForm(PasswordForm):
    """A day, and for each apprentice a result, a grade and a note; who has no result chosen is left out."""

    completed_on = DayField(label="Day", help_text="On which the course was passed, or was not.")
    field_order = ["completed_on"]

    def __init__(self, data: Any = None, *, taught: Class, people: Iterable[Apprentice], by: User) -> None:
        super().__init__(data)
        self.taught, self.people, self.by = taught, list(people), by
        self.fields["password"].required = False
        for person in self.people:
            self.fields |= {
                f"result_{person.pk}": forms.ChoiceField(choices=CHOICES, required=False, label="Result"),
                f"grade_{person.pk}": forms.CharField(max_length=20, required=False, label="Grade"),
                f"note_{person.pk}": forms.CharField(max_length=1000, required=False, label="Note"),
            }

    def start_on(self, *, now: datetime) -> "ResultsForm":
        """Propose today, or the last day of a class that is over."""
        today = self.by.today(now)
        self.initial["completed_on"] = min(today, self.taught.ends_on or today)
        return self

    @property
    def unmarked(self) -> set[str]:
        """A result is no extra: it is chosen for whom it is known."""
        return {f"result_{one.pk}" for one in self.people}

    @property
    def rows(self) -> list[Row]:
        names = ("result", "grade", "note")
        return [Row(one, [self[f"{name}_{one.pk}"] for name in names]) for one in self.people]

    @property
    def privacy(self) -> str:
        return f"Notes stay on the record, and the apprentice reads them. {NO_PATIENTS}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.people:
            written = cleaned.get(f"grade_{one.pk}") or cleaned.get(f"note_{one.pk}")
            if written and not cleaned.get(f"result_{one.pk}"):
                self.add_error(f"result_{one.pk}", "Choose passed or not passed, or empty the fields beside.")
        return cleaned

    @property
    def outcomes(self) -> list[Outcome]:
        said = self.cleaned_data
        return [
            Outcome(
                one, said[f"result_{one.pk}"] == "passed", said[f"grade_{one.pk}"], said[f"note_{one.pk}"]
            )
            for one in self.people
            if said[f"result_{one.pk}"]
        ]

    def save(self, *, authentication: Authentication, now: datetime) -> list[CourseResult]:
        """Record what this valid form says; empty, with the sentence beside its field, when refused."""
        try:
            return CourseResult.objects.record(
                self.taught,
                by=self.by,
                now=now,
                authentication=authentication,
                completed_on=self.cleaned_data["completed_on"],
                outcomes=self.outcomes,
            )
        except Refusal as refusal:
            refuse(self, refusal)
            return []
