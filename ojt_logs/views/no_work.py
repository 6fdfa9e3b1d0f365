"""Days without work: noted by the apprentice or a coordinator, and taken back with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_or_deny, signed_in
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from apprenticeship.views.reach import RELATED
from ojt_logs.forms.no_work import NoWorkForm, TakeBackForm
from ojt_logs.models import HoursEntry, NoWorkPeriod


@require_http_methods(["GET", "HEAD", "POST"])
def no_work(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is noted for one registration, and noting more: oneself or the office."""
    found = _registration(request, uid)
    may_enter = Apprentice.objects.own_or_decided_by(request.user)
    if request.method == "POST":
        get_or_deny(Apprentice.objects.visible_to(request.user), may_enter, uid=uid)
    form = NoWorkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and (made := form.save(found, by=signed_in(request), now=timezone.now())):
        messages.success(request, _said(request, made))
        return redirect("no-work", uid)
    context = {
        "apprentice": found,
        "form": form,
        "may_enter": may_enter.filter(pk=found.pk).exists(),
        "mine": found.user_id == signed_in(request).pk,
        "rows": _rows(request, found),
    }
    return render(request, "ojt_logs/no_work.html", context)


def _registration(request: HttpRequest, uid: UUID) -> Apprentice:
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    return get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=uid)


def _rows(request: HttpRequest, found: Apprentice) -> list[tuple[NoWorkPeriod, TakeBackForm | None]]:
    """The newest first, each with the form that takes it back where one may."""
    own = NoWorkPeriod.objects.withdrawable_by(request.user).filter(apprentice=found)
    mine = set(own.values_list("pk", flat=True))
    rows = NoWorkPeriod.objects.visible_to(request.user).filter(apprentice=found)
    return [
        (row, TakeBackForm(auto_id=f"{row.pk}-%s") if row.pk in mine else None)
        for row in rows.select_related("entered_by", "withdrawn_by")
    ]


def _said(request: HttpRequest, made: NoWorkPeriod) -> str:
    hours = HoursEntry.objects.visible_to(request.user).filter(apprentice=made.apprentice)
    logged = hours.of_days(made.first_day, made.last_day).exclude(status="superseded").count()
    if not logged:
        return f"Noted: no work {made.days}."
    entries = count_of(logged, "entry is", "entries are")
    return f"Noted: no work {made.days}. {entries} logged on these days; hours stay, and count as always."


@require_POST
def take_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one back, with a reason."""
    visible = NoWorkPeriod.objects.visible_to(request.user).select_related("apprentice")
    standing = NoWorkPeriod.objects.withdrawable_by(request.user)
    row = get_or_deny(visible, standing, uid=uid)
    form = TakeBackForm(request.POST)
    if form.is_valid():
        row.withdraw(by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, f"Taken back: {row}.")
    else:
        messages.error(request, "Nothing was taken back. Say why, in a few words.")
    return redirect("no-work", row.apprentice.uid)
