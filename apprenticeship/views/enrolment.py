"""Enrolling apprentices in a program."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.refusals import Conflict
from apprenticeship.enrolment import Pasted, invite, write_to
from apprenticeship.forms.enrolment import EnrolForm, EnrolListForm
from apprenticeship.views.reach import managed_program, managed_registration
from competencies.uploads.waiting import find


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Enrol one person; where no mail can be sent, the link to a first password is shown this one time."""
    return _enrol(request, uid, EnrolForm)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Enrol a pasted list, all or nobody. `?list=`: one that another page filled in."""
    return _enrol(request, uid, EnrolListForm, pasted=_pasted(request))


def _pasted(request: HttpRequest) -> Pasted | None:
    try:
        return find(UUID(request.GET.get("list", "")), user=signed_in(request), kind=Pasted)
    except ValueError:
        return None


def _enrol(
    request: HttpRequest,
    uid: UUID,
    form_class: type[EnrolForm] | type[EnrolListForm],
    *,
    pasted: Pasted | None = None,
) -> HttpResponse:
    program = managed_program(request, uid)
    first = {"people": pasted.text} if pasted else {}
    form = form_class(request.POST or None, program=program, now=timezone.now(), initial=first)
    context = {"program": program, "form": form, "listed": form_class is EnrolListForm, "pasted": pasted}
    if request.method == "POST" and (made := form.save(by=signed_in(request))):
        return render(request, "apprenticeship/enrolled.html", context | {"made": made})
    return render(request, "apprenticeship/enrol.html", context)


@never_cache
@require_POST
def invite_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A new link to a first password by e-mail, or shown where none can be sent; earlier links end."""
    found = managed_registration(request, uid)
    if found.user.has_usable_password():
        raise Conflict(f"{found.user.name} has an account and signs in with it.", code="has_password")
    made = write_to(invite(found, by=signed_in(request), now=timezone.now()))
    context = {"program": found.program, "made": [made], "again": True}
    return render(request, "apprenticeship/enrolled.html", context)
