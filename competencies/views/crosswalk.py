"""The crosswalk of a schedule and a framework: who reads the schedule reads it, two sides decide."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.numbers import count_of
from accounts.refusals import NotAllowed
from competencies import crosswalk as walk
from competencies.contents import Branch, branches
from competencies.forms import DecisionForm
from competencies.models import Alignment, AlignmentKind, Framework, WorkProcessSchedule
from competencies.suggest import suggest as suggest_links


@login_not_required
@require_safe
def crosswalk(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Both sides with the links between them, what stands alone on either, and, who may, the decisions."""
    schedule = _schedule(request, uid)
    beside = walk.frameworks_beside(schedule, request.user)
    context: dict[str, Any] = {
        "schedule": schedule,
        "frameworks": beside,
        "kinds": [(kind.value, kind.label.split(":")[0]) for kind in AlignmentKind],
        "side": Alignment.objects.side_of(request.user, schedule.sponsor),
    }
    chosen = _chosen(request.GET.get("framework", ""), beside)
    if chosen:
        found = walk.read(schedule, user=request.user, framework=chosen)
        context |= {"framework": chosen, "crosswalk": found, "gaps": _gaps(found)}
        if context["side"]:
            context["form"] = DecisionForm(crosswalk=found)
    return render(request, "competencies/crosswalk.html", context)


@require_POST
def decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm or reject a link, suggested or made by hand, in the name of one's side."""
    schedule, framework = _decided(request, uid)
    found = walk.read(schedule, user=request.user, framework=framework)
    form = DecisionForm(request.POST, crosswalk=found)
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, str(problems[0]))
        return redirect(_page(schedule, framework))
    row = form.save(by=signed_in(request), now=timezone.now())
    messages.success(request, f"{row.get_status_display()}: {form.words}.")
    return redirect(_page(schedule, framework, after=form.cleaned_data["target"], found=found))


@require_POST
def suggest(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let the matcher look for links of one's own schedule."""
    schedule, framework = _decided(request, uid)
    count = suggest_links(schedule, framework)
    messages.success(request, f"{count_of(count, 'link', 'links')} suggested.")
    return redirect(_page(schedule, framework))


def _schedule(request: HttpRequest, uid: UUID) -> WorkProcessSchedule:
    visible = WorkProcessSchedule.objects.visible_to(request.user).filter(frozen=True)
    return get_or_deny(visible.select_related("sponsor"), uid=uid)


def _chosen(uid: str, beside: list[Framework]) -> Framework | None:
    """The framework that was asked for, else the one with the most links."""
    return next((row for row in beside if str(row.uid) == uid), beside[0] if beside else None)


def _decided(request: HttpRequest, uid: UUID) -> tuple[WorkProcessSchedule, Framework]:
    """The two documents of a decision; 403 for who decides for neither side."""
    schedule = _schedule(request, uid)
    if not Alignment.objects.side_of(request.user, schedule.sponsor):
        raise NotAllowed(
            "Coordinators confirm for their sponsor, instructors for the school.", code="not_allowed"
        )
    wanted = request.POST.get("framework", "")
    return schedule, get_or_deny(Framework.objects.visible_to(request.user), uid=wanted)


def _gaps(found: walk.Crosswalk) -> list[Branch]:
    """The tree of the framework, cut to the statements that nothing answers to."""
    alone = {row.pk for row in found.uncovered}

    def cut(branch: Branch) -> Branch | None:
        children = [kept for kept in map(cut, branch.children) if kept]
        return Branch(branch.row, children) if children or branch.row.pk in alone else None

    return [kept for kept in map(cut, branches(found.statements)) if kept]


def _page(
    schedule: WorkProcessSchedule,
    framework: Framework,
    *,
    after: walk.Target | None = None,
    found: walk.Crosswalk | None = None,
) -> str:
    """The page, at the next part of the schedule with something left to decide."""
    address = f"{reverse('crosswalk', args=[schedule.uid])}?{urlencode({'framework': framework.uid})}"
    following = found.next_open(after) if found and after else None
    return f"{address}#{following.next_anchor}" if following else address
