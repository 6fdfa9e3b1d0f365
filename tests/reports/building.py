"""What a worker does with a report, without the queue."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from reports import tasks
from reports.models import ReportRun


def file_of(run: ReportRun) -> Path:
    """Where the file of its attempt is, on a site that keeps files in a folder."""
    return Path(settings.MEDIA_ROOT) / run.kept_as


def built(run: ReportRun) -> ReportRun:
    if claimed := ReportRun.objects.claim(run.pk, now=timezone.now()):
        tasks.build_claimed(claimed)
    run.refresh_from_db()
    return run
