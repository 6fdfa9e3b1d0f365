"""Hours for one or several apprentices in one form."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from accounts.fields import DayField
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice
from apprenticeship.models.apprentices import ApprenticeQuerySet
from ojt_logs.behalf import Work, log_for
from ojt_logs.forms.apprentice import MinutesField
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import HoursEntry, Line
from ojt_logs.models.lines import check_name


class PeopleField(forms.ModelMultipleChoiceField):
    """Apprentices by name."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.user.name)


class BehalfForm(forms.Form):
    """Whose, which day, what and how long; the same for everybody chosen."""

    people = PeopleField(
        Apprentice.objects.none(),
        label="Apprentices",
        error_messages={"required": "Choose at least one."},
    )
    date = DayField(label="Day")
    about = forms.ChoiceField(label="What", error_messages={"required": "Choose what it was."})
    minutes = MinutesField(
        label="How long, each",
        max_length=20,
        help_text="8, 7:30, 7.5 or 450 min.",
        error_messages={"required": "Enter the time. Write it like 7:30, 7.5, 7h30 or 450m."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(label="Note", max_length=1000, required=False, help_text=NO_PATIENTS)
    key = forms.UUIDField(widget=forms.HiddenInput, validators=[check_name])

    def __init__(
        self, data: Any = None, *, people: ApprenticeQuerySet, subjects: Subjects, by: User, now: datetime
    ) -> None:
        super().__init__(data, initial={"key": uuid4(), "date": by.today(now)})
        self.subjects, self.by, self.now = subjects, by, now
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", "Choose …"), *subjects.choices]  # type: ignore[attr-defined]

    def save(self) -> list[HoursEntry]:
        """Log what this valid form says; empty, with the sentence in it, where it is refused."""
        said = self.cleaned_data
        subject = self.subjects.get(said["about"])
        if subject is None:
            return []
        line = Line(
            date=said["date"],
            minutes=said["minutes"],
            note=said["note"].strip(),
            **subject.fields,  # type: ignore[arg-type]
        )
        try:
            return log_for(list(said["people"]), Work(line, said["key"]), by=self.by, now=self.now)
        except Refusal as refusal:
            refuse(self, refusal)
            return []


class DisputeForm(forms.Form):
    """Why hours that somebody else logged are not right."""

    reason = forms.CharField(
        label="What is not right",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what is not right, so that it can be mended."},
    )
