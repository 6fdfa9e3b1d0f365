"""The tour of the demo, where it is loaded."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ojt_logs.demo import mails as kept
from ojt_logs.demo.tour import is_loaded
from ojt_logs.demo.tour import tour as tour_of


@login_not_required
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """Who is in the demo and what to try; how to sign in as them only with DEBUG on. 404 without a demo."""
    found = tour_of()
    if found is None:
        raise Http404
    shown = {"tour": found, "open": settings.DEBUG, "mails": kept.are_kept()}
    return render(request, "ojt_logs/tour.html", shown)


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """What the demo would have mailed. Only where mails go into files, with DEBUG on: elsewhere 404."""
    if not kept.are_kept() or not is_loaded():
        raise Http404
    return render(request, "ojt_logs/demo_mails.html", {"mails": kept.newest()})
