"""Reports built by real workers on real Redis and on the filesystem transport; workers that are killed."""

import hashlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apprenticeship.models import Apprentice
from ledger.chain import entries_of, verify
from reports.models import LEASE, ReportRun
from tests.cast import STARTED, Cast, _user
from tests.reports.building import file_of

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
WORKER = ["-m", "celery", "--app", "apprenticeship", "--quiet", "worker", "--pool", "solo"]
CALM = ["--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"]


@pytest.fixture(params=["filesystem", "redis"])
def broker(request: pytest.FixtureRequest, outside: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a worker with this transport; what it leaves in Redis is removed."""
    if request.param == "filesystem":
        yield outside | {"REDIS_URL": ""}
        return
    address = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
    prefix = f"{settings.REDIS_PREFIX}-workers"
    yield outside | {"REDIS_URL": address, "REDIS_PREFIX": prefix}
    server = redis.Redis.from_url(address)
    for key in server.scan_iter(match=f"{prefix}*"):
        server.delete(key)


class Worker:
    """A Celery worker as a program of its own."""

    def __init__(self, environment: dict[str, str], log: Path, *options: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.program = subprocess.Popen(
                [sys.executable, *WORKER, *CALM, *options], env=environment, stdout=output, stderr=output
            )

    def kill(self) -> None:
        """As a machine without power would: no goodbye."""
        self.program.send_signal(signal.SIGKILL)
        self.program.wait()

    def wait(self, ready: Callable[[], bool]) -> None:
        for _ in range(1200):
            if ready():
                return
            assert self.program.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@pytest.fixture
def worker(broker: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def start(*options: str) -> Worker:
        started.append(Worker(broker, tmp_path / "worker.log", *options))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def program_report(cast: Cast, **what: Any) -> ReportRun:
    """A report of seven sections or six files, so that there is a middle."""
    for number in range(4):
        person = _user(f"Eli{number} Ruiz")
        Apprentice.objects.register(
            cast.program, person, started_on=STARTED, by=cast.nora, now=timezone.now()
        )
    return ReportRun.objects.start(
        by=cast.nora, now=timezone.now(), document="progress", program=cast.program, **what
    )


def state(run: ReportRun) -> str:
    run.refresh_from_db()
    return run.state


def files(run: ReportRun) -> list[Path]:
    return sorted((Path(settings.MEDIA_ROOT) / "reports").glob(f"{run.uid}.*"))


@pytest.mark.parametrize("what", [{}, {"for_each": True}], ids=["paper", "zip"])
def test_worker_killed_in_the_middle_leaves_nothing_lost_doubled_or_half_written(
    cast: Cast, worker: Callable[..., Worker], what: dict[str, bool]
) -> None:
    run = program_report(cast, **what)
    first = worker()
    first.wait(lambda: state(run) == "running" and run.percent > 0)
    first.kill()
    assert (state(run), files(run)) == ("running", [])
    dead = timezone.now() - LEASE - timedelta(seconds=1)
    ReportRun.objects.filter(pk=run.pk).update(lease_until=dead)
    worker().wait(lambda: state(run) == "done")
    assert (run.attempt, run.percent, files(run)) == (2, 100, [file_of(run)])
    data = file_of(run).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (run.bytes, run.sha256)
    if what:
        assert zipfile.ZipFile(file_of(run)).testzip() is None
    else:
        assert data.rstrip().endswith(b"%%EOF")
    everybody = Apprentice.objects.filter(program=cast.program)
    assert everybody.count() == 6
    assert all(entries_of(one.uid).filter(act="report.export").count() == 1 for one in everybody)
    assert list(verify()) == []


def test_report_asked_for_on_the_page_is_built_by_the_worker_that_runs(
    cast: Cast, outside: dict[str, str], tmp_path: Path
) -> None:
    """Over the transport that this process itself is set to: Redis in `make test`."""
    running = Worker(outside, tmp_path / "worker.log")
    try:
        client = Client()
        client.force_login(cast.ana_user)
        client.post(reverse("report-start"), {"document": "schedule", "apprentice": cast.ana.uid})
        run = ReportRun.objects.get()
        running.wait(lambda: state(run) == "done")
        file = b"".join(client.get(reverse("report-file", args=[run.uid])))  # type: ignore[arg-type]
    finally:
        running.kill()
    assert hashlib.sha256(file).hexdigest() == run.sha256


def test_link_to_a_new_password_is_mailed_by_the_worker_and_to_nobody_who_has_no_account(
    cast: Cast, outside: dict[str, str], tmp_path: Path
) -> None:
    mails = tmp_path / "mails"
    running = Worker(outside | {"EMAIL_URL": f"filemail:///{mails}"}, tmp_path / "worker.log")
    try:
        for address in ("nobody@example.org", cast.ana_user.email):
            assert Client().post("/accounts/password/reset/", {"email": address}).status_code == 302
        running.wait(lambda: mails.is_dir() and any(mails.iterdir()))
    finally:
        running.kill()
    (letter,) = (path.read_text() for path in mails.iterdir())
    assert f"To: {cast.ana_user.email}" in letter and "/accounts/password/reset/key/" in letter


ASK = """
import django, sys
django.setup()
from django.test import Client
from accounts.models import User
client = Client(headers={"host": "127.0.0.1"})
client.force_login(User.objects.get(email="ana@example.org"))
answer = client.post("/reports/start/", {"document": "progress", "apprentice": sys.argv[1]})
page = client.get(answer["Location"]).content.decode()
print(answer.status_code, "cannot be reached just now" in page)
"""


def test_request_is_answered_and_the_report_kept_while_redis_is_away(
    cast: Cast, outside: dict[str, str]
) -> None:
    nowhere = outside | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    asked = [sys.executable, "-c", ASK, str(cast.ana.uid)]
    told = subprocess.run(asked, env=nowhere, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == ["302", "True"]
    run = ReportRun.objects.get()
    assert (run.state, run.enqueued_at) == ("queued", None)
    assert list(ReportRun.objects.waiting(run.lane)) == [run]


def asked_by_many(cast: Cast) -> list[ReportRun]:
    """Forty papers of one sponsor: as many as four people may have open at once."""
    days = [timezone.now().date() - timedelta(days=number) for number in range(2, 12)]
    return [
        ReportRun.objects.start(
            by=person, now=timezone.now(), document="hours", apprentice=cast.ana, to_day=day
        )
        for person in (cast.nora, cast.ruth, cast.marcus, cast.ana_user)
        for day in days
    ]


def test_one_report_of_a_sponsor_does_not_wait_for_the_many_of_another(
    cast: Cast, worker: Callable[..., Worker]
) -> None:
    many = asked_by_many(cast)
    running = worker()
    running.wait(lambda: state(many[1]) == "done")
    one = ReportRun.objects.start(by=cast.olga, now=timezone.now(), document="hours", apprentice=cast.chen)
    running.wait(lambda: state(one) == "done")
    assert one.started_at
    theirs = ReportRun.objects.filter(pk__in=[run.pk for run in many])
    assert theirs.filter(started_at__gt=one.created_at, started_at__lt=one.started_at).count() <= 2
    assert theirs.filter(state="queued").count() > 20


def test_report_of_a_person_does_not_wait_for_a_worker_of_whole_programs(
    cast: Cast, worker: Callable[..., Worker]
) -> None:
    """Nobody builds the ZIP here, and the paper that was asked for after it is built all the same."""
    whole = program_report(cast, for_each=True)
    single = ReportRun.objects.start(by=cast.nora, now=timezone.now(), document="hours", apprentice=cast.ana)
    worker("--queues", "scheduled,interactive").wait(lambda: state(single) == "done")
    assert (state(whole), whole.attempt) == ("queued", 0)
    worker("--queues", "bulk", "--hostname", "bulk@%h").wait(lambda: state(whole) == "done")
