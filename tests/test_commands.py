"""`make run` in a folder of its own: what it says, what it keeps, and that it leaves nothing behind.

The folder holds the real run.py and machine/, and stand-ins for what takes long: a lock file without
packages, a manage.py that writes down what it was asked, a web server and a Celery that only stay.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from machine import needs
from machine.programs import Problem, die_with_parent

pytestmark = pytest.mark.once  # no database is concerned

ROOT = Path(__file__).resolve().parent.parent
MANAGE = """
import pathlib, sys
with open("asked", "a") as file: file.write(" ".join(sys.argv[1:]) + "\\n")
if pathlib.Path("fail").exists() and sys.argv[1] == "migrate": sys.exit("no such table: hours")
if sys.argv[1] == "load_demo": print("ana@lakeside.example  a-demo-password")
"""
GUNICORN = """
import http.server, sys
host, port = sys.argv[sys.argv.index("--bind") + 1].split(":")
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer((host, int(port)), Answer).serve_forever()
"""
CELERY = """
import pathlib, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))
while not pathlib.Path("die").exists() or "scheduled,interactive" not in sys.argv: time.sleep(0.05)
sys.exit(3)
"""


def end_with_the_tests() -> None:
    """In a run that a test starts: stop, should the tests be killed."""
    die_with_parent(signal.SIGTERM)


class Site:
    """A checkout in a folder, and the runs that a test started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs: list[subprocess.Popen[str]] = []
        shutil.copy(ROOT / "run.py", folder)
        shutil.copytree(ROOT / "machine", folder / "machine", ignore=shutil.ignore_patterns("__pycache__"))
        for name, text in {"manage": MANAGE, "gunicorn": GUNICORN, "celery": CELERY}.items():
            (folder / f"{name}.py").write_text(text)
        (folder / "requirements.lock").write_text("# nothing\n")

    def install(self) -> None:
        """An environment as an earlier run left it."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=self.folder, check=True)
        lock = hashlib.sha256((self.folder / "requirements.lock").read_bytes()).hexdigest()
        python = ".".join(map(str, sys.version_info[:2]))
        home = self.folder / ".venv"
        stamp = {"python": python, "folder": str(home), "requirements.lock": lock}
        (home / "installed.json").write_text(json.dumps(stamp))

    def start(self, port: int) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name not in needs.SECRETS}
        run = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=self.folder,
            env={**environment, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_the_tests,
        )
        self.runs.append(run)
        return run

    def finish(self, run: subprocess.Popen[str]) -> tuple[int, str]:
        output, _ = run.communicate(timeout=480)
        return run.returncode, output

    def processes(self) -> dict[int, str]:
        """What runs in the folder, whoever its parent is: process id and command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if Path(os.readlink(entry / "cwd")).is_relative_to(self.folder):
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def kill(self) -> None:
        """Leave nothing of what a test started, however it ended."""
        while found := self.processes():  # one may start another while this goes on
            for process in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
        for run in self.runs:
            run.communicate()

    def asked(self) -> list[str]:
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.kill()


@pytest.fixture
def installed(site: Site) -> Site:
    site.install()
    return site


