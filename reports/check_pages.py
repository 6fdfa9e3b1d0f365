"""Pages that answer whether a record, or that of a print-out, is whole; the public keys to check with."""

from uuid import UUID

from allauth.core.internal import ratelimit as limits
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import get_or_deny
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from ledger.signatures import public_keys
from reports import checking

TOO_MANY = 429


@require_safe
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One apprentice's record, read again while one waits: whole, or what is wrong with it."""
    visible = Apprentice.objects.visible_to(request.user).select_related("user", "program__sponsor")
    readable = Apprentice.objects.record_visible_to(request.user)
    person = get_or_deny(visible, readable, uid=uid)
    context: dict[str, object] = {"apprentice": person, "checked": None, "refused": ""}
    try:
        context["checked"] = checking.check(person)
    except Conflict as refusal:
        context["refused"] = refusal.message
    return render(request, "reports/record.html", context)


@login_not_required
@never_cache
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """What the code of a print-out opens, for whoever holds the paper; it names nobody.

    Codes that nobody printed and things that are no code get the same answer.
    """
    if not limits.consume(request, app="allauth.account", action="verify", limit_get=True):
        return render(request, "reports/verify.html", {"busy": True}, status=TOO_MANY)
    response = render(request, "reports/verify.html", {"told": checking.answer(code)})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys of this site, with which anybody checks what it signed."""
    return render(request, "reports/keys.html", {"keys": public_keys()})
