"""Logging hours on behalf of apprentices, and what the apprentice says to it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.dates import short_day
from accounts.refusals import NotAllowed
from apprenticeship.models import Program
from ojt_logs.behalf import loggable_by
from ojt_logs.forms.behalf import BehalfForm, DisputeForm
from ojt_logs.forms.subjects import Subjects
from ojt_logs.views.reach import own_entry

BAD = 400


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The programs in which one may log hours for others; straight on where it is one."""
    people = loggable_by(signed_in(request), now=timezone.now())
    found = Program.objects.visible_to(request.user).filter(pk__in=people.values("program"))
    programs = list(found.select_related("sponsor").order_by("sponsor__name", "name"))
    if len(programs) == 1:
        return redirect("log-for", programs[0].uid)
    return render(request, "ojt_logs/log_for_whom.html", {"programs": programs})


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One form for one or several apprentices of a program."""
    user, now = signed_in(request), timezone.now()
    program = get_or_deny(Program.objects.visible_to(user).select_related("sponsor"), uid=uid)
    people = loggable_by(user, now=now).filter(program=program).select_related("user", "schedule", "program")
    people = people.order_by("user__name", "pk")
    first = people.first()
    if first is None:
        raise NotAllowed("There is nobody here for whom you log hours.", code="not_allowed")
    form = BehalfForm(request.POST or None, people=people, subjects=Subjects(first), by=user, now=now)
    if form.is_valid() and (entries := form.save()):
        names = ", ".join(entry.apprentice.user.name for entry in entries)
        messages.success(request, f"Logged for {names}. They see it and may dispute it; it waits for review.")
        return redirect("log-for", uid)
    status = BAD if form.is_bound and form.errors else 200
    return render(request, "ojt_logs/log_for.html", {"program": program, "form": form}, status=status)


@require_POST
def dispute(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say of hours that somebody else logged that they are not right."""
    found = own_entry(request, uid)
    form = DisputeForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("hours-entry", uid)
    found.move("dispute", by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
    day = short_day(found.date)
    messages.success(request, f"You dispute the entry of {day}. Nobody approves it meanwhile.")
    return redirect("hours-entry", uid)


@require_POST
def settle(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Agree after all to hours that one disputed."""
    found = own_entry(request, uid)
    found.move("settle", by=signed_in(request), now=timezone.now())
    messages.success(request, f"You agree to the entry of {short_day(found.date)}. It waits for review.")
    return redirect("hours-entry", uid)
