"""A server of ours where people sign in at another organisation.

It has tables that a site without single sign-on has not, so it gets a copy of the test database, and makes
its people by itself.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.db import connection

ROOT = settings.BASE_DIR
GIVEN = {
    "DJANGO_SETTINGS_MODULE": "apprenticeship.settings",
    "SSO_NAME": "the hospital",
    "SSO_DOMAINS": "lakeside.example",
}
REFUSED = "This sign-in opens no account here. Sign in with your password"
FAILED = "The sign-in did not come back whole"
CANCELLED = "You did not sign in there"
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
class Site:
    url: str
    database: Path
    given: dict[str, str]
    log: Path

    def do(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            return list(database.execute(sql, values))

    def prove_by_mail(self, email: str) -> None:
        """Its person sets a password with a link that was mailed there; the mailbox was not proved before."""
        by_mail = [sys.executable, "-c", BY_MAIL, email]
        subprocess.run(by_mail, env=os.environ | self.given, cwd=ROOT, check=True)


@contextmanager
def running(folder: Path, blocker: Any, *, port: int, given: dict[str, str]) -> Iterator[Site]:
    """The site on this port of localhost, set up as `given`."""
    with blocker.unblock(), closing(sqlite3.connect(folder / "site.sqlite3")) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    url, log = f"http://localhost:{port}", folder / "log"
    own = {"DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}", "SITE_URL": url}
    site = Site(url, folder / "site.sqlite3", GIVEN | own | given, log)
    with log.open("w") as written:
        serve = [sys.executable, "-c", SERVE, str(port)]
        server = subprocess.Popen(
            serve, env=os.environ | site.given, cwd=ROOT, stdout=written, stderr=written
        )
        try:
            _wait(server, url, log)
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


def check(given: dict[str, str], *, missing: str = "") -> "subprocess.CompletedProcess[str]":
    """`manage.py check` of a site set up so, without the packages named."""
    command = [sys.executable, "-c", CHECK, missing]
    return subprocess.run(
        command, env=os.environ | GIVEN | given, cwd=ROOT, capture_output=True, text=True, check=False
    )
