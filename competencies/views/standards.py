"""Public pages: what an occupation asks for. Everybody may read them; a sponsor's copies stay its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import get_or_deny
from accounts.listing import Files, answer_of
from accounts.models import Sponsor
from competencies import contents, listing
from competencies.case.find import with_scales
from competencies.case.writing import V1P1
from competencies.crosswalk import schedules_beside
from competencies.exports.schema_org import of_framework, of_schedule
from competencies.exports.tree import Document
from competencies.files import FORMS, SCHEDULE_FORMS, Form, file
from competencies.forms import StandardsSearch
from competencies.models import Framework, Status, WorkProcessSchedule
from competencies.tables import STANDARDS

MOST_DRAFTS = 20


@login_not_required
@require_safe
def standards(request: HttpRequest) -> HttpResponseBase:
    """The list of schedules and frameworks, with search and filters in the URL."""
    form = StandardsSearch(request.GET)
    visible = WorkProcessSchedule.objects.visible_to(request.user).filter(frozen=True).newest()
    both = (
        form.schedules(visible),
        form.frameworks(Framework.objects.visible_to(request.user).newest()),
    )
    order = form.value("sort")
    answer = answer_of(
        request, asked=form.asked, table=STANDARDS, rows=lambda: listing.every(*both, sort=order)
    )
    if answer:
        return answer
    page = listing.page(*both, after=request.GET.get("after", ""), text=form.value("q"), sort=order)
    context = {
        "form": form,
        "page": page,
        "files": Files(form.asked),
        "next_url": f"?{urlencode(form.asked | {'after': page.next})}" if page.next else "",
        "may_bring": Sponsor.objects.managed_by(request.user).exists(),
        "filtered": bool(form.asked.keys() - {"sort"}),
        "later_page": bool(request.GET.get("after")),
        "drafts": WorkProcessSchedule.objects.drafts_of(request.user).select_related("sponsor")[:MOST_DRAFTS],
    }
    return render(request, "competencies/standards.html", context)


@login_not_required
@require_safe
def schedule(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One version of a work process schedule, every level openable; `#2e` opens a competency."""
    visible = WorkProcessSchedule.objects.visible_to(request.user)
    row = get_or_deny(visible.select_related("occupation", "sponsor", "rating_scale"), uid=uid)
    versions = visible.filter(lineage=row.lineage, sponsor=row.sponsor, frozen=True)
    context: dict[str, Any] = {
        "schedule": row,
        "contents": contents.schedule_contents(row),
        "versions": list(versions.only("uid", "version", "status", "published_at", "approved_on")),
        "opened": request.GET.get("open") == "all",
        "may_start": _may_start(request, row),
        "manages": WorkProcessSchedule.objects.managed_by(request.user).filter(pk=row.pk).exists(),
        "waiting": (Status.SUBMITTED, Status.PUBLISHED),
        "steps": row.steps.select_related("by") if row.sponsor_id else (),
        "comparable": row.sponsor_id or row.version > 1,
        **_taken_away(row, "schedule-file", SCHEDULE_FORMS),
    }
    if context["public"]:
        context["told"] = of_schedule(row, context["contents"])
    return render(request, "competencies/schedule.html", context)


def _taken_away(document: Document, file: str, forms: Mapping[str, Form]) -> dict[str, Any]:
    """What the page says of the forms in which the document is taken away, and where the public one is."""
    public = document.frozen and not getattr(document, "sponsor_id", None)
    service = V1P1.address("CFPackages", document.uid) if public else ""
    return {"forms": forms, "file": file, "public": public, "service": service, "document": document}


@login_not_required
@require_safe
def schedule_file(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    """A schedule in a format of other systems."""
    visible = with_scales(WorkProcessSchedule.objects.visible_to(request.user))
    return _file(request, get_or_deny(visible, uid=uid), SCHEDULE_FORMS, form)


@login_not_required
@require_safe
def framework_file(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    """A framework in a format of other systems."""
    row = get_or_deny(Framework.objects.visible_to(request.user), uid=uid)
    return _file(request, row, FORMS, form)


def _file(request: HttpRequest, document: Document, forms: Mapping[str, Form], form: str) -> HttpResponse:
    if form not in forms:
        raise Http404
    return file(document, forms[form], reader=request.user, now=timezone.now())


def _may_start(request: HttpRequest, schedule: WorkProcessSchedule) -> bool:
    """Whether the person runs a sponsor that may start a program from this schedule."""
    runs = Sponsor.objects.managed_by(request.user).exists()
    return runs and WorkProcessSchedule.objects.open_to(request.user).filter(pk=schedule.pk).exists()


@login_not_required
@require_safe
def framework(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One version of a framework as a tree with its counts."""
    visible = Framework.objects.visible_to(request.user)
    row = get_or_deny(visible, uid=uid)
    versions = visible.filter(lineage=row.lineage)
    context: dict[str, Any] = {
        "framework": row,
        "contents": contents.framework_contents(row),
        "schedules": schedules_beside(row, request.user),
        "versions": list(versions.only("uid", "version", "status", "published_at")),
        "opened": request.GET.get("open") == "all",
        **_taken_away(row, "framework-file", FORMS),
    }
    context["told"] = of_framework(row, context["contents"])
    return render(request, "competencies/framework.html", context)
