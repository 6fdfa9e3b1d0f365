"""When the tasks of the clock ran last, and whether they went well: one row a task, for who runs the site."""

from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab
from celery.signals import task_postrun
from django.conf import settings
from django.db import DatabaseError, models
from django.utils import timezone

LATENESS = timedelta(minutes=10)
"""So long after its turn a task counts as left out."""


class BeatQuerySet(models.QuerySet["Beat"]):
    def note(self, task: str, *, well: bool, now: datetime) -> None:
        """This task has run to its end, or has failed."""
        stamps: dict[str, Any] = {"ran_at": now} if well else {"failed_at": now}
        self.update_or_create(task=task, defaults=stamps)

    def of_the_clock(self, *, now: datetime) -> list["Beat"]:
        """A row for every task of the schedule, in its order; one that never ran is not saved."""
        known = {row.task: row for row in self.all()}
        first = min((row.since for row in known.values()), default=now)
        names = [row["task"] for row in _schedule()]
        return [known.get(name) or Beat(task=name, since=first) for name in names]


class Beat(models.Model):
    """The last runs of one task that the clock sends."""

    task = models.CharField(max_length=100, unique=True)
    since = models.DateTimeField(default=timezone.now, help_text="The first run that was noted.")
    ran_at = models.DateTimeField(null=True, blank=True, help_text="It ran to its end.")
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = BeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As people call it: `mail notices`."""
        return self.task.rpartition(".")[2].replace("_", " ")

    @property
    def every(self) -> timedelta:
        """How long from one turn to the next."""
        when = next(row["schedule"] for row in _schedule() if row["task"] == self.task)
        if isinstance(when, crontab):
            hours: set[int] = vars(when)["hour"]
            return timedelta(days=1) if len(hours) == 1 else timedelta(hours=1)
        return timedelta(seconds=float(when))

    @property
    def has_failed(self) -> bool:
        """The last run did not go well."""
        return bool(self.failed_at and (self.ran_at is None or self.failed_at > self.ran_at))

    def is_late(self, *, now: datetime) -> bool:
        """Its turn has passed and nothing was heard."""
        last = max(filter(None, (self.ran_at, self.failed_at, self.since)))
        return now - last > self.every + LATENESS


def _schedule() -> list[dict[str, Any]]:
    return list(settings.CELERY_BEAT_SCHEDULE.values())


@task_postrun.connect
def note_end(task: Any, state: str | None = None, **_: Any) -> None:
    """Celery says so after each task, well or not. A database that is away is told elsewhere."""
    if task.name not in {row["task"] for row in _schedule()}:
        return
    try:
        Beat.objects.note(task.name, well=state == "SUCCESS", now=timezone.now())
    except DatabaseError:
        return
