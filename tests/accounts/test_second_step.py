"""The second step of signing in: an app's codes, recovery codes, and how both are kept."""

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Consent, SignIn, User
from accounts.tasks import clear_outlived
from ledger import chain
from tests.accounts.test_sign_in import HOUSES, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    ana = User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")
    Consent.objects.give(ana, now=timezone.now())
    return ana


@pytest.fixture
def phone() -> Client:
    return Client(REMOTE_ADDR=next(HOUSES), headers={"User-Agent": "Mozilla/5.0 (Android) Chrome/140"})


@pytest.fixture(params=["the site's", "the database"])
def _limits(request: pytest.FixtureRequest, settings: Any) -> None:
    """Where tries are counted: in Redis where there is one, or in a table."""
    if request.param == "the database":
        table = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
        settings.CACHES = {"default": table}
        call_command("createcachetable", verbosity=0)


def app_of(user: User) -> str:
    """Gives somebody an app and recovery codes; the secret of the app."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code(secret: str, *, steps: int = 0) -> str:
    """What an app shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def recovery_codes(user: User) -> list[str]:
    found: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()
    return found


def password(phone: Client) -> object:
    return phone.post("/accounts/login/", {"login": "ana@example.org", "password": PASSWORD})


def second(phone: Client, typed: str) -> str:
    """The page after a code was sent; empty when it let Ana in."""
    answer = phone.post("/accounts/2fa/authenticate/", {"code": typed})
    return "" if is_in(phone) else answer.text


def is_in(phone: Client) -> bool:
    return "_auth_user_id" in phone.session


def confirm(phone: Client) -> None:
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.mark.django_db(transaction=True)
def test_ana_sets_up_an_app_and_is_asked_for_its_code_from_then_on(phone: Client, ana: User) -> None:
    password(phone)
    confirm(phone)
    page = phone.get("/accounts/2fa/totp/activate/")
    assert 'src="data:image/svg+xml;base64,' in page.text
    secret = re.search(r"data-secret>(\w+)<", page.text)
    assert secret
    done = phone.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])}, follow=True)
    assert done.redirect_chain[-1][0] == "/accounts/2fa/recovery-codes/"
    assert all(f"{one[:4]} {one[4:]}" in done.text for one in recovery_codes(ana))
    assert [letter.subject for letter in mail.outbox] == ["Journeybook: An app was set up"]
    other = Client()
    password(other)
    assert not is_in(other)
    assert "used already" in second(other, code(secret[1]))
    assert second(other, code(secret[1], steps=1)) == ""


def test_a_code_of_the_app_lets_in_once(phone: Client, ana: User) -> None:
    secret = app_of(ana)
    shown = code(secret)
    password(phone)
    assert second(phone, shown) == ""
    watcher = Client()
    password(watcher)
    assert "used already" in second(watcher, shown)
    assert "used already" in second(watcher, code(secret, steps=-1))


def test_a_clock_may_be_half_a_minute_off_and_no_more(phone: Client, ana: User) -> None:
    secret = app_of(ana)
    password(phone)
    assert second(phone, code(secret, steps=2)) and second(phone, code(secret, steps=-2))
    assert second(phone, code(secret, steps=-1)) == ""


def test_a_recovery_code_lets_in_once(phone: Client, ana: User) -> None:
    app_of(ana)
    one, another, *_ = recovery_codes(ana)
    password(phone)
    assert second(phone, f"{one[:4]} {one[4:]}") == ""
    again = Client()
    password(again)
    assert "used already" in second(again, one)
    assert second(again, another) == ""


@pytest.mark.usefixtures("_limits")
def test_after_five_wrong_codes_the_right_one_waits_five_minutes_and_works_then(
    phone: Client, ana: User, time_machine: Any
) -> None:
    secret = app_of(ana)
    password(phone)
    for _ in range(5):
        assert "not right" in second(phone, "000000")
    assert "Too many" in second(phone, code(secret))
    elsewhere = Client(REMOTE_ADDR=next(HOUSES))
    password(elsewhere)
    assert "Too many" in second(elsewhere, code(secret))
    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))
    password(phone)
    assert second(phone, code(secret)) == ""


