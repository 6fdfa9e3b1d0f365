"""The forms of signing in, in our words: labels stand above, so no placeholder repeats them."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import forms as theirs
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from accounts import tasks
from accounts.factors import demand
from accounts.factors.codes import has_second_step
from accounts.linked import forget_links
from accounts.models import User
from accounts.models.people import authority_day

LABELS = {
    "login": "E-mail",
    "email": "E-mail",
    "remember": "Stay signed in on this device",
    "oldpassword": "Your password now",
    "password1": "New password",
    "password2": "New password, once more",
}
HELP = {
    "remember": "Not on a phone or computer that others use.",
    "password1": "At least ten characters. A few words you can remember are best.",
}


def say_plainly(form: Form) -> None:
    """Gives the fields of a form of allauth our labels and help."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = LABELS.get(name, field.label)
        field.help_text = HELP.get(name, "")


class SignIn(theirs.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class OwnAddress(AuthenticationBackend):
    """Signs in by the address in use alone: one that was added and never confirmed may be anybody's.

    Each request with a session reads its person here, together with what middleware asks of them.
    """

    def get_user(self, user_id: int) -> User | None:
        people = demand.with_day(User.objects.filter(pk=user_id), on=authority_day(timezone.now()))
        user = people.first()
        return user if user and self.user_can_authenticate(user) else None

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.by_email(email).first()
        return cast("User | None", self._check_password(user, password))


class ForgottenPassword(theirs.ResetPasswordForm):
    """Sends a link to the address in use alone, as OwnAddress, and as it is kept, not as it was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = list(User.objects.by_email(email).filter(is_active=True))
        return self.users[0].email if self.users else email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        tasks.ask_for_link(self.users[0] if self.users else None)
        return str(self.cleaned_data["email"])


class NewPasswordByLink(theirs.ResetPasswordKeyForm):
    """The password of whoever opened a mail to this address: that proves the mailbox, unless the account has
    a second step. Whoever set that up may be another person, and a passkey opens the account without any
    password. So may whoever linked it to another organisation, before a mailbox was to be proved anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)

    def save(self) -> None:
        super().save()
        if not User.objects.get(pk=self.user.pk).address_proved_at:
            forget_links(self.user)
        if not has_second_step(self.user):
            User.objects.filter(pk=self.user.pk).update(address_proved_at=timezone.now())


class NewPassword(theirs.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class PasswordAgain(theirs.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class NewAddress(theirs.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)
        self.fields["email"].label = "New e-mail address"

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if User.objects.by_email(email).exclude(pk=self.user.pk).exists():
            raise ValidationError("This address belongs to another account. Choose another one.")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        """Notes the address that waits for its confirmation.

        The address in use is marked as confirmed first: allauth would otherwise take it for an earlier wish,
        and drop it. Whether its mailbox was proved is another question (User.address_proved_at).
        """
        EmailAddress.objects.update_or_create(
            user=self.user, email=self.user.email, defaults={"verified": True, "primary": True}
        )
        return super().save(request)
