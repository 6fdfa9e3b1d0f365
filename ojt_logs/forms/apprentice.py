"""What an apprentice types about one entry: time, what it was, a note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.durations import format_minutes, parse_minutes
from accounts.fields import DayField
from accounts.models import ConsentNeeded, User
from ledger.tombstones import Tombstone
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.forms.subjects import Subject, Subjects
from ojt_logs.models import HoursEntry, Line
from ojt_logs.models.lines import check_name

ABOUT = ("job_function", "competency", "course")
"""Columns that the one choice “about” fills; what the rules say of them stands beside it."""


class MinutesField(forms.CharField):
    """Time worked as people write it; cleans to minutes."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_minutes(text)
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem

    def validate(self, value: Any) -> None:
        if value is None:
            super().validate("")

    def run_validators(self, value: Any) -> None:
        """The limits of a day are the record's, not the form's."""

    def prepare_value(self, value: Any) -> Any:
        return format_minutes(value) if isinstance(value, int) else value


class LineForm(forms.Form):
    """One entry as typed. `entry`: the draft that it changes; without one it is a new line."""

    about = forms.ChoiceField(
        label="What you did",
        error_messages={
            "required": "Choose what you did.",
            "invalid_choice": "This is not in your program. Choose one from the list.",
        },
    )
    minutes = MinutesField(
        label="Time",
        max_length=20,
        error_messages={"required": "Enter the time. Write it like 7:30, 7.5, 7h30 or 450m."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "7:30"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        help_text=NO_PATIENTS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    client_uid = forms.UUIDField(required=False, widget=forms.HiddenInput, validators=[check_name])
    entry_uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    remove = forms.BooleanField(required=False, label="Delete this entry")

    def __init__(
        self, *args: Any, subjects: Subjects, entry: HoursEntry | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.subjects = subjects
        self.entry = entry
        cast(forms.ChoiceField, self.fields["about"]).choices = [("", "Choose …"), *subjects.choices]

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in the fields, as it was typed."""
        return {name: self[name].value() for name in self.fields}

    @property
    def is_blank(self) -> bool:
        """A new line in which nothing was typed: nothing is saved of it and nothing asked."""
        typed = self.typed
        return not (typed["entry_uid"] or typed["about"] or typed["minutes"] or typed["note"])

    @property
    def shown_minutes(self) -> int:
        """Minutes for the day's total while typing; 0 while they cannot be read."""
        typed = self.typed
        try:
            return 0 if typed["remove"] else parse_minutes(typed["minutes"] or "")
        except ValueError:
            return 0

    @property
    def subject(self) -> Subject | None:
        return self.subjects.get(self.typed["about"] or "")

    def values(self) -> dict[str, Any]:
        """The columns of the entry, from a valid form."""
        subject = self.subjects.get(self.cleaned_data["about"])
        return (subject.fields if subject else {}) | {
            "minutes": self.cleaned_data["minutes"],
            "note": self.cleaned_data["note"].strip(),
        }

    def refuse(self, problem: ValidationError) -> None:
        """Put what the rules say beside the field that it concerns."""
        for name, sentences in problem.message_dict.items():
            field = "about" if name in ABOUT else name if name in self.fields else None
            for sentence in sentences:
                self.add_error(field, sentence)


def initial_of(entry: HoursEntry, subjects: Subjects) -> dict[str, Any]:
    """What the form of an existing entry shows first."""
    subject = subjects.of(entry)
    return {
        "about": subject.token if subject else "",
        "minutes": entry.minutes,
        "note": "" if isinstance(entry.note, Tombstone) else entry.note,
        "entry_uid": entry.uid,
    }


class EntryForm(LineForm):
    """One draft or returned entry, with its day."""

    date = DayField(label="Day")
    field_order: tuple[str, ...] = ("date", "about", "minutes", "note")

    def __init__(self, *args: Any, entry: HoursEntry, **kwargs: Any) -> None:
        super().__init__(*args, entry=entry, **kwargs)
        self.changed = entry
        for name in ("remove", "client_uid", "entry_uid"):
            del self.fields[name]

    def save(self, *, by: User, now: datetime, then: Sequence[str] = ()) -> bool:
        """Change the entry and make the moves `then` ("submit") in the same act; False when refused."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                written = self._write(by=by, now=now)
                for move in then:
                    written.move(move, by=by, now=now)
        except ValidationError as problem:
            self.refuse(problem)
            return False
        except ConsentNeeded as refusal:
            self.add_error(None, refusal.message)
            return False
        return True

    def _write(self, *, by: User, now: datetime) -> HoursEntry:
        self.changed.change(by=by, now=now, date=self.cleaned_data["date"], **self.values())
        return self.changed


class CorrectionForm(EntryForm):
    """What an approved entry should have said, and why; approved, it replaces that entry."""

    correction_reason = forms.CharField(
        label="What was wrong?",
        max_length=500,
        error_messages={"required": "Say what was wrong, so that your reviewer can follow."},
        help_text=NO_PATIENTS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("correction_reason", "date", "about", "minutes", "note")

    def _write(self, *, by: User, now: datetime) -> HoursEntry:
        line = Line(date=self.cleaned_data["date"], **self.values())
        return self.changed.correct(by=by, now=now, reason=self.cleaned_data["correction_reason"], line=line)
