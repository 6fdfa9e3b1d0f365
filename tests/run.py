"""Everything `make test` does: install what the tests need, check, and test on both databases.

`python3 -m tests.run [lint | format | install | docs]` does that part alone. Needs only the standard
library; a step that fails does not keep the next from running, and any failure is the exit status.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine.needs import PYTHON, VENV, check_python, need_dependencies, need_packages, need_system, only_one
from machine.programs import ROOT, Problem, Programs, main, say
from tests import servers

TOOLS = {
    "/usr/bin/chromium": "chromium",
    "/usr/bin/pdftotext": "poppler-utils",
    "/usr/bin/xmlsec1": "xmlsec1",
}
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "LEDGER_KEY": secrets.token_urlsafe(48),
    "SITE_URL": "https://journeybook.example.org",
}
RUN = secrets.token_hex(4)


def install() -> None:
    check_python()
    need_system()
    need_dependencies("requirements-dev.lock", "requirements.lock")


def _tools() -> None:
    """The programs of the tests of browsers, PDFs and SAML."""
    if missing := [package for path, package in TOOLS.items() if not Path(path).exists()]:
        need_packages(missing, why="the tests of browsers, PDFs and SAML need some programs")


def checks() -> dict[str, list[str]]:
    """The commands of `make lint`, by what they look at."""
    tool = {name: str(VENV / "bin" / name) for name in ("ruff", "lint-imports", "mypy", "djlint")}
    manage = [str(PYTHON), "manage.py"]
    return {
        "style": [tool["ruff"], "check", "--quiet", "."],
        "format": [tool["ruff"], "format", "--check", "--quiet", "."],
        "import contracts": [tool["lint-imports"], "--no-logo"],
        "types": [tool["mypy"]],
        "templates": [tool["djlint"], "--lint", "--quiet", "templates"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "deployment": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }


def pytest(words: list[str]) -> list[str]:
    return [str(VENV / "bin" / "pytest"), "-n", "2", "--quiet", "--durations=10", *words]


class Summary:
    """What was done, how long it took, and whether it was well."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed: list[str] = []

    def run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        say(f"\n=== {name}: {' '.join(command).replace(f'{ROOT}/', '')}")
        begun = time.monotonic()
        with Programs() as programs:
            status = programs.start(name, command, env={**os.environ, **environment}).wait()
        seconds = time.monotonic() - begun
        self.lines.append(f"{'ok    ' if status == 0 else 'FAILED'} {seconds:6.1f} s  {name}")
        if status:
            self.failed.append(name)

    def close(self) -> None:
        """Print it; Problem when something failed."""
        say("\n" + "\n".join(self.lines))
        if self.failed:
            raise Problem(f"failed: {', '.join(self.failed)}. The reasons are above.")


def lint() -> None:
    """`make lint`."""
    install()
    summary = Summary()
    _lint(summary)
    summary.close()


def _lint(summary: Summary) -> None:
    folder = servers.temporary_folder()
    own = {"DATABASE_URL": f"sqlite:///{folder}/lint.sqlite3", "REDIS_URL": "", "VAR_DIR": str(folder)}
    try:
        for name, command in checks().items():
            summary.run(name, command, {**PRODUCTION, **own})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test() -> None:
    """`make test`: all of it."""
    with only_one("test"):
        install()
        _tools()
        summary = Summary()
        folder = servers.temporary_folder()
        try:
            with Programs() as programs:
                database, broker = servers.postgres(programs, folder), servers.redis(programs, folder)
                _lint(summary)
                _tests(summary, database, broker)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        summary.close()


def _tests(summary: Summary, database: str, broker: str) -> None:
    own = {"JOURNEYBOOK_TEST_RUN": RUN, "REDIS_URL": broker}
    try:
        summary.run("tests on SQLite", pytest(["-m", "not once"]), {**own, "DATABASE_URL": ""})
        summary.run("tests on PostgreSQL", pytest([]), {**own, "DATABASE_URL": database})
    finally:
        _leave_nothing(database, broker)
        shutil.rmtree(Path(tempfile.gettempdir()) / f"journeybook-test-{RUN}", ignore_errors=True)


def _leave_nothing(database: str, broker: str) -> None:
    """Remove what a test that was cut off may have left: databases and keys of this run, nothing else."""
    names = servers.sql(database, f"SELECT datname FROM pg_database WHERE datname LIKE '%\\_{RUN}%'")
    if names:
        servers.sql(database, *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in names))
    sweep = (
        "import redis, sys; r = redis.Redis.from_url(sys.argv[1]); "
        "[r.delete(key) for key in r.scan_iter(match=sys.argv[2], count=1000)]"
    )
    subprocess.run([PYTHON, "-c", sweep, broker, f"journeybook-test-{RUN}*"], check=True)


def reformat() -> None:
    """`make format`."""
    install()
    for words in (["check", "--fix", "--quiet", "."], ["format", "."]):
        subprocess.run([VENV / "bin" / "ruff", *words], cwd=ROOT, check=False)


def build_docs() -> None:
    """`make docs`: the drawing of the models first, then the pages; a warning is an error."""
    install()
    folder = servers.temporary_folder()
    own = {"DATABASE_URL": f"sqlite:///{folder}/docs.sqlite3", "REDIS_URL": "", "VAR_DIR": str(folder)}
    summary = Summary()
    try:
        summary.run("drawing of the models", [str(PYTHON), "docs/diagram.py"], {**PRODUCTION, **own})
        summary.run("pages", sphinx(ROOT / "var" / "docs"), {})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    summary.close()


def sphinx(target: Path) -> list[str]:
    places = [str(ROOT / "docs"), str(target), "--doctree-dir", str(target / ".doctrees")]
    return [str(PYTHON), "-m", "sphinx", "--builder", "html", "--fail-on-warning", "--quiet", *places]


if __name__ == "__main__":
    acts = {"lint": lint, "format": reformat, "install": install, "docs": build_docs, "": test}
    sys.exit(main(acts[" ".join(sys.argv[1:])]))
