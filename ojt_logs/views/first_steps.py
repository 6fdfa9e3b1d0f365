"""The first screen of who runs a new sponsor."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import managed_sponsor
from ojt_logs.first_steps import first_steps as steps_of


@require_safe
def first_steps(request: HttpRequest) -> HttpResponse:
    """What is set up and what is next, for every sponsor one runs; 404 for who runs none."""
    sponsors = steps_of(request.user)
    if not sponsors:
        raise Http404
    return render(request, "ojt_logs/first_steps.html", {"sponsors": sponsors})


@require_POST
def put_away(request: HttpRequest, uid: UUID) -> HttpResponse:
    """From now on the coordinators of this sponsor begin at their programs."""
    sponsor = managed_sponsor(request, uid)
    sponsor.first_steps_put_away_at = timezone.now()
    sponsor.save(update_fields=["first_steps_put_away_at"])
    messages.success(request, "Put away. You find it again at the foot of the list of programs.")
    return redirect("programs")
