"""The page for operators, superusers alone: everybody else finds nothing at its address."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import NotAllowed
from reports import operations as facts
from reports.health import free_megabytes, missing_migrations
from reports.models import ReportRun
from reports.tasks import enqueue


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """How the parts of the site are, what waits and what failed."""
    _operators_only(request)
    now = timezone.now()
    shown = {
        "parts": facts.parts(now=now),
        "tasks": facts.tasks(now=now),
        "waiting": facts.reports("queued"),
        "running": facts.reports("running"),
        "failed": facts.failed_reports(),
        "mails": facts.mails(now=now),
        "messages_waiting": facts.messages(),
        "workers": facts.workers(),
        "checkpoint_at": facts.checkpoint_at(),
        "free": free_megabytes() * 1_000_000,
        "missing": sorted(missing_migrations()),
        "versions": facts.versions(),
        "now": now,
    }
    return render(request, "reports/operations.html", shown)


@require_POST
def build_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Build a failed report again for who asked for it, if they may still read what it is about."""
    _operators_only(request)
    run = get_object_or_404(ReportRun.objects.everyone(), uid=uid)
    try:
        run.retry(by=run.requested_by, now=timezone.now())
    except NotAllowed:
        messages.warning(request, "Who asked for it may no longer read what it is about: it stays as it is.")
    else:
        enqueue(run)
        messages.success(request, f"Report {str(run.uid)[:8]} is built again.")
    return redirect("operations")


def _operators_only(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise Http404
