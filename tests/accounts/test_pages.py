"""What holds for every page about oneself: headers, caches, no inline anything, the profile, the way on."""

import zoneinfo
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib.auth.decorators import login_not_required
from django.test import Client
from django.urls import clear_url_caches, path
from django.utils import timezone

from accounts.models import Invitation, Sponsor, User
from accounts.models.people import time_zones
from accounts.refusals import Conflict
from apprenticeship import urls

pytestmark = pytest.mark.django_db

OPEN = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-abc-def/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/unknown/",
    "/signup/",
    "/invitations/unknown/",
    "/nowhere/",
]
OWN = [
    "/me/",
    "/me/consent/",
    "/me/consent/withdraw/",
    "/me/sign-ins/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/me/tokens/",
    "/me/tokens/new/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]
PASSWORD = "correct horse battery"


class Inline(HTMLParser):
    """Collects what the Content-Security-Policy would refuse, and the headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.headings = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.refused.append(tag)
        self.refused += [name for name in names if name == "style" or name.startswith("on")]
        self.refused += [value for value in names.values() if (value or "").startswith("javascript:")]
        self.headings += tag == "h1"


@pytest.fixture
def ana() -> User:
    return User.objects.create_user(
        "ana@example.org", PASSWORD, name="Ana Reyes", time_zone="Pacific/Honolulu"
    )


@pytest.fixture
def phone(ana: User) -> Client:
    phone = Client()
    phone.force_login(ana, backend="accounts.sign_in.OwnAddress")
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return phone


def check(answer: object) -> None:
    headers, text = answer.headers, answer.text  # type: ignore[attr-defined]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    page = Inline(text)
    assert page.refused == []
    assert page.headings == 1


@pytest.mark.parametrize("address", OPEN)
def test_a_page_for_everybody_is_safe_and_has_nothing_inline(client: Client, address: str) -> None:
    check(client.get(address, follow=True))


@pytest.mark.parametrize("address", OWN)
def test_a_page_of_ones_own_is_safe_and_stays_out_of_every_cache(phone: Client, address: str) -> None:
    answer = phone.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    check(answer)


@pytest.mark.parametrize("address", OWN)
def test_a_visitor_is_led_to_the_door(client: Client, address: str) -> None:
    if address == "/accounts/logout/":
        assert client.get(address).headers["Location"] == "/"
        return
    assert client.get(address).headers["Location"].startswith("/accounts/login/")


def test_an_invitation_is_safe_and_uncached(client: Client) -> None:
    _, token = Invitation.objects.issue("ben@example.org", now=timezone.now())
    answer = client.get(f"/invitations/{token}/")
    assert "no-store" in answer.headers["Cache-Control"]
    check(answer)


def refuse(request: object) -> None:
    raise Conflict("Marcus approved it a moment ago. Reload to see it.", code="moved")


def break_down(request: object) -> None:
    raise RuntimeError("Quillfeather")


more = [path("refused/", refuse), path("broken/", login_not_required(break_down))]


@pytest.fixture
def _two_more_pages() -> Iterator[None]:
    """The resolver keeps what it read: it forgets before, and after, so that no other test meets them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(urls, "urlpatterns", [*more, *urls.urlpatterns])
        clear_url_caches()
        yield
    clear_url_caches()


@pytest.mark.usefixtures("_two_more_pages")
def test_a_refusal_says_its_sentence_and_a_way_back(phone: Client) -> None:
    answer = phone.get("/refused/", headers={"referer": "http://testserver/me/"})
    assert answer.status_code == 409
    assert "Marcus approved it a moment ago." in answer.text
    assert 'href="/me/"' in answer.text
    check(answer)


@pytest.mark.usefixtures("_two_more_pages")
def test_the_way_back_from_a_refusal_leads_to_no_foreign_site(phone: Client) -> None:
    answer = phone.get("/refused/", headers={"referer": "https://evil.example/"})
    assert "evil.example" not in answer.text


@pytest.mark.usefixtures("_two_more_pages")
def test_a_breakdown_is_said_plainly_and_tells_nothing(ana: User) -> None:
    phone = Client(raise_request_exception=False)
    answer = phone.get("/broken/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "Quillfeather" not in answer.text


def test_what_is_not_there_offers_a_visitor_to_sign_in_and_nobody_else(client: Client, phone: Client) -> None:
    sign_in = 'class="btn btn-plain" href="/accounts/login/"'
    assert sign_in in client.get("/nowhere/").text
    page = phone.get("/nowhere/").text
    assert "There is nothing at this address" in page and sign_in not in page


def test_a_form_without_its_proof_is_refused_with_the_remedy(ana: User) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ana@example.org"})
    assert answer.status_code == 403
    assert "Please send that again" in answer.text
    check(answer)


def test_ana_changes_her_zone_and_nobody_the_name_that_papers_print(phone: Client, ana: User) -> None:
    phone.post("/me/", {"name": "Priya Nair", "initials": "PN", "time_zone": "America/Chicago"})
    ana.refresh_from_db()
    assert (ana.name, ana.initials, ana.time_zone) == ("Ana Reyes", "AR", "America/Chicago")


def test_the_zones_of_the_world_are_looked_up_once(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of files are read for it, which takes longer than the rest of the page."""
    every_zone, looked_up = zoneinfo.available_timezones(), []

    def look_up() -> set[str]:
        looked_up.append("again")
        return every_zone

    monkeypatch.setattr(zoneinfo, "available_timezones", look_up)
    time_zones.cache_clear()
    for _ in range(2):
        phone.post("/me/", {"time_zone": "America/Springfield"})
        assert "Pacific/Pago_Pago" in phone.get("/me/").text
    assert looked_up == ["again"]


def test_a_profile_does_not_change_what_it_does_not_show(phone: Client, ana: User) -> None:
    wish = {
        "name": "Ana",
        "initials": "A",
        "time_zone": "America/Chicago",
        "is_staff": "1",
        "email": "x@example.org",
    }
    phone.post("/me/", wish)
    ana.refresh_from_db()
    assert (ana.is_staff, ana.email) == (False, "ana@example.org")


def test_moments_are_shown_in_the_readers_own_zone(phone: Client, ana: User) -> None:
    Sponsor.objects.create(name="Lakeside Health")
    _, token = Invitation.objects.issue("ana@example.org", now=timezone.now())
    assert " HST</time>" in phone.get(f"/invitations/{token}/").text
