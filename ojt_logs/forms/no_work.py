"""Noting days without work, taking that back, and what the address of their list says."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from accounts.fields import DayField
from accounts.listing import Filters, by_id
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice
from ojt_logs.models import NoWorkPeriod
from ojt_logs.models.no_work import Why


class NoWorkForm(forms.Form):
    """Why, and from which day to which."""

    why = forms.ChoiceField(
        label="Why",
        choices=[("", "Choose …"), *Why.choices],
        error_messages={"required": "Choose one."},
    )
    first_day = DayField(label="First day")
    last_day = DayField(
        label="Last day", help_text="A guess will do: you can take it back and enter another."
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=500,
        help_text="The apprentice and the coordinators read it. No health details.",
    )

    def save(self, apprentice: Apprentice, *, by: User, now: datetime) -> NoWorkPeriod | None:
        """Note it; None where it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return None
        try:
            return NoWorkPeriod.objects.record(apprentice, by=by, now=now, **self.cleaned_data)
        except Refusal as refusal:
            refuse(self, refusal)
            return None


class TakeBackForm(forms.Form):
    """Why something that was entered is taken back."""

    reason = forms.CharField(
        label="Reason", max_length=500, error_messages={"required": "Say why, in a few words."}
    )


class NoWorkWords(Filters):
    """Days without work of many apprentices: by whose they are, and by days."""

    apprentice = by_id("Apprentice")

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.days()

    def condition(self, name: str, value: Any) -> Q:
        found = {"apprentice": Q(apprentice__uid=value), "from": Q(last_day__gte=value)}
        return found[name] if name in found else Q(first_day__lte=value)
