"""Wage steps: for the apprentice and the office alone. Mentors and instructors never read of pay."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from apprenticeship.models import Apprentice
from apprenticeship.models.status import FINAL
from apprenticeship.views.reach import RELATED, managed_registration
from ojt_logs.forms.wages import VerdictForm
from ojt_logs.models import WageDecision
from ojt_logs.views.reach import followed_program
from ojt_logs.wages import decide as decide_step
from ojt_logs.wages import wages_of


@require_safe
def wages(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Each step: earned on, confirmed on, paid from; and what the next one waits for."""
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    found = get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=uid)
    rows = WageDecision.objects.visible_to(request.user).filter(apprentice=found)
    context = {
        "apprentice": found,
        "wages": wages_of([found], now=timezone.now())[found.pk],
        "decisions": rows.select_related("by").order_by("-pk"),
        "mine": found.user_id == signed_in(request).pk,
        "may_decide": Apprentice.objects.decided_by(request.user).filter(pk=found.pk).exists(),
        "journeyworker": found.program.journeyworker_wage_cents,
    }
    return render(request, "ojt_logs/wages.html", context)


@require_POST
def decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm, decline or undo one step."""
    found = managed_registration(request, uid)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was decided. To decline a step, say why.")
        return redirect("wages", uid)
    said = form.cleaned_data
    row = decide_step(
        found,
        said["step"],
        said["verdict"],
        by=signed_in(request),
        now=timezone.now(),
        reason=said["reason"],
    )
    messages.success(request, f"Wage step {row.step}: {row.get_verdict_display().lower()}.")
    return redirect("wages", uid)


@require_safe
def raises(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everybody of a program: who has earned a step that nobody decided, and what the others wait for."""
    program = followed_program(request, uid)
    people = Apprentice.objects.registration_visible_to(request.user).filter(program=program)
    current = people.exclude(status__in=FINAL).exclude(user=signed_in(request).pk)
    rows = list(wages_of(current.order_by("user__name", "pk"), now=timezone.now()).values())
    context = {
        "program": program,
        "has_steps": program.wage_steps.exists(),
        "due": [row for row in rows if row.proposed],
        "others": [row for row in rows if not row.proposed],
        "manages": Apprentice.objects.decided_by(request.user).filter(program=program).exists(),
    }
    return render(request, "ojt_logs/raises.html", context)
