"""What waits how long and for whom, over all programs of an office."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.listing import Listing
from apprenticeship.models import Program
from ojt_logs.forms.filters import WaitingFilters
from ojt_logs.listing import WAITING_SORTS
from ojt_logs.tables import WAITS
from ojt_logs.waiting import opened, paces_of, requests_of, waiting_of


@require_safe
def waiting(request: HttpRequest) -> HttpResponseBase:
    """The longest waiting first; beside it how long each reviewer takes."""
    person, now = signed_in(request), timezone.now()
    listing = Listing(
        request,
        waiting_of(person),
        filters=WaitingFilters(request.GET, user=person, now=now),
        sorts=WAITING_SORTS,
        table=WAITS,
        opened=lambda rows: opened(rows, now=now),
    )
    context = {
        "listing": listing,
        "rows": list(opened(listing.rows, now=now)),
        "requests": requests_of(person, now=now),
        "paces": paces_of(person, now=now),
        "follows": Program.objects.followed_by(person).exists(),
    }
    return listing.answer() or render(request, "ojt_logs/waiting.html", context)
