"""Whether it is still the same person: when, and with what, this browser session last showed who it is.

What is signed needs a check of the last few minutes. allauth keeps every check in the session, of the
sign-in as well as of its own page “Is it still you?”, and counts wrong tries; both are used here, so
that a page may ask for the password, or a code of the second step, beside what it signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import signed_in
from accounts.factors import codes
from accounts.models import User
from accounts.refusals import Refusal

TOO_MANY = 429
SECOND = {"totp": "totp", "webauthn": "passkey", "recovery_codes": "recovery"}
"""What a signature says of a second step, by the names that allauth keeps."""


@dataclass(frozen=True)
class Check:
    """What was shown (password, totp, passkey, recovery), and when (UTC)."""

    method: str
    at: datetime


def newest(request: HttpRequest) -> Check | None:
    """The newest check of this session, None when there was none; of one moment the later one counts."""
    person = request.user if isinstance(request.user, User) else None
    checks = [_read(row) for row in get_authentication_records(request, person)]
    in_order = sorted((one for one in checks if one), key=lambda one: one.at)
    return in_order[-1] if in_order else None


def _read(row: dict[str, Any]) -> Check | None:
    """A record of allauth; None for what shows nobody here, such as a sign-in elsewhere."""
    method = SECOND.get(row.get("type", "")) if row["method"] == "mfa" else row["method"]
    known = method == "password" or method in SECOND.values()
    return Check(str(method), datetime.fromtimestamp(row["at"], UTC)) if known else None


def check(request: HttpRequest, typed: str) -> None:
    """Note a new check of this session. Raises Refusal, for the field, when it is neither the person's
    password nor a code of theirs. No password is all digits, so what is, is a code where somebody has any.

    Too many tries of this person are refused for a minute. Wrong passwords at the sign-in page, which anybody
    may enter, do not count here.
    """
    if not typed:
        raise Refusal("Enter your password to sign.", code="password_required", field="password")
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise _too_many("Too many tries. Wait a minute; what you entered stays here.")
    if typed.replace(" ", "").isdigit() and codes.types_codes(signed_in(request)):
        _check_code(request, typed)
        return
    if not signed_in(request).check_password(typed):
        raise Refusal(
            "This is not your password. Try again; nothing was signed.",
            code="wrong_password",
            field="password",
        )
    reauthenticate_by_password(request)


def _check_code(request: HttpRequest, typed: str) -> None:
    """Counts with the codes that are typed to sign in: five wrong ones, then five minutes."""
    person = signed_in(request)
    try:
        forgive = check_rate_limit(person)
    except ValidationError:
        raise _too_many("Too many wrong codes. Wait five minutes, or enter your password.") from None
    found = codes.take(person, typed, now=timezone.now())
    if found is None:
        raise Refusal(
            "This code is not right, or was used already. Take the next one; nothing was signed.",
            code="wrong_code",
            field="password",
        )
    forgive()
    post_authentication(request, found, reauthenticated=True)


def _too_many(sentence: str) -> Refusal:
    refusal = Refusal(sentence, code="too_many_tries", field="password")
    refusal.status = TOO_MANY
    return refusal
