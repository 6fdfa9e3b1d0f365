"""Dockerfile, docker-compose.yml, .env.example, README and settings agree, and what they start starts."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache

from accounts.logs import request_id
from machine.needs import LIBRARIES
from machine.programs import ROOT, Programs
from reports.health import HEARTBEAT
from reports.tasks import reap
from tests.dockerfile import Stage, stages

pytestmark = pytest.mark.once  # no database is concerned, or PostgreSQL alone
FIXED = {"DEBUG", "DATABASE_URL", "REDIS_URL", "VAR_DIR", "STATIC_ROOT"}
"""What a container decides itself, whatever .env says."""
COMPOSE_ALONE = {"POSTGRES_PASSWORD", "PORT"}


OFFICIAL = {"postgres": "postgres:17-bookworm", "redis": "redis:7-bookworm"}


def services() -> dict[str, dict[str, Any]]:
    """The services that run the product, by name."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return {name: one for name, one in compose["services"].items() if one["image"] == "journeybook"}


def read_by_settings() -> set[str]:
    text = (ROOT / "apprenticeship" / "settings.py").read_text()
    return set(re.findall(r"\b(?:env\.\w+|secret)\(\"([A-Z_]+)\"", text))


def explained() -> set[str]:
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def told_in_readme() -> set[str]:
    """Variables in the first column of the README's table."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def final() -> Stage:
    return stages()[-1]


def test_readme_explains_every_variable_and_no_other() -> None:
    assert told_in_readme() == read_by_settings() | COMPOSE_ALONE


def test_example_explains_every_variable_and_no_other() -> None:
    assert len(read_by_settings()) > 20
    assert explained() == read_by_settings() | COMPOSE_ALONE


def test_every_variable_of_the_example_reaches_the_services() -> None:
    assert set(services()) == {"prepare", "web", "worker", "bulk", "beat"}
    for name, service in services().items():
        reaching = explained() if service.get("env_file") == ".env" else set(service["environment"])
        assert reaching == explained(), name
        assert set(service["environment"]) == FIXED, name


def test_compose_sets_no_variable_that_nobody_reads() -> None:
    for name, service in services().items():
        assert set(service["environment"]) <= read_by_settings(), name


def test_containers_write_where_the_image_may() -> None:
    image = (ROOT / "Dockerfile").read_text()
    for service in services().values():
        for name in ("VAR_DIR", "STATIC_ROOT"):
            assert f"{name}={service['environment'][name]}" in image
        assert "files:/data" in service["volumes"]


def test_every_service_tells_whether_it_is_well() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {name: one["image"] for name, one in compose.items() if name not in services()} == OFFICIAL
    assert {name for name, one in compose.items() if "healthcheck" not in one} == {"prepare"}
    asked = {first for one in compose.values() for first in one.get("depends_on", {})}
    assert asked == {"postgres", "redis", "prepare"}


def test_volumes_of_the_services_are_all_declared() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    used = {volume.partition(":")[0] for one in compose["services"].values() for volume in one["volumes"]}
    assert used == set(compose["volumes"])


def test_image_has_every_system_library_and_a_python_that_the_product_knows() -> None:
    installed = " ".join(step.text for step in final().all("RUN"))
    assert set(LIBRARIES.values()) <= set(installed.split())
    (base,) = {stage.base for stage in stages()}
    version = re.fullmatch(r"python:3\.(\d+)-slim-bookworm", base)
    assert version
    assert 11 <= int(version[1]) <= 13


def test_image_runs_as_nobody_in_particular_and_holds_no_key() -> None:
    steps = final().steps
    user = next(number for number, step in enumerate(steps) if step.word == "USER")
    assert steps[user].text == "journeybook"
    assert [step.word for step in steps[user + 1 :] if step.word in ("USER", "COPY")] == []
    kept = {name for step in final().all("ENV") for name in step.variables}
    assert not {name for name in kept if "KEY" in name}


def test_image_copies_what_is_there_and_leaves_out_what_is_not_for_it() -> None:
    for stage in stages():
        for step in stage.all("COPY"):
            assert "from" in step.flags or all((ROOT / source).exists() for source in step.words[:-1])
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", ".venv", "var"} <= set(left_out)


class Running:
    """The commands of docker-compose.yml on this machine, with the database, Redis and port of the test."""

    def __init__(self, outside: dict[str, str], folder: Path, port: int, programs: Programs) -> None:
        self.folder, self.port, self.programs = folder, port, programs
        (folder / "data").mkdir()
        own = {"VAR_DIR": str(folder / "data"), "HOSTNAME": socket.gethostname(), "PYTHONUNBUFFERED": "1"}
        path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
        self.environment = {**outside, **own, **path, **quiet}

    def here(self, text: str) -> str:
        return text.replace("8000", str(self.port)).replace("/data", f"{self.folder}/data").replace("$$", "$")

    def start(self, name: str) -> None:
        command = services()[name].get("command")
        words = shlex.split(command) if command else final().last("CMD").words
        with (self.folder / name).open("w") as log:
            started = [self.here(word) for word in words]
            self.programs.start(name, started, env=self.environment, stdout=log, stderr=log)

    def is_well(self, name: str) -> bool:
        """What the container engine would be told."""
        kind, *words = services()[name]["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        asked = [self.here(word) for word in command]
        return not subprocess.run(asked, env=self.environment, cwd=ROOT, capture_output=True).returncode

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(300):
            if condition():
                return
            self.programs.check()
            time.sleep(0.3)
        raise AssertionError(
            {path.name: path.read_text()[-2000:] for path in self.folder.glob("*") if path.is_file()}
        )


@pytest.fixture
def running(outside: dict[str, str], tmp_path: Path, port: int, settings: Any) -> Iterator[Running]:
    default = settings.CACHES["default"]  # this test deletes in the cache of the programs, not in its own
    settings.CACHES = {**settings.CACHES, "default": {**default, "KEY_PREFIX": settings.REDIS_PREFIX}}
    with Programs() as programs:
        yield Running(outside, tmp_path, port, programs)


@pytest.mark.django_db(transaction=True)
def test_every_command_starts_and_every_health_check_is_content(running: Running) -> None:
    words = [running.here(word) for word in shlex.split(services()["prepare"]["command"])]
    prepared = subprocess.run(words, env=running.environment, cwd=ROOT, capture_output=True, text=True)
    assert prepared.returncode == 0, prepared.stderr
    cache.delete(HEARTBEAT)  # of the worker of an earlier test
    running.start("web")
    running.until(lambda: any("Listening" in line["message"] for line in running.lines("web")))
    assert not running.is_well("web"), "without a worker the site is not ready"
    assert not running.is_well("beat")
    for name in ("worker", "bulk", "beat"):
        running.start(name)
    for name in ("web", "worker", "bulk", "beat"):
        running.until(lambda name=name: running.is_well(name))  # type: ignore[misc]
    token = request_id.set("asked-by-this-test")
    reap.delay()
    request_id.reset(token)
    running.until(lambda: "asked-by-this-test" in {line.get("request") for line in running.lines("worker")})
    running.programs.check()
