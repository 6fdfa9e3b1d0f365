"""Pages of reports: the list, one report while it is built and after, its file."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.listing import Listing
from accounts.refusals import Refusal
from apprenticeship import appendix
from apprenticeship.models import Apprentice, Employer, Program
from competencies.models import WorkProcessSchedule
from reports import documents
from reports.files import file_response
from reports.filters import REPORT_SORTS, ReportFilters
from reports.forms import AskForm, AskOnPageForm
from reports.models import ReportQuerySet, ReportRun
from reports.tables import REPORTS
from reports.tasks import enqueue

SIZE = 25
ASKED = ("document", "about", "apprentice", "program", "schedule", "employer", "from", "to")
RELATED = (
    *("requested_by", "apprentice__user", "apprentice__program"),
    *("program__sponsor", "schedule__sponsor", "employer"),
)


def _visible(request: HttpRequest) -> ReportQuerySet:
    return ReportRun.objects.visible_to(request.user).select_related(*RELATED)


@require_safe
def reports(request: HttpRequest) -> HttpResponseBase:
    """Reports one asked for and those of one's programs, newest first, with filters in the address."""
    return _listing(request).answer() or _list(request, AskOnPageForm(signed_in(request)), status=200)


def _listing(request: HttpRequest) -> Listing:
    return Listing(
        request,
        _visible(request),
        filters=ReportFilters(request.GET),
        sorts=REPORT_SORTS,
        table=REPORTS,
        size=SIZE,
    )


def _list(request: HttpRequest, form: AskOnPageForm, *, status: int) -> HttpResponse:
    shown = {"listing": _listing(request), "form": form}
    return render(request, "reports/reports.html", shown, status=status)


@require_safe
def report(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One report: how far it is, why it failed, or its file. htmx asks for the changing part alone,
    and is told to take the whole page when nothing changes any more."""
    run = get_or_deny(_visible(request), uid=uid)
    template = "reports/report.html#status" if request.headers.get("HX-Request") else "reports/report.html"
    answer = render(request, template, {"run": run})
    if request.headers.get("HX-Request") and not run.unfinished:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a document: `document`, `apprentice` or `program` (uids), `from`, `to`. With `preview` one is
    led to its preview."""
    if "preview" in request.POST:
        said = {name: request.POST[name] for name in ASKED if request.POST.get(name)}
        return redirect(reverse("report-preview", query=said))
    form = AskForm(request.POST)
    run = _run(request, form, ReportRun.objects.start)
    if run is None:
        return _again(request, form)
    enqueue(run)
    return redirect("report", uid=run.uid)


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """A document as a page, asked for as in `start`; of one with several sections the first."""
    form = AskForm(request.GET)
    run = _run(request, form, ReportRun.objects.wanted)
    if run and not run.is_paper:
        field, remedy = (
            ("about", "one of the apprentices") if run.for_each else ("document", "another document")
        )
        form.add_error(field, f"A preview shows one paper. Choose {remedy}.")
    if run is None or not run.is_paper:
        return _again(request, form)
    try:
        first, *more = documents.written(run, now=timezone.now()).sections
    except documents.CannotBuild as error:
        form.add_error("document", str(error))
        return _again(request, form)
    return render(request, first.template, _preview(request, run, first, more))


def _preview(
    request: HttpRequest, run: ReportRun, first: documents.Section, more: list[documents.Section]
) -> dict[str, Any]:
    """What the page of a preview shows: the paper, and what may be done with it."""
    printed = first.context(documents.PAGE)
    people = [one.apprentice for one in printed["report"].people] if more else []
    shown = {"run": run, "people": people}
    if run.is_blank and run.program:
        shown["missing"] = appendix.missing(run.program)
        shown["manages"] = Program.objects.managed_by(request.user).filter(pk=run.program.pk).exists()
    return printed | shown


def _run(request: HttpRequest, form: AskForm, act: Callable[..., ReportRun]) -> ReportRun | None:
    """What `act` makes of the form, or None: then the form says what is wrong with it."""
    if not form.is_valid():
        return None
    if form.subject is None:
        form.add_error("about", "Name one apprentice or one program.")
        return None
    said = form.cleaned_data
    days = {"from_day": said["from"], "to_day": said["to"]}
    what = days | {"document": said["document"]} | _subject(request, *form.subject, said.get("employer"))
    try:
        return act(by=signed_in(request), now=timezone.now(), **what)
    except Refusal as refusal:
        if refusal.field not in ("from", "to", "document"):
            raise
        form.add_error(refusal.field, refusal.message)
        return None


def _subject(request: HttpRequest, kind: str, uid: UUID, employer: UUID | None) -> dict[str, Any]:
    """Whom it is about, for `start()`; 404 for what one may not see, 403 for what one may only see."""
    user = request.user
    if kind == "apprentice":
        readable = Apprentice.objects.record_visible_to(user)
        return {kind: get_or_deny(Apprentice.objects.visible_to(user), readable, uid=uid)}
    if kind == "schedule":
        return {kind: get_or_deny(WorkProcessSchedule.objects.visible_to(user), uid=uid)}
    visible = Program.objects.visible_to(user).select_related("sponsor", "schedule")
    may = Program.objects.followed_by(user) if employer else Program.objects.coordinated_by(user)
    program = get_or_deny(visible, may, uid=uid)
    of = get_or_deny(Employer.objects.visible_to(user), uid=employer) if employer else None
    return {"program": program, "employer": of, "for_each": kind == "each"}


def _again(request: HttpRequest, sent: AskForm) -> HttpResponse:
    """The reports page with what was sent and what is wrong with it."""
    data = dict(sent.data.items())
    for kind in ("apprentice", "program"):
        if data.get(kind) and not data.get("about"):
            data["about"] = ":".join(filter(None, (kind, data[kind], data.get("employer"))))
    form = AskOnPageForm(signed_in(request), data)
    form.is_valid()
    for field, errors in sent.errors.items():
        name = field if field in form.fields else "about"
        if name not in form.errors:
            form.add_error(name, errors)
    return _list(request, form, status=400)


@require_POST
def retry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Build a failed report again."""
    run = get_or_deny(_visible(request), uid=uid)
    run.retry(by=signed_in(request), now=timezone.now())
    enqueue(run)
    messages.success(request, "It is built again.")
    return redirect("report", uid=run.uid)


@require_safe
def file(request: HttpRequest, uid: UUID) -> FileResponse:
    """The finished file, for who may still read what it is about."""
    return file_response(get_or_deny(_visible(request), uid=uid))
