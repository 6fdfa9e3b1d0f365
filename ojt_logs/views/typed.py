"""Keeping what is typed before it is saved."""

from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import signed_in
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice
from ojt_logs.models import Typed
from ojt_logs.models.typed import MOST
from ojt_logs.views.reach import own_registration

UNKEPT = {"csrfmiddlewaretoken", "version", "restored"}


@require_POST
def keep(request: HttpRequest, uid: UUID, kind: str, first: date) -> HttpResponse:
    """Keep the form of a day or a week as it stands, or throw it away (`discard`)."""
    apprentice, place = own_registration(request, uid), place_of(kind, first)
    if "discard" in request.POST:
        Typed.objects.visible_to(signed_in(request)).forget(apprentice, place)
        messages.success(request, "What was typed and not saved is gone.")
        return redirect("day" if kind == "day" else "week-grid", apprentice.uid, first)
    words = {name: str(value) for name, value in request.POST.items() if name not in UNKEPT}
    if sum(len(name) + len(value) for name, value in words.items()) > MOST:
        raise Refusal("This is too much to keep before it is saved.", code="too_large")
    version = request.POST.get("version", "0")
    number = int(version) if version.isdecimal() and len(version) < 9 else 0
    try:
        row = Typed.objects.visible_to(signed_in(request)).keep(
            apprentice, place, words, version=number, now=timezone.now()
        )
    except Conflict as refusal:
        return JsonResponse({"says": refusal.message}, status=409)
    return JsonResponse({"version": row.version})


def place_of(kind: str, first: date) -> str:
    """The page of a day or a week, by one word."""
    return f"{kind}-{first.isoformat()}"


def kept(request: HttpRequest, apprentice: Apprentice, place: str, *, now: datetime) -> Typed | None:
    """What is kept for a page that is opened; nothing for one that is sent."""
    if request.method == "POST":
        return None
    return Typed.objects.visible_to(signed_in(request)).of(apprentice, place, now=now)


def forget(request: HttpRequest, apprentice: Apprentice, place: str) -> None:
    """The page was saved."""
    Typed.objects.visible_to(signed_in(request)).forget(apprentice, place)
