"""What people fill in about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.models.keys import Scope
from accounts.models.people import check_printable, time_zones

COMMON_ZONES = {
    "America/New_York": "Eastern (New York)",
    "America/Chicago": "Central (Chicago)",
    "America/Denver": "Mountain (Denver)",
    "America/Phoenix": "Arizona (Phoenix)",
    "America/Los_Angeles": "Pacific (Los Angeles)",
    "America/Anchorage": "Alaska (Anchorage)",
    "Pacific/Honolulu": "Hawaii (Honolulu)",
    "America/Puerto_Rico": "Atlantic (Puerto Rico)",
    "Pacific/Guam": "Chamorro (Guam)",
}
LIVES = {30: "30 days", 90: "90 days", 365: "1 year"}


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones of the United States by their everyday names, then every other one."""
    others = sorted(time_zones() - COMMON_ZONES.keys())
    rest = [(name, name.replace("_", " ")) for name in others if "/" in name or name == "UTC"]
    return [("United States", list(COMMON_ZONES.items())), ("Everywhere", rest)]


class PasswordForm(forms.Form):
    """The password of the person who is signed in, asked for beside what they sign or read."""

    password = forms.CharField(
        strip=False,
        label="Your password",
        error_messages={"required": "Enter your password to sign."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class InvitationForm(forms.Form):
    """What a newly invited person chooses: the name papers will print, the time zone, and a password."""

    name = forms.CharField(
        label="Your name, as papers should print it",
        max_length=120,
        validators=[check_printable],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        choices=zone_choices,
        initial="America/Chicago",
        help_text="Where you work. It decides which day it is for your hours.",
        widget=forms.Select(attrs={"data-guess-zone": True}),
    )
    password = forms.CharField(
        strip=False,
        help_text="At least ten characters. A few words you can remember are best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            someone = User(email=self.email, name=cleaned.get("name", ""))
            try:
                validate_password(password, someone)
            except ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves; the name that papers print is not among it."""

    time_zone = forms.ChoiceField(
        choices=zone_choices, help_text="Where you work. It decides which day it is for your hours."
    )

    class Meta:
        model = User
        fields = ["time_zone"]


class TokenForm(forms.Form):
    """A new key for a program: what it is for, what it may do, how long it lives."""

    name = forms.CharField(
        max_length=80, label="What is it for?", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=["read"],
        label="What may it do?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one. Reading alone is the safest."},
    )
    days = forms.TypedChoiceField(choices=LIVES, coerce=int, initial=90, label="How long does it live?")
