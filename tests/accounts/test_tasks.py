"""What is deleted each night, and that somebody does it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import IdempotencyKey
from accounts.tasks import clear_outlived
from apprenticeship.celery import app
from tests.cast import Cast


def answered(cast: Cast, key: str, *, age: timedelta) -> IdempotencyKey:
    return IdempotencyKey.objects.create(
        user=cast.ana_user, key=key, status=201, created_at=timezone.now() - age
    )


def test_answers_are_kept_for_thirty_days_and_no_longer(cast: Cast) -> None:
    answered(cast, "old", age=timedelta(days=30, minutes=1))
    young = answered(cast, "young", age=timedelta(days=29, hours=23))
    clear_outlived()
    assert list(IdempotencyKey.objects.all()) == [young]


@pytest.mark.django_db
def test_expired_sessions_are_deleted_and_others_stay() -> None:
    for key, left in (("gone", timedelta(minutes=-1)), ("here", timedelta(minutes=1))):
        Session.objects.create(session_key=key, expire_date=timezone.now() + left)
    clear_outlived()
    assert list(Session.objects.values_list("pk", flat=True)) == ["here"]


def test_every_task_of_the_clock_exists_and_this_one_runs_daily(settings: Any) -> None:
    app.loader.import_default_modules()
    rows = {row["task"]: row["schedule"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(rows) <= set(app.tasks)
    _, soon = rows[clear_outlived.name].is_due(timezone.now())
    assert 0 < soon <= timedelta(days=1).total_seconds()
