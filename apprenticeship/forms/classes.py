"""A course being taught: by whom, from when to when, to whom."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from accounts.dates import day_words
from accounts.fields import DayField
from accounts.models import User
from accounts.models.people import Role
from apprenticeship.forms.fields import staff_field
from apprenticeship.models import Apprentice, Class, Program
from apprenticeship.models.status import FINAL


def _check_days(form: forms.Form, cleaned: dict[str, Any]) -> None:
    first: date | None = cleaned.get("starts_on")
    last: date | None = cleaned.get("ends_on")
    if first and last and last < first:
        form.add_error("ends_on", f"It would end before it begins. Choose {day_words(first)} or later.")


class RosterField(forms.ModelMultipleChoiceField):
    """Apprentices by name."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        ended = "" if obj.status == "active" else f" ({obj.get_status_display().lower()})"
        return f"{obj.user.name}{ended}"


class _ClassForm(forms.Form):
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False, help_text="Leave empty while no end is known.")
    field_order = ["course", "instructor", "starts_on", "ends_on", "roster"]

    def _offer_roster(self, program: Program, by: User, *, already: Class | None) -> None:
        people = Apprentice.objects.managed_by(by).filter(program=program).select_related("user")
        offered = ~Q(status__in=FINAL) | (Q(classes=already) if already else Q())
        self.fields["roster"] = RosterField(
            people.filter(offered).distinct().order_by("user__name", "pk"),
            required=False,
            label="Who attends",
            error_messages={"invalid_choice": "Somebody here is not in this program. Choose again."},
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        _check_days(self, cleaned)
        return cleaned


class NewClassForm(_ClassForm):
    """A class that is not there yet."""

    def __init__(self, data: Any = None, *, program: Program, by: User) -> None:
        super().__init__(data)
        self.program = program
        self.fields["course"] = forms.ModelChoiceField(
            program.schedule.courses.order_by("position"), label="Course", empty_label="Choose …"
        )
        self.fields["instructor"] = staff_field("Instructor", program.sponsor, Role.INSTRUCTOR)
        self._offer_roster(program, by, already=None)

    def save(self, *, by: User) -> Class:
        """Make the class of this valid form."""
        return Class.objects.begin(self.program, by=by, now=timezone.now(), **self.cleaned_data)


class ClassForm(_ClassForm):
    """The days and the roster of a class; course and instructor stay."""

    def __init__(self, data: Any = None, *, taught: Class, by: User) -> None:
        initial = {"starts_on": taught.starts_on, "ends_on": taught.ends_on, "roster": taught.roster.all()}
        super().__init__(data, initial=initial)
        self.taught = taught
        self._offer_roster(taught.program, by, already=taught)

    def save(self, *, by: User) -> None:
        """Change the class as this valid form says."""
        self.taught.change(by=by, now=timezone.now(), **self.cleaned_data)
