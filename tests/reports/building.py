"""What a worker does with a report, without the queue."""

from reports import tasks
from reports.models import ReportRun


def built(run: ReportRun) -> ReportRun:
    tasks.render(run.pk)
    run.refresh_from_db()
    return run
