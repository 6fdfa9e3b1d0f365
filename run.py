#!/usr/bin/env python3
"""Set Journeybook up on this machine and run it: what `make run` starts and stops.

Every step may be interrupted at any moment and is taken up again by the next run; every failure
ends in one sentence with its remedy and a status other than 0.
"""

import contextlib
import http.client
import os
import shutil
import sys
import time

from machine.needs import (
    HOST,
    PYTHON,
    check_python,
    chosen_port,
    dotenv,
    need_dependencies,
    need_secrets,
    need_system,
    only_one,
)
from machine.programs import ROOT, Problem, Programs, Stopped, main, say, step

# Tasks are JSON only, so the warning about root is for whoever runs a container as root to judge.
QUIET = "ignore:You're running the worker with superuser privileges"


def fill_site(environment: dict[str, str]) -> str:
    """Migrate, load the standards and the demo; returns what the demo prints, its logins."""

    def manage(*words: str, remedy: str) -> str:
        return step([str(PYTHON), "manage.py", *words], remedy=remedy, env=environment)

    again = "the step `manage.py {}` failed (see above). What was there before is unchanged."
    say("Preparing the database, the standards and the demo ...")
    for words in (["migrate", "--no-input"], ["createcachetable"], ["load_standards"]):
        manage(*words, remedy=again.format(words[0]))
    logins = manage("load_demo", remedy=again.format("load_demo"))
    manage("collectstatic", "--no-input", remedy=again.format("collectstatic"))
    return logins


def commands(port: int) -> dict[str, list[str]]:
    """The four programs of a site, by the name they get in messages."""
    celery = [str(PYTHON), "-W", QUIET, "-m", "celery", "--app", "apprenticeship", "--quiet"]
    calm = ["--loglevel", "warning"]
    worker = [*celery, "worker", *calm, "--without-gossip", "--without-mingle"]
    web = ["apprenticeship.wsgi", "--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4"]
    return {
        "web server": [str(PYTHON), "-m", "gunicorn", *web, "--log-level", "warning", "--no-control-socket"],
        "task worker": [*worker, "--queues", "scheduled,interactive", "--concurrency", "2"],
        "bulk worker": [*worker, "--queues", "bulk", "--concurrency", "1", "--hostname", "bulk@%h"],
        "task clock": [*celery, "beat", *calm, "--pidfile", ""],
    }


def await_answer(port: int, programs: Programs) -> None:
    """Return when the site answers; Problem when it does not within a minute or answers with an error."""
    for _ in range(300):
        programs.check()
        connection = http.client.HTTPConnection(HOST, port, timeout=20)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            if (status := connection.getresponse().status) < 400:
                return
            raise Problem(f"the site answers with error {status}; the reason is above.")
        time.sleep(0.2)
    raise Problem("the site did not answer within a minute. Look at the messages above and try again.")


def serve() -> None:
    """`make run`: set up what is missing, start the four programs, and stay until they are to end."""
    check_python()
    with only_one():
        port = chosen_port()
        need_secrets()
        need_system()
        need_dependencies("requirements.lock")
        address = f"http://{HOST}:{port}"
        environment = {"SITE_URL": address, **dotenv(ROOT / ".env"), **os.environ, "PYTHONUNBUFFERED": "1"}
        logins = fill_site(environment)
        with Programs() as programs:
            for name, command in commands(port).items():
                programs.start(name, command, env=environment)
            await_answer(port, programs)
            with contextlib.suppress(Stopped):
                say(f"\n{logins.strip()}\n\nJourneybook is at {address}   (Ctrl-C stops it)")
                while True:
                    programs.check()
                    time.sleep(0.5)
            say("\nStopping ...")
    say("Stopped.")


def clean() -> None:
    """`make clean`: remove everything that a run made, but .env, whose LEDGER_KEY cannot be made again."""
    with only_one():
        for name in (
            ".venv",
            "var",
            "staticfiles",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
        ):
            shutil.rmtree(ROOT / name, ignore_errors=True)
    shutil.rmtree(ROOT / ".run", ignore_errors=True)
    say("Removed the environment, the database and its files. .env is kept.")


if __name__ == "__main__":
    sys.exit(main(clean if sys.argv[1:] == ["clean"] else serve))
