"""Nobody signs up by themselves: the life of an invitation."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlparse

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Membership, Sponsor, User
from accounts.models.people import authority_day

pytestmark = pytest.mark.django_db

ANSWER = {"name": "Ana Reyes", "time_zone": "Pacific/Honolulu", "password": "correct horse battery"}


@pytest.fixture
def lakeside() -> Sponsor:
    return Sponsor.objects.create(name="Lakeside Health")


def invite(sponsor: Sponsor | None, *, email: str = "Ana@Example.org", role: str = "mentor") -> str:
    _, token = Invitation.objects.issue(email, now=timezone.now(), sponsor=sponsor, role=role)
    return f"/invitations/{token}/"


def sign_in(client: Client, person: User) -> None:
    client.force_login(person, backend="accounts.sign_in.OwnAddress")


def test_ana_makes_her_account_with_the_link_and_is_signed_in(client: Client, lakeside: Sponsor) -> None:
    link = invite(lakeside)
    page = client.get(link)
    assert "Lakeside Health" in page.text
    assert "ana@example.org" in page.text
    assert client.post(link, ANSWER).status_code == 302
    ana = User.objects.get(email="ana@example.org")
    assert (ana.name, ana.initials, ana.time_zone) == ("Ana Reyes", "AR", "Pacific/Honolulu")
    assert ana.check_password(ANSWER["password"])
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert Membership.objects.get(user=ana).role == "mentor"


@pytest.mark.parametrize("letter", ["\x07", "\u202e", "\u200b", "\u2028", "\ue000", "\u0378"])
def test_a_name_that_papers_cannot_print_is_refused_beside_its_field(
    client: Client, lakeside: Sponsor, letter: str
) -> None:
    answer = client.post(invite(lakeside), ANSWER | {"name": f"Ana{letter}Reyes"})
    assert "This holds an invisible character." in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "O’Neill-Şahin", "李小龍", "أحمد", "Zoë\u00a0van Dam"])
def test_a_name_of_any_language_is_taken_as_it_is(client: Client, lakeside: Sponsor, name: str) -> None:
    client.post(invite(lakeside), ANSWER | {"name": name})
    assert User.objects.get().name == name


def test_the_secret_of_an_invitation_is_not_stored(lakeside: Sponsor) -> None:
    token = invite(lakeside).split("/")[2]
    row = Invitation.objects.values().get()
    assert token not in [str(value) for value in row.values()]


def test_a_link_works_once(client: Client, lakeside: Sponsor) -> None:
    link = invite(lakeside)
    client.post(link, ANSWER)
    again = Client().post(link, ANSWER | {"name": "Somebody Else"})
    assert again.status_code == 410
    assert "used already" in again.text
    assert User.objects.count() == 1


def test_a_link_is_too_old_after_seven_days(client: Client, lakeside: Sponsor) -> None:
    link = invite(lakeside)
    Invitation.objects.update(
        created_at=timezone.now() - timedelta(days=7, seconds=1),
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    for answer in (client.get(link), client.post(link, ANSWER)):
        assert answer.status_code == 410
        assert "older than seven days" in answer.text
    assert not User.objects.exists()


def test_an_unknown_link_says_whom_to_ask(client: Client) -> None:
    answer = client.get("/invitations/nothing/")
    assert answer.status_code == 404
    assert "Ask whoever invited you" in answer.text


@pytest.mark.parametrize(
    ("mistake", "remedy"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "ana reyes ana"}, "too similar"),
        ({"name": ""}, "required"),
        ({"time_zone": "Mars/Olympus"}, "not one of the available choices"),
    ],
)
def test_a_mistake_keeps_the_link_and_what_was_typed(
    client: Client, lakeside: Sponsor, mistake: dict[str, str], remedy: str
) -> None:
    link = invite(lakeside)
    answer = client.post(link, ANSWER | mistake)
    assert answer.status_code == 200
    assert remedy in answer.text
    assert not User.objects.exists()
    assert client.post(link, ANSWER).status_code == 302


def test_a_link_to_an_account_that_exists_adds_the_role_and_opens_nothing(
    client: Client, lakeside: Sponsor
) -> None:
    ana = User.objects.create_user("ana@example.org", "her own password", name="Ana Reyes")
    link = invite(lakeside)
    assert "Sign in with this address first" in client.get(link).text
    answer = client.post(link, ANSWER)
    assert answer.headers["Location"] == f"/accounts/login/?next={link}"
    assert "_auth_user_id" not in client.session and not Membership.objects.exists()
    ana.refresh_from_db()
    assert ana.check_password("her own password")
    sign_in(client, ana)
    assert "Accept, and it is added" in client.get(link).text
    assert client.post(link).headers["Location"] == "/"
    assert Membership.objects.get(user=ana).sponsor == lakeside


def test_nobody_accepts_for_somebody_else(client: Client, lakeside: Sponsor) -> None:
    """Least of all whoever invited: the link is shown to them."""
    User.objects.create_user("ana@example.org", "her own password", name="Ana Reyes")
    sign_in(client, User.objects.create_user("olga@example.org", "another password", name="Olga Brandt"))
    link = invite(lakeside)
    assert "You are signed in as olga@example.org" in client.get(link).text
    assert client.post(link).status_code == 302
    assert not Membership.objects.exists() and Invitation.objects.get().accepted_at is None


BEFORE, TODAY, LATER = (timedelta(days=days) for days in (-30, 0, 30))


@pytest.mark.parametrize(
    ("held", "begins"),
    [
        ([(BEFORE, None)], [BEFORE]),
        ([(BEFORE, None), (TODAY, None)], [BEFORE, TODAY]),
        ([(TODAY, LATER)], [TODAY]),
        ([(BEFORE, LATER)], [BEFORE, TODAY]),
        ([(BEFORE, BEFORE)], [BEFORE, TODAY]),
        ([(LATER, None)], [TODAY, LATER]),
    ],
    ids=["in force", "in force twice", "began today and ends", "ends", "ended", "begins later"],
)
def test_whoever_joins_holds_the_role_today_and_without_an_end(
    client: Client, lakeside: Sponsor, held: list[tuple[timedelta, timedelta | None]], begins: list[timedelta]
) -> None:
    ana = User.objects.create_user("ana@example.org", ANSWER["password"], name="Ana")
    today = authority_day(timezone.now())
    mine = Membership.objects.filter(user=ana, sponsor=lakeside, role="mentor")
    for first, last in held:
        ends_on = today + last if last is not None else None
        mine.create(user=ana, sponsor=lakeside, role="mentor", starts_on=today + first, ends_on=ends_on)
    sign_in(client, ana)
    assert client.post(invite(lakeside)).status_code == 302
    assert [row.starts_on - today for row in mine.order_by("starts_on")] == begins
    assert mine.active(on=today).filter(ends_on=None).exists()


def test_reading_a_link_uses_nothing_up(client: Client, lakeside: Sponsor) -> None:
    User.objects.create_user("ana@example.org", "her own password", name="Ana Reyes")
    client.get(invite(lakeside))
    assert not Membership.objects.exists()
    assert Invitation.objects.get().accepted_at is None


def test_the_operator_invites_the_first_coordinator(client: Client) -> None:
    out = StringIO()
    call_command("invite", "nora@example.org", sponsor="Lakeside Health", role="coordinator", stdout=out)
    client.post(urlparse(out.getvalue().strip()).path, ANSWER | {"name": "Nora Bell"})
    nora = Membership.objects.get(user__email="nora@example.org")
    assert (nora.role, nora.sponsor.name) == ("coordinator", "Lakeside Health")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["nobody"], "not an e-mail address"), (["a@example.org", "--role", "mentor"], "together")],
)
def test_a_mistyped_invitation_is_refused_and_leaves_nothing(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("invite", *arguments)
    assert not Invitation.objects.exists()
    assert not Sponsor.objects.exists()


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Guam", "America/New_York"])
def test_a_role_is_in_force_at_once_wherever_the_newcomer_is(lakeside: Sponsor, zone: str) -> None:
    night = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)  # 23:30 on Nov 20 in Chicago
    _, token = Invitation.objects.issue("nora@example.org", now=night, sponsor=lakeside, role="coordinator")
    nora = Invitation.objects.accept(
        token, password="correct horse battery", name="Nora Bell", now=night, time_zone=zone
    )
    assert nora.time_zone == zone
    assert nora.memberships.active(on=authority_day(night)).exists()
