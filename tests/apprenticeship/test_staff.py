"""Coordinators invite the people of their sponsor, and change and end what they are there."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlparse

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import inviting, staff
from accounts.inviting import Person, read_people
from accounts.models import Invitation, Membership, User
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Employer
from tests.cast import CANARY, NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def noras(cast: Cast, client: Client) -> Client:
    client.force_login(cast.nora)
    return client


def accept(person: User, link: str) -> None:
    phone = Client()
    phone.force_login(person)
    assert phone.post(urlparse(link).path).status_code == 302


def of(person: User, role: str = "") -> Membership:
    rows = Membership.objects.filter(user=person)
    return (rows.filter(role=role) if role else rows).get()


def invite(client: Client, cast: Cast, people: str, **more: object) -> str:
    sent = client.post(
        reverse("people-invite", args=[cast.lakeside.uid]), {"role": "mentor", "people": people, **more}
    )
    assert sent.status_code == 200
    return sent.text


def test_a_list_is_read_as_people_paste_it() -> None:
    text = """
    Eli Ruiz <ELI@example.org>, chen@example.org; "Dara Miles" <dara@example.org>
    Ruiz, Eli <eli2@example.org>
    Priya Nair\tpriya2@example.org
    eli@example.org
    """
    assert read_people(text) == [
        Person("eli@example.org", "Eli Ruiz"),
        Person("chen@example.org"),
        Person("dara@example.org", "Dara Miles"),
        Person("eli2@example.org", "Eli Ruiz"),
        Person("priya2@example.org", "Priya Nair"),
    ]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("eli@example.org\nEli Ruiz", "Line 2: “Eli Ruiz” has no e-mail address."),
        ("eli@example", "Line 1: “eli@example” is not an e-mail address."),
        ("Eli <>", "Line 1: “Eli <>” is not an e-mail address."),
        (f"{'E' * 121} <eli@example.org>", "Line 1: A name has at most 120 characters"),
        ("Eli\u202e <eli@example.org>", "invisible character"),
        ("\n".join(f"a{n}@example.org" for n in range(51)), "Invite at most 50 at once"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_by_its_number(text: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as told:
        read_people(text)
    assert remedy in " ".join(told.value.messages)


def test_a_mistake_in_the_list_sends_nothing_and_loses_nothing(cast: Cast, noras: Client) -> None:
    page = invite(noras, cast, "eli@example.org\nnobody")
    assert "Line 2: “nobody” has no e-mail address." in page and "eli@example.org" in page
    assert not mail.outbox and not Invitation.objects.exists()


def test_nora_invites_a_list_and_each_gets_a_link(cast: Cast, noras: Client) -> None:
    page = invite(noras, cast, "Eli Ruiz <eli@example.org>\nlena@example.org, chen.new@example.org")
    assert "Holds this role already" in page
    assert [one.to for one in mail.outbox] == [["eli@example.org"], ["chen.new@example.org"]]
    eli = Invitation.objects.get(email="eli@example.org")
    assert (eli.sponsor, eli.role, eli.invited_by, eli.name) == (
        cast.lakeside,
        "mentor",
        cast.nora,
        "Eli Ruiz",
    )
    (link,) = [line for line in mail.outbox[0].body.splitlines() if "/invitations/" in line]
    assert link not in page and "Nora Bell of Lakeside Health" in mail.outbox[0].body
    listed = noras.get(reverse("people", args=[cast.lakeside.uid])).text
    assert "Eli Ruiz" in listed and "by Nora Bell" in listed and link not in listed
    phone = Client()
    answer = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": "correct horse battery"}
    assert phone.post(urlparse(link).path, answer).status_code == 302
    user = User.objects.get(email="eli@example.org")
    assert of(user).role == "mentor" and user.address_proved_at == NOW


def test_somebody_of_another_sponsor_keeps_the_account_and_gets_the_role(cast: Cast, noras: Client) -> None:
    page = invite(noras, cast, "dara@example.org", role="instructor")
    assert "has an account and keeps it" in page and CANARY not in page
    link = next(line for line in mail.outbox[0].body.splitlines() if "/invitations/" in line)
    noras.post(urlparse(link).path)
    assert not Membership.objects.filter(user=cast.dara, sponsor=cast.lakeside).exists()
    accept(cast.dara, link)
    assert Membership.objects.filter(user=cast.dara, sponsor=cast.lakeside, role="instructor").exists()


def test_invited_twice_the_first_link_no_longer_works(cast: Cast, noras: Client) -> None:
    invite(noras, cast, "eli@example.org")
    assert "the earlier link no longer works" in invite(noras, cast, "ELI@example.org")
    first, second = (
        next(line for line in one.body.splitlines() if "/invitations/" in line) for one in mail.outbox
    )
    assert Client().get(urlparse(first).path).status_code == 410
    assert Client().get(urlparse(second).path).status_code == 200
    assert Invitation.objects.waiting().count() == 1


def test_an_auditors_invitation_always_has_a_last_day(cast: Cast, noras: Client) -> None:
    invite(noras, cast, "eli@example.org", role="auditor")
    assert Invitation.objects.get().ends_on == TODAY + timedelta(days=60)
    invite(noras, cast, "eli@example.org", role="auditor", ends_on="2026-12-01")
    assert Invitation.objects.waiting().get().ends_on == date(2026, 12, 1)
    assert "Choose today or a later day" in invite(noras, cast, "eli@example.org", ends_on="2026-11-19")


def test_the_role_ends_and_is_limited_as_the_invitation_said(cast: Cast, noras: Client) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    theirs = Employer.objects.create(sponsor=cast.harbor, name=f"{CANARY} Clinic")
    page = noras.get(reverse("people-invite", args=[cast.lakeside.uid])).text
    assert "North Clinic" in page and CANARY not in page
    assert "valid choice" in invite(noras, cast, "eli@example.org", role="auditor", employer=theirs.pk)
    invite(noras, cast, "priya@example.org", role="auditor", employer=north.pk, ends_on="2026-12-01")
    link = next(line for line in mail.outbox[0].body.splitlines() if "/invitations/" in line)
    accept(cast.priya, link)
    row = of(cast.priya, "auditor")
    assert (row.employer, row.ends_on) == (north, date(2026, 12, 1))


def test_an_invitation_is_sent_again_or_withdrawn(cast: Cast, noras: Client) -> None:
    invite(noras, cast, "eli@example.org")
    old = Invitation.objects.get()
    again = noras.post(reverse("invitation-again", args=[old.uid])).text
    links = [next(line for line in one.body.splitlines() if "/invitations/" in line) for one in mail.outbox]
    assert "Mail sent" in again and links[1] not in again and len(set(links)) == 2
    assert Client().get(urlparse(links[0]).path).status_code == 410
    assert noras.post(reverse("invitation-again", args=[old.uid])).status_code == 409
    new = Invitation.objects.waiting().get()
    assert noras.post(reverse("invitation-withdraw", args=[new.uid])).status_code == 302
    new.refresh_from_db()
    assert (new.withdrawn_by, new.withdrawn_at) == (cast.nora, NOW)
    answer = Client().get(urlparse(links[1]).path)
    assert answer.status_code == 410 and "was withdrawn" in answer.text


def test_where_no_mail_can_be_sent_the_link_is_there_to_copy(
    cast: Cast, noras: Client, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]
    page = invite(noras, cast, "eli@example.org")
    assert "Mail not sent" in page
    (link,) = re.findall(r"/invitations/[^/\s<]+/", page)
    answer = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": "correct horse battery"}
    assert Client().post(link, answer).status_code == 302
    assert User.objects.get(email="eli@example.org").address_proved_at is None


def test_a_site_without_mail_says_so_and_hands_the_link_over(
    cast: Cast, noras: Client, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"  # type: ignore[attr-defined]
    address = reverse("people-invite", args=[cast.lakeside.uid])
    assert "This site sends no e-mail: the next page shows a link" in noras.get(address).text
    page = invite(noras, cast, "eli@example.org")
    assert "This site sends no e-mail. Hand each link over yourself" in page
    assert "could not be sent" not in page and "Mail not sent" not in page
    (link,) = re.findall(r"/invitations/[^/\s<]+/", page)
    assert Client().get(link).status_code == 200


def changed(row: Membership, **more: object) -> dict[str, object]:
    kept = {"title": row.title, "credential": row.credential, "starts_on": row.starts_on.isoformat()}
    return {**kept, "credential_expires": "", "ends_on": "", **more}


def test_nora_states_a_qualification_and_a_last_day(cast: Cast, noras: Client) -> None:
    row = of(cast.marcus)
    page = reverse("membership", args=[row.uid])
    assert "Coding supervisor" in noras.get(page).text
    sent = changed(row, credential="CCS, CPC", credential_expires="2027-01-31", ends_on="2026-12-31")
    assert noras.post(page, sent).status_code == 302
    row.refresh_from_db()
    assert (row.credential, row.ends_on, row.ended_by) == ("CCS, CPC", date(2026, 12, 31), cast.nora)
    refused = noras.post(page, changed(row, title="Lead coder", ends_on="2026-11-19")).text
    assert "Choose today or a later day" in refused and "Lead coder" in refused
    assert noras.post(page, changed(row)).status_code == 302
    row.refresh_from_db()
    assert (row.ends_on, row.ended_by, row.ended_at) == (None, None, None)


def test_an_auditor_is_never_left_without_a_last_day(cast: Cast, noras: Client) -> None:
    row = of(cast.ruth)
    page = reverse("membership", args=[row.uid])
    assert "always has a last day" in noras.post(page, changed(row)).text
    assert noras.post(page, changed(row, ends_on="2027-01-31")).status_code == 302


def test_whoever_is_ended_at_once_is_out_at_once(cast: Cast, noras: Client) -> None:
    row = of(cast.marcus)
    invite(noras, cast, "marcus@example.org", role="coordinator")
    phone = Client()
    phone.force_login(cast.marcus)
    assert phone.get(reverse("progress", args=[cast.ana.uid])).status_code == 200
    assert noras.post(reverse("membership-end", args=[row.uid])).status_code == 302
    assert phone.get(reverse("progress", args=[cast.ana.uid])).status_code == 404
    row.refresh_from_db()
    assert (row.ends_on, row.cut_short, row.ended_by, row.ended_at) == (TODAY, True, cast.nora, NOW)
    assert noras.post(reverse("membership-end", args=[row.uid])).status_code == 409
    listed = noras.get(reverse("people", args=[cast.lakeside.uid])).text
    assert "ended by Nora Bell" in listed
    assert "stays as it was" in noras.get(reverse("membership", args=[row.uid])).text
    assert "Holds this role already" not in invite(noras, cast, "marcus@example.org")


def test_ending_a_role_withdraws_the_invitation_that_would_give_it_back(cast: Cast, noras: Client) -> None:
    _, token = Invitation.objects.issue("Marcus@example.org", now=NOW, sponsor=cast.lakeside, role="mentor")
    noras.post(reverse("membership-end", args=[of(cast.marcus).uid]))
    assert Client().get(reverse("invitation", args=[token])).status_code == 410


def test_ending_a_role_for_one_employer_leaves_an_invitation_for_another(cast: Cast, noras: Client) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    what = {"sponsor": cast.lakeside, "role": "mentor", "employer": north}
    _, token = Invitation.objects.issue("marcus@example.org", now=NOW, **what)
    noras.post(reverse("membership-end", args=[of(cast.marcus).uid]))
    accept(cast.marcus, reverse("invitation", args=[token]))
    assert Membership.objects.filter(user=cast.marcus, employer=north).exists()


def test_a_sponsor_keeps_its_last_coordinator(cast: Cast, noras: Client) -> None:
    row = of(cast.nora)
    page = reverse("membership", args=[row.uid])
    for sent in (changed(row, ends_on="2027-01-31"),):
        assert "is the last coordinator" in noras.post(page, sent).text
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    assert "is the last coordinator" in noras.post(page, changed(row, employer=north.pk)).text
    assert noras.post(reverse("membership-end", args=[row.uid])).status_code == 409
    second = Membership.objects.create(
        user=cast.lena, sponsor=cast.lakeside, role="coordinator", starts_on=TODAY, employer=north
    )
    with pytest.raises(Conflict, match="last coordinator"):
        staff.end_at_once(row, by=cast.nora, now=NOW)
    Membership.objects.filter(pk=second.pk).update(employer=None)
    assert noras.post(reverse("membership-end", args=[row.uid])).status_code == 302
    assert noras.get(reverse("people", args=[cast.lakeside.uid])).status_code == 404


def test_the_same_role_for_the_same_employer_from_the_same_day_is_one(cast: Cast) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    row = of(cast.marcus)
    Membership.objects.create(
        user=cast.marcus, sponsor=cast.lakeside, role="mentor", starts_on=row.starts_on, employer=north
    )
    kept = {"title": "", "credential": "", "credential_number": "", "credential_expires": None}
    kept |= {"ends_on": None, "starts_on": row.starts_on}
    with pytest.raises(Refusal, match="same role for this employer"):
        staff.change(row, by=cast.nora, now=NOW, employer=north, **kept)


def test_the_people_of_a_sponsor_are_its_own(cast: Cast, client: Client) -> None:
    _, _ = Invitation.objects.issue(f"{CANARY}@example.org", now=NOW, sponsor=cast.harbor, role="mentor")
    theirs = Invitation.objects.get()
    page = reverse("people", args=[cast.lakeside.uid])
    for person, answer in ((cast.nora, 200), (cast.ruth, 200), (cast.marcus, 403), (cast.olga, 404)):
        client.force_login(person)
        assert client.get(page).status_code == answer
    client.force_login(cast.nora)
    assert CANARY not in client.get(page).text
    for name, row in (("membership", of(cast.dara)), ("membership-end", of(cast.dara))):
        assert client.post(reverse(name, args=[row.uid])).status_code == 404
    for name in ("invitation-again", "invitation-withdraw"):
        assert client.post(reverse(name, args=[theirs.uid])).status_code == 404
    client.force_login(cast.ruth)
    assert "Invite people" not in client.get(page).text
    assert client.get(reverse("people-invite", args=[cast.lakeside.uid])).status_code == 403
    assert client.post(reverse("membership-end", args=[of(cast.marcus).uid])).status_code == 403


def test_employers_are_added_and_renamed(cast: Cast, noras: Client) -> None:
    page = reverse("employers", args=[cast.lakeside.uid])
    assert noras.post(page, {"name": " North   Clinic "}).status_code == 302
    north = Employer.objects.get()
    assert (north.name, north.sponsor) == ("North Clinic", cast.lakeside)
    assert "of this name already" in noras.post(page, {"name": "north clinic"}).text
    cast.ana.employer = north
    cast.ana.save(update_fields=["employer"])
    assert "1 apprentice<" in noras.get(page).text
    rename = reverse("employer", args=[north.uid])
    assert noras.post(rename, {"name": "North Hospital"}).status_code == 302
    assert "North Hospital" in noras.get(page).text
    noras.force_login(cast.olga)
    assert noras.get(page).status_code == 404 and noras.post(rename, {"name": "Mine"}).status_code == 404


def test_inviting_is_refused_for_a_used_invitation(cast: Cast) -> None:
    invitation, token = Invitation.objects.issue(
        "eli@example.org", now=NOW, sponsor=cast.lakeside, role="mentor"
    )
    Invitation.objects.accept(token, password="correct horse battery", name="Eli", now=NOW)
    with pytest.raises(Conflict):
        inviting.again(invitation, by=cast.nora, now=NOW)


def test_the_links_that_a_coordinator_saw_end_with_the_role(cast: Cast, noras: Client) -> None:
    invite(noras, cast, "friend@example.org", role="coordinator")
    link = next(line for line in mail.outbox[0].body.splitlines() if "/invitations/" in line)
    Membership.objects.create(user=cast.lena, sponsor=cast.lakeside, role="coordinator", starts_on=TODAY)
    staff.end_at_once(of(cast.nora), by=cast.lena, now=NOW)
    assert Client().get(urlparse(link).path).status_code == 410


def test_a_last_day_ends_what_would_give_the_role_again(cast: Cast) -> None:
    what = {"sponsor": cast.lakeside, "role": "mentor", "invited_by": cast.nora}
    _, token = Invitation.objects.issue("marcus@example.org", now=NOW, **what)
    plain = {"title": "", "credential": "", "credential_number": "", "credential_expires": None}
    plain |= {"employer": None}
    row = of(cast.marcus)
    staff.change(row, by=cast.nora, now=NOW, starts_on=row.starts_on, ends_on=TODAY, **plain)
    with pytest.raises(Refusal, match="withdrawn"):
        Invitation.objects.join(token, now=NOW)
