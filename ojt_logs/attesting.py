"""Asking a journeyworker to attest, and what a mentor does with the attestation: accepts it, by signing, or
declines it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts import letters
from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ledger import chain
from ledger.tombstones import Tombstone
from ojt_logs.models import (
    AttestationAnswer,
    AttestationLink,
    Authentication,
    Method,
    Origin,
    OutsideAttestation,
    Rating,
    SignOff,
)
from ojt_logs.models.outside import Way


@dataclass(frozen=True)
class Made:
    """A link that was issued; `address` is what a code opens, "" where the link went by mail."""

    link: AttestationLink
    address: str

    @property
    def mailed(self) -> bool:
        return self.link.way == Way.MAIL


def ask(
    apprentice: Apprentice,
    *,
    by: User,
    now: datetime,
    competencies: Collection[Competency],
    way: str,
    email: str = "",
) -> Made:
    """Issue a link and send it. One that no mail server took is revoked, and a code made instead: who was
    shown a link has not proved a mailbox. Raises as AttestationLink.objects.issue."""
    asked: dict[str, Any] = {"by": by, "now": now, "competencies": competencies}
    link, token = AttestationLink.objects.issue(apprentice, **asked, way=way, email=email)
    if way == Way.MAIL and not _mail(link, token):
        link.revoke(by=by, now=now)
        link, token = AttestationLink.objects.issue(apprentice, **asked, way=Way.CODE)
    return Made(link, address_of(token) if link.way == Way.CODE else "")


def address_of(token: str) -> str:
    """The whole address that a secret opens."""
    return settings.SITE_URL + reverse("attest", kwargs={"token": token})


def _mail(link: AttestationLink, token: str) -> bool:
    return letters.send(
        link.email,
        subject=f"{link.asked_by} asks you to attest",
        template="ojt_logs/email/attest.txt",
        context={"link": link, "address": address_of(token)},
    )


def accept(
    attestation: OutsideAttestation, *, by: User, now: datetime, authentication: Authentication
) -> list[SignOff]:
    """Sign every rating that was attested to, referring to it; from then on they count.

    Raises as SignOff.objects.record, and Conflict where a mentor answered already.
    """
    with transaction.atomic():
        _open(attestation)
        if isinstance(attestation.text, Tombstone):
            raise Conflict(
                "Its text is hidden because of patient information, so nobody can sign for it. Decline it, "
                "or wait until it is decided.",
                code="hidden",
            )
        rated = attestation.ratings.select_related("performance_standard__competency", "competency", "rating")
        signed = SignOff.objects.record(
            attestation.apprentice,
            by=by,
            now=now,
            authentication=authentication,
            method=Method.ACCEPTED,
            observed_from=attestation.observed_from,
            observed_to=attestation.observed_to,
            ratings=[Rating(one.target, one.rating, one.reason) for one in rated],
            origin=Origin(attested=attestation),
        )
        _answer(attestation, by=by, now=now, accepted=True)
    return signed


def decline(attestation: OutsideAttestation, *, by: User, now: datetime, reason: str) -> AttestationAnswer:
    """Say why it does not count. Raises NotAllowed for anybody but a mentor of today, Refusal, Conflict,
    ConsentNeeded."""
    Consent.objects.demand(by)
    if not reason.strip():
        raise Refusal("Say why it is not accepted.", code="reason_required", field="reason")
    mentored = Apprentice.objects.mentored_by(by, on=authority_day(now))
    if not mentored.filter(pk=attestation.apprentice_id).exists():
        raise NotAllowed("Only a mentor assigned today answers an attestation.", code="not_assigned")
    with transaction.atomic():
        _open(attestation)
        return _answer(attestation, by=by, now=now, accepted=False, reason=reason.strip())


def _open(attestation: OutsideAttestation) -> None:
    """Take the lock of the record. Raises Conflict where somebody answered already."""
    User.objects.select_for_update().get(pk=attestation.apprentice.user_id)
    attestation.refresh_from_db(fields=["text"])
    if AttestationAnswer.objects.filter(attestation=attestation).exists():
        raise Conflict("This attestation was answered already.", code="attestation_answered")


def _answer(
    attestation: OutsideAttestation, *, by: User, now: datetime, accepted: bool, reason: str = ""
) -> AttestationAnswer:
    row = AttestationAnswer.objects.create(
        attestation=attestation, by=by, at=now, accepted=accepted, reason=reason
    )
    chain.tell(
        attestation.apprentice.uid,
        act="attestation.accept" if accepted else "attestation.decline",
        actor=by.uid,
        object=row.uid,
        at=now,
        payload=row.facts(),
    )
    return row
