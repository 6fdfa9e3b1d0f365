"""Who signed in when, how and from where: what a person reads to see that it was always themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from django.db import models

from accounts.models.people import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

KEPT = timedelta(days=90)
"""How long a sign-in is told: long enough to notice a stranger, short enough to be no diary."""


class How(models.TextChoices):
    """What was shown at a sign-in."""

    PASSWORD = "password", "Password"
    APP = "app", "Password and a code from an app"
    RECOVERY = "recovery", "Password and a recovery code"
    KEY = "key", "Password and a passkey"
    PASSKEY = "passkey", "Passkey"
    INVITATION = "invitation", "Link of an invitation"
    SSO = "sso", "Sign-in of another organisation"
    REFUSED = "refused", "Right password, wrong second step"


def short_address(address: str) -> str:
    """The neighbourhood of an internet address, not the house: IPv4 without its last number, IPv6 to /48."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


class SignInQuerySet(models.QuerySet["SignIn"]):
    def visible_to(self, user: User | AnonymousUser) -> SignInQuerySet:
        """One's own."""
        return self.filter(user=user) if isinstance(user, User) else self.none()

    def outlived(self, *, now: datetime) -> SignInQuerySet:
        return self.filter(at__lt=now - KEPT)


class SignIn(models.Model):
    """One sign-in of a person, or one try that knew the password and failed at the second step."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField()
    how = models.CharField(max_length=12, choices=How)
    device = models.CharField(max_length=80)
    address = models.CharField(max_length=49, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.at:%Y-%m-%d %H:%M}"
