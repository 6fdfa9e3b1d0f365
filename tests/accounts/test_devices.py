"""Where somebody is signed in: told on a page of one's own, and ended there."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.devices import device_name
from accounts.models import Consent, Invitation, User
from accounts.tasks import clear_outlived

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"


@pytest.fixture
def ana() -> User:
    ana = User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")
    Consent.objects.give(ana, now=NOON)
    return ana


def sign_in(agent: str, *, email: str = "ana@example.org") -> Client:
    browser = Client(headers={"user-agent": agent})
    browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert browser.get("/me/sign-ins/").status_code == 200
    return browser


def test_ana_sees_where_she_is_signed_in_this_browser_first(ana: User) -> None:
    with time_machine.travel(NOON, tick=False):
        sign_in(PHONE)
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        page = sign_in(DESK).get("/me/sign-ins/").text
    assert page.index("Firefox on Windows") < page.index("this one") < page.index("Chrome on Android")
    assert "last used <time" in page and "Nov 20, 2026" in page


def test_a_lost_phone_is_signed_out_from_the_desk(ana: User) -> None:
    phone, desk = sign_in(PHONE), sign_in(DESK)
    lost = UserSession.objects.get(user_agent=PHONE)
    assert desk.post(f"/me/sessions/{lost.pk}/end/").status_code == 302
    assert "Chrome on Android is signed out." in desk.get("/me/sign-ins/").text
    assert phone.get("/me/sign-ins/").status_code == 302
    left = desk.get("/me/sign-ins/").context["devices"]
    assert [device.name for device in left] == ["Firefox on Windows"]


def test_everything_but_this_browser_is_signed_out(ana: User) -> None:
    others = [sign_in(PHONE), sign_in(PHONE)]
    desk = sign_in(DESK)
    desk.post("/me/sessions/others/end/")
    assert [browser.get("/me/sign-ins/").status_code for browser in others] == [302, 302]
    assert desk.get("/me/sign-ins/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else_nor_this_one_by_mistake(ana: User) -> None:
    User.objects.create_user("ben@example.org", PASSWORD, name="Ben Ortiz")
    phone = sign_in(PHONE)
    ben = sign_in(DESK, email="ben@example.org")
    (anas,) = UserSession.objects.filter(user=ana)
    assert "Chrome on Android" not in ben.get("/me/sign-ins/").text
    assert ben.post(f"/me/sessions/{anas.pk}/end/").status_code == 404
    ben.post("/me/sessions/others/end/")
    assert phone.get("/me/sign-ins/").status_code == 200
    assert phone.post(f"/me/sessions/{anas.pk}/end/").status_code == 404


def test_the_last_use_is_noted_every_five_minutes_at_most(ana: User) -> None:
    with time_machine.travel(NOON, tick=False):
        phone = sign_in(PHONE)
    for minutes, noted in ((4, 0), (6, 6), (8, 6), (12, 12)):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            phone.get("/standards/")
        assert UserSession.objects.get().last_seen_at == NOON + timedelta(minutes=noted)


def test_who_came_by_invitation_finds_the_browser_too(client: Client) -> None:
    _, token = Invitation.objects.issue("eli@example.org", now=datetime.now(UTC))
    words = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": PASSWORD}
    client.post(f"/invitations/{token}/", words, headers={"user-agent": PHONE})
    assert "Chrome on Android" in client.get("/me/sign-ins/").text


def test_sessions_that_are_over_leave_nothing_behind(ana: User) -> None:
    phone = sign_in(PHONE)
    sign_in(DESK)
    phone.post("/accounts/logout/")
    clear_outlived()
    assert [one.user_agent for one in UserSession.objects.all()] == [DESK]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Mac",
        ),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert device_name(agent) == name
