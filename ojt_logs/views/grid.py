"""The page of a week as a grid."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.dates import short_day
from ojt_logs.forms.grid import SUNDAY, WEEK, GridForm
from ojt_logs.forms.subjects import Subjects
from ojt_logs.own import monday_within
from ojt_logs.views.reach import back_to_week, entries_of, own_registration
from ojt_logs.views.typed import forget, kept, place_of


@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest, uid: UUID, monday: date) -> HttpResponse:
    """Log a week: subjects by days, all saved together; the week before can be copied into it."""
    apprentice, now = own_registration(request, uid), timezone.now()
    prefetch_related_objects([apprentice], "status_changes")
    monday = monday_within(apprentice, monday, now=now)
    found = entries_of(request, apprentice).order_by("date", "pk")
    entries = list(found.of_days(monday, monday + SUNDAY))
    before = list(found.of_days(monday - WEEK, monday - WEEK + SUNDAY))
    place = place_of("week", monday)
    before_saving = kept(request, apprentice, place, now=now)
    data = request.POST if request.method == "POST" else (before_saving.words if before_saving else None)
    form = GridForm(apprentice, monday, subjects=Subjects(apprentice), entries=entries, now=now, data=data)
    if "add" in request.POST:
        form.add_row()
    elif "copy" in request.POST:
        form.copy(before)
    elif request.method == "POST" and form.save(by=signed_in(request), now=now, before=before):
        forget(request, apprentice, place)
        messages.success(request, f"Saved the week of {short_day(monday)}, as drafts.")
        return back_to_week(apprentice, monday)
    shown = {
        "apprentice": apprentice,
        "form": form,
        "monday": monday,
        "can_copy": bool(before),
        "kept": before_saving,
        "keep": reverse("week-typed", args=[apprentice.uid, monday]),
    }
    return render(request, "ojt_logs/grid.html", shown)
