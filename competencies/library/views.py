"""The library of learning resources: the list, what stands beside a statement, bringing a file in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.listing import Listing
from accounts.models import Sponsor
from accounts.numbers import count_of
from accounts.refusals import Conflict, NotAllowed, Refusal
from competencies import study
from competencies.library import files
from competencies.library.forms import SORTS, FileForm, LibraryFilters, ResourceForm
from competencies.library.tables import LIBRARY
from competencies.models import Framework, FrameworkStatement, LearningResource, Use, kept_by


@require_safe
def library(request: HttpRequest) -> HttpResponseBase:
    """Every resource that one may see."""
    listing = Listing(
        request,
        LearningResource.objects.visible_to(request.user),
        filters=LibraryFilters(request.GET),
        sorts=SORTS,
        related=("sponsor",),
        table=LIBRARY,
    )
    context = {"listing": listing, "kept": kept_by(request.user)}
    return listing.answer() or render(request, "competencies/library.html", context)


@login_not_required
@require_safe
def statement(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A statement with what its source listed, what is in the library, and where else to look."""
    kept = kept_by(request.user)
    return _shown(request, _statement(request, uid), ResourceForm(sponsors=kept) if kept else None)


@require_POST
def add(request: HttpRequest, uid: UUID) -> HttpResponse:
    """“Add what you teach with”: a resource beside a statement."""
    row = _statement(request, uid)
    form = ResourceForm(request.POST, sponsors=_kept(request))
    if not form.is_valid():
        return _shown(request, row, form)
    made = form.keep(row, by=signed_in(request), now=timezone.now())
    messages.success(request, f"“{made}” stands beside this statement now.")
    return redirect("statement", uid)


@require_POST
def pin(request: HttpRequest, uid: UUID, resource: UUID) -> HttpResponse:
    """Let a resource stand above the others beside a statement, or no longer."""
    row = _statement(request, uid)
    visible = Use.objects.visible_to(request.user).filter(statement=row.lineage)
    kept = visible.filter(resource__sponsor__in=kept_by(request.user).values("pk"))
    use = get_or_deny(visible.select_related("resource"), kept, resource__uid=resource)
    try:
        if use.pinned_at:
            use.unpin()
        else:
            use.pin(by=signed_in(request), now=timezone.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
    return redirect("statement", uid)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A CSV file into a library: first what it would do, then, confirmed, doing it."""
    sponsor = get_or_deny(Sponsor.objects.visible_to(request.user), kept_by(request.user), uid=uid)
    form = FileForm(request.POST or None, request.FILES or None)
    plan = None
    if form.is_valid():
        try:
            plan = files.plan(form.sent, sponsor=sponsor, user=request.user)
        except Refusal as refusal:
            form.add_error("file", refusal.message)
    if plan and "confirm" in request.POST:
        plan.store(by=signed_in(request), now=timezone.now())
        new, changed = count_of(len(plan.new), "resource", "resources"), len(plan.changed)
        messages.success(request, f"Brought in {new}, changed {changed}.")
        return redirect("library")
    context = {"sponsor": sponsor, "form": form, "plan": plan, "columns": files.COLUMNS}
    return render(request, "competencies/library_import.html", context)


def _statement(request: HttpRequest, uid: UUID) -> FrameworkStatement:
    """A statement or heading of a published framework, in any version."""
    rows = FrameworkStatement.objects.filter(framework__in=Framework.objects.visible_to(request.user))
    return get_or_deny(rows.select_related("framework", "parent"), uid=uid)


def _kept(request: HttpRequest) -> QuerySet[Sponsor]:
    kept = kept_by(request.user)
    if not kept:
        raise NotAllowed("Coordinators and instructors keep the library.", code="not_allowed")
    return kept


def _shown(request: HttpRequest, row: FrameworkStatement, form: ResourceForm | None) -> HttpResponse:
    context: dict[str, Any] = {
        "statement": row,
        "shelf": study.shelves([row], user=request.user)[0],
        "kept": set(kept_by(request.user).values_list("pk", flat=True)),
        "form": form,
    }
    return render(request, "competencies/statement.html", context)
