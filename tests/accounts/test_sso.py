"""Signing in at another organisation: a real OpenID Connect provider, a real server of ours, over HTTP.

The server has tables that a site without single sign-on has not, so it gets a copy of the test database, and
makes its people by itself.
"""

import html
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings
from django.db import connection
from oidc_provider_mock import User as Claims
from oidc_provider_mock import run_server_in_thread

from tests.servers import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ROOT = settings.BASE_DIR
GIVEN = {
    "DJANGO_SETTINGS_MODULE": "apprenticeship.settings",
    "SSO_NAME": "the hospital",
    "SSO_DOMAINS": "lakeside.example",
    "SSO_CLIENT_ID": "journeybook",
    "SSO_CLIENT_SECRET": "secret",
}
REFUSED = "This sign-in opens no account here. Sign in with your password"
FAILED = "The sign-in did not come back whole"
SERVE = """
import sys
from datetime import UTC, datetime
import django
from django.apps import apps
from django.core.management import execute_from_command_line
from django.db import connection
django.setup()
from accounts.models import Consent, User
with connection.schema_editor() as editor:
    for model in apps.get_app_config("socialaccount").get_models():
        editor.create_model(model)
now = datetime.now(UTC)
for email, proved in [
    ("ana@lakeside.example", now), ("lena@lakeside.example", now), ("nora@lakeside.example", now),
    ("marcus@lakeside.example", now), ("root@lakeside.example", now), ("olga@harbor.example", now),
    ("ben@lakeside.example", None), ("cara@lakeside.example", now),
]:
    name, staff = email.split("@")[0], email.startswith("root")
    user = User.objects.create_user(email, name=name, address_proved_at=proved, is_staff=staff)
    Consent.objects.give(user, now=now)
execute_from_command_line(["manage.py", "runserver", "--noreload", "--insecure", sys.argv[1]])
"""
BY_MAIL = """
import sys
import django
django.setup()
from accounts.models import User
from accounts.sign_in import NewPasswordByLink
User.objects.filter(email=sys.argv[1]).update(address_proved_at=None)
words = {"password1": "a new long secret", "password2": "a new long secret"}
form = NewPasswordByLink(words, user=User.objects.get(email=sys.argv[1]), temp_key="")
assert form.is_valid(), form.errors
form.save()
assert User.objects.get(email=sys.argv[1]).address_proved_at
"""
CHECK = """
import sys
sys.modules |= dict.fromkeys(sys.argv[1].split(), None)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
"""


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
class Site:
    url: str
    other: str
    database: Path

    def browser(self) -> Browser:
        return Browser(self.url, self.other)

    def says(self, sub: str, email: str, *, verified: object = True) -> None:
        """What the other site tells of one of its people."""
        claims = {"email": email, "email_verified": verified}
        requests.put(f"{self.other}/users/{sub}", json=claims, timeout=20).raise_for_status()

    def do(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            return list(database.execute(sql, values))


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("sso"), free_port()
    with django_db_blocker.unblock(), closing(sqlite3.connect(folder / "site.sqlite3")) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    with run_server_in_thread(user_claims=(Claims(sub="x"),)) as other, (folder / "log").open("w") as log:
        site = Site(
            f"http://localhost:{port}", f"http://localhost:{other.server_port}", folder / "site.sqlite3"
        )
        own = {"DATABASE_URL": f"sqlite:///{site.database}", "SITE_URL": site.url, "SSO_ISSUER": site.other}
        serve = [sys.executable, "-c", SERVE, str(port)]
        server = subprocess.Popen(serve, env=os.environ | GIVEN | own, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait(server, site.url, folder / "log")
            yield site
        finally:
            server.terminate()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(480):
        assert server.poll() is None, log.read_text()
        try:
            requests.get(f"{url}/healthz", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.25)
        else:
            return
    raise TimeoutError(url)


def test_a_known_person_comes_in_and_nobody_else_does(site: Site) -> None:
    site.says("a1", "ANA@lakeside.example")
    ana = site.browser()
    assert REFUSED not in ana.sign_in("a1") and ana.is_in
    assert "Sign-in of another organisation" in ana.open(f"{site.url}/me/sign-ins/")
    assert ana.cookies.get(f"{site.url}/accounts/3rdparty/", timeout=60).status_code == 404
    site.says("a1", "somebody@else.example", verified=False)  # the name of the person counts from now on
    again = site.browser()
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
        site.says(sub, email, verified=verified)
        browser = site.browser()
        assert REFUSED in browser.sign_in(sub), email
        assert not browser.is_in
    assert site.do("SELECT count(*) FROM accounts_user") == [(8,)]
    assert site.do("SELECT extra_data FROM socialaccount_socialaccount WHERE uid = 'a1'") == [("{}",)]


def test_what_comes_back_twice_or_to_another_browser_or_too_late_is_refused(site: Site) -> None:
    site.says("n1", "nora@lakeside.example")
    nora, thief = site.browser(), site.browser()
    back = nora.confirm(nora.start(), sub="n1")
    assert FAILED in thief.open(back) and not thief.is_in
    nora.open(back)
    assert nora.is_in
    assert FAILED in nora.open(back)
    nora.cookies.cookies.clear()
    assert FAILED in nora.open(back) and not nora.is_in
    cancelled = site.browser()
    there = cancelled.start()
    said = cancelled.confirm(there, action="deny")  # without the state, which RFC 6749 asks for
    state = parse_qs(urlsplit(there).query)["state"][0]
    assert "You did not sign in there" in cancelled.open(f"{said}&state={state}")


def test_whoever_runs_the_site_or_was_closed_out_does_not_come_in_by_an_earlier_link(site: Site) -> None:
    site.says("l1", "lena@lakeside.example")
    assert REFUSED not in site.browser().sign_in("l1")
    site.do("UPDATE accounts_user SET is_staff = 1 WHERE email = 'lena@lakeside.example'")
    assert REFUSED in site.browser().sign_in("l1")
    site.do("UPDATE accounts_user SET is_staff = 0, is_active = 0 WHERE email = 'lena@lakeside.example'")
    browser = site.browser()
    browser.sign_in("l1")
    assert not browser.is_in


def test_whoever_linked_an_account_before_its_mailbox_was_proved_anew_does_not_come_in(site: Site) -> None:
    """As when somebody took another address for an account that the other organisation opens."""
    site.says("c1", "cara@lakeside.example")
    assert REFUSED not in site.browser().sign_in("c1")
    own = {"DATABASE_URL": f"sqlite:///{site.database}", "SITE_URL": site.url, "SSO_ISSUER": site.other}
    by_mail = [sys.executable, "-c", BY_MAIL, "cara@lakeside.example"]
    subprocess.run(by_mail, env=os.environ | GIVEN | own, cwd=ROOT, check=True)
    site.says("c1", "taker@lakeside.example")
    assert REFUSED in site.browser().sign_in("c1")


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
    check = [sys.executable, "-c", CHECK, missing]
    found = subprocess.run(
        check, env=os.environ | GIVEN | given, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert bool(found.returncode) == bool(sentence), found.stderr
    assert sentence in found.stderr
