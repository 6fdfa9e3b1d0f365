"""Pages that are taken to somebody: work to ask the mentor for, and what a reviewer would ask the office."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.models.people import authority_day
from apprenticeship.models import Apprentice
from apprenticeship.models.status import FINAL
from competencies.study import for_competency
from ojt_logs.agency_review import gaps_of, picked
from ojt_logs.explain import explain
from ojt_logs.progress import progress_of
from ojt_logs.views.reach import followed_program, record

TOLD = 12
"""So many competencies stand on one page to take along; the page of progress has them all."""


@require_safe
def ask_for_work(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Gaps to take to the mentor, counted ones alone; with `?code=` one, and what to learn it with."""
    apprentice = record(request, uid)
    found = progress_of(apprentice)
    code = request.GET.get("code", "")
    chosen = [one for one in found.open_competencies if one.code == code] if code else []
    if code and not chosen:
        raise Http404
    context = {
        "apprentice": apprentice,
        "progress": found,
        "mine": apprentice.user_id == signed_in(request).pk,
        "code": code,
        "rows": chosen or found.open_competencies[:TOLD],
        "functions": [] if code else found.functions_short,
        "shelves": for_competency(apprentice.schedule, chosen[0].competency, user=request.user)
        if chosen
        else [],
    }
    return render(request, "ojt_logs/ask_for_work.html", context)


@require_safe
def why(request: HttpRequest, uid: UUID, name: str) -> HttpResponse:
    """One number opened: what makes it, by which rule, what it lacks."""
    apprentice = record(request, uid)
    number = explain(progress_of(apprentice), name)
    if number is None:
        raise Http404
    shown = Apprentice.objects.registration_visible_to(request.user).filter(pk=apprentice.pk).exists()
    closed = "" if shown else reverse("credit", args=[uid])
    context = {"apprentice": apprentice, "number": number, "closed": closed}
    return render(request, "ojt_logs/why.html", context)


@require_safe
def reviewer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The list of a reviewer who came today, for an apprentice picked by chance; `?another=` picks again."""
    program, now = followed_program(request, uid), timezone.now()
    people = Apprentice.objects.registration_visible_to(request.user).filter(program=program)
    asked = request.GET.get("another", "")
    another = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    current = list(people.exclude(status__in=FINAL).select_related("user", "program__sponsor"))
    person = picked(current, today=authority_day(now), another=another)
    context = {
        "program": program,
        "apprentice": person,
        "gaps": gaps_of(person, now=now) if person else [],
        "another": another + 1,
        "many": len(current),
    }
    return render(request, "ojt_logs/reviewer.html", context)
