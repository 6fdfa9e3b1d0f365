"""Signing in at another organisation: a real OpenID Connect provider, a real server of ours, over HTTP."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from oidc_provider_mock import User as Claims
from oidc_provider_mock import run_server_in_thread

from tests.servers import free_port
from tests.sso import CANCELLED, FAILED, REFUSED, Site, check, running

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

GIVEN = {"SSO_CLIENT_ID": "journeybook", "SSO_CLIENT_SECRET": "secret"}


@dataclass
class Browser:
    """Somebody's, at our site and at the other one."""

    url: str
    other: str

    def __post_init__(self) -> None:
        self.cookies = requests.Session()

    def start(self) -> str:
        """From our page to the other site's; the address there."""
        page = self.cookies.get(f"{self.url}/accounts/login/", timeout=60).text
        form = re.search(r'action="(/accounts/oidc/[^"]+/login/)">(.*?)</form>', page, re.S)
        assert form and "Sign in at the hospital" in form[2]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form[2])
        assert token
        there = self.cookies.post(
            self.url + form[1], {"csrfmiddlewaretoken": token[1]}, headers={"Referer": self.url}, timeout=60
        )
        assert there.url.startswith(self.other)
        return there.url

    def confirm(self, there: str, **how: str) -> str:
        """What the other site sends the browser back with, when somebody signs in there or refuses."""
        answer = self.cookies.post(there, how, allow_redirects=False, timeout=60)
        return answer.headers["Location"]

    def open(self, address: str) -> str:
        return html.unescape(self.cookies.get(address, timeout=60).text)

    def sign_in(self, sub: str) -> str:
        return self.open(self.confirm(self.start(), sub=sub))

    @property
    def is_in(self) -> bool:
        return self.cookies.get(f"{self.url}/me/", timeout=60).url == f"{self.url}/me/"


@dataclass
class Hospital:
    """Our site and the other one."""

    site: Site
    other: str

    def browser(self) -> Browser:
        return Browser(self.site.url, self.other)

    def says(self, sub: str, email: str, *, verified: object = True) -> None:
        """What the other site tells of one of its people."""
        claims = {"email": email, "email_verified": verified}
        requests.put(f"{self.other}/users/{sub}", json=claims, timeout=20).raise_for_status()


@pytest.fixture(scope="module")
def hospital(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hospital]:
    with run_server_in_thread(user_claims=(Claims(sub="x"),)) as other:
        issuer = f"http://localhost:{other.server_port}"
        folder, given = tmp_path_factory.mktemp("sso"), GIVEN | {"SSO_ISSUER": issuer}
        with running(folder, django_db_blocker, port=free_port(), given=given) as site:
            yield Hospital(site, issuer)


def test_a_known_person_comes_in_and_nobody_else_does(hospital: Hospital) -> None:
    hospital.says("a1", "ANA@lakeside.example")
    ana = hospital.browser()
    assert REFUSED not in ana.sign_in("a1") and ana.is_in
    assert "Sign-in of another organisation" in ana.open(f"{hospital.site.url}/me/sign-ins/")
    assert ana.cookies.get(f"{hospital.site.url}/accounts/3rdparty/", timeout=60).status_code == 404
    hospital.says("a1", "somebody@else.example", verified=False)  # the name of the person counts from now on
    again = hospital.browser()
    assert REFUSED not in again.sign_in("a1") and again.is_in
    strangers: list[tuple[str, str, object]] = [
        ("a2", "ana@lakeside.example", True),  # another name with the address of somebody who is linked
        ("m1", "marcus@lakeside.example", False),
        ("m2", "marcus@lakeside.example", "true"),
        ("b1", "ben@lakeside.example", True),  # the mailbox was not proved here
        ("r1", "root@lakeside.example", True),
        ("o1", "olga@harbor.example", True),
        ("s1", "stranger@lakeside.example", True),
    ]
    for sub, email, verified in strangers:
        hospital.says(sub, email, verified=verified)
        browser = hospital.browser()
        assert REFUSED in browser.sign_in(sub), email
        assert not browser.is_in
    assert hospital.site.do("SELECT count(*) FROM accounts_user") == [(8,)]
    assert hospital.site.do("SELECT extra_data FROM socialaccount_socialaccount WHERE uid = 'a1'") == [
        ("{}",)
    ]


def test_what_comes_back_twice_or_to_another_browser_or_too_late_is_refused(hospital: Hospital) -> None:
    hospital.says("n1", "nora@lakeside.example")
    nora, thief = hospital.browser(), hospital.browser()
    back = nora.confirm(nora.start(), sub="n1")
    assert FAILED in thief.open(back) and not thief.is_in
    nora.open(back)
    assert nora.is_in
    assert FAILED in nora.open(back)
    nora.cookies.cookies.clear()
    assert FAILED in nora.open(back) and not nora.is_in
    cancelled = hospital.browser()
    there = cancelled.start()
    said = cancelled.confirm(there, action="deny")  # without the state, which RFC 6749 asks for
    state = parse_qs(urlsplit(there).query)["state"][0]
    assert CANCELLED in cancelled.open(f"{said}&state={state}")


def test_whoever_runs_the_site_or_was_closed_out_does_not_come_in_by_an_earlier_link(
    hospital: Hospital,
) -> None:
    hospital.says("l1", "lena@lakeside.example")
    assert REFUSED not in hospital.browser().sign_in("l1")
    hospital.site.do("UPDATE accounts_user SET is_staff = 1 WHERE email = 'lena@lakeside.example'")
    assert REFUSED in hospital.browser().sign_in("l1")
    hospital.site.do(
        "UPDATE accounts_user SET is_staff = 0, is_active = 0 WHERE email = 'lena@lakeside.example'"
    )
    browser = hospital.browser()
    browser.sign_in("l1")
    assert not browser.is_in


def test_whoever_linked_an_account_before_its_mailbox_was_proved_anew_does_not_come_in(
    hospital: Hospital,
) -> None:
    """As when somebody took another address for an account that the other organisation opens."""
    hospital.says("c1", "cara@lakeside.example")
    assert REFUSED not in hospital.browser().sign_in("c1")
    hospital.site.prove_by_mail("cara@lakeside.example")
    hospital.says("c1", "taker@lakeside.example")
    assert REFUSED in hospital.browser().sign_in("c1")


@pytest.mark.parametrize(
    ("given", "missing", "sentence"),
    [
        ({"SSO_ISSUER": "http://login.example.org"}, "", "must begin with https://"),
        ({"SSO_ISSUER": "https://login.example.org", "SSO_DOMAINS": ""}, "", "must name the domains"),
        ({"SSO_ISSUER": "https://login.example.org"}, "requests", "needs the extra “sso”"),
        ({}, "requests jwt oauthlib", ""),
    ],
)
def test_a_site_starts_with_the_whole_of_it_or_without_it(
    given: dict[str, str], missing: str, sentence: str
) -> None:
    found = check(GIVEN | given, missing=missing)
    assert bool(found.returncode) == bool(sentence), found.stderr
    assert sentence in found.stderr
