"""Changing and ending what somebody is at a sponsor, so that a coordinator always remains."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.dates import day_words
from accounts.models import Invitation, Membership, Sponsor, User
from accounts.models.first_days import check_first_day, check_others, record
from accounts.models.people import Role, authority_day, check_employer
from accounts.refusals import Conflict, Refusal

if TYPE_CHECKING:
    from apprenticeship.models import Employer


def change(
    membership: Membership,
    *,
    by: User,
    now: datetime,
    title: str,
    credential: str,
    credential_number: str,
    credential_expires: date | None,
    employer: "Employer | None",
    starts_on: date,
    ends_on: date | None,
) -> None:
    """Set qualification, employer, first and last day; the person's record tells what is another now.

    Raises Refusal by field, Conflict by state.
    """
    with transaction.atomic():
        _take(membership, now=now)
        moved = starts_on != membership.starts_on
        if moved:
            _check_start(membership, starts_on, by=by, now=now)
        _check_end(membership, ends_on, now=now)
        check_employer(employer, sponsor=membership.sponsor)
        if employer or ends_on:
            _check_others_remain(membership, now=now)
        was = membership.states_qualification
        if ends_on != membership.ends_on:
            membership.ended_by, membership.ended_at = (by, now) if ends_on else (None, None)
            if ends_on:
                Invitation.objects.filter(_same(membership), sponsor=membership.sponsor).withdraw(
                    by=by, now=now
                )
        membership.title, membership.credential = title, credential
        membership.credential_number = credential_number
        membership.credential_expires = credential_expires
        membership.employer, membership.starts_on, membership.ends_on = employer, starts_on, ends_on
        _check_once(membership)
        membership.save()
        if moved:
            record(membership, by=by, now=now)
        if membership.states_qualification or was:
            membership.record(by=by, now=now)


def end_at_once(membership: Membership, *, by: User, now: datetime) -> None:
    """End it this moment, and make waiting invitations to the same role for the same employer useless.

    Raises Conflict.

    Those that a coordinator sent end too: the links may have been shown to them.
    """
    with transaction.atomic():
        _take(membership, now=now)
        _check_others_remain(membership, now=now)
        membership.ends_on = max(membership.starts_on, authority_day(now))
        membership.cut_short = True
        membership.ended_by, membership.ended_at = by, now
        membership.save(update_fields=["ends_on", "cut_short", "ended_by", "ended_at"])
        waiting = Invitation.objects.filter(sponsor=membership.sponsor)
        waiting.filter(_same(membership)).withdraw(by=by, now=now)
        if membership.role == Role.COORDINATOR and not membership.employer_id:
            waiting.filter(invited_by=membership.user).withdraw(by=by, now=now)


def end_role(membership: Membership, *, on: date, by: User, now: datetime) -> None:
    """Make `on` the last day of a role; a day up to today ends it this moment. Raises as `change`."""
    if on <= authority_day(now):
        end_at_once(membership, by=by, now=now)
        return
    kept = ("title", "credential", "credential_number", "credential_expires", "employer", "starts_on")
    said = {name: getattr(membership, name) for name in kept}
    change(membership, by=by, now=now, ends_on=on, **said)


def _same(membership: Membership) -> Q:
    """Invitations of this person to this role for this employer."""
    return Q(role=membership.role, employer=membership.employer, email__iexact=membership.user.email)


def _take(membership: Membership, *, now: datetime) -> None:
    """Locks the sponsor, so that of two coordinators not each ends the other. Raises Conflict when over."""
    Sponsor.objects.select_for_update().get(pk=membership.sponsor_id)
    membership.refresh_from_db()
    if membership.over(on=authority_day(now)):
        raise Conflict(
            "This has ended and stays as it was. Invite the person again instead.", code="membership_over"
        )


def _check_start(membership: Membership, day: date, *, by: User, now: datetime) -> None:
    check_others([membership.user.email], by=by)
    check_first_day(day, role=membership.role, now=now)
    earlier = _alike(membership).filter(starts_on__lt=membership.starts_on)
    held = earlier.filter(Q(ends_on=None) | Q(ends_on__gte=day)).order_by("-starts_on").first()
    if held:
        until = f"until {day_words(held.ends_on)}" if held.ends_on else "already"
        raise Refusal(
            f"{membership.user} had this role from {day_words(held.starts_on)} {until}. Choose a later day.",
            code="starts_on",
            field="starts_on",
        )


def _check_end(membership: Membership, ends_on: date | None, *, now: datetime) -> None:
    if ends_on is None:
        if membership.role == Role.AUDITOR:
            raise Refusal(
                "An auditor's access always has a last day. Choose it.", code="ends_on", field="ends_on"
            )
        return
    if ends_on < max(membership.starts_on, authority_day(now)):
        raise Refusal(
            "Choose today or a later day. To end access now, use “End at once”.",
            code="ends_on",
            field="ends_on",
        )


def _check_others_remain(membership: Membership, *, now: datetime) -> None:
    """Raise Conflict when no coordinator of the whole sponsor without a last day would be left."""
    if membership.role != Role.COORDINATOR or membership.employer_id:
        return
    others = (
        Membership.objects.active(on=authority_day(now))
        .whole()
        .filter(sponsor=membership.sponsor, role=Role.COORDINATOR, ends_on=None)
    )
    if not others.exclude(pk=membership.pk).exists():
        raise Conflict(
            f"{membership.user} is the last coordinator of {membership.sponsor}. "
            "Invite another coordinator first; then this can end.",
            code="last_coordinator",
        )


def _alike(membership: Membership) -> "QuerySet[Membership]":
    """Other times of the same person in the same role for the same employer."""
    same = {name: getattr(membership, name) for name in ("user", "sponsor", "role", "employer")}
    return Membership.objects.filter(**same).exclude(pk=membership.pk)


def _check_once(membership: Membership) -> None:
    if _alike(membership).filter(starts_on=membership.starts_on).exists():
        raise Refusal(
            "This person has the same role for this employer already.",
            code="membership_once",
            field="employer",
        )
