"""Who put their name to something, as they were at that moment: so every print-out shows it later."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from accounts.models import Consent, Membership, User
from accounts.models.people import Role, authority_day
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ojt_logs.models.ratings import Authentication

QUALIFICATION_LENGTH = 170
STAND_IN = "stand-in for"
"""Before the name of whom a signer stood in for, at the end of the qualification."""

CHECKED_BY = {
    "password": "password",
    "totp": "a code from their app",
    "passkey": "their passkey",
    "recovery": "a recovery code",
    "handed": "password, typed on the apprentice’s device",
    "handed_code": "password and code, typed on the apprentice’s device",
    "token": "an access token made",
}
"""How a signer had shown who they are, by the word on the record."""


def check_taking_back(
    signer_id: int, *, by: User, now: datetime, authentication: Authentication, reason: str, noun: str
) -> None:
    """What has to be so before one's own signature is taken back.

    Raises ConsentNeeded, Refusal by field `reason`, NotAllowed and as Authentication.check.
    """
    Consent.objects.demand(by)
    authentication.check(now=now)
    if not reason.strip():
        raise Refusal(f"Say why the {noun} is taken back.", code="reason_required", field="reason")
    if signer_id != by.pk:
        raise NotAllowed("Only the person who signed it may withdraw it.", code="not_your_signature")


class Signed(models.Model):
    """A signed row; its `signer` is a User, the words about them are as they were at signing."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    signer_name = models.CharField(max_length=120)
    signer_initials = models.CharField(max_length=6)
    signer_role = models.CharField(max_length=16)
    signer_qualification = models.CharField(max_length=QUALIFICATION_LENGTH, blank=True)
    signed_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    authentication = models.CharField(max_length=12)  # one of CHECKED_BY
    authenticated_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def record_id(self) -> str:
        """The short id printed beside the initials."""
        return str(self.uid)[:8]

    @property
    def checked_by(self) -> str:
        """How the signer had shown who they are, in words."""
        return CHECKED_BY.get(self.authentication, self.authentication)

    def signed_facts(self) -> dict[str, Any]:
        """What the ledger holds of the signature."""
        return {
            "signer": self.signer_name,
            "signer_initials": self.signer_initials,
            "signer_role": self.signer_role,
            "signer_qualification": self.signer_qualification,
            "signed_at": self.signed_at.astimezone(UTC).isoformat(),
            "time_zone": self.time_zone,
            "authentication": self.authentication,
            "authenticated_at": self.authenticated_at.astimezone(UTC).isoformat(),
        }


def signer_facts(
    by: User, apprentice: Apprentice, *, role: Role, now: datetime, authentication: Authentication
) -> dict[str, Any]:
    """Who signs as `role`, as they are now: name, initials and qualification at the program's sponsor."""
    today = authority_day(now)
    memberships = Membership.objects.active(on=today).filter(
        user=by, sponsor=apprentice.program.sponsor_id, role=role
    )
    membership = memberships.in_order().first()
    return {
        "signer": by,
        "signer_name": by.name,
        "signer_initials": by.initials,
        "signer_role": role.value,
        "signer_qualification": _qualification(membership, by, apprentice, role=role, on=today),
        "signed_at": now,
        "time_zone": by.time_zone,
        "authentication": authentication.method,
        "authenticated_at": authentication.at,
    }


def _qualification(
    membership: Membership | None, by: User, apprentice: Apprentice, *, role: Role, on: date
) -> str:
    """What stands behind the name, e.g. “Senior coder, CPC; stand-in for Marcus Webb”."""
    parts = [membership.qualification(on=on)] if membership else []
    if role != Role.MENTOR:
        return "".join(parts)[:QUALIFICATION_LENGTH]
    begun = apprentice.mentorships.filter(mentor=by, starts_on__lte=on).select_related("stands_in_for")
    newest = begun.order_by("-starts_on").first()
    if newest and newest.stands_in_for:
        parts.append(f"{STAND_IN} {newest.stands_in_for.name}")
    return "; ".join(part for part in parts if part)[:QUALIFICATION_LENGTH]
