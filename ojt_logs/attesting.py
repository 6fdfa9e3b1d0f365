"""What a mentor does with a journeyworker's attestation: accepts it, by signing, or declines it."""

from datetime import datetime

from django.db import transaction

from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ledger.tombstones import Tombstone
from ojt_logs.models import (
    AttestationAnswer,
    Authentication,
    Method,
    Origin,
    OutsideAttestation,
    Rating,
    SignOff,
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
