"""Decisions of the coordinator about one registration, with what they mean for hours and progress."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny, signed_in
from accounts.dates import day_words
from accounts.models import Membership
from accounts.models.people import Role, authority_day
from accounts.numbers import count_of
from accounts.refusals import Conflict
from apprenticeship.models.probation import longest
from apprenticeship.models.status import VERBS, Status, moves_from
from apprenticeship.views.reach import managed_assignment, managed_registration
from ojt_logs.forms.office import EndForm, HandOverForm, ProbationForm, StatusForm
from ojt_logs.handing_over import tell_handed_over, weeks_in
from ojt_logs.models import HoursEntry
from ojt_logs.progress import progress_of


@require_http_methods(["GET", "HEAD", "POST"])
def end_assignment(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give an assignment its last day; who has hours waiting with this mentor is told who looks at them."""
    row = managed_assignment(request, uid)
    now = timezone.now()
    form = EndForm(request.POST or None, mentorship=row, now=now)
    if request.method == "POST" and form.save(by=signed_in(request)):
        messages.success(request, f"{row.mentor.name} mentors {row.apprentice.user.name} {row.days}.")
        return redirect("registration", row.apprentice.uid)
    hours = HoursEntry.objects.visible_to(request.user).filter(apprentice=row.apprentice, kind="ojt")
    others = row.apprentice.mentorships.exclude(pk=row.pk).in_force(on=authority_day(now))
    context = {
        "row": row,
        "apprentice": row.apprentice,
        "form": form,
        "waiting": hours.filter(status="submitted").aggregate(minutes=Sum("minutes"))["minutes"],
        "others": [one.mentor.name for one in others.select_related("mentor").order_by("mentor__name")],
    }
    return render(request, "ojt_logs/end_assignment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give the apprentices of a mentor who leaves to somebody else, with everything that waits."""
    visible = Membership.objects.visible_to(request.user).select_related("user", "sponsor")
    row = get_or_deny(visible, Membership.objects.managed_by(request.user), uid=uid)
    if row.role != Role.MENTOR:
        raise Http404
    person, now = signed_in(request), timezone.now()
    form = HandOverForm(request.POST or None, role=row, by=person, now=now)
    waiting = HoursEntry.objects.visible_to(person).filter(status="submitted", kind="ojt")
    if request.method == "POST" and (made := form.save()) is not None:
        chosen = form.cleaned_data
        weeks = weeks_in(waiting.filter(apprentice__in=chosen["apprentices"]))
        tell_handed_over(made, leaving=row.user, weeks=weeks, by=person, now=now)
        moved = count_of(len(chosen["apprentices"]), "apprentice")
        also = f" {count_of(weeks, 'week')} that waited for {row.user} go along." if weeks else ""
        messages.success(
            request, f"{moved} of {row.user} go to {chosen['mentor']} from {day_words(chosen['on'])}.{also}"
        )
        return redirect("people", row.sponsor.uid)
    people = form.people
    weeks = weeks_in(waiting.filter(apprentice__in=people))
    context = {"row": row, "form": form, "weeks": weeks, "people": people}
    return render(request, "ojt_logs/hand_over.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_status(request: HttpRequest, uid: UUID, to: str) -> HttpResponse:
    """Suspend, reinstate, complete or cancel: what it will do is shown, then it is confirmed."""
    if to not in Status.values:
        raise Http404
    found = managed_registration(request, uid)
    if to not in dict(moves_from(found.status)):
        raise Conflict(
            f"{found.user.name} is {found.get_status_display().lower()} already.", code="status_move"
        )
    form = StatusForm(request.POST or None, apprentice=found, to=to, now=timezone.now())
    shown = form.outcome if form.is_valid() and "change" not in request.POST else None
    if shown and "confirm" in request.POST and form.save(by=signed_in(request)):
        day = day_words(form.cleaned_data["effective_on"])
        messages.success(request, f"{found.user.name} is {found.get_status_display().lower()} from {day}.")
        return redirect("registration", uid)
    context = {"apprentice": found, "to": to, "verb": VERBS[to], "form": form, "outcome": shown}
    return render(request, "ojt_logs/change_status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def probation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Decide a probation, with how far the apprentice is beside it."""
    found = managed_registration(request, uid)
    if not found.in_probation:
        raise Conflict("There is no probation to decide.", code="probation_decided")
    form = ProbationForm(request.POST or None, apprentice=found, now=timezone.now())
    if request.method == "POST" and form.save(by=signed_in(request)):
        messages.success(request, "The decision is on the record.")
        return redirect("registration", uid)
    context = {
        "apprentice": found,
        "form": form,
        "progress": progress_of(found),
        "longest": longest(found),
        "today": authority_day(timezone.now()),
    }
    return render(request, "ojt_logs/probation.html", context)
