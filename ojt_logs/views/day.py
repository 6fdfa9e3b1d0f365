"""The page of one day, and “same as yesterday”."""

from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.dates import short_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from ojt_logs import weeks
from ojt_logs.forms.day import DayForm
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import HoursEntry, Typed
from ojt_logs.models.rules import problems
from ojt_logs.views.reach import back_to_week, entries_of, no_work_of, own_registration
from ojt_logs.views.typed import forget, kept, place_of


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest, uid: UUID, day: date) -> HttpResponse:
    """Log a day: its drafts and new lines, saved together or not at all."""
    apprentice = own_registration(request, uid)
    if "copy" in request.POST:
        return _copy(request, apprentice)
    now, place = timezone.now(), place_of("day", day)
    entries = list(entries_of(request, apprentice).of_days(day, day).order_by("pk"))
    typed = kept(request, apprentice, place, now=now)
    form = _form(request, apprentice, day, entries, typed)
    if "add" in request.POST:
        form.add(request.POST["add"])
    elif request.method == "POST" and form.save(by=signed_in(request), now=now):
        forget(request, apprentice, place)
        messages.success(request, f"Saved {day:%A}, {short_day(day)}.")
        return back_to_week(apprentice, day)
    fixed = [entry for entry in entries if entry.status != "draft"]
    shown = _day_shown(apprentice, day, form, fixed, now=now)
    shown |= {"no_work": no_work_of(request, apprentice, day, day), "kept": typed}
    return render(request, "ojt_logs/day.html", shown)


def _form(
    request: HttpRequest, apprentice: Apprentice, day: date, entries: list[HoursEntry], typed: Typed | None
) -> DayForm:
    """The form as it was sent, as it was left without saving, or as the drafts are."""
    data = request.POST if request.method == "POST" else (typed.words if typed else None)
    drafts = [entry for entry in entries if entry.status == "draft"]
    form = DayForm(apprentice, day, subjects=Subjects(apprentice), drafts=drafts, data=data)
    if typed:
        form.reopen()
    return form


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
        "recent": [(form.subjects.get(token), last) for token, last in form.subjects.lately.items()],
        "closed": closed,
        "refusals": form.errors or closed,
        "in_record": not closed,
        "keep": reverse("day-typed", args=[apprentice.uid, day]),
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
