"""Asking to be forgotten, deciding about it, and confirming a disposal."""

from typing import Any

from django import forms

from accounts.forms import PasswordForm
from accounts.models import Sponsor, User
from ojt_logs.forms.mentor import Uids


class AskForm(forms.Form):
    """Which sponsor is to forget one, and in one's own words what."""

    sponsor = forms.ModelChoiceField(
        Sponsor.objects.none(),
        label="Which sponsor",
        to_field_name="uid",
        empty_label=None,
        error_messages={"required": "Choose a sponsor.", "invalid_choice": "Choose one of the list."},
    )
    words = forms.CharField(
        label="Anything to add",
        required=False,
        max_length=290,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        field: Any = self.fields["sponsor"]
        field.queryset = Sponsor.objects.visible_to(person).order_by("name")


class LetterForm(forms.Form):
    """What a coordinator has in hand who asks for somebody."""

    words = forms.CharField(
        label="Their letter",
        max_length=290,
        help_text="Of which day, what it asks, and where you keep it.",
        error_messages={"required": "Say what the letter asks, of which day, and where it is."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DecideForm(forms.Form):
    why = forms.CharField(
        label="Why",
        max_length=290,
        help_text="The person reads this. To refuse: the legal ground.",
        error_messages={"required": "Say why, or on which legal ground."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ProposeForm(forms.Form):
    people = Uids(required=False)


class ConfirmForm(PasswordForm):
    """The second person's fresh password."""
