"""Moving people who are registered to another version of their schedule."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_or_deny, signed_in
from accounts.models.people import authority_day
from accounts.numbers import count_of
from apprenticeship.models import Amendment, Apprentice, Program
from apprenticeship.models.status import FINAL
from apprenticeship.views.reach import managed_program
from competencies.models import WorkProcessSchedule
from competencies.models.schedule import ScheduleQuerySet
from ojt_logs import amendments
from ojt_logs.forms.amending import AmendForm

RELATED = ("apprentice__user", "apprentice__program__sponsor", "before", "after", "proposed_by")


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The versions that a program could change to (`?to=`), what that means for each, and proposing it."""
    program = managed_program(request, uid)
    offered = _versions(request, program)
    if "to" not in request.GET:
        context = {"program": program, "versions": offered, "open": _open(request, program)}
        return render(request, "ojt_logs/amend_choose.html", context)
    after = get_or_deny(offered, uid=request.GET["to"])
    people = _people(request, program, after)
    data = request.POST if request.method == "POST" else None
    form = AmendForm(people, data, initial={"effective_on": authority_day(timezone.now())})
    if form.is_valid() and form.save(program, after, by=signed_in(request)):
        asked = count_of(len(form.cleaned_data["people"]), "apprentice is asked", "apprentices are asked")
        messages.success(request, f"{asked} to acknowledge version {after.version}. Nothing changes before.")
        return redirect("program-amend", uid=program.uid)
    chosen = set(data.getlist("people")) if data else {str(one.uid) for one in people[: amendments.AT_ONCE]}
    context = {
        "program": program,
        "after": after,
        "previews": amendments.preview(people, after),
        "form": form,
        "chosen": chosen,
        "changes": people or program.schedule != after,
    }
    return render(request, "ojt_logs/amend.html", context)


def _versions(request: HttpRequest, program: Program) -> ScheduleQuerySet:
    visible = WorkProcessSchedule.objects.visible_to(request.user)
    return visible.replacing(program.schedule, sponsor=program.sponsor).order_by("-version")


def _people(request: HttpRequest, program: Program, after: WorkProcessSchedule) -> list[Apprentice]:
    """Whom one may ask: registered on another version, with nothing open, never oneself."""
    found = Apprentice.objects.decided_by(request.user).filter(program=program).exclude(status__in=FINAL)
    waiting = Amendment.objects.visible_to(request.user).open().values("apprentice")
    return list(
        found.exclude(schedule=after).exclude(pk__in=waiting).select_related("user").order_by("user__name")
    )


def _open(request: HttpRequest, program: Program) -> list[Amendment]:
    rows = Amendment.objects.visible_to(request.user).open().filter(apprentice__program=program)
    return list(rows.select_related(*RELATED).order_by("apprentice__user__name"))


@require_http_methods(["GET", "HEAD", "POST"])
def amendment(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One proposal, with what it means; the apprentice acknowledges it."""
    visible = Amendment.objects.visible_to(request.user).select_related(*RELATED)
    mine = visible.filter(apprentice__user=signed_in(request))
    row = get_or_deny(visible, mine if request.method == "POST" else None, uid=uid)
    if request.method == "POST":
        amendments.acknowledge(row, by=signed_in(request), now=timezone.now())
        messages.success(request, f"You learn by version {row.after.version} from now on.")
        return redirect("progress", uid=row.apprentice.uid)
    is_open = row.acknowledged_at is None and row.withdrawn_at is None
    context = {
        "row": row,
        "apprentice": row.apprentice,
        "is_open": is_open,
        "mine": row.apprentice.user_id == signed_in(request).pk,
        "preview": amendments.preview([row.apprentice], row.after)[0] if is_open else None,
    }
    return render(request, "ojt_logs/amendment.html", context)


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a proposal back before it is acknowledged."""
    visible = Amendment.objects.visible_to(request.user).select_related(*RELATED)
    managed = visible.filter(apprentice__in=Apprentice.objects.decided_by(request.user))
    row = get_or_deny(visible, managed, uid=uid)
    row.withdraw(by=signed_in(request), now=timezone.now())
    messages.success(request, f"Taken back. {row.apprentice} stays on version {row.before.version}.")
    return redirect("program-amend", uid=row.apprentice.program.uid)
