"""The apprentice's pages: the week, a day, progress and what is behind it. Entries are in hours.py."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.durations import format_hours
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.templatetags.journeybook import when
from apprenticeship.models import Apprentice, Program
from apprenticeship.periods import period_of
from ojt_logs import asking, weeks
from ojt_logs.burn_up import burn_up
from ojt_logs.due import dues_of
from ojt_logs.forecast import forecast_of
from ojt_logs.models import Receipt, SignOff
from ojt_logs.models.outside import askable_by
from ojt_logs.own import monday_within
from ojt_logs.practice import in_class
from ojt_logs.progress import CompetencyProgress, Progress, progress_of
from ojt_logs.signed import signed_standards
from ojt_logs.signing import own_ratings
from ojt_logs.views.reach import (
    back_to_week,
    entries_of,
    no_work_of,
    other_registrations,
    own_registration,
    record,
    to_acknowledge,
)
from ojt_logs.wages import wages_of

FEW = 5
"""Entries that others logged, on the first screen."""
NEWEST = 20
"""So many entries stand on the page of a competency; the list has them all."""


@require_safe
def week(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The first screen: one week, by default the current one, and how far one is."""
    apprentice = own_registration(request, uid)
    now = timezone.now()
    try:
        day = date.fromisoformat(request.GET.get("of") or apprentice.user.today(now).isoformat())
    except ValueError:
        raise Http404 from None
    monday = monday_within(apprentice, day, now=now)
    wages = wages_of([apprentice], now=now)[apprentice.pk]
    shown = {
        "apprentice": apprentice,
        "week": weeks.week_of(apprentice, monday, now=now),
        "no_work": no_work_of(request, apprentice, monday, monday + timedelta(days=6)),
        "progress": wages.progress,
        "wages": wages,
        "dues": dues_of(apprentice, now=now),
        "receipt": Receipt.objects.visible_to(request.user).filter(apprentice=apprentice).first(),
        "is_new": not entries_of(request, apprentice).exists(),
        "mentors": apprentice.mentors(on=authority_day(now)),
        "others": other_registrations(request, apprentice),
        "amendment": to_acknowledge(request, apprentice),
        "asked": asking.open_of(apprentice, signed_in(request)),
        "logged_for": entries_of(request, apprentice).logged_for().order_by("-date", "-pk")[:FEW],
    }
    return render(request, "ojt_logs/week.html", shown)


@require_POST
def submit_week(request: HttpRequest, uid: UUID, monday: date) -> HttpResponse:
    """Send the drafts of a week, and the returned entries that were mended, to those who review them."""
    apprentice = own_registration(request, uid)
    first = monday_within(apprentice, monday, now=timezone.now())
    return _submit(request, apprentice, first, first + timedelta(days=6))


@require_POST
def submit_period(request: HttpRequest, uid: UUID, first: date) -> HttpResponse:
    """The same for the whole reporting period of a day."""
    apprentice = own_registration(request, uid)
    period = period_of(apprentice.program, first)
    return _submit(request, apprentice, period.first, period.last)


def _submit(request: HttpRequest, apprentice: Apprentice, first: date, last: date) -> HttpResponse:
    now = timezone.now()
    back_to = min(last, apprentice.user.today(now))
    try:
        moved = weeks.to_submit(apprentice, first, last).move("submit", by=signed_in(request), now=now)
    except ValidationError:
        messages.error(request, "Nothing was submitted. Fix the entries below first.")
        return back_to_week(apprentice, back_to)
    total = format_hours(sum(entry.minutes for entry in moved))
    said = f"Submitted {count_of(len(moved), 'entry', 'entries')}, {total}, on {strip_tags(when(now))}."
    messages.success(request, said if moved else "There is nothing to submit in these days.")
    return back_to_week(apprentice, back_to)


@require_safe
def progress(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How far, why, what is missing, and the way to what is behind every number."""
    apprentice = record(request, uid)
    found = progress_of(apprentice)
    shown = {
        "apprentice": apprentice,
        "progress": found,
        "burn_up": burn_up([found], today=found.as_of),
        "forecast": forecast_of(found),
        "others": other_registrations(request, apprentice),
        "amendment": to_acknowledge(request, apprentice),
        "mine": apprentice.user_id == signed_in(request).pk,
        "board": Program.objects.followed_by(request.user).filter(pk=apprentice.program_id).exists(),
        "may_sign": _may_sign(request, apprentice),
    }
    return render(request, "ojt_logs/progress.html", shown)


@require_safe
def competency(request: HttpRequest, uid: UUID, code: str) -> HttpResponse:
    """One competency: who signed which standard and how, and the entries that name it."""
    apprentice = record(request, uid)
    found = _competency(progress_of(apprentice), code)
    naming = entries_of(request, apprentice).filter(competency__lineage=found.competency.lineage)
    shown = {
        "apprentice": apprentice,
        "competency": found,
        "in_class": in_class(apprentice, found.competency),
        "standards": signed_standards(
            apprentice,
            found,
            sign_offs=SignOff.objects.visible_to(request.user),
            own=own_ratings(apprentice, signed_in(request)),
        ),
        "naming": naming.order_by("-date", "-pk")[:NEWEST],
        "minutes": naming.filter(status="approved").aggregate(minutes=Sum("minutes"))["minutes"] or 0,
        "waiting": naming.filter(status="submitted").aggregate(minutes=Sum("minutes"))["minutes"] or 0,
        "may_sign": _may_sign(request, apprentice),
        "mine": apprentice.user_id == signed_in(request).pk,
        "may_copy": askable_by(signed_in(request), on=authority_day(timezone.now()))
        .filter(pk=apprentice.pk)
        .exists(),
        "asked": asking.open_request(apprentice, found.competency, signed_in(request)),
    }
    return render(request, "ojt_logs/competency.html", shown)


def _competency(found: Progress, code: str) -> CompetencyProgress:
    for function in found.functions:
        for one in function.competencies:
            if one.code == code:
                return one
    raise Http404


def _may_sign(request: HttpRequest, apprentice: Apprentice) -> bool:
    return Apprentice.objects.signable_by(signed_in(request)).filter(pk=apprentice.pk).exists()
