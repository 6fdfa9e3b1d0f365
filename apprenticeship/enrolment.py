"""Enrolling: people become apprentices of a program, whether they have an account or not.

The registration exists at once. Mentors, classes, dates and the record hang on it before the person first
signs in, and may concern somebody who never does. Whoever has no account gets one without a password, and an
invitation that lets them choose the first one; it never opens an account that has one.

The link goes by mail. Only where no mail can be sent is it shown to the coordinator, who might use it. So an
account whose mailbox was never proved stays with the sponsors that know it (User.check_proved), and a link
opens nothing once another sponsor does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import letters
from accounts.inviting import link_to
from accounts.models import Consent, Invitation, Sponsor, User
from accounts.refusals import Conflict, Refusal
from accounts.spelling import fold
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
    """A registration, with the invitation to a first password that goes with it.

    `link` is shown once; it is "" where the mail was sent, and where this sponsor may give none out.
    """

    apprentice: Apprentice
    invitation: Invitation | None = None
    link: str = ""
    mailed: bool = False


@dataclass(frozen=True)
class Pasted:
    """A list of people, a line each, that another page filled in, and the address of that page."""

    text: str
    back: str


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
    made: list[Enrolled] = []
    with transaction.atomic():
        users = _users(people, time_zone=program.time_zone)
        for place, (one, user) in enumerate(zip(people, users, strict=True)):
            try:
                made.append(_enrol(program, one, user, by=by, now=now))
            except Refusal as refusal:
                raise LineRefused(place, refusal) from refusal
    return [write_to(one) for one in made]


def _users(people: Sequence[Newcomer], *, time_zone: str) -> list[User]:
    """The account of each, in the order given. They are locked by pk, as everywhere; before, those that are
    missing are made in the order of their addresses, so that two who enroll the same people only wait."""
    found: dict[str, int] = {}
    for one in sorted(people, key=lambda one: one.email.lower()):
        found[one.email.lower()] = _user(one, time_zone=time_zone).pk
    locked = User.objects.select_for_update().filter(pk__in=found.values()).order_by("pk")
    users = {user.pk: user for user in locked}
    return [users[found[one.email.lower()]] for one in people]


def _enrol(program: Program, one: Newcomer, user: User, *, by: User, now: datetime) -> Enrolled:
    _check_account(user, one, program.sponsor)
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
    return invite(apprentice, by=by, now=now)


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


def _check_account(user: User, one: Newcomer, sponsor: Sponsor) -> None:
    """Raise Refusal for an account that may be another person's.

    A sponsor learns nobody's name by enrolling an address: whoever it does not know yet is enrolled under
    the name of their account, or not at all. That stops a mistyped address too.
    """
    if sorted(fold(user.name).split()) != sorted(fold(one.name).split()) and not user.known_to(sponsor):
        raise Refusal(
            f"The account of {user.email} bears another name. Ask the person how it is written there, "
            "and look at the address.",
            code="another_name",
            field="name",
        )
    user.check_proved(sponsor)


def invite(apprentice: Apprentice, *, by: User, now: datetime) -> Enrolled:
    """A link to a first password, which replaces earlier ones; none where this sponsor may give none out.

    None for who has a password or runs the site, and none once another sponsor knows the same person:
    whoever sees the link could sign in and read what is kept. They set a password by e-mail instead.
    """
    user, sponsor = apprentice.user, apprentice.program.sponsor
    Invitation.objects.filter(user=user).withdraw(by=by, now=now)
    if user.has_usable_password() or user.reaches_beyond(sponsor):
        return Enrolled(apprentice)
    invitation, token = Invitation.objects.issue(
        user.email, now=now, sponsor=sponsor, name=user.name, invited_by=by, user=user
    )
    return Enrolled(apprentice, invitation, link_to(token))


def write_to(made: Enrolled) -> Enrolled:
    """Tell somebody by e-mail that they were enrolled, and how to sign in."""
    apprentice, program = made.apprentice, made.apprentice.program
    mailed = letters.send(
        apprentice.user.email,
        subject=f"{program.sponsor}: your apprenticeship in Journeybook",
        template="apprenticeship/email/enrolled.txt",
        context={"apprentice": apprentice, "program": program, "link": made.link},
    )
    if not mailed:
        return made
    if made.invitation:
        made.invitation.went_by_mail()
    return replace(made, mailed=True, link="")
