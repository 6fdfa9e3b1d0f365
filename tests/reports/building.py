"""What a worker does with a report, without the queue."""

from django.utils import timezone

from reports import tasks
from reports.models import ReportRun


def built(run: ReportRun) -> ReportRun:
    if claimed := ReportRun.objects.claim(run.pk, now=timezone.now()):
        tasks.build_claimed(claimed)
    run.refresh_from_db()
    return run
