"""What a program states for its registration."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from apprenticeship import appendix
from apprenticeship.forms.for_registration import ForRegistration
from apprenticeship.models import Program
from apprenticeship.views.reach import managed_program


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Agency, ratio, wages, probation and selection; what an Appendix A still needs stands above."""
    program = managed_program(request, uid)
    if request.method != "POST":
        return _page(request, program, ForRegistration(program))
    if "more" in request.POST:
        return _page(request, program, ForRegistration.with_more_rows(program, request.POST))
    page = ForRegistration(program, request.POST)
    if not page.is_valid:
        program.refresh_from_db()
        return _page(request, program, page, status=400)
    page.save(by=signed_in(request))
    messages.success(request, "Saved.")
    return redirect("for-registration", uid=program.uid)


def _page(
    request: HttpRequest, program: Program, page: ForRegistration, *, status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "page": page,
        "missing": appendix.missing(program),
        "contradictions": appendix.contradictions(program),
    }
    return render(request, "apprenticeship/for_registration.html", context, status=status)
