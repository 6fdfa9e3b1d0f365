"""The classes of a program: which course, who teaches it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.listing import Listing
from accounts.models.people import authority_day
from apprenticeship.forms.classes import NewClassForm
from apprenticeship.forms.lists import CLASS_SORTS, ClassFilters
from apprenticeship.models import Apprentice, Class, Program
from apprenticeship.tables import CLASSES
from apprenticeship.views.reach import managed_program


@require_safe
def classes(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The classes that one may see of a program, those in force first."""
    visible = Program.objects.visible_to(request.user).select_related("sponsor")
    seen = Class.objects.visible_to(request.user)
    followed = Program.objects.followed_by(request.user)
    may = visible.filter(Q(pk__in=seen.values("program")) | Q(pk__in=followed.values("pk")))
    program = get_or_deny(visible, may, uid=uid)
    known = Q(roster__in=Apprentice.objects.visible_to(request.user).values("pk"))
    rows = seen.filter(program=program).with_state(on=authority_day(timezone.now()))
    listing = Listing(
        request,
        rows.annotate(people=Count("roster", filter=known, distinct=True)),
        filters=ClassFilters(request.GET),
        sorts=CLASS_SORTS,
        related=("course", "instructor"),
        table=CLASSES,
        subject=str(program),
    )
    context = {
        "program": program,
        "listing": listing,
        "manages": Program.objects.managed_by(request.user).filter(pk=program.pk).exists(),
        "board": followed.filter(pk=program.pk).exists(),
    }
    return listing.answer() or render(request, "apprenticeship/classes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A class of one of the schedule's courses."""
    program = managed_program(request, uid)
    form = NewClassForm(request.POST or None, program=program, by=signed_in(request))
    if form.is_valid():
        made = form.save(by=signed_in(request))
        messages.success(request, f"{made.course} is a class now.")
        return redirect("classes", uid)
    return render(request, "apprenticeship/class_new.html", {"program": program, "form": form})
