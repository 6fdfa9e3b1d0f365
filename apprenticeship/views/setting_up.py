"""Programs: starting one, what it is set to and what it elects."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny, signed_in
from accounts.models import Sponsor
from accounts.refusals import NotAllowed
from apprenticeship.forms.elections import ElectionsForm
from apprenticeship.forms.programs import NewProgramForm, SettingsForm
from apprenticeship.models import Program
from competencies.models import WorkProcessSchedule
from competencies.models.schedule import ScheduleQuerySet

MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a program: the published schedules to choose from, then one form for the one of `?schedule=`."""
    user = signed_in(request)
    if not Sponsor.objects.managed_by(user).exists():
        raise NotAllowed("Programs are started by a coordinator of the whole sponsor.", code="not_allowed")
    visible = WorkProcessSchedule.objects.open_to(user)
    if "schedule" not in request.GET:
        return _choose(request, visible)
    schedule = get_or_deny(visible.select_related("occupation", "rating_scale"), uid=request.GET["schedule"])
    form = NewProgramForm(user, schedule, request.POST or None)
    if form.is_valid():
        program = form.start(by=user, now=timezone.now())
        messages.success(request, f"{program} is ready. Next: invite its people and enroll apprentices.")
        return redirect("program", uid=program.uid)
    return render(request, "apprenticeship/program_new.html", {"form": form, "schedule": schedule})


def _choose(request: HttpRequest, visible: ScheduleQuerySet) -> HttpResponse:
    words = request.GET.get("q", "")[:200]
    found = list(visible.newest().search(words).select_related("occupation", "sponsor")[: MOST_SHOWN + 1])
    context = {"schedules": found[:MOST_SHOWN], "more": len(found) > MOST_SHOWN, "q": words}
    return render(request, "apprenticeship/program_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a program is set to. What progress is measured by stays fixed while people are registered."""
    program = _program(request, uid)
    manages = Program.objects.managed_by(request.user).filter(pk=program.pk).exists()
    registered = program.apprentices.count()
    form = SettingsForm(request.POST or None, instance=program, editable=manages, has_people=registered > 0)
    if form.is_valid():
        form.record(by=signed_in(request))
        messages.success(request, "Saved.")
        return redirect("program-settings", uid=program.uid)
    context = {"program": program, "form": form, "manages": manages, "registered": registered}
    return render(request, "apprenticeship/program_settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def elections(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which optional job functions and competencies the program asks of everybody."""
    program = _program(request, uid)
    manages = Program.objects.managed_by(request.user).filter(pk=program.pk).exists()
    form = ElectionsForm(program, request.POST if request.method == "POST" else None, editable=manages)
    if form.is_valid():
        form.save(by=signed_in(request))
        messages.success(request, "Saved. Everybody's progress counts accordingly.")
        return redirect("program-elections", uid=program.uid)
    context = {
        "program": program,
        "form": form,
        "manages": manages,
        "registered": program.apprentices.count(),
    }
    return render(request, "apprenticeship/program_elections.html", context)


def _program(request: HttpRequest, uid: UUID) -> Program:
    """A program to read the settings of; to send something one must run it."""
    visible = Program.objects.visible_to(request.user).select_related("sponsor", "schedule__rating_scale")
    may = Program.objects.managed_by if request.method == "POST" else Program.objects.coordinated_by
    return get_or_deny(visible, may(request.user), uid=uid)
