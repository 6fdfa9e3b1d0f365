"""What a subject stands on: servers, a site and people of its own, all of which it may break.

Nothing here asks for Django before `set_up()`, which reads the settings from the environment of this site.
"""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drill.base import KEYS, people
from machine.needs import HOST
from machine.programs import Programs
from run import commands
from tests import servers

if TYPE_CHECKING:
    from tests.cast import Cast

PATIENCE_SECONDS = 120


class Broken(Exception):
    """The drill itself could not go on; its words become the reason of a figure that is not met."""


class Ground:
    """One site with its servers, until `programs` ends. `database` is postgresql or sqlite."""

    def __init__(self, programs: Programs, folder: Path, *, database: str, seconds: float) -> None:
        self.programs = programs
        self.folder = folder
        self.database = database
        self._end = time.monotonic() + seconds
        self.port = servers.free_port()
        self.log = folder / "log"
        self.broker: servers.Own = servers.own_redis(programs, folder / "redis")
        self.server: servers.Own | None = None
        if database == "postgresql":
            self.server = servers.own_postgres(programs, folder / "postgres")
            if not servers.sql(self.server.url, "SELECT 1 FROM pg_database WHERE datname = 'journeybook'"):
                servers.sql(self.server.url, "CREATE DATABASE journeybook")

    def left(self) -> float:
        """Seconds until this run is ended; a loop asks and stops in time to tell what it has."""
        return self._end - time.monotonic()

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the programs of this site read; nothing of a developer's .env reaches it."""
        var = self.folder / "var"
        address = self.server.url if self.server else f"sqlite:///{var / 'journeybook.sqlite3'}"
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "apprenticeship.settings",
            "DEBUG": "0",
            **json.loads((self.folder / KEYS).read_text()),
            "LEDGER_KEY_ID": "1",
            "LEDGER_OLD_KEYS": "",
            "SITE_URL": f"http://{HOST}:{self.port}",
            "API_REQUESTS_A_MINUTE": "1000000",
            "ALLOWED_HOSTS": HOST,
            "BEHIND_PROXY": "0",
            "VAR_DIR": str(var),
            "STATIC_ROOT": str(self.folder / "static"),
            "EMAIL_URL": f"filemail:///{self.folder / 'mails'}",
            "DATABASE_URL": address,
            "REDIS_URL": self.broker.url,
            "PYTHONUNBUFFERED": "1",
        }

    def set_up(self) -> None:
        """Make this process one of the site: from here on models can be imported."""
        (self.folder / "static").mkdir(exist_ok=True)
        os.environ.update(self.environment)
        import django

        django.setup()

    @cached_property
    def cast(self) -> "Cast":
        """The people of tests/cast.py, in the database of this site."""
        return people(self.folder)

    def start(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[str]:
        """A program of the site; what it says goes to the log of the run."""
        with self.log.open("a") as output:
            streams = {"stdout": output, "stderr": output}
            return self.programs.start(name, command, **{"env": self.environment, **streams, **options})

    def web(self) -> subprocess.Popen[str]:
        """gunicorn as in production, two workers of four threads; returns when it answers."""
        program = self.start("web server", commands(self.port)["web server"])
        self.wait(self.answers, "the web server does not answer")
        return program

    def worker(self, name: str = "task worker", *, children: int = 2) -> subprocess.Popen[str]:
        """A Celery worker as in production."""
        command = commands(self.port)["task worker"]
        command[command.index("--concurrency") + 1] = str(children)
        return self.start(name, [*command, "--hostname", f"{name.replace(' ', '-')}@%h"])

    def clock(self) -> subprocess.Popen[str]:
        return self.start("task clock", commands(self.port)["task clock"])

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.status_of("/healthz") == 200
        return False

    def status_of(self, path: str) -> int:
        """What the web server answers to somebody unknown. Raises OSError, HTTPException."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=5)
        line.request("GET", path)
        return line.getresponse().status

    def wait(self, ready: Callable[[], bool], trouble: str, *, seconds: float = PATIENCE_SECONDS) -> float:
        """Seconds until `ready`. Raises Broken with `trouble` after `seconds`, or when time is up."""
        begun = time.monotonic()
        while not ready():
            if time.monotonic() - begun > seconds or self.left() < 0:
                raise Broken(trouble)
            time.sleep(0.05)
        return time.monotonic() - begun


def kill(pid: int) -> None:
    """As a machine without power would: no goodbye. One that is gone already is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_family(program: "subprocess.Popen[str]") -> None:
    """The parent first, so that it cannot answer for its children, then those; returns when all are gone."""
    family = children(program.pid)
    kill(program.pid)
    program.wait()
    for one in family:
        kill(one)
    while any(Path(f"/proc/{one}").exists() for one in family):
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still live, oldest first (Linux)."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return sorted(found)
