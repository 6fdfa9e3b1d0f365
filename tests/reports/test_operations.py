"""The page for operators: how the site is, for superusers alone and without a word about people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from ojt_logs.models import Notice
from ojt_logs.tasks import mail_notices
from reports import health
from reports.backups.manifest import product_version
from reports.beats import Beat
from reports.models import ReportRun
from tests.cast import TODAY, Cast
from tests.ojt_logs.pages import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("op@example.org", "a long password", name="Op Erator"))
    return client


def page(operator: Client) -> str:
    answer = operator.get(reverse("operations"))
    assert answer.status_code == 200
    return words(answer.content)


def words(content: bytes) -> str:
    """The text of a page, with spaces where its tags are."""
    return " ".join(re.sub(r"<[^>]+>", " ", plain(content)).split())


def failed(cast: Cast) -> ReportRun:
    run = ReportRun.objects.start(by=cast.ana_user, document="hours", now=timezone.now(), apprentice=cast.ana)
    claimed = ReportRun.objects.claim(run.pk, now=timezone.now())
    assert claimed and claimed.fail("This log has more than 5,000 entries.", now=timezone.now())
    run.refresh_from_db()
    return run


def test_operator_sees_what_waits_and_what_failed_and_nobodys_name(cast: Cast, operator: Client) -> None:
    asked = timezone.now() - timedelta(hours=2)
    ReportRun.objects.start(by=cast.nora, document="summary", now=asked, program=cast.program)
    run = failed(cast)
    Notice.objects.tell("returned", [cast.ana_user], words="Marcus returned 2 entries.", path="/", now=asked)
    told = page(operator)
    assert "Reports begun in time A report has waited 15 minutes for a worker to begin it." in told
    assert f"Hours log {str(run.uid)[:8]} This log has more than 5,000 entries." in told
    assert "Reports that wait 1, the oldest since" in told
    people = [*User.objects.exclude(name="Op Erator").values_list("name", flat=True), "Lakeside", "coders"]
    assert [word for name in people for word in name.split() if word in told] == []


def test_failed_report_is_built_again_in_the_name_of_who_asked(cast: Cast, operator: Client) -> None:
    run = failed(cast)
    operator.post(reverse("operations-build-again", args=[run.uid]))
    run.refresh_from_db()
    assert (run.state, run.requested_by) == ("queued", cast.ana_user)


def test_failed_report_stays_when_who_asked_may_no_longer_read_it(cast: Cast, operator: Client) -> None:
    run = failed(cast)
    ReportRun.objects.filter(pk=run.pk).update(requested_by=cast.nora)
    Membership.objects.filter(user=cast.nora).update(ends_on=TODAY - timedelta(days=100))
    answer = operator.post(reverse("operations-build-again", args=[run.uid]), follow=True)
    assert "may no longer read what it is about" in words(answer.content)
    run.refresh_from_db()
    assert run.state == "failed"


def test_task_of_the_clock_that_fails_is_told_until_it_runs_well(operator: Client) -> None:
    now = timezone.now()
    Beat.objects.note(mail_notices.name, well=False, now=now)
    assert "Tasks of the clock Not well: mail notices." in page(operator)
    mail_notices.apply()
    assert Beat.objects.get(task=mail_notices.name).ran_at
    assert "Not well" not in page(operator)


def test_task_that_was_left_out_is_late_and_one_whose_turn_has_not_come_is_not(db: None) -> None:
    now = timezone.now()
    rows = {"reports.tasks.reap": timedelta(minutes=12), "ojt_logs.tasks.tell_raises": timedelta(minutes=62)}
    for name, ago in rows.items():
        Beat.objects.create(task=name, since=now - timedelta(days=1, minutes=9), ran_at=now - ago)
    late = [row.name for row in Beat.objects.of_the_clock(now=now) if row.is_late(now=now)]
    assert late == ["reap", "mail notices", "mail digests"]


@pytest.mark.parametrize(("word", "fails"), [("full", True), ("low", False)])
def test_disk_is_told_in_time_and_ends_readiness_only_when_it_is_full(
    settings: Any, word: str, fails: bool
) -> None:
    real = health.free_megabytes()
    settings.DISK_FULL_MB = real + 1000 if fails else real / 2
    settings.DISK_LOW_MB = real + 1000
    found = health.examine(now=timezone.now())["disk"]
    assert (found.word, found.fails) == (word, fails)
    settings.DISK_FULL_MB = settings.DISK_LOW_MB = 0
    assert health.examine(now=timezone.now())["disk"] == health.OK


def test_whoever_only_runs_the_site_begins_there_and_agrees_to_nothing(db: None, client: Client) -> None:
    User.objects.create_superuser("ops@example.org", "a long password", name="Olaf Page")
    typed = {"login": "ops@example.org", "password": "a long password"}
    sent = client.post("/accounts/login/", typed, follow=True)
    assert sent.redirect_chain[-1][0] == "/operations/"
    assert product_version() in sent.text


def test_site_without_backups_is_told_so_but_not_a_demo(operator: Client, settings: Any) -> None:
    settings.BACKUP_DIR = ""
    assert "No backups are taken" in operator.get("/operations/").text
    settings.DEBUG = True
    assert "No backups are taken" not in operator.get("/operations/").text
