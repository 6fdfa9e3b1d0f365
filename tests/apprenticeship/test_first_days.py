"""A mentor who worked with apprentices before the site existed signs for those days."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlparse

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import inviting, staff
from accounts.inviting import Person
from accounts.models import Consent, Invitation, Membership, User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Mentorship
from ledger import chain
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
SINCE = date(2026, 3, 2)
NEW = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": "correct horse battery"}


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def noras(cast: Cast, client: Client) -> Client:
    client.force_login(cast.nora)
    return client


def invite(client: Client, cast: Cast, **more: object) -> str:
    typed = {"role": "mentor", "people": "eli@example.org", "starts_on": SINCE.isoformat(), **more}
    page = client.post(reverse("people-invite", args=[cast.lakeside.uid]), typed)
    assert page.status_code == 200
    return page.text


def joined() -> User:
    """Eli opens the link of the newest letter."""
    link = next(line for line in str(mail.outbox[-1].body).splitlines() if "/invitations/" in line)
    assert Client().post(urlparse(link).path, NEW).status_code == 302
    eli = User.objects.get(email="eli@example.org")
    Consent.objects.give(eli, now=NOW)
    return eli


def told(person: User) -> list[tuple[Any, dict[str, Any]]]:
    """Who set the first day of a role, and what the record says of it."""
    entries = [entry for entry in chain.entries_of(person.uid) if entry.act == "membership.since"]
    return [(entry.actor, json.loads(entry.payload.body)) for entry in entries]


def change(row: Membership, *, by: User, starts_on: date) -> None:
    kept = {"title": "", "credential": "", "credential_number": "", "credential_expires": None}
    staff.change(row, by=by, now=NOW, employer=row.employer, starts_on=starts_on, ends_on=None, **kept)


def test_a_mentor_invited_with_a_first_day_signs_for_days_from_then_on(cast: Cast, noras: Client) -> None:
    assert ">since Mar 2, 2026<" in invite(noras, cast)
    assert "since Mar 2, 2026" in noras.get(reverse("people", args=[cast.lakeside.uid])).text
    eli = joined()
    assert eli.memberships.get().starts_on == SINCE
    Mentorship.objects.assign(cast.ben, eli, starts_on=SINCE, by=cast.nora, now=NOW)
    assert cast.sign(cast.ben, "2g", by=eli, day=SINCE)
    with pytest.raises(NotAllowed, match="Mar 1, 2026"):
        cast.sign(cast.ben, "2f", by=eli, day=SINCE - timedelta(days=1))


def test_who_set_the_first_day_is_on_the_record(cast: Cast, noras: Client) -> None:
    invite(noras, cast)
    eli = joined()
    row = eli.memberships.get()
    page = reverse("membership", args=[row.uid])
    typed = {"title": "", "credential": "", "credential_expires": "", "ends_on": ""}
    assert noras.post(page, typed | {"starts_on": "2025-01-06"}).status_code == 302
    assert "since Jan 6, 2025" in noras.get(page).text
    same = {"sponsor": str(cast.lakeside.uid), "role": "mentor", "employer": None}
    assert told(eli) == [
        (cast.nora.uid, {**same, "starts_on": "2026-03-02"}),
        (cast.nora.uid, {**same, "starts_on": "2025-01-06"}),
    ]
    assert noras.post(page, typed | {"starts_on": "2025-01-06", "title": "Lead"}).status_code == 302
    assert len(told(eli)) == 2, "what did not change is not told again"


def test_a_role_from_today_needs_no_entry(cast: Cast, noras: Client) -> None:
    invite(noras, cast, starts_on="")
    eli = joined()
    assert eli.memberships.get().starts_on == TODAY and not told(eli)


def test_a_link_sent_again_keeps_the_first_day(cast: Cast, noras: Client) -> None:
    invite(noras, cast)
    noras.post(reverse("invitation-again", args=[Invitation.objects.get().uid]))
    assert joined().memberships.get().starts_on == SINCE


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"starts_on": "2026-11-21"}, "Choose a day between Jan 1, 1950 and today, Nov 20, 2026"),
        ({"starts_on": "1949-12-31"}, "Choose a day between Jan 1, 1950 and today"),
        ({"role": "coordinator"}, "Only mentors and instructors sign for days before"),
        ({"role": "auditor"}, "Only mentors and instructors sign for days before"),
        ({"people": "NORA@example.org"}, "Nobody sets the first day of their own role"),
    ],
)
def test_a_first_day_that_cannot_be_is_refused_beside_its_field(
    cast: Cast, noras: Client, typed: dict[str, str], remedy: str
) -> None:
    assert remedy in invite(noras, cast, **typed)
    assert not Invitation.objects.exists() and not mail.outbox


def test_nobody_sets_the_first_day_of_their_own_role(cast: Cast, client: Client) -> None:
    row = cast.ivy.memberships.get(role="mentor")
    client.force_login(cast.ivy)
    page = reverse("membership", args=[row.uid])
    assert "Another coordinator sets the first day of your own role" in client.get(page).text
    typed = {"title": "Owner", "credential": "", "credential_expires": "", "ends_on": ""}
    assert client.post(page, typed | {"starts_on": "2025-01-06"}).status_code == 302
    was = row.starts_on
    row.refresh_from_db()
    assert (row.title, row.starts_on) == ("Owner", was)
    with pytest.raises(Refusal, match="their own role"):
        change(row, by=cast.ivy, starts_on=SINCE)


def test_an_invitation_of_oneself_under_another_address_begins_today(cast: Cast) -> None:
    (done,) = inviting.invite(
        [Person("nora.bell@example.org")],
        cast.lakeside,
        role="mentor",
        by=cast.nora,
        now=NOW,
        starts_on=SINCE,
    )
    assert done.sent
    link = next(line for line in str(mail.outbox[-1].body).splitlines() if "/invitations/" in line)
    User.objects.filter(pk=cast.nora.pk).update(email="nora.bell@example.org")
    Invitation.objects.join(urlparse(link).path.split("/")[2], now=NOW)
    assert cast.nora.memberships.get(role="mentor").starts_on == TODAY


def test_a_first_day_does_not_reach_into_an_earlier_time_that_was_ended(cast: Cast, noras: Client) -> None:
    earlier = cast.marcus.memberships.get()
    Membership.objects.filter(pk=earlier.pk).update(ends_on=date(2026, 6, 30), cut_short=True)
    invite(noras, cast, people="marcus@example.org")
    link = next(line for line in str(mail.outbox[-1].body).splitlines() if "/invitations/" in line)
    Invitation.objects.join(urlparse(link).path.split("/")[2], now=NOW)
    again = cast.marcus.memberships.exclude(pk=earlier.pk).get()
    assert again.starts_on == date(2026, 7, 1)
    with pytest.raises(Refusal, match=r"until Jun 30, 2026\. Choose"):
        change(again, by=cast.nora, starts_on=date(2026, 6, 30))


def test_only_roles_that_sign_have_a_first_day_to_set(cast: Cast, noras: Client) -> None:
    row = cast.ruth.memberships.get()
    assert "With you since" not in noras.get(reverse("membership", args=[row.uid])).text
    with pytest.raises(Refusal, match="Only mentors and instructors"):
        change(row, by=cast.nora, starts_on=SINCE)
