"""Pages on which a coordinator brings hours in from a file. Nothing is written before the last button."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import tables
from accounts.access import get_or_deny, managed_sponsor, signed_in
from accounts.dates import day_words
from accounts.listing import Listing
from accounts.models import Sponsor
from accounts.numbers import count_of
from accounts.refusals import Refusal
from competencies.uploads.waiting import find, forget, keep
from ojt_logs.forms.filters import HoursFilters
from ojt_logs.forms.imports import ColumnsForm, FileForm, ScansForm
from ojt_logs.imports import bringing
from ojt_logs.imports.reading import Plan, Reading
from ojt_logs.imports.uploads import Upload
from ojt_logs.listing import HOURS_OF_PROGRAM_SORTS
from ojt_logs.models import HoursBatch, HoursEntry, Scan
from ojt_logs.models.batches import FileKind
from ojt_logs.tables import HOURS_OF_PROGRAM, HOURS_RELATED, IMPORTED_ROWS

FORM = ["GET", "HEAD", "POST"]
SHOWN = 50
"""Rows of a kind on the page; the downloads have all."""
NEWEST = 20
BAD = 400


@dataclass(frozen=True)
class Pending:
    """A file that was read and not brought in, with what its columns mean."""

    upload: Upload
    plan: Plan


@require_http_methods(FORM)
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Choose a file; below, the files that came in before."""
    sponsor = managed_sponsor(request, uid)
    form = FileForm(request.POST, request.FILES, kind="hours") if request.method == "POST" else None
    if form and form.is_valid() and form.upload:
        pending = Pending(form.upload, bringing.plan_for(form.upload, sponsor=sponsor))
        return redirect("hours-import-look", uid, keep(pending, user=signed_in(request)))
    batches = HoursBatch.objects.visible_to(request.user).filter(sponsor=sponsor)
    context = {
        "sponsor": sponsor,
        "form": form or FileForm(kind="hours"),
        "batches": batches.select_related("by", "undone_by")[:NEWEST],
    }
    return render(request, "ojt_logs/import.html", context, status=BAD if form else 200)


@require_http_methods(FORM)
def look(request: HttpRequest, uid: UUID, file: UUID) -> HttpResponseBase:
    """What would become of every row. The columns may be chosen anew; then all of it is brought in."""
    sponsor = managed_sponsor(request, uid)
    user, now = signed_in(request), timezone.now()
    pending = find(file, user=user, kind=Pending)
    if pending is None:
        raise Http404
    if request.method == "POST" and "bring" in request.POST:
        return _bring(request, sponsor, pending, file)
    form = ColumnsForm(request.POST or None, upload=pending.upload, plan=pending.plan)
    if form.is_valid():
        keep(Pending(pending.upload, form.plan), user=user, uid=file)
        return redirect("hours-import-look", uid, file)
    try:
        reading = bringing.look(pending.upload, pending.plan, sponsor=sponsor, by=user, now=now)
    except Refusal as refusal:
        return _page(request, sponsor, pending, form, refusal=refusal)
    return _file(request, pending, reading) or _page(request, sponsor, pending, form, reading=reading)


def _bring(request: HttpRequest, sponsor: Sponsor, pending: Pending, file: UUID) -> HttpResponse:
    user = signed_in(request)
    try:
        result = bringing.bring(pending.upload, pending.plan, sponsor=sponsor, by=user, now=timezone.now())
    except bringing.RowsRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("hours-import-look", sponsor.uid, file)
    forget(file, user=user)
    if result.batch is None:
        messages.info(request, "Every row of this file is on the record already: nothing changed.")
        return redirect("hours-import", sponsor.uid)
    entries = count_of(result.batch.rows, "entry", "entries")
    messages.success(request, f"{entries} came in and wait for review.")
    return redirect("hours-batch", result.batch.uid)


def _page(
    request: HttpRequest,
    sponsor: Sponsor,
    pending: Pending,
    form: ColumnsForm,
    *,
    reading: Reading | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "sponsor": sponsor,
        "upload": pending.upload,
        "form": form,
        "reading": reading,
        "refusal": refusal,
        **(_shown(reading) if reading else {}),
    }
    status = BAD if form.is_bound and form.errors else 200
    return render(request, "ojt_logs/import_look.html", context, status=status)


def _shown(reading: Reading) -> dict[str, Any]:
    return {
        "refused": reading.refused[:SHOWN],
        "more_refused": max(0, len(reading.refused) - SHOWN),
        "new": reading.new[:SHOWN],
        "more_new": max(0, len(reading.new) - SHOWN),
        "differing": [row for row in reading.there if row.note and "else" in row.note][:SHOWN],
        "order": reading.order,
    }


def _file(request: HttpRequest, pending: Pending, reading: Reading) -> HttpResponseBase | None:
    """The rows as a file, with what would become of each; no cell of it is read as a formula."""
    ending = request.GET.get("format", "")
    if ending not in tables.FORMATS:
        return None
    zone = ZoneInfo(timezone.get_current_timezone_name())
    on = timezone.localdate()
    return tables.download(
        IMPORTED_ROWS, reading.rows, ending=ending, subject=pending.upload.name, on=on, zone=zone
    )


@require_safe
def batch(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A file that came in: who brought it, and what became of its entries."""
    related = ("sponsor", "by", "undone_by")
    found = get_or_deny(HoursBatch.objects.visible_to(request.user).select_related(*related), uid=uid)
    listing = Listing(
        request,
        HoursEntry.objects.on_record_for(signed_in(request)).filter(batch=found),
        filters=HoursFilters(request.GET),
        related=HOURS_RELATED,
        sorts=HOURS_OF_PROGRAM_SORTS,
        table=HOURS_OF_PROGRAM,
        subject=str(found),
    )
    manages = HoursBatch.objects.managed_by(request.user).filter(pk=found.pk).exists()
    scans = Scan.objects.visible_to(request.user).filter(batch=found).select_related("apprentice__user")
    context = {
        "batch": found,
        "listing": listing,
        "may_undo": manages and found.is_undoable,
        "scans": scans,
        "scans_form": ScansForm(batch=found) if manages and found.kind == FileKind.PAPER else None,
    }
    return listing.answer() or render(request, "ojt_logs/hours_batch.html", context)


@require_POST
def undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a whole file out again, while nobody has worked with its entries."""
    visible = HoursBatch.objects.visible_to(request.user)
    found = get_or_deny(visible, HoursBatch.objects.managed_by(request.user), uid=uid)
    now = timezone.now()
    count = found.undo(by=signed_in(request), now=now)
    entries = count_of(count, "entry", "entries")
    messages.success(request, f"{entries} of {found} were taken out again on {day_words(now.date())}.")
    return redirect("hours-batch", uid)
