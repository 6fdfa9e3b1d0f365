"""Signing in at another organisation (OpenID Connect or SAML), where the operator set one up.

It opens an account that is here already and makes none. The first time, the account is found by an e-mail
address: whoever runs the other site could thereby take over any account, so it counts only for domains that
the operator named, only where the other site says that it proved the address, only for an account whose
mailbox was proved here, and only once. From then on the other site's own name of the person counts, and no
address. Accounts that run this site are never opened so.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect

from accounts.models import User

log = logging.getLogger(__name__)
NOBODY = (
    "This sign-in opens no account here. Sign in with your password; if you have none yet, ask your "
    "coordinator for an invitation."
)
FAILED = "The sign-in did not come back whole, or took longer than ten minutes. Start it again."
CANCELLED = "You did not sign in there. Start it again, or sign in with your password."


class KnownPeople(DefaultSocialAccountAdapter):
    """Whom a sign-in of the other organisation lets in; all others are sent back with a sentence."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in whom the other site's name of a person belongs to; the first time, find whose it is."""
        told, sociallogin.account.extra_data = sociallogin.account.extra_data, {}
        if sociallogin.state.get("process") != "login":
            _send_back(request, NOBODY)
        if sociallogin.provider.id != "saml" and not _is_of_one_person(told):
            _send_back(request, NOBODY)
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])  # who it was told of is kept, not what
            if runs_the_site(sociallogin.user):
                _send_back(request, NOBODY)
        elif request.user.is_authenticated or not _link(request, sociallogin):
            _send_back(request, NOBODY)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        _send_back(request, CANCELLED if str(told.get("error")) == "cancelled" else FAILED)


def runs_the_site(person: User) -> bool:
    return person.is_staff or person.is_superuser


def _is_of_one_person(told: dict[str, Any]) -> bool:
    """Whether the signed token and what was asked for with it name the same person, as the standard wants."""
    signed, asked = told.get("id_token"), told.get("userinfo")
    return bool(signed and asked and signed.get("sub") and signed["sub"] == asked.get("sub"))


def _link(request: HttpRequest, sociallogin: Any) -> bool:
    """Remember the other site's name of the person whose address it proved; False where that is nobody."""
    from allauth.socialaccount.models import SocialAccount  # a table only where this is switched on

    with transaction.atomic():
        person = _person(sociallogin.email_addresses)
        if person is None or SocialAccount.objects.filter(user=person).exists():
            return False
        sociallogin.connect(request, person)
        log.info("single sign-on linked", extra={"facts": {"person": str(person.uid)}})
    return True


def _person(told: list[Any]) -> User | None:
    """Whose address the other site proved, where both it and we may be trusted with it. Locks the person."""
    proved = [one.email.strip().lower() for one in told if one.verified is True]
    trusted = [email for email in proved if email.rpartition("@")[2] in settings.SSO_DOMAINS]
    if len(trusted) != 1:
        return None
    known = User.objects.by_email(trusted[0]).filter(is_active=True, address_proved_at__isnull=False)
    return known.filter(is_staff=False, is_superuser=False).select_for_update().first()


def _send_back(request: HttpRequest, sentence: str) -> NoReturn:
    log.warning("single sign-on refused")
    messages.error(request, sentence)
    raise ImmediateHttpResponse(redirect("account_login"))
