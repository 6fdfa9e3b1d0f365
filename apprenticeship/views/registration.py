"""The registration of one apprentice: its facts, its mentors, its status over time."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.dates import day_words
from accounts.models.people import authority_day
from accounts.numbers import count_of
from apprenticeship import retention
from apprenticeship.forms.assignments import AssignmentForm, StandInForm
from apprenticeship.forms.elections import ElectionsForm
from apprenticeship.forms.registration import FactsForm
from apprenticeship.history import history_of
from apprenticeship.models import Apprentice, LegalHold
from apprenticeship.models.status import moves_from
from apprenticeship.views.reach import RELATED, managed_assignment, managed_registration

HELD = ("sponsor", "apprentice__user", "placed_by", "lifted_by")


@require_safe
def registration(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everything that was decided about one registration: for the office, and for oneself."""
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    found = get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=uid)
    today = authority_day(timezone.now())
    mentorships = found.mentorships.select_related("mentor", "stands_in_for").order_by("-starts_on", "pk")
    context = {
        "apprentice": found,
        "today": today,
        "mentors": [row for row in mentorships if not row.ends_on or row.ends_on >= today],
        "past_mentors": [row for row in mentorships if row.ends_on and row.ends_on < today],
        "changes": found.status_changes.select_related("by").order_by("-effective_on", "-pk"),
        "decisions": found.probation_decisions.select_related("by").order_by("-pk"),
        "classes": found.classes.select_related("course", "instructor").order_by("-starts_on"),
        "functions": found.elected_functions.order_by("number"),
        "competencies": found.elected_competencies.order_by("code"),
        "mine": found.user_id == signed_in(request).pk,
        "may_manage": Apprentice.objects.decided_by(request.user).filter(pk=found.pk).exists(),
        "moves": moves_from(found.status),
    }
    return render(request, "apprenticeship/registration.html", context | _kept(request, found))


def _kept(request: HttpRequest, found: Apprentice) -> dict[str, object]:
    """How long the record is kept, and the legal holds that the reader may know of."""
    holds = LegalHold.objects.visible_to(request.user).over(found).select_related(*HELD)
    return {"kept_through": retention.kept_through(found), "holds": holds}


@require_safe
def history(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who decided what about one registration, and when: for the office, and for oneself."""
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    found = get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=uid)
    context = {
        "apprentice": found,
        "history": history_of(found),
        "mine": found.user_id == signed_in(request).pk,
    }
    return render(request, "apprenticeship/registration_history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change employer, registration number and planned end."""
    found = managed_registration(request, uid)
    form = FactsForm(request.POST or None, instance=found)
    if form.is_valid():
        form.record(by=signed_in(request))
        messages.success(request, "Saved.")
        return redirect("registration", uid)
    return render(request, "apprenticeship/registration_facts.html", {"apprentice": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def elections(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which optional job functions and competencies count for this apprentice beyond the program's."""
    found = managed_registration(request, uid)
    form = ElectionsForm(found, request.POST if request.method == "POST" else None, editable=True)
    if form.is_valid():
        form.save(by=signed_in(request))
        messages.success(request, f"Saved. The progress of {found.user.name} counts accordingly.")
        return redirect("registration", uid)
    context = {"apprentice": found, "form": form}
    return render(request, "apprenticeship/registration_elections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A mentor from a day on; that it was done, and by whom, is in the apprentice's record."""
    found = managed_registration(request, uid)
    form = AssignmentForm(request.POST or None, apprentice=found, now=timezone.now())
    if request.method == "POST" and (made := form.save(by=signed_in(request))):
        messages.success(request, f"{made.mentor.name} mentors {found.user.name} {made.days}.")
        if made.role_since and made.role_since > made.starts_on:
            messages.warning(
                request,
                f"{made.mentor.name} has the role of a mentor since {day_words(made.role_since)} only, and "
                "cannot sign for days before. If they mentored before, change “With you since” in People.",
            )
        return redirect("registration", uid)
    return render(request, "apprenticeship/assign.html", {"apprentice": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def stand_in(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Somebody in the place of a mentor who is away, for some days, for all or some of their apprentices."""
    row = managed_assignment(request, uid)
    form = StandInForm(request.POST or None, mentorship=row, by=signed_in(request), now=timezone.now())
    if request.method == "POST" and (made := form.save()) is not None:
        who = form.cleaned_data["mentor"].name
        said = f"{who} stands in for {row.mentor.name} with {count_of(len(made), 'apprentice')}."
        others = len(form.cleaned_data["apprentices"]) - len(made)
        more = f" {count_of(others, 'other')} had {who} as mentor on these days already." if others else ""
        messages.success(request, said + more)
        return redirect("registration", row.apprentice.uid)
    return render(request, "apprenticeship/stand_in.html", {"row": row, "form": form})
