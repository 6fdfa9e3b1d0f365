"""Fields that several forms of this package share, and how a refusal comes beside its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from accounts.models import Sponsor, User
from accounts.models.people import Role
from accounts.refusals import Refusal


class PersonField(forms.ModelChoiceField):
    """One person, by name, with what they are where that is known."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def staff_field(label: str, sponsor: Sponsor, role: Role, help_text: str = "", **more: Any) -> PersonField:
    """Somebody who holds `role` at `sponsor`, now or from a later day on; says who is only invited."""
    held = sponsor.memberships.filter(role=role, user__is_active=True)
    people = User.objects.filter(pk__in=held.values("user")).order_by("name", "pk")
    told = " ".join(sentence for sentence in (help_text, not_yet(sponsor, role)) if sentence)
    return PersonField(
        people,
        label=label,
        empty_label="Choose …",
        help_text=told,
        error_messages={
            "required": "Choose somebody.",
            "invalid_choice": f"This person has not that role at {sponsor}. Choose somebody else.",
        },
        **more,
    )


def not_yet(sponsor: Sponsor, role: Role) -> str:
    """Who was invited to `role` and has not accepted, as HTML; nothing where nobody was."""
    rows = sponsor.invitation_set.waiting().filter(role=role).order_by("name", "email")
    names = list(dict.fromkeys(row.name or row.email for row in rows))
    if not names:
        return ""
    *first, last = names
    who = f"{', '.join(first)} and {last}" if first else last
    are = (
        "are invited and can be chosen once they have"
        if first
        else "is invited and can be chosen once they have"
    )
    return format_html("{} {} accepted the invitation.", who, are)


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show the sentence of a refusal beside the field that it concerns, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, ValidationError(refusal.message, code=refusal.code))
