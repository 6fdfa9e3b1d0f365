"""Fields that several forms of this package share, and how a refusal comes beside its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Sponsor, User
from accounts.models.people import Role
from accounts.refusals import Refusal


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day, chosen from a calendar where the browser has one."""
    return forms.DateField(
        label=label,
        error_messages={"invalid": "Write the day like 2026-11-20.", "required": "Choose the day."},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **more,
    )


class PersonField(forms.ModelChoiceField):
    """One person, by name, with what they are where that is known."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def staff_field(label: str, sponsor: Sponsor, role: Role, **more: Any) -> PersonField:
    """Somebody who holds `role` at `sponsor`, now or from a later day on."""
    held = sponsor.memberships.filter(role=role, user__is_active=True)
    people = User.objects.filter(pk__in=held.values("user")).order_by("name", "pk")
    return PersonField(
        people,
        label=label,
        empty_label="Choose …",
        error_messages={
            "required": "Choose somebody.",
            "invalid_choice": f"This person has not that role at {sponsor}. Choose somebody else.",
        },
        **more,
    )


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show the sentence of a refusal beside the field that it concerns, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, ValidationError(refusal.message, code=refusal.code))
