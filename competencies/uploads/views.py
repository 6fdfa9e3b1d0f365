"""Pages on which a coordinator brings a schedule in. Nothing is stored before the last button."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny, signed_in
from accounts.models import Sponsor
from competencies.imports import outline as o
from competencies.load import Stored, newest_of, owners, said, said_by, store
from competencies.uploads.forms import HeaderForm, UploadForm
from competencies.uploads.waiting import Waiting, find, forget, keep

FORM = ["GET", "HEAD", "POST"]
NAMES = {
    "workbook": "Workbook",
    "word": "Word document",
    "rapids": "RAPIDS",
    "case": "CASE package",
    "outline": "Outline of ours",
}


@require_http_methods(FORM)
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is read and shown, or refused with the reason."""
    user = signed_in(request)
    owners(user)
    posted = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
    if form.is_bound and form.is_valid():
        uid = keep(Waiting(form.cleaned_data["file"].name, form.readings), user=user)
        return redirect("standards-look", uid=uid)
    return render(request, "competencies/upload.html", {"form": form})


@require_http_methods(FORM)
def look(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was read, every finding, totals; its header may be corrected; then it is stored as a draft."""
    user = signed_in(request)
    waiting = find(uid, user=user, kind=Waiting)
    if waiting is None:
        raise Http404
    sponsors = owners(user)
    number = _number(request, waiting)
    outline = waiting.readings[number - 1].outline
    form = HeaderForm.of(outline, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        sponsor = get_or_deny(sponsors, uid=request.POST.get("sponsor", ""))
        if stored := _stored(form, outline, waiting.name, sponsor):
            if len(waiting.readings) == 1:
                forget(uid, user=user)
            return _told(request, stored)
    context = {"form": form, "sponsors": sponsors, **_shown(waiting, number, sponsors[0])}
    return render(request, "competencies/look.html", context)


def _number(request: HttpRequest, waiting: Waiting) -> int:
    """Which schedule of the file is looked at, from 1."""
    text = request.GET.get("schedule", "1")
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= len(waiting.readings)):
        raise Http404
    return int(text)


def _stored(form: HeaderForm, outline: o.ScheduleOutline, name: str, sponsor: Sponsor) -> Stored | None:
    """What became of the outline with the header of the form; None and a reason in the form of nothing."""
    try:
        return store(form.corrected(outline), sponsor=sponsor, now=timezone.now(), name=name)
    except o.Malformed as refusal:
        form.add_error(None, f"Nothing was stored. {refusal.message}")
        return None


def _told(request: HttpRequest, stored: Stored) -> HttpResponse:
    """The page of what is stored now, with a sentence about it."""
    if not stored.new:
        messages.info(request, "You have this already, word for word: nothing changed.")
    elif stored.before:
        messages.success(request, f"Stored as a draft beside version {stored.before.version}.")
    else:
        messages.success(request, "Stored as a draft. Nobody is asked for it before it is final.")
    return redirect("schedule" if stored.schedule.frozen else "draft", uid=stored.schedule.uid)


def _shown(waiting: Waiting, number: int, sponsor: Sponsor) -> dict[str, Any]:
    """The schedule with this number, and what its owner has of it already."""
    reading = waiting.readings[number - 1]
    outline = reading.outline
    before = newest_of(outline, sponsor=sponsor)
    return {
        "name": waiting.name,
        "kind": NAMES.get(reading.format, reading.format),
        "number": number,
        "titles": [one.outline.title or "Without a title" for one in waiting.readings],
        "outline": outline,
        "reading": reading,
        "warnings": [one for one in reading.findings if one.severity is o.Severity.WARNING],
        "notes": [one for one in reading.findings if one.severity is o.Severity.NOTE],
        "competency_count": sum(len(one.competencies) for one in outline.job_functions),
        "before": before,
        "same": before is not None and said_by(before) == said(outline),
    }