def until(condition: Callable[[], object]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within a minute")


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ready(run: subprocess.Popen[str]) -> str:
    """What a run printed until it said where the site is."""
    assert run.stdout is not None
    lines = []
    for line in run.stdout:
        lines.append(line)
        if "Journeybook is at" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_first_run_prints_the_address_and_the_logins_and_ctrl_c_stops_everything(
    site: Site, port: int
) -> None:
    run = site.start(port)
    text = ready(run)
    assert f"http://127.0.0.1:{port}" in text
    assert "ana@lakeside.example" in text
    assert [line.split()[0] for line in site.asked()] == [
        "migrate",
        "createcachetable",
        "load_standards",
        "load_demo",
        "collectstatic",
    ]
    run.send_signal(signal.SIGINT)
    status, _ = site.finish(run)
    assert (status, site.processes(), answers(port)) == (0, {}, False)


def test_second_run_keeps_the_secrets_and_installs_nothing(site: Site, port: int) -> None:
    kept = []
    for _ in range(2):
        run = site.start(port)
        text = ready(run)
        run.terminate()
        site.finish(run)
        files = (site.folder / ".env", site.folder / ".venv" / "installed.json")
        kept.append([(file.read_text(), file.stat().st_mtime_ns) for file in files])
    assert kept[0] == kept[1]
    assert "Installing" not in text


def test_env_is_for_its_owner_alone(installed: Site, port: int) -> None:
    run = installed.start(port)
    until((installed.folder / ".env").exists)
    run.terminate()
    installed.finish(run)
    assert stat.S_IMODE((installed.folder / ".env").stat().st_mode) == 0o600
    values = needs.dotenv(installed.folder / ".env")
    assert values["DEBUG"] == "1"
    assert len({values["SECRET_KEY"], values["LEDGER_KEY"]}) == 2


def test_busy_port_is_refused_before_the_slow_work_with_a_free_one(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        status, output = site.finish(site.start(other.getsockname()[1]))
    assert status == 1
    assert "already in use" in output
    assert "make run" in output
    assert not (site.folder / ".venv").exists()


@pytest.mark.parametrize("text", ["80a", "0", "70000", "-1"])
def test_port_that_is_no_port_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Problem, match="number from 1 to 65535"):
        needs.chosen_port()


def test_second_run_beside_a_first_is_refused(installed: Site, port: int) -> None:
    first = installed.start(port)
    ready(first)
    status, output = installed.finish(installed.start(port))
    assert status == 1
    assert "already under way in this folder" in output
    assert answers(port)


@pytest.mark.parametrize("text", ["", "SECRET_KEY=" + "s" * 40, "LEDGER_KEY=short\nSECRET_KEY=" + "s" * 40])
def test_env_without_a_key_is_named_and_left_alone(text: str, site: Site, port: int) -> None:
    (site.folder / ".env").write_text(text)
    status, output = site.finish(site.start(port))
    assert status == 1
    assert "LEDGER_KEY" in output
    assert (site.folder / ".env").read_text() == text


def test_env_that_is_no_text_is_named(site: Site, port: int) -> None:
    (site.folder / ".env").write_bytes(b"\xff\xfe\x00")
    status, output = site.finish(site.start(port))
    assert status == 1
    assert ".env cannot be read" in output
    assert "Traceback" not in output


def test_no_new_key_is_made_for_records_that_another_key_sealed(site: Site, port: int) -> None:
    (site.folder / "var").mkdir()
    (site.folder / "var" / "journeybook.sqlite3").touch()
    status, output = site.finish(site.start(port))
    assert status == 1
    assert "LEDGER_KEY" in output
    assert not (site.folder / ".env").exists()


def test_wish_to_stop_that_comes_twice_is_still_an_orderly_end(installed: Site, port: int) -> None:
    run = installed.start(port)
    ready(run)
    run.terminate()
    time.sleep(0.2)
    run.terminate()
    status, output = installed.finish(run)
    assert status == 0
    assert output.strip().endswith("Stopped.")


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_run_stopped_during_the_installation_leaves_nothing_and_the_next_finishes_it(
    word: signal.Signals, site: Site, port: int
) -> None:
    run = site.start(port)
    until(lambda: (site.folder / ".venv" / "bin").exists())
    run.send_signal(word)
    status, output = site.finish(run)
    assert status != 0
    assert "Journeybook is at" not in output
    until(lambda: not site.processes())
    ready(site.start(port))


def test_environment_whose_installation_was_cut_off_is_made_from_nothing(site: Site, port: int) -> None:
    half = site.folder / ".venv" / "lib" / "half-a-package"
    half.mkdir(parents=True)
    ready(site.start(port))
    assert not half.exists()


def test_dependencies_that_cannot_be_installed_end_the_run(site: Site, port: int) -> None:
    (site.folder / "requirements.lock").write_text("./no-such.whl --hash=sha256:" + "0" * 64)
    status, output = site.finish(site.start(port))
    assert status == 1
    assert "could not be installed" in output
    assert site.asked() == []


def test_migration_that_fails_ends_the_run_with_its_reason(installed: Site, port: int) -> None:
    (installed.folder / "fail").touch()
    status, output = installed.finish(installed.start(port))
    assert status == 1
    assert "no such table: hours" in output
    assert "`manage.py migrate` failed" in output
    assert "Journeybook is at" not in output


def test_worker_that_dies_is_named_and_takes_the_others_along(installed: Site, port: int) -> None:
    run = installed.start(port)
    ready(run)
    (installed.folder / "die").touch()
    status, output = installed.finish(run)
    assert status == 1
    assert "the task worker ended with status 3" in output
    assert (installed.processes(), answers(port)) == ({}, False)


def test_run_that_is_killed_outright_leaves_no_server(installed: Site, port: int) -> None:
    run = installed.start(port)
    ready(run)
    run.kill()
    run.wait()
    until(lambda: not answers(port))


def test_missing_library_prints_the_line_to_type_where_apt_may_not_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needs, "_opens", lambda name: "pango-1.0" not in name)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(needs, "_sudo_without_password", lambda: False)
    with pytest.raises(Problem, match=r"sudo apt-get install --no-install-recommends libpango-1\.0-0$"):
        needs.need_system()


def test_python_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(Problem, match=r"3\.11, 3\.12 or 3\.13 and this is 3\.10"):
        needs.check_python()


def test_make_help_is_the_default_and_lists_every_target() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    text = subprocess.run(["make"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[1] for line in text.splitlines()}
    wanted = "run test lint format clean docs screenshots bench bench-national drill"
    assert targets == set(wanted.split())


def test_continuous_integration_calls_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/bin/bash"
    assert lines[-1] == "make test"
