"""The real thing: `make run` in a copy of the checkout, as a stranger types it."""

import os
import shutil
import signal
import site
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_commands import ROOT, Site, answers, end_with_the_tests, ready

pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]  # it brings its own SQLite and its own demo

OF_THE_TESTS = {
    *(
        "DATABASE_URL",
        "REDIS_URL",
        "REDIS_PREFIX",
        "VAR_DIR",
        "STATIC_ROOT",
        "SITE_URL",
        "EMAIL_URL",
        "DEBUG",
    ),
    *("SECRET_KEY", "LEDGER_KEY", "DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"),
}
NOT_IN_GIT = (".git", ".venv", ".env", ".run", "var", "staticfiles", "__pycache__", ".*_cache")


class Checkout(Site):
    """A copy of this checkout whose environment borrows the packages that are installed here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.runs = []
        shutil.copytree(ROOT, self.folder, ignore=shutil.ignore_patterns(*NOT_IN_GIT))
        self.install()
        (packages,) = (self.folder / ".venv").glob("lib/python*/site-packages")
        (packages / "borrowed.pth").write_text(site.getsitepackages()[0] + "\n")

    def environment(self, port: int) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        return {**kept, "PORT": str(port)}

    def type_make_run(self, port: int) -> subprocess.Popen[str]:
        run = subprocess.Popen(
            ["make", "run"],
            cwd=self.folder,
            env=self.environment(port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_the_tests,
        )
        self.runs.append(run)
        return run

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / ".venv" / "bin" / "python"), *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment(0), capture_output=True, text=True, timeout=120
        )

    def rows(self) -> dict[str, int]:
        tables = ("accounts_user", "ojt_logs_hoursentry", "ojt_logs_signoff", "ledger_entry")
        with sqlite3.connect(self.folder / "var" / "journeybook.sqlite3") as database:
            return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path)
    yield checkout
    checkout.kill()


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_stranger_types_make_run_twice_and_keeps_what_was_there(checkout: Checkout, port: int) -> None:
    first = checkout.type_make_run(port)
    text = ready(first)
    assert "ana@lakeside.example" in text
    for path in ("/", "/standards/", "/accounts/login/", "/static/journeybook.css", "/api/v1/schema/"):
        assert (path, status(port, path)) == (path, 200)
    ping = checkout.python("-m", "celery", "--app", "apprenticeship", "inspect", "ping", "--timeout", "20")
    assert "pong" in ping.stdout, ping.stderr
    kept = checkout.rows()
    assert min(kept.values()) > 5

    os.killpg(first.pid, signal.SIGINT)  # what a terminal sends: to make and to run.py alike
    output = checkout.finish(first)[1]
    assert output.strip().endswith("Stopped."), output
    assert (checkout.processes(), answers(port)) == ({}, False)

    second = checkout.type_make_run(port)
    assert "ana@lakeside.example" in ready(second)
    assert checkout.rows() == kept
    second.send_signal(signal.SIGTERM)  # what a service manager sends: to make alone
    checkout.finish(second)
    assert (checkout.processes(), answers(port)) == ({}, False)

    proof = checkout.python("manage.py", "verify_ledger")
    assert proof.returncode == 0, proof.stdout + proof.stderr
