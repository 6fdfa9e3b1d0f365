"""The list of programs."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.listing import Listing
from accounts.models import Sponsor
from apprenticeship.forms.lists import PROGRAM_SORTS, ProgramFilters
from apprenticeship.models import Apprentice, Class, Program
from apprenticeship.models.status import Status
from apprenticeship.tables import PROGRAMS


@require_safe
def programs(request: HttpRequest) -> HttpResponseBase:
    """The programs one has to do with; those one coordinates or audits open their board."""
    seen = Q(apprentices__in=Apprentice.objects.record_visible_to(request.user).values("pk"))
    active = Count("apprentices", filter=seen & Q(apprentices__status=Status.ACTIVE), distinct=True)
    suspended = Count("apprentices", filter=seen & Q(apprentices__status=Status.SUSPENDED), distinct=True)
    visible = Program.objects.visible_to(request.user)
    boards = set(Program.objects.followed_by(request.user).values_list("pk", flat=True))
    listing = Listing(
        request,
        visible.annotate(active=active, suspended=suspended).prefetch_related("schedule__courses"),
        filters=ProgramFilters(request.GET),
        sorts=PROGRAM_SORTS,
        related=("sponsor", "schedule"),
        table=PROGRAMS,
    )
    context = {
        "listing": listing,
        "boards": boards,
        "taught": set(Class.objects.visible_to(request.user).values_list("program", flat=True)),
        "sponsors": Sponsor.objects.administered_by(request.user).order_by("name"),
        "confiding": Sponsor.objects.confided_by(request.user).order_by("name"),
        "managed": Sponsor.objects.managed_by(request.user).exists(),
    }
    return listing.answer() or render(request, "apprenticeship/programs.html", context)
