"""Who asks, decides, proposes and confirms that a record loses its words; ojt_logs.erasing takes them out.

Two people, never one: who proposes does not confirm, and nobody does either about themselves. Both are
coordinators of the whole sponsor. Nothing goes that `apprenticeship.retention` keeps.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import Consent, Invitation, Sponsor, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship import retention
from apprenticeship.models import Apprentice, LegalHold
from apprenticeship.models.apprentices import ApprenticeQuerySet
from ledger import chain
from ojt_logs import erasing, forgetting
from ojt_logs.models import Authentication, Disposal, ErasureRequest

MOST = 200
"""Records of one proposal: the second person reads the list."""


def ask(person: User, sponsor: Sponsor, *, by: User, now: datetime, words: str = "") -> ErasureRequest:
    """Ask `sponsor` to forget `person`: the person, or a coordinator with their letter.

    Raises NotAllowed for anybody else, Refusal where a coordinator does not say where the letter is, Conflict
    where one is open already.
    """
    if by.pk != person.pk and not Sponsor.objects.managed_by(by).filter(pk=sponsor.pk).exists():
        raise NotAllowed(
            "People ask for themselves, or a coordinator who has their letter.", code="not_allowed"
        )
    if by.pk != person.pk and not words.strip():
        raise Refusal(
            "Say what the letter asks, of which day, and where it is.", code="letter", field="words"
        )
    if not person.known_to(sponsor):
        raise Refusal("This sponsor keeps no record of this person.", code="sponsor", field="sponsor")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if ErasureRequest.objects.everyone().filter(person=person, sponsor=sponsor, decision="").exists():
            raise Conflict("This was asked already, and waits for the coordinator.", code="asked_already")
        asked = {"person": person, "sponsor": sponsor, "asked_by": by, "asked_at": now}
        request = ErasureRequest.objects.create(**asked, words=words.strip())
        _tell(request, "erasure.ask", by=by, now=now)
    return request


def registrations(request: ErasureRequest) -> ApprenticeQuerySet:
    """The records of the person at the sponsor that still have words."""
    return (
        Apprentice.objects.everyone()
        .filter(user=request.person, program__sponsor=request.sponsor, disposed_at=None)
        .select_related("user", "program__sponsor")
        .order_by("pk")
    )


def grantable_on(request: ErasureRequest) -> date | None:
    """The first day on which nothing must be kept any more; None while that day is not known."""
    last = [retention.kept_through(row) for row in registrations(request)]
    known = [day + timedelta(days=1) for day in last if day]
    return max(known, default=authority_day(request.asked_at)) if len(known) == len(last) else None


def decide(request: ErasureRequest, *, grant: bool, why: str, by: User, now: datetime) -> Disposal | None:
    """Grant it, which proposes to dispose of what the sponsor has of the person, or refuse it with a ground.

    Raises NotAllowed, Refusal without a reason, Conflict where a record must be kept or was decided.
    """
    Consent.objects.demand(by)
    if not why.strip():
        raise Refusal("Say why, or on which legal ground.", code="reason_required", field="why")
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=request.sponsor_id)
        User.objects.select_for_update().get(pk=request.person_id)
        if not ErasureRequest.objects.decidable_by(by).filter(pk=request.pk).exists():
            raise NotAllowed("A coordinator decides that once, never about themselves.", code="not_allowed")
        rows = list(registrations(request))
        disposal = _propose(request.sponsor, rows, by=by, now=now, request=request) if grant else None
        request.decision, request.why = "granted" if grant else "refused", why.strip()
        request.decided_by, request.decided_at = by, now
        request.due_on = None if grant else grantable_on(request)
        request.save(update_fields=["decision", "why", "decided_by", "decided_at", "due_on"])
        _tell(request, "erasure.decide", by=by, now=now)
    return disposal


def propose(sponsor: Sponsor, rows: Sequence[Apprentice], *, by: User, now: datetime) -> Disposal:
    """Propose to take the words out of these records of `sponsor`; a second person confirms.

    Raises NotAllowed for records about which `by` does not decide, Refusal for none and too many, Conflict
    for one that must be kept, ConsentNeeded.
    """
    Consent.objects.demand(by)
    if not 0 < len(rows) <= MOST:
        raise Refusal(f"Choose 1 to {MOST} records.", code="how_many", field="people")
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=sponsor.pk)
        _lock(rows)
        decided = Apprentice.objects.decided_by(by).filter(
            program__sponsor=sponsor, pk__in=[r.pk for r in rows]
        )
        if decided.count() != len(rows):
            raise NotAllowed("Propose records of your own sponsor, never your own.", code="not_allowed")
        return _propose(sponsor, rows, by=by, now=now)


def _propose(
    sponsor: Sponsor,
    rows: Sequence[Apprentice],
    *,
    by: User,
    now: datetime,
    request: ErasureRequest | None = None,
) -> Disposal:
    for row in rows:
        retention.check(row, today=authority_day(now))
    if request and LegalHold.objects.standing().filter(sponsor=sponsor, apprentice=None).exists():
        raise Conflict("A legal hold stands on everything here. Lift it first.", code="legal_hold")
    if Disposal.objects.open().filter(people__in=rows).exists():
        raise Conflict("One of these is proposed already. Confirm that, or take it back.", code="proposed")
    disposal = Disposal.objects.create(sponsor=sponsor, request=request, proposed_by=by, proposed_at=now)
    disposal.people.set(rows)
    for locked in chain.lock([row.uid for row in rows]).values():
        said = {"proposed": str(disposal.uid)}
        chain.append(locked, act="disposal.propose", actor=by.uid, object=None, at=now, payload=said)
    return disposal


def confirm(disposal: Disposal, *, by: User, now: datetime, authentication: Authentication) -> None:
    """Take the words out now, as the second person, with a fresh password.

    Everybody whose records have no words any more anywhere, and who has no role, loses their name with them
    (`is_free`).
    Raises NotAllowed, Conflict where something must be kept after all or was decided.
    """
    Consent.objects.demand(by)
    authentication.check(now=now)
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=disposal.sponsor_id)
        if not Disposal.objects.confirmable_by(by).filter(pk=disposal.pk).exists():
            raise NotAllowed(
                "A second coordinator of the whole sponsor confirms it, once, and never about themselves. "
                "Who has no second one invites one in People.",
                code="second_person",
            )
        rows = list(disposal.people.select_related("user", "program__sponsor").order_by("pk"))
        _lock(rows)
        for row in rows:
            retention.check(row, today=authority_day(now))
            erasing.certify(disposal, row, by=by.uid, now=now)
        disposal.state, disposal.confirmed_by, disposal.confirmed_at = "confirmed", by, now
        disposal.save(update_fields=["state", "confirmed_by", "confirmed_at"])
        people = {row.user_id for row in rows} | _waiting(disposal.sponsor)
        for person in User.objects.select_for_update().filter(pk__in=people).order_by("pk"):
            if is_free(person, at=disposal.sponsor, now=now):
                forgetting.forget_person(person, by=by.uid, now=now)


def _waiting(sponsor: Sponsor) -> set[int]:
    """Whose request was granted and whose name still stood on a record then."""
    granted = ErasureRequest.objects.everyone().filter(sponsor=sponsor, decision="granted")
    return set(granted.exclude(person__email__endswith=forgetting.NOWHERE).values_list("person", flat=True))


def is_free(person: User, *, at: Sponsor, now: datetime) -> bool:
    """Whether no record with words names this person, and no role or access is theirs any more: what `at`
    decided closes the account for everybody."""
    if person.is_staff or person.is_superuser or _is_needed_elsewhere(person, at=at, now=now):
        return False
    on = authority_day(now)
    if person.memberships.filter(Q(ends_on=None) | Q(ends_on__gte=on), cut_short=False).exists():
        return False
    return not forgetting.named_on(person).exists()


def _is_needed_elsewhere(person: User, *, at: Sponsor, now: datetime) -> bool:
    """Whether another sponsor, which did not grant it as well, invites this person or gave a role that ended
    within the years for which it keeps records."""
    granted = ErasureRequest.objects.everyone().filter(person=person, decision="granted").values("sponsor")
    invited = Invitation.objects.waiting().filter(expires_at__gt=now).exclude(sponsor=at)
    if invited.filter(Q(user=person) | Q(email__iexact=person.email)).exists():
        return True
    held = person.memberships.exclude(sponsor=at).exclude(sponsor__in=granted).select_related("sponsor")
    day = authority_day(now)
    return any(not one.ends_on or day <= retention.through(one.ends_on, one.sponsor) for one in held)


def withdraw(disposal: Disposal, *, by: User, now: datetime) -> None:
    """Take a proposal back before it is confirmed. Raises NotAllowed, also once it is decided."""
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=disposal.sponsor_id)
        if not Disposal.objects.managed_by(by).filter(pk=disposal.pk).exists():
            raise NotAllowed("This was decided a moment ago. Reload the page.", code="decided")
        disposal.state, disposal.withdrawn_by, disposal.withdrawn_at = "withdrawn", by, now
        disposal.save(update_fields=["state", "withdrawn_by", "withdrawn_at"])


def _lock(rows: Sequence[Apprentice]) -> None:
    """Lock the people, and read who is disposed of meanwhile. Raises Conflict for such a one."""
    list(User.objects.select_for_update().filter(pk__in=[row.user_id for row in rows]).order_by("pk"))
    if (
        Apprentice.objects.everyone()
        .filter(pk__in=[row.pk for row in rows])
        .exclude(disposed_at=None)
        .exists()
    ):
        raise Conflict("One of these was disposed of a moment ago. Reload the page.", code="disposed")


def _tell(request: ErasureRequest, act: str, *, by: User, now: datetime) -> None:
    chain.tell(request.person.uid, act=act, actor=by.uid, object=request.uid, at=now, payload=request.facts())
