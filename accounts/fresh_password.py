"""Whether it is still the same person: when this browser session last asked for the password.

What is signed needs a check of the last few minutes. allauth keeps every check in the session, of the
sign-in as well as of its own page “Is it still you?”, and counts wrong passwords; both are used here, so
that a page may ask for the password beside what it signs.
"""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.access import signed_in
from accounts.models import User
from accounts.refusals import Refusal

TOO_MANY = 429


def checked_at(request: HttpRequest) -> datetime | None:
    """The moment (UTC) of the newest password check of this session, None when there was none."""
    person = request.user if isinstance(request.user, User) else None
    checks = [row["at"] for row in get_authentication_records(request, person) if row["method"] == "password"]
    return datetime.fromtimestamp(max(checks), UTC) if checks else None


def check(request: HttpRequest, password: str) -> None:
    """Note a new check of this session. Raises Refusal, for the field, when the password is not the person's.

    Too many tries of this person are refused for a minute. Wrong passwords at the sign-in page, which anybody
    may enter, do not count here.
    """
    if not password:
        raise Refusal("Enter your password to sign.", code="password_required", field="password")
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise _too_many("Too many tries. Wait a minute; what you entered stays here.")
    if not signed_in(request).check_password(password):
        raise Refusal(
            "This is not your password. Try again; nothing was signed.",
            code="wrong_password",
            field="password",
        )
    reauthenticate_by_password(request)


def _too_many(sentence: str) -> Refusal:
    refusal = Refusal(sentence, code="too_many_tries", field="password")
    refusal.status = TOO_MANY
    return refusal
