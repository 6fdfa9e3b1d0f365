"""Enrolling: people become apprentices of a program, whether they have an account or not.

The registration exists at once. Mentors, classes, dates and the record hang on it before the person first
signs in, and may concern somebody who never does. Whoever has no account gets one without a password, and an
invitation that lets them choose the first one; it never opens an account that has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import letters
from accounts.inviting import link_to
from accounts.models import Consent, Invitation, User
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice, Employer, Mentorship, Program


@dataclass(frozen=True)
class Newcomer:
    """Somebody as the office writes them down."""

    name: str
    email: str
    started_on: date
    expected_end_on: date | None = None
    employer: Employer | None = None
    registration_number: str = ""
    mentor: User | None = None


@dataclass(frozen=True)
class Enrolled:
    """A registration that was made, and the link to a first password, "" for who needs none from us."""

    apprentice: Apprentice
    link: str
    mailed: bool = False


class LineRefused(Refusal):
    """The refusal of one of several newcomers, with its place in the list, from 0."""

    def __init__(self, place: int, refusal: Refusal) -> None:
        super().__init__(refusal.message, code=refusal.code, field=refusal.field)
        self.place = place


def enrol(program: Program, people: Sequence[Newcomer], *, by: User, now: datetime) -> list[Enrolled]:
    """Register everybody, all or none, then write to each; in the order given.

    Raises LineRefused, ConsentNeeded.
    """
    Consent.objects.demand(by)
    made: dict[int, Enrolled] = {}
    with transaction.atomic():
        for place, one in sorted(enumerate(people), key=lambda pair: pair[1].email.lower()):
            try:
                made[place] = _enrol(program, one, by=by, now=now)
            except Refusal as refusal:
                raise LineRefused(place, refusal) from refusal
    return [_told(made[place]) for place in range(len(people))]


def _enrol(program: Program, one: Newcomer, *, by: User, now: datetime) -> Enrolled:
    user = _user(one, time_zone=program.time_zone)
    user = User.objects.select_for_update().get(pk=user.pk)
    if Apprentice.objects.everyone().filter(program=program, user=user).exists():
        raise Conflict(
            f"{user.name} <{user.email}> is registered in {program.name} already.",
            code="registered_already",
            field="email",
        )
    apprentice = Apprentice.objects.register(
        program,
        user,
        started_on=one.started_on,
        expected_end_on=one.expected_end_on,
        employer=one.employer,
        registration_number=one.registration_number,
        by=by,
        now=now,
    )
    if one.mentor:
        Mentorship.objects.assign(apprentice, one.mentor, starts_on=one.started_on, by=by, now=now)
    return Enrolled(apprentice, invite(apprentice, by=by, now=now))


def _user(one: Newcomer, *, time_zone: str) -> User:
    """Who signs in with this address; made without a password where nobody does."""
    found = User.objects.by_email(one.email).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return User.objects.create_user(one.email, None, name=one.name, time_zone=time_zone)
    except IntegrityError:
        return User.objects.by_email(one.email).get()


def invite(apprentice: Apprentice, *, by: User, now: datetime) -> str:
    """The link to a first password, which replaces earlier ones; "" where this sponsor may give none out.

    None for who has a password or runs the site, and none once another sponsor has enrolled the same person:
    whoever sees the link could sign in and read what is kept. They set a password by e-mail instead.
    """
    user, sponsor = apprentice.user, apprentice.program.sponsor
    if user.has_usable_password() or user.is_staff or user.is_superuser:
        return ""
    Invitation.objects.filter(user=user).withdraw(by=by, now=now)
    elsewhere = Apprentice.objects.everyone().filter(user=user).exclude(program__sponsor=sponsor)
    if elsewhere.exists() or user.memberships.exclude(sponsor=sponsor).exists():
        return ""
    _, token = Invitation.objects.issue(
        user.email, now=now, sponsor=sponsor, name=user.name, invited_by=by, user=user
    )
    return link_to(token)


def _told(made: Enrolled) -> Enrolled:
    return Enrolled(made.apprentice, made.link, write_to(made.apprentice, made.link))


def write_to(apprentice: Apprentice, link: str) -> bool:
    """Tell somebody by e-mail that they were enrolled, and how to sign in; whether it was sent."""
    program = apprentice.program
    return letters.send(
        apprentice.user.email,
        subject=f"{program.sponsor}: your apprenticeship in Journeybook",
        template="apprenticeship/email/enrolled.txt",
        context={"apprentice": apprentice, "program": program, "link": link},
    )
