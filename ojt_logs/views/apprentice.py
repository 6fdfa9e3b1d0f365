"""The apprentice's pages: the week, a day, progress and what is behind it. Entries are in hours.py."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.dates import short_day
from accounts.durations import format_hours
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.templatetags.journeybook import when
from apprenticeship.models import Apprentice, Program
from ojt_logs import asking, weeks
from ojt_logs.forms.day import DayForm
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.models.outside import askable_by
from ojt_logs.models.rules import problems
from ojt_logs.practice import in_class
from ojt_logs.progress import CompetencyProgress, Progress, progress_of
from ojt_logs.signed import signed_standards
from ojt_logs.signing import own_ratings
from ojt_logs.views.reach import (
    back_to_week,
    entries_of,
    monday_within,
    no_work_of,
    other_registrations,
    own_registration,
    record,
    to_acknowledge,
)

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
    shown = {
        "apprentice": apprentice,
        "week": weeks.week_of(apprentice, monday, now=now),
        "no_work": no_work_of(request, apprentice, monday, monday + timedelta(days=6)),
        "progress": progress_of(apprentice),
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
    now = timezone.now()
    ready = weeks.to_submit(apprentice, monday_within(apprentice, monday, now=now))
    try:
        moved = ready.move("submit", by=signed_in(request), now=now)
    except ValidationError:
        messages.error(request, "Nothing was submitted. Fix the entries below first.")
        return back_to_week(apprentice, monday)
    total = format_hours(sum(entry.minutes for entry in moved))
    said = f"Submitted {count_of(len(moved), 'entry', 'entries')}, {total}, on {strip_tags(when(now))}."
    messages.success(request, said if moved else "There is nothing to submit in this week.")
    return back_to_week(apprentice, monday)


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest, uid: UUID, day: date) -> HttpResponse:
    """Log a day: its drafts and new lines, saved together or not at all."""
    apprentice = own_registration(request, uid)
    if "copy" in request.POST:
        return _copy(request, apprentice)
    subjects, now = Subjects(apprentice), timezone.now()
    entries = list(entries_of(request, apprentice).of_days(day, day).order_by("pk"))
    drafts = [entry for entry in entries if entry.status == "draft"]
    data = request.POST if request.method == "POST" else None
    form = DayForm(apprentice, day, subjects=subjects, drafts=drafts, data=data)
    if "add" in request.POST:
        form.add(request.POST["add"])
    elif data is not None and form.save(by=signed_in(request), now=now):
        messages.success(request, f"Saved {day:%A}, {short_day(day)}.")
        return back_to_week(apprentice, day)
    fixed = [entry for entry in entries if entry.status != "draft"]
    shown = _day_shown(apprentice, day, form, fixed, now=now)
    shown["no_work"] = no_work_of(request, apprentice, day, day)
    return render(request, "ojt_logs/day.html", shown)


def _day_shown(
    apprentice: Apprentice, day: date, form: DayForm, fixed: list[HoursEntry], *, now: datetime
) -> dict[str, object]:
    sense = HoursEntry(apprentice=apprentice, kind="ojt", date=day, minutes=1)
    closed = problems(sense, now=now, taken=0).get("date", [])
    return {
        "apprentice": apprentice,
        "day": day,
        "form": form,
        "fixed": fixed,
        "fixed_minutes": weeks.counted(fixed),
        "minutes": weeks.counted(fixed) + form.minutes,
        "recent": form.subjects.recent(),
        "closed": closed,
        "refusals": form.errors or closed,
        "in_record": not closed,
    }


def _copy(request: HttpRequest, apprentice: Apprentice) -> HttpResponse:
    """“Same as yesterday”: drafts of today like the last day on which something was logged."""
    now = timezone.now()
    today = apprentice.user.today(now)
    source = weeks.day_to_copy(apprentice, today)
    if source is None:
        messages.warning(request, "There is nothing to copy: today has entries, or last week has none.")
        return back_to_week(apprentice, today)
    try:
        copied = weeks.copy_day(source, by=signed_in(request), now=now)
    except ValidationError as problem:
        messages.error(request, " ".join(["Nothing was copied.", *problem.messages]))
    else:
        number = count_of(len(copied), "entry", "entries")
        day = f"{source.on:%A}, {short_day(source.on)}"
        messages.success(request, f"Copied {number} from {day}, as drafts.")
    return back_to_week(apprentice, today)


@require_safe
def progress(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How far, why, what is missing, and the way to what is behind every number."""
    apprentice = record(request, uid)
    shown = {
        "apprentice": apprentice,
        "progress": progress_of(apprentice),
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
