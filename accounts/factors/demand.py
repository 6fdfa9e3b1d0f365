"""Which sponsor demands a second step of whom, and that it was shown.

A sponsor sets a first day, on the record of its own chain. From then on whoever coordinates, mentors,
teaches or is equal opportunity officer there has a second step, and shows it in each session, before
anything is shown to them or done by them: the person's account opens what they are to all of their
sponsors, so the strictest counts for all.
"""

from __future__ import annotations

from datetime import date, datetime

from allauth.account.authentication import get_authentication_records
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from accounts.dates import day_words
from accounts.factors.codes import has_second_step
from accounts.models import ApiToken, Membership, Sponsor, User
from accounts.models.people import Role, authority_day
from accounts.refusals import NotAllowed, Refusal
from ledger import chain

DEMANDED_OF = (Role.COORDINATOR, Role.MENTOR, Role.INSTRUCTOR, Role.OFFICER)
"""Roles that sign, administer, or read what apprentices confide."""
SET = "second_step.require"
"""The act of the ledger, in the sponsor's chain: from which day a second step is demanded, or none."""


class SecondStepNeeded(NotAllowed):
    """A sponsor demands a second step that this person has not, or did not show."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="second_step_needed")


def _asking(*, on: date) -> QuerySet[Membership]:
    """Memberships by which a sponsor demands it, now or from a later day on: the earliest first."""
    held = Membership.objects.active(on=on).filter(role__in=DEMANDED_OF)
    days = "sponsor__second_step_from"
    return held.filter(**{f"{days}__isnull": False}).order_by(days, "sponsor")


def with_day(people: QuerySet[User], *, on: date) -> QuerySet[User]:
    """With `demanded_from`: the day from which the earliest of their sponsors demands it, None for none.

    Who signed in is read so (accounts.sign_in.OwnAddress): a request where nothing is demanded asks no more.
    """
    asking = _asking(on=on).filter(user=OuterRef("pk"))
    return people.annotate(demanded_from=Subquery(asking.values("sponsor__second_step_from")[:1]))


def demanding(user: User, *, on: date) -> Sponsor | None:
    """Who demands a second step of `user`, now or from a later day on: the earliest of their sponsors."""
    asking = _asking(on=on).filter(user=user).select_related("sponsor").first()
    return asking.sponsor if asking else None


def in_force(user: User, *, now: datetime) -> Sponsor | None:
    """Who demands a second step of `user` today."""
    today = authority_day(now)
    known = getattr(user, "demanded_from", today)  # of who was read without it, nothing is known yet
    if known is None or known > today:
        return None
    sponsor = demanding(user, on=today)
    begun = sponsor and sponsor.second_step_from and sponsor.second_step_from <= today
    return sponsor if begun else None


def shown(request: HttpRequest, user: User) -> bool:
    """Whether this session was opened, or confirmed later, with a second step."""
    return any(row["method"] == "mfa" for row in get_authentication_records(request, user))


def check_token(token: ApiToken, *, now: datetime) -> None:
    """Raise SecondStepNeeded for a token that a sponsor of its owner does not take."""
    sponsor = in_force(token.user, now=now)
    if sponsor and not (token.second_step and has_second_step(token.user)):
        raise SecondStepNeeded(
            f"{sponsor} demands a second step at sign-in, and this token was made without one. "
            "Set one up on your profile, sign in with it and make a new token."
        )


def check_nobody_asks(user: User, *, now: datetime) -> None:
    """Raise a Refusal, for the field `password`, where this person has no second step and needs one."""
    sponsor = in_force(user, now=now)
    if sponsor:
        raise Refusal(
            f"{sponsor} demands a second step of {user}, who has none yet. Set it up on your own device.",
            code="second_step_needed",
            field="password",
        )


def demand(sponsor: Sponsor, first_day: date | None, *, by: User, now: datetime) -> None:
    """Demand a second step from `first_day` on, or of nobody, with an entry in the sponsor's chain.

    Raises Refusal for a day that has passed.
    """
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=sponsor.pk)
        sponsor.refresh_from_db(fields=["second_step_from"])
        if first_day == sponsor.second_step_from:
            return
        if first_day and first_day < authority_day(now):
            raise Refusal(
                f"Choose today, {day_words(authority_day(now))}, or a later day.",
                code="first_day",
                field="first_day",
            )
        sponsor.second_step_from = first_day
        sponsor.save(update_fields=["second_step_from"])
        chain.tell(
            sponsor.uid,
            act=SET,
            actor=by.uid,
            object=sponsor.uid,
            at=now,
            payload=sponsor.second_step_facts(),
        )
