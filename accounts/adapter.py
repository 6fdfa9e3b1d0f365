"""How sign-in differs from allauth's usual: nobody signs up, and a locked door says how long."""

from __future__ import annotations

import logging
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import OPEN_CONSENT, ask_consent
from accounts.dates import day_words
from accounts.devices import how_signed_in, note, note_sign_in
from accounts.factors import demand
from accounts.factors.codes import has_second_step
from accounts.linked import forget_links
from accounts.models import Consent, User
from accounts.models.people import authority_day

log = logging.getLogger(__name__)


class ByInvitation(DefaultAccountAdapter):
    """Accounts are made by invitations only (accounts.models.Invitation)."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "Too many wrong passwords. Wait five minutes and try again, or set a new password by e-mail."
        ),
        "rate_limited": "Too many tries. Wait five minutes and try again.",
        "email_password_mismatch": "This e-mail address and password do not belong together. Try again.",
    }

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Who signs in without having agreed to electronic records meets that page first."""
        response = super().post_login(request, user, **how)
        note(request)
        note_sign_in(request, user, how=how_signed_in(request, user), now=timezone.now())
        self._announce(request, user)
        if Consent.objects.in_force(user) or user.only_operates:
            return cast("HttpResponse", response)
        request.session[OPEN_CONSENT] = True
        return ask_consent(response.headers.get("Location", ""))

    def _announce(self, request: HttpRequest, user: User) -> None:
        """Tells somebody without a second step from when on a sponsor of theirs will demand one."""
        today = authority_day(timezone.now())
        sponsor = demand.demanding(user, on=today)
        day = sponsor and sponsor.second_step_from
        if day and day > today and not has_second_step(user):
            messages.warning(
                request,
                f"From {day_words(day)} on {sponsor} demands a second step at sign-in. "
                "Set it up on your profile.",
            )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Takes the address into use, unless it has become somebody else's since it was asked for.

        Who reads its mails may be another person than who asked, and know neither account nor password. Only
        whoever is signed in to the account as well is the same; otherwise its mailbox is yet to be proved.
        """
        try:
            with transaction.atomic():
                others = User.objects.by_email(email_address.email).exclude(pk=email_address.user_id)
                if not others.exists():
                    confirmed = super().confirm_email(request, email_address)
                    if confirmed and request.user.pk != email_address.user_id:
                        User.objects.filter(pk=email_address.user_id).update(address_proved_at=None)
                        forget_links(email_address.user)
                    return confirmed
        except IntegrityError:  # a moment ago
            pass
        messages.error(
            request,
            f"{email_address.email} belongs to another account by now, so yours keeps the address it has.",
        )
        return False

    def set_password(self, user: User, password: str) -> None:
        """A new password ends wishes for another address: whoever knew the old one may have made them."""
        super().set_password(user, password)
        EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """The log tells that, never whom."""
        log.warning("sign-in refused")

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The address somebody signs in with is changed, never removed."""
        return email_address.email != email_address.user.email
