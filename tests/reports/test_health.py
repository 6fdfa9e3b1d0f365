"""/healthz and /readyz: what a machine is told without signing in, and what it is never told."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ledger.tasks import take_checkpoints
from reports.health import HEARTBEAT, LONGEST_WAIT, note_heartbeat
from reports.models import ReportRun
from reports.tasks import reap
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PARTS = (
    *("database", "queue", "migrations", "reports", "worker", "tasks", "disk", "files", "replica"),
    *("checkpoint", "totals", "backup"),
)


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_living_process_answers_without_asking_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"]


def test_site_is_ready_once_a_worker_has_done_the_task_of_the_minute(client: Client) -> None:
    cache.delete(HEARTBEAT)
    status, found = ready(client)
    assert (status, found["failing"], found["parts"]["worker"]) == (503, ["worker"], "silent")
    reap()
    status, found = ready(client)
    assert (status, found["status"], found["failing"], set(found["parts"])) == (200, "ready", [], set(PARTS))


def test_site_without_a_checkpoint_of_today_works_and_says_so(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    note_heartbeat()
    settings.CHECKPOINT_DIR = tmp_path
    assert ready(client)[1]["warnings"] == ["checkpoint", "backup"]
    take_checkpoints()
    assert ready(client) == (
        200,
        {
            "status": "ready",
            "failing": [],
            "warnings": ["backup"],
            "parts": dict.fromkeys(PARTS, "ok") | {"backup": "off"},
        },
    )
    settings.CHECKPOINT_OLD_HOURS = -1
    assert ready(client)[1]["parts"]["checkpoint"] == "old"


def test_report_that_no_worker_begins_is_told_without_a_word_of_whose_it_is(
    client: Client, cast: Cast
) -> None:
    note_heartbeat()
    asked = timezone.now() - LONGEST_WAIT - timedelta(seconds=1)
    run = ReportRun.objects.start(by=cast.ana_user, document="schedule", now=asked, apprentice=cast.ana)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["reports"])
    assert not any(word in answer.content.decode() for word in ("Ana", "Lakeside", str(run.uid), "@"))
    ReportRun.objects.claim(run.pk, now=timezone.now())
    assert ready(client)[0] == 200


def test_site_whose_migrations_were_forgotten_is_not_ready(client: Client) -> None:
    note_heartbeat()
    newest = MigrationRecorder.Migration.objects.filter(app="reports").latest("pk")
    newest.delete()
    assert ready(client)[1]["failing"] == ["migrations"]


def test_site_whose_folder_of_tasks_is_gone_is_not_ready(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    note_heartbeat()
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert ready(client)[0] == 200
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert ready(client)[1]["failing"] == ["queue"]


@pytest.mark.once
def test_machine_beside_a_site_of_https_gets_an_answer_and_no_redirect() -> None:
    hosts = {"SITE_URL": "https://journeybook.example.org", "ALLOWED_HOSTS": "another.example"}
    statuses = [status for status, _ in told({**os.environ, **hosts}, "/healthz", "/readyz", "/")]
    assert statuses[0] == 200
    assert statuses[1] in (200, 503)
    assert statuses[2] == 301


@pytest.mark.once
def test_site_without_its_database_and_redis_says_so_and_gives_no_secret_away() -> None:
    away = {"DATABASE_URL": "postgres://nora:whisper@127.0.0.1:1/gone", "REDIS_URL": "redis://127.0.0.1:1/0"}
    (alive, _), (status, body) = told({**os.environ, **away}, "/healthz", "/readyz")
    assert (alive, status, "whisper" in body) == (200, 503, False)
    parts = json.loads(body)["parts"]
    assert {name for name, word in parts.items() if word == "unreachable"} >= {"database", "queue"}
    assert {parts[name] for name in ("migrations", "reports", "tasks")} == {"unknown"}


ASK = """
import django, sys
django.setup()
from django.test import Client
for path in sys.argv[1:]:
    answer = Client(headers={"host": "127.0.0.1:8000"}).get(path)
    print(answer.status_code, answer.content.decode())
"""


def told(environment: dict[str, str], *paths: str) -> list[tuple[int, str]]:
    """What another process, with settings of its own, answers."""
    own = {**environment, "DJANGO_SETTINGS_MODULE": "apprenticeship.settings"}
    asked = [sys.executable, "-c", ASK, *paths]
    done = subprocess.run(asked, env=own, capture_output=True, text=True, check=True, timeout=60)
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return [(int(status), body) for status, _, body in lines if status]
