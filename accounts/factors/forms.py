"""The forms of the second step, in our words; each code works once, and a wrong one is noted."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as theirs
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
)
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils import timezone

from accounts.devices import note_sign_in
from accounts.factors import codes
from accounts.fields import DayField
from accounts.models.sign_ins import How

LABELS = {"code": "Code", "name": "Name of this passkey", "passwordless": "Sign in with it alone"}
HELP = {
    "code": "From your app, or one of your recovery codes.",
    "name": "So that you know it again, e.g. “My phone”.",
    "passwordless": "Without your password. The device then asks for your finger, face or PIN each time.",
}


def say_plainly(form: Form, **words: str) -> None:
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = words.get(name) or LABELS.get(name, field.label)
        field.help_text = HELP.get(name, "")
    if "code" in form.fields:
        form.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}


class _Once:
    """Looks at a code as accounts.factors.codes does, under allauth's limit of five tries in five minutes."""

    user: Any
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user)
        found = codes.take(self.user, self.cleaned_data["code"], now=timezone.now())
        if found is None:
            self.refused()
            raise get_adapter().validation_error("incorrect_code")
        forgive()
        self.authenticator = found
        return str(self.cleaned_data["code"])

    def refused(self) -> None:
        """What a wrong code leaves behind."""


class DemandForm(Form):
    """From which day on a sponsor demands a second step."""

    first_day = DayField(
        required=False,
        label="From which day",
        help_text="Whoever coordinates, mentors, teaches or is equal opportunity officer signs in with a "
        "second step from this day on. Leave it empty to demand it of nobody.",
    )


class Code(_Once, theirs.AuthenticateForm):
    """Asked for after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)

    def refused(self) -> None:
        note_sign_in(context.request, self.user, how=How.REFUSED, now=timezone.now())


class CodeAgain(_Once, theirs.ReauthenticateForm):
    """Asked for where what comes next needs to know that it is still the same person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class SetUpApp(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self, code="The code it shows now")
        self.fields["code"].help_text = ""


class SetUpPasskey(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)
        self.fields["name"].max_length = 40
        self.fields["passwordless"].initial = True


class NamePasskey(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class Passkey(AuthenticateWebAuthnForm):
    """Shown after the password."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except ValidationError:
            note_sign_in(context.request, self.user, how=How.REFUSED, now=timezone.now())
            raise
