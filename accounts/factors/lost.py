"""Somebody lost their phone and their recovery codes: what makes their second step is taken off.

They then sign in with their password alone, and set another one up. That is what a thief of the password
would like too, so it is on the record of the person, who is told by mail, and it ends every session and
access token of theirs.
"""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts import letters
from accounts.factors.codes import has_second_step
from accounts.models import ApiToken, Membership, Sponsor, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed
from ledger import chain

RESET = "second_step.reset"
"""The act of the ledger, in the person's chain."""


def check(person: User, *, at: Sponsor, by: User) -> None:
    """Raise NotAllowed or Conflict where a coordinator may not help this person.

    The account opens what other sponsors gave it as well, and they did not ask for help: then the operator,
    who answers for the whole site, resets it.
    """
    if person == by:
        raise NotAllowed("Nobody resets their own. Another coordinator can.", code="own_second_step")
    if person.reaches_beyond(at):
        raise Conflict(
            f"{person} works with other organisations too, and this account opens what is theirs. "
            "Ask the operator of this site to reset the second step.",
            code="reaches_beyond",
        )
    if not has_second_step(person):
        raise Conflict(f"{person} has no second step that could be reset.", code="no_second_step")


def help_with(membership: Membership, *, by: User, now: datetime) -> None:
    """As `reset`, by a coordinator of the sponsor, for somebody who works there today. Raises as `check`."""
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=membership.sponsor_id)
        person = User.objects.select_for_update().get(pk=membership.user_id)
        membership.refresh_from_db()
        if membership.over(on=authority_day(now)):
            raise Conflict("This role has ended, so there is nobody to help here.", code="membership_over")
        check(person, at=membership.sponsor, by=by)
        reset(person, by=by, at=membership.sponsor, now=now)


def reset(person: User, *, by: User | None, at: Sponsor | None, now: datetime) -> None:
    """Take off every second step of this person, and tell record and person. `by` nobody: the operator."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        held = Authenticator.objects.filter(user=person)
        kinds = sorted(held.values_list("type", flat=True))
        held.delete()
        for session in UserSession.objects.filter(user=person):
            session.end()
        ApiToken.objects.live(now=now).filter(user=person).update(revoked_at=now)
        chain.tell(
            person.uid,
            act=RESET,
            actor=by.uid if by else None,
            object=person.uid,
            at=now,
            payload={"kinds": kinds, "sponsor": str(at.uid) if at else None},
        )
        transaction.on_commit(lambda: _tell(person, by, at))


def _tell(person: User, by: User | None, at: Sponsor | None) -> None:
    who = f"{by}, coordinator of {at}," if by else "The operator of this site"
    letters.send(
        person.email,
        subject="Journeybook: Your second step was taken off",
        template="accounts/email/second_step_reset.txt",
        context={"who": who, "person": person},
    )
