"""What the courses of a program cover of a school's framework, and who says so."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.refusals import NotAllowed
from apprenticeship.models import Program
from competencies.coverage import Coverage, coverage
from competencies.crosswalk import frameworks_beside
from competencies.models import Alignment, Course, Framework, Lesson, Place, Taught


@require_safe
def cover(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Statements, the courses that teach them, the competencies that they are linked to, and gaps."""
    program = _program(request, uid)
    framework = _framework(request, program)
    context: dict[str, Any] = {
        "program": program,
        "framework": framework,
        "says": bool(Alignment.objects.side_of(request.user, program.sponsor)),
        "courses": list(program.schedule.courses.all()),
        "places": [("", "Not said"), *Place.choices],
    }
    if framework:
        context["coverage"] = coverage(program.schedule, framework, user=signed_in(request))
    return render(request, "apprenticeship/coverage.html", context)


@require_POST
def places(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say for each statement whether it is learned in class, on the job, or both."""
    program, found = _said(request, uid)
    wanted = {
        row.statement.lineage: request.POST.get(f"at-{row.statement.uid}", row.place) for row in found.rows
    }
    known = {key: place for key, place in wanted.items() if place in ("", *Place.values)}
    Taught.objects.say(program.sponsor, known, by=signed_in(request), now=timezone.now())
    messages.success(request, "Saved.")
    return redirect("coverage", uid)


@require_http_methods(["GET", "HEAD", "POST"])
def course(request: HttpRequest, uid: UUID, course: UUID) -> HttpResponse:
    """Choose the statements that a course teaches."""
    program, found = _said(request, uid)
    row = get_or_deny(Course.objects.filter(schedule=program.schedule), uid=course)
    if request.method == "POST":
        among = {one.statement.lineage: str(one.statement.uid) for one in found.rows}
        ticked = set(request.POST.getlist("statement"))
        taught = [lineage for lineage, name in among.items() if name in ticked]
        said: dict[str, Any] = {"among": list(among), "by": signed_in(request), "now": timezone.now()}
        Lesson.objects.teach(program.sponsor, row.lineage, taught, **said)
        messages.success(request, f"{row} teaches {len(taught)} of these statements.")
        return redirect("coverage", uid)
    context = {"program": program, "course": row, "coverage": found}
    return render(request, "apprenticeship/course_statements.html", context)


def _program(request: HttpRequest, uid: UUID) -> Program:
    related = ("sponsor", "schedule__sponsor")
    return get_or_deny(Program.objects.visible_to(request.user).select_related(*related), uid=uid)


def _framework(request: HttpRequest, program: Program) -> Framework | None:
    """The framework that has most in common with the schedule."""
    return next(iter(frameworks_beside(program.schedule, request.user)), None)


def _said(request: HttpRequest, uid: UUID) -> tuple[Program, Coverage]:
    program = _program(request, uid)
    if not Alignment.objects.side_of(request.user, program.sponsor):
        raise NotAllowed("Coordinators and instructors say what courses cover.", code="not_allowed")
    framework = _framework(request, program)
    if framework is None:
        raise Http404
    return program, coverage(program.schedule, framework, user=signed_in(request))
