"""Pages read from a streaming replica: everybody reads their own words, and nothing is kept from anybody."""

import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings

from drill.people import Caller
from machine.programs import Programs
from run import commands
from tests import servers
from tests.cast import TODAY

pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

SITE = """
import django, json
from django.conf import settings
class AtOnce(dict):
    def __contains__(self, name): return True
    def __getitem__(self, name): return None
settings.MIGRATION_MODULES = AtOnce()
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from drill.people import token
from tests.cast import NOW, build_cast
from django.db import transaction
with transaction.atomic():
    cast = build_cast()
cast.submitted(cast.ana, cast.ojt(minutes=60))
people = {"ana": cast.ana_user, "marcus": cast.marcus, "nora": cast.nora}
known = {name: token(person) for name, person in people.items()} | {"uid": str(cast.ana.uid)}
from django.test import Client
for name, person in people.items():
    browser = Client()
    browser.force_login(person)
    known[f"session of {name}"] = browser.cookies["sessionid"].value
print(json.dumps(known))
"""
"""A site in an empty database, and who may ask it for what."""


@dataclass
class Site:
    """Two servers, and what is known of the people."""

    programs: Programs
    folder: Path
    primary: servers.Own
    replica: servers.Own
    known: dict[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        own = {"DATABASE_URL": self.primary.url, "VAR_DIR": str(self.folder / "var")}
        prefix = {"REDIS_PREFIX": f"{settings.REDIS_PREFIX}-{uuid.uuid4().hex[:6]}"}
        return {**os.environ, **own, **prefix, "DJANGO_SETTINGS_MODULE": "apprenticeship.settings", **more}

    def sql(self, server: servers.Own, statement: str) -> Any:
        line = psycopg2.connect(server.url)
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchone() if cursor.description else None
        line.close()
        return found

    def web(self, *, late: float) -> Callable[[str], Caller]:
        """A web server that reads from the replica, of one process, which has been asked before; people who
        ask it, by name."""
        port = servers.free_port()
        told = {"REPLICA_URL": self.replica.url, "REPLICA_LATE_SECONDS": str(late)}
        command = commands(port)["web server"]
        command[command.index("--workers") + 1] = "1"
        with (self.folder / "web").open("a") as log:
            self.programs.start(f"web {port}", command, env=self.environment(**told), stdout=log, stderr=log)
        until(lambda: servers.listens(port))
        seen(Caller(port, self.known["marcus"]))
        return lambda name: Caller(port, self.known[name])

    def follow(self, *, on: bool) -> None:
        """Whether the replica takes in what the primary sends it."""
        self.sql(self.replica, f"SELECT pg_wal_replay_{'resume' if on else 'pause'}()")
        wanted = "not paused" if on else "paused"
        until(lambda: self.sql(self.replica, "SELECT pg_get_wal_replay_pause_state()")[0] == wanted)

    def log(self, ana: Caller) -> str:
        """Hours that Ana logs and hands in."""
        body = {
            "id": str(uuid.uuid4()),
            "apprentice": self.known["uid"],
            "kind": "ojt",
            "date": TODAY.isoformat(),
            "minutes": 5,
            "job_function": 2,
            "competency": "2g",
            "note": f"Charts {uuid.uuid4()}",
        }
        made = ana.post("hours/", body, key=body["id"])
        assert made.status == 201, made.body
        assert ana.post(f"hours/{made.json()['id']}/submit/", key=f"{body['id']}-s").well
        return str(made.json()["id"])

    def page(self, person: Caller, name: str) -> str:
        """The page of Ana's hours in somebody's browser."""
        line = http.client.HTTPConnection("127.0.0.1", person.port, timeout=30)
        cookie = {"Cookie": f"sessionid={self.known[f'session of {name}']}"}
        line.request("GET", f"/apprentices/{self.known['uid']}/hours/", headers=cookie)
        answer = line.getresponse()
        assert answer.status == 200
        return answer.read().decode()


def until(ready: Callable[[], Any], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.1)


def seen(person: Caller) -> set[str]:
    answer = person.get("hours/")
    assert answer.status == 200, answer.body
    return {one["id"] for one in answer.json()["results"]}


@pytest.fixture(scope="module")
def servers_of_a_site() -> Iterator[Site]:
    folder = servers.temporary_folder()
    with Programs() as programs:
        primary = servers.own_postgres(programs, folder / "primary", options=("-F",))
        servers.sql(primary.url, "CREATE DATABASE journeybook")
        replica = servers.own_replica(programs, folder / "replica", of=primary)
        made = Site(programs, folder, primary, replica)
        made_of = made.environment(REPLICA_URL=replica.url)
        told = subprocess.run(
            [sys.executable, "-c", SITE], env=made_of, check=True, stdout=subprocess.PIPE, text=True
        )
        made.known = json.loads(told.stdout.splitlines()[-1])
        yield made


@pytest.fixture
def site(servers_of_a_site: Site) -> Iterator[Site]:
    """The replica has all that was written until now."""
    found = servers_of_a_site
    yield found
    if found.replica.program.poll() is None:
        found.follow(on=True)


def caught_up(site: Site) -> None:
    (now,) = site.sql(site.primary, "SELECT pg_current_wal_lsn()")
    until(lambda: site.sql(site.replica, f"SELECT pg_last_wal_replay_lsn() >= '{now}'::pg_lsn")[0])


def test_who_wrote_reads_it_at_once_and_others_when_the_replica_has_it(site: Site) -> None:
    person = site.web(late=600)
    caught_up(site)
    site.follow(on=False)
    before = seen(person("marcus"))
    entry = site.log(person("ana"))
    assert entry in seen(person("ana"))
    assert seen(person("marcus")) == before, "this is read from the replica, which does not follow"
    site.follow(on=True)
    until(lambda: entry in seen(person("marcus")))
    assert entry in seen(person("ana"))


def test_page_in_a_browser_has_what_its_person_wrote_with_a_token(site: Site) -> None:
    """It goes by person, not by session: the phone shows what the computer has sent."""
    person = site.web(late=600)
    caught_up(site)
    site.follow(on=False)
    entry = site.log(person("ana"))
    link = f"/hours/{entry}/"
    assert link in site.page(person("ana"), "ana")
    assert link not in site.page(person("marcus"), "marcus"), "this is read from the replica"
    site.follow(on=True)
    until(lambda: link in site.page(person("marcus"), "marcus"))


def test_figures_of_ones_progress_have_what_was_just_handed_in(site: Site) -> None:
    person = site.web(late=600)
    caught_up(site)
    site.follow(on=False)
    answer = person("ana").get("apprentices/" + site.known["uid"] + "/progress/")
    entry = site.log(person("ana"))
    after = person("ana").get("apprentices/" + site.known["uid"] + "/progress/")
    assert (answer.status, after.status) == (200, 200)
    assert answer.body != after.body
    assert entry in seen(person("ana"))


def test_replica_that_is_late_is_not_read_from(site: Site) -> None:
    person = site.web(late=0.5)
    caught_up(site)
    site.follow(on=False)
    entry = site.log(person("ana"))
    until(lambda: entry in seen(person("marcus")), seconds=20)
    line = http.client.HTTPConnection("127.0.0.1", person("ana").port, timeout=30)
    line.request("GET", "/readyz")
    assert json.loads(line.getresponse().read())["parts"]["replica"] == "late"


def test_token_that_was_revoked_is_refused_at_once(site: Site) -> None:
    person = site.web(late=600)
    caught_up(site)
    site.follow(on=False)
    assert person("nora").get("hours/").status == 200
    site.sql(
        site.primary,
        "UPDATE accounts_apitoken SET revoked_at = now() WHERE user_id = "
        "(SELECT id FROM accounts_user WHERE email = 'nora@example.org')",
    )
    assert person("nora").get("hours/").status == 401


def test_site_goes_on_when_the_replica_is_gone(site: Site) -> None:
    person = site.web(late=600)
    assert seen(person("marcus"))
    site.replica.program.kill()
    site.replica.program.wait()
    entry = site.log(person("ana"))
    for _ in range(10):
        assert entry in seen(person("marcus"))
    assert entry in seen(person("ana"))
