"""Attendance of a class on one day: the usual time, and for each whether they were there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from accounts.fields import DayField
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice, Class
from ojt_logs.attendance import Attended, record_attendance
from ojt_logs.forms.apprentice import MinutesField
from ojt_logs.models import HoursEntry

YES_NO = {"": None, "yes": True, "no": False}


@dataclass(frozen=True)
class Row:
    """One apprentice with the fields about them."""

    apprentice: Apprentice
    there: forms.BoundField
    minutes: forms.BoundField


class AttendanceForm(forms.Form):
    """A day and its time; who is not marked was not there."""

    date = DayField(label="Day of the class")
    minutes = MinutesField(
        label="Time of the class",
        max_length=20,
        help_text="2, 2:30 or 150 min.",
        error_messages={"required": "Enter the time. Write it like 2:30, 2.5 or 150m."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    paid = forms.ChoiceField(
        label="Paid", choices=[("", "Not known"), ("yes", "Paid"), ("no", "Not paid")], required=False
    )
    regular_hours = forms.ChoiceField(
        label="Working hours",
        choices=[("", "Not known"), ("yes", "In regular hours"), ("no", "Outside of them")],
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, taught: Class, people: Iterable[Apprentice], by: User) -> None:
        super().__init__(data, prefix="attendance", initial={"key": uuid4()})
        self.taught, self.people, self.by = taught, list(people), by
        for one in self.people:
            self.fields[f"there_{one.pk}"] = forms.BooleanField(
                label="Was there", required=False, initial=True
            )
            self.fields[f"minutes_{one.pk}"] = MinutesField(label="Other time", max_length=20, required=False)

    def start_on(self, *, now: datetime) -> "AttendanceForm":
        """Propose today, or the last day of a class that is over."""
        today = self.by.today(now)
        self.initial["date"] = min(today, self.taught.ends_on or today)
        return self

    @property
    def rows(self) -> list[Row]:
        return [Row(one, self[f"there_{one.pk}"], self[f"minutes_{one.pk}"]) for one in self.people]

    @property
    def unmarked(self) -> set[str]:
        """What goes without saying: most are there all the time."""
        return {f"minutes_{one.pk}" for one in self.people}

    @property
    def usual(self) -> list[forms.BoundField]:
        """What holds for everybody."""
        return [self[name] for name in ("date", "minutes", "paid", "regular_hours")]

    def save(self, *, now: datetime) -> list[HoursEntry]:
        """Record what this valid form says; empty, with the sentence in it, where it is refused."""
        said = self.cleaned_data
        rows = [
            Attended(
                one,
                said.get(f"minutes_{one.pk}") or said["minutes"],
                paid=YES_NO[said["paid"]],
                regular_hours=YES_NO[said["regular_hours"]],
            )
            for one in self.people
            if said[f"there_{one.pk}"]
        ]
        try:
            return record_attendance(
                self.taught, rows, day=said["date"], by=self.by, now=now, key=said["key"]
            )
        except Refusal as refusal:
            refuse(self, refusal)
            return []
