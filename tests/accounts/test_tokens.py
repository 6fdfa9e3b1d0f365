"""Keys for programs: made after a fresh password, shown once, kept only as a fingerprint."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
WISH = {"name": "Payroll", "scopes": ["read", "write"], "days": "30"}


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")


@pytest.fixture
def phone(ana: User) -> Client:
    """Ana's phone, signed in a while ago."""
    phone = Client()
    phone.force_login(ana, backend="accounts.sign_in.OwnAddress")
    return phone


def confirm(phone: Client, *, password: str = PASSWORD) -> None:
    phone.post("/accounts/reauthenticate/?next=/me/tokens/new/", {"password": password})


def made(phone: Client, **wish: object) -> str:
    """The secret on the page after the form was sent."""
    page = phone.post("/me/tokens/new/", WISH | wish)
    return str(page.context["secret"])


def test_a_token_is_made_after_a_fresh_password_and_shown_once(phone: Client, ana: User) -> None:
    confirm(phone)
    secret = made(phone)
    token = ApiToken.objects.get(user=ana)
    assert secret.startswith("jb_")
    assert (token.name, token.scopes) == ("Payroll", "read write")
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in phone.get("/me/tokens/").text
    assert secret not in str(ApiToken.objects.values().get())


def test_without_a_fresh_password_nothing_is_made(phone: Client) -> None:
    for answer in (phone.get("/me/tokens/new/"), phone.post("/me/tokens/new/", WISH)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    confirm(phone, password="a guess of somebody")
    assert phone.get("/me/tokens/new/").status_code == 302
    assert not ApiToken.objects.exists()


def test_a_fresh_password_holds_for_five_minutes(phone: Client, time_machine: object) -> None:
    confirm(phone)
    assert phone.get("/me/tokens/new/").status_code == 200
    time_machine.move_to(timezone.now() + timedelta(minutes=6))  # type: ignore[attr-defined]
    assert phone.get("/me/tokens/new/").status_code == 302


@pytest.mark.parametrize("mistake", [{"name": ""}, {"scopes": []}, {"scopes": ["rule"]}, {"days": "9999"}])
def test_a_mistake_in_the_form_makes_no_token(phone: Client, mistake: dict[str, object]) -> None:
    confirm(phone)
    page = phone.post("/me/tokens/new/", WISH | mistake)
    assert "errorlist" in page.text
    assert not ApiToken.objects.exists()


def test_a_token_acts_as_its_owner_until_it_expires_or_is_revoked(ana: User) -> None:
    now = timezone.now()
    token, secret = ApiToken.objects.issue(ana, name="x", scopes=["read"], days=30, now=now)
    assert ApiToken.objects.authenticate(secret, now=now) == token
    assert ApiToken.objects.authenticate(secret, now=now + timedelta(days=30)) is None
    assert ApiToken.objects.authenticate(secret + "x", now=now) is None
    assert ApiToken.objects.authenticate("", now=now) is None
    token.revoke(now=now)
    assert ApiToken.objects.authenticate(secret, now=now) is None


def test_the_token_of_somebody_who_left_opens_nothing(ana: User) -> None:
    now = timezone.now()
    _, secret = ApiToken.objects.issue(ana, name="x", scopes=["read"], days=30, now=now)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert ApiToken.objects.authenticate(secret, now=now) is None


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [(["read"], {"read"}), (["write"], {"read", "write"}), (["sign"], {"read", "sign"})],
)
def test_a_token_does_what_its_scopes_say_and_no_more(
    ana: User, scopes: list[str], allowed: set[str]
) -> None:
    token, _ = ApiToken.objects.issue(ana, name="x", scopes=scopes, days=1, now=timezone.now())
    assert {scope for scope in ("read", "write", "sign") if token.allows(scope)} == allowed


def test_ana_revokes_her_token_and_it_stays_in_her_list(phone: Client, ana: User) -> None:
    token, secret = ApiToken.objects.issue(
        ana, name="Old script", scopes=["read"], days=30, now=timezone.now()
    )
    phone.post(f"/me/tokens/{token.uid}/revoke/")
    assert ApiToken.objects.authenticate(secret, now=timezone.now()) is None
    page = phone.get("/me/tokens/").text
    assert "Old script" in page
    assert "Revoked" in page


def test_nobody_revokes_or_sees_the_token_of_another(phone: Client) -> None:
    ben = User.objects.create_user("ben@example.org", PASSWORD, name="Ben Ortiz")
    token, _ = ApiToken.objects.issue(ben, name="Bens script", scopes=["read"], days=30, now=timezone.now())
    assert phone.post(f"/me/tokens/{token.uid}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert "Bens script" not in phone.get("/me/tokens/").text


def test_the_command_prints_the_token_and_nothing_else(ana: User) -> None:
    out = StringIO()
    call_command("create_token", "ANA@example.org", scope="write", stdout=out)
    token = ApiToken.objects.authenticate(out.getvalue().removesuffix("\n"), now=timezone.now())
    assert token is not None
    assert (token.user, token.scopes) == (ana, "write")


def test_the_command_names_an_address_it_does_not_know(ana: User) -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("create_token", "nobody@example.org", stdout=StringIO())
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("create_token", "ana@example.org", "--scope", "sign", stdout=StringIO())
    assert not ApiToken.objects.exists()


def test_a_new_password_ends_the_tokens_made_before_it(db: None) -> None:
    lena = User.objects.create_user("lena@example.org", "correct horse battery", name="Lena Fox")
    now = timezone.now()
    _, secret = ApiToken.objects.issue(lena, name="script", scopes=["sign"], days=30, now=now)
    assert ApiToken.objects.authenticate(secret, now=now)
    lena.set_password("another battery staple")
    lena.save()
    assert ApiToken.objects.authenticate(secret, now=now) is None


def test_the_list_of_tokens_is_a_file_without_any_secret(ana: User) -> None:
    ben = User.objects.create_user("ben@example.org", PASSWORD, name="Ben Ortiz")
    now = timezone.now()
    _, secret = ApiToken.objects.issue(ana, name="=cmd", scopes=["read"], days=9, now=now)
    ApiToken.objects.issue(ben, name="his", scopes=["read"], days=9, now=now)
    client = Client()
    client.force_login(ana)
    answer = client.get("/me/tokens/?format=csv")
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    assert "'=cmd" in text and "his" not in text and secret not in text


def test_tokens_are_found_by_name_and_state_those_in_force_first(ana: User, phone: Client) -> None:
    now = timezone.now()
    for name, days in (("Payroll", 9), ("Old script", -1), ("Lost", 30)):
        ApiToken.objects.issue(ana, name=name, scopes=["read"], days=days, now=now)
    ApiToken.objects.get(name="Lost").revoke(now=now)

    def found(words: str) -> list[str]:
        return [row.name for row in phone.get(f"/me/tokens/?{words}").context["listing"].rows]

    assert found("sort=") == ["Payroll", "Lost", "Old script"]
    assert found("sort=name") == ["Lost", "Old script", "Payroll"]
    assert found("state=live") == found("q=PAY") == ["Payroll"]
    assert found("state=expired") == ["Old script"] and found("state=revoked") == ["Lost"]
    assert phone.get("/me/tokens/?sort=").text.count(">Revoke<") == 1
