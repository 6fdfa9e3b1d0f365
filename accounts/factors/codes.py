"""Codes of the second step, each used once: of an app (RFC 6238), and recovery codes.

An app's code is good for its half minute and the ones before and after, since clocks differ; the newest
step that was used is kept with the secret, in the database, and none up to it works again.
"""

from __future__ import annotations

from datetime import datetime

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.models.people import SECOND_STEPS

TYPED = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def factors_of(user: User) -> QuerySet[Authenticator]:
    """What makes a second step for this person."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_STEPS)


def has_second_step(user: User) -> bool:
    return factors_of(user).exists()


def types_codes(user: User) -> bool:
    """Whether there is a code that this person could type: an app's, or a recovery code."""
    return Authenticator.objects.filter(user=user, type__in=TYPED).exists()


def take(user: User, code: str, *, now: datetime) -> Authenticator | None:
    """Whose code this is of the person's own, used up by that; None where it is none of theirs.

    Counts no tries: whoever asks limits them.
    """
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(user=user, type__in=TYPED)
        for one in held.order_by("-type"):
            used = _use_step if one.type == Authenticator.Type.TOTP else _use_recovery
            if used(one, code, now):
                one.user = user
                return one
    return None


def _use_step(app: Authenticator, code: str, now: datetime) -> bool:
    this = int(now.timestamp()) // app_settings.TOTP_PERIOD
    secret = decrypt(app.data["secret"])
    for step in range(this - app_settings.TOTP_TOLERANCE, this + app_settings.TOTP_TOLERANCE + 1):
        right = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
        if right and step > app.data.get("used_step", 0):
            app.data["used_step"] = step
            app.save(update_fields=["data"])
            return True
    return False


def _use_recovery(codes: Authenticator, code: str, now: datetime) -> bool:
    return bool(codes.wrap().validate_code(code))
