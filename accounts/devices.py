"""Where somebody is signed in, and how they came in.

There is one row a browser session, kept by allauth.usersessions: a session is noted at sign-in, and again
while it is used, every few minutes at most. And one row a sign-in, told for a while (accounts.models.SignIn).
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import SignIn, User
from accounts.models.sign_ins import How, short_address

USED = "used_at"
"""In the session: when its use was noted last, in seconds since 1970."""
AGAIN = 300
"""Seconds until it is noted again."""

# what is looked for in a browser's name for itself -> what people call it; the first that is found counts
BROWSERS = {r"Edg": "Edge", r"OPR/": "Opera", r"Firefox|FxiOS": "Firefox", r"Chrome|CriOS": "Chrome"}
BROWSERS |= {r"Safari": "Safari"}
SYSTEMS = {r"iPhone": "iPhone", r"iPad": "iPad", r"Android": "Android", r"Windows": "Windows"}
SYSTEMS |= {r"Mac OS": "Mac", r"CrOS": "Chromebook", r"Linux": "Linux"}


@dataclass(frozen=True)
class Device:
    """A browser in which somebody is signed in."""

    pk: int
    name: str
    address: str
    since: datetime
    used: datetime
    is_this: bool


def note(request: HttpRequest) -> None:
    """Remember that this session is in use now."""
    UserSession.objects.create_from_request(request)
    request.session[USED] = int(time.time())


def note_use(request: HttpRequest) -> None:
    """As `note`, for a session that was noted at sign-in and not in the last minutes."""
    used = request.session.get(USED)
    if used and time.time() - used > AGAIN:
        note(request)


WITH = {"totp": How.APP, "recovery_codes": How.RECOVERY, "webauthn": How.KEY}
"""What was shown after the password, by the names that allauth keeps."""


def note_sign_in(request: HttpRequest, user: User, *, how: How, now: datetime) -> None:
    """Remember when, how and from where this person came in, or knew the password and no more."""
    agent = request.headers.get("User-Agent", "")
    address = short_address(get_adapter(request).get_client_ip(request))
    SignIn.objects.create(user=user, at=now, how=how, device=device_name(agent), address=address)


def how_signed_in(request: HttpRequest, user: User) -> How:
    """What this session was opened with, as far as its checks tell."""
    checks = get_authentication_records(request, user)
    if any(check["method"] == "socialaccount" for check in checks):
        return How.SSO
    second = next((check for check in checks if check["method"] == "mfa"), None)
    if second is None:
        return How.PASSWORD
    return How.PASSKEY if second.get("passwordless") else WITH[second["type"]]


def session_mark(request: HttpRequest) -> str:
    """Stands for this session on the device: it says which one it is, never the key of it."""
    return salted_hmac("accounts.devices", str(request.session.session_key)).hexdigest()[:32]


def devices_of(user: User, request: HttpRequest) -> list[Device]:
    """Where `user` is signed in, this browser first, then by the latest use."""
    this = request.session.session_key
    rows = _in_force(user).order_by("-last_seen_at")
    devices = [
        Device(
            row.pk,
            device_name(row.user_agent),
            str(row.ip),
            row.created_at,
            row.last_seen_at,
            row.session_key == this,
        )
        for row in rows
    ]
    return sorted(devices, key=lambda one: not one.is_this)


def others(user: User, request: HttpRequest) -> QuerySet[UserSession]:
    """The sessions of `user` but this one."""
    return UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)


def forget_ended() -> None:
    """Delete the rows of sessions that are over."""
    UserSession.objects.exclude(_there()).delete()


def _in_force(user: User) -> QuerySet[UserSession]:
    return UserSession.objects.filter(_there(), user=user)


def _there() -> Exists:
    return Exists(Session.objects.filter(session_key=OuterRef("session_key")))


def device_name(user_agent: str) -> str:
    """“Chrome on Android”, from what a browser says of itself."""
    browser = next((name for sign, name in BROWSERS.items() if re.search(sign, user_agent)), "A browser")
    system = next((name for sign, name in SYSTEMS.items() if re.search(sign, user_agent)), "")
    return f"{browser} on {system}" if system else browser