@pytest.mark.usefixtures("_limits")
def test_after_five_wrong_passwords_the_right_one_waits_five_minutes_and_works_then(
    phone: Client, ana: User, time_machine: Any
) -> None:
    for _ in range(5):
        phone.post("/accounts/login/", {"login": "ana@example.org", "password": "a guess"})
    password(phone)
    assert not is_in(phone)
    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))
    password(phone)
    assert is_in(phone)


def test_nothing_that_codes_are_made_from_is_readable_in_the_database(ana: User, settings: Any) -> None:
    secret = app_of(ana)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(one in kept for one in recovery_codes(ana))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8
    assert len(recovery_codes(ana)) == 10


def test_a_site_whose_secret_was_lost_takes_no_code_and_says_why(
    phone: Client, ana: User, settings: Any
) -> None:
    app_of(ana)
    settings.SECRET_KEY = "another-" * 8
    password(phone)
    answer = phone.post("/accounts/2fa/authenticate/", {"code": "123456"})
    assert answer.status_code == 409 and "was changed" in answer.text
    assert not is_in(phone)


def test_the_session_gets_another_name_at_the_sign_in(phone: Client, ana: User) -> None:
    phone.get("/accounts/login/")
    session = phone.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    password(phone)
    assert is_in(phone) and phone.session.session_key != before


def test_ana_reads_when_and_how_she_came_in_and_who_failed(phone: Client, ana: User) -> None:
    secret = app_of(ana)
    phone.defaults["REMOTE_ADDR"] = "203.0.113.77"
    password(phone)
    second(phone, "000000")
    second(phone, code(secret))
    ben = User.objects.create_user("ben@example.org", PASSWORD, name="Ben Ortiz")
    SignIn.objects.create(user=ben, at=timezone.now(), how="passkey", device="Opera")
    page = phone.get("/me/sign-ins/").text
    assert "Right password, wrong second step" in page and "Password and a code from an app" in page
    assert "203.0.113.0/24" in page and "Chrome on Android" in page
    assert "Opera" not in page
    assert "203.0.113.77" not in str(list(SignIn.objects.values_list()))


def test_sign_ins_are_told_for_ninety_days(ana: User) -> None:
    now = timezone.now()
    for days in (89, 91):
        SignIn.objects.create(user=ana, at=now - timedelta(days=days), how="password", device="x")
    clear_outlived()
    assert [(now - one.at).days for one in SignIn.objects.all()] == [89]


def test_ana_takes_her_app_off_after_confirming_and_is_told_by_mail(phone: Client, ana: User) -> None:
    secret = app_of(ana)
    password(phone)
    second(phone, code(secret))
    assert phone.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert Authenticator.objects.filter(user=ana).exists()
    confirm(phone)
    phone.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=ana).exists()
    assert [letter.subject for letter in mail.outbox] == ["Journeybook: The app was taken off"]


@pytest.mark.django_db(transaction=True)
def test_the_operator_takes_off_what_ana_lost_which_ends_sessions_and_tokens_and_tells_her(
    phone: Client, ana: User
) -> None:
    secret, now = app_of(ana), timezone.now()
    _, token = ApiToken.objects.issue(ana, name="x", scopes=["read"], days=9, now=now)
    password(phone)
    second(phone, code(secret))
    call_command("reset_second_step", "ANA@example.org", stdout=StringIO())
    assert not Authenticator.objects.exists()
    assert phone.get("/me/").status_code == 302
    assert ApiToken.objects.authenticate(token, now=timezone.now()) is None
    assert [letter.subject for letter in mail.outbox] == ["Journeybook: Your second step was taken off"]
    assert [entry.act for entry in chain.entries_of(ana.uid)][-1] == "second_step.reset"
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("reset_second_step", "nobody@example.org")
