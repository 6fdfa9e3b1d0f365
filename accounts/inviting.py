"""Inviting several people at once: a pasted list becomes invitations, and each is sent by e-mail."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from accounts import letters
from accounts.models import Invitation, Membership, Sponsor, User
from accounts.models.first_days import check_first_day, check_others
from accounts.models.people import authority_day, check_printable
from accounts.refusals import Conflict

if TYPE_CHECKING:
    from apprenticeship.models import Employer

MOST = 50
"""So many people are invited in one go: their mails are sent while the page waits."""

ANGLED = re.compile(r"^(?P<name>.*?)\s*<\s*(?P<mail>[^<>\s]*)\s*>$")
LAST_WORD = re.compile(r"^(?P<name>.*?)\s*(?P<mail>\S+@\S+)$")


@dataclass(frozen=True)
class Person:
    """Somebody of the list: an address in small letters, and a name where one was written."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class Invited:
    """What came of one person of the list. `link` is shown once, and only where the mail was not sent.

    Without an `invitation` nothing was to do: the person holds the role already.
    """

    person: Person
    invitation: Invitation | None = None
    link: str = ""
    replaced: bool = False
    has_account: bool = False
    sent: bool = False


def read_people(text: str) -> list[Person]:
    """The people of a pasted list, each once: “Name <mail>” or an address, by lines, commas or semicolons.

    Raises ValidationError with a sentence for every line that cannot be read.
    """
    found: dict[str, Person] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in _pieces(line):
            try:
                person = _person(piece)
            except ValidationError as problem:
                problems.append(f"Line {number}: {problem.messages[0]}")
            else:
                if person.email not in found or not found[person.email].name:
                    found[person.email] = person
    if len(found) > MOST:
        problems.append(f"These are {len(found)} people. Invite at most {MOST} at once.")
    if problems:
        raise ValidationError(problems)
    return list(found.values())


def _pieces(line: str) -> Iterable[str]:
    """The people of one line; a comma inside a name, as in “Bell, Nora <nora@…>”, parts nobody."""
    pending = ""
    for part in re.split(r"[,;]", line):
        piece = f"{pending}, {part.strip()}" if pending else part.strip()
        pending = ""
        if piece and "@" not in piece:
            pending = piece
        elif piece:
            yield piece
    if pending:
        yield pending


def _person(piece: str) -> Person:
    match = ANGLED.match(piece) or LAST_WORD.match(piece)
    shown = piece if len(piece) <= 60 else f"{piece[:60]}…"
    if not match:
        raise ValidationError(f"“{shown}” has no e-mail address.")
    mail, name = match["mail"].lower(), " ".join(match["name"].strip(" \"'").split())
    try:
        validate_email(mail)
    except ValidationError:
        raise ValidationError(f"“{shown}” is not an e-mail address.") from None
    if len(mail) > 254 or len(name) > 120:
        raise ValidationError("A name has at most 120 characters, an address 254.")
    check_printable(name)
    last, comma, first = name.partition(", ")
    return Person(mail, f"{first} {last}" if comma else name)


def invite(
    people: Iterable[Person],
    sponsor: Sponsor,
    *,
    role: str,
    by: User,
    now: datetime,
    employer: "Employer | None" = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> list[Invited]:
    """Invite everybody of the list who does not hold the role that long already, and send the links.

    An earlier invitation to the same role is replaced: its link no longer works. Raises Refusal, by field,
    for a first day that cannot be.
    """
    people = list(people)
    if starts_on:
        check_first_day(starts_on, role=role, now=now)
        check_others([one.email for one in people], by=by)
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=sponsor.pk)
        done = [
            _invite(one, sponsor, now=now, role=role, by=by, employer=employer, days=(starts_on, ends_on))
            for one in people
        ]
    return _send(done)


def _invite(
    person: Person,
    sponsor: Sponsor,
    *,
    role: str,
    by: User,
    now: datetime,
    employer: "Employer | None",
    days: tuple[date | None, date | None],
) -> Invited:
    starts_on, ends_on = days
    held = Membership.objects.active(on=authority_day(now)).filter(
        user__in=User.objects.by_email(person.email), sponsor=sponsor, role=role, employer=employer
    )
    if held.lasting(ends_on).exists():
        return Invited(person)
    earlier = Invitation.objects.filter(email=person.email, sponsor=sponsor, role=role, employer=employer)
    replaced = earlier.withdraw(by=by, now=now)
    invitation, token = Invitation.objects.issue(
        person.email,
        now=now,
        sponsor=sponsor,
        role=role,
        name=person.name,
        employer=employer,
        starts_on=starts_on,
        ends_on=ends_on,
        invited_by=by,
    )
    return _with_link(invitation, token, replaced=bool(replaced))


def again(invitation: Invitation, *, by: User, now: datetime) -> Invited:
    """A new link for somebody who has not come yet; the one before no longer works. Raises Conflict."""
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk).withdraw(by=by, now=now):
            raise Conflict("This invitation was used or withdrawn a moment ago.", code="invitation_used")
        ends_on = invitation.ends_on
        if ends_on and ends_on < authority_day(now):
            raise Conflict(
                "The last day of this invitation is over. Invite the person again with a later one.",
                code="invitation_over",
            )
        fresh, token = Invitation.objects.issue(
            invitation.email,
            now=now,
            sponsor=invitation.sponsor,
            role=invitation.role,
            name=invitation.name,
            employer=invitation.employer,
            starts_on=invitation.starts_on,
            ends_on=ends_on,
            invited_by=by,
        )
    (done,) = _send([_with_link(fresh, token)])
    return done


def link_to(token: str) -> str:
    """The whole address that an invitation's secret opens."""
    return settings.SITE_URL + reverse("invitation", kwargs={"token": token})


def _with_link(invitation: Invitation, token: str, *, replaced: bool = False) -> Invited:
    person = Person(invitation.email, invitation.name)
    has_account = User.objects.by_email(person.email).exists()
    return Invited(person, invitation, link_to(token), replaced=replaced, has_account=has_account)


def _send(done: list[Invited]) -> list[Invited]:
    """Mail every link. Where that fails, and only there, the page shows the link to whoever invites."""
    return [_sent(one, one.invitation) if one.invitation else one for one in done]


def _sent(one: Invited, invitation: Invitation) -> Invited:
    if not _mail(one, invitation):
        return one
    invitation.went_by_mail()
    return replace(one, sent=True, link="")


def _mail(one: Invited, invitation: Invitation) -> bool:
    return letters.send(
        one.person.email,
        subject=f"{invitation.sponsor} invites you to Journeybook",
        template="accounts/email/invitation.txt",
        context={"one": one, "invitation": invitation},
    )
