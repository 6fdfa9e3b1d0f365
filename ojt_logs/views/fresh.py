"""The check of who it is that a signature given on a page rests on."""

from django.http import HttpRequest
from django.utils import timezone

from accounts import fresh_check
from ojt_logs.models import Authentication
from ojt_logs.models.ratings import FRESH


def is_stale(request: HttpRequest) -> bool:
    """Whether the page has to ask who it is before something is signed on it."""
    newest = fresh_check.newest(request)
    return newest is None or timezone.now() - newest.at > FRESH


def authentication(request: HttpRequest) -> Authentication:
    """How and when the signer proved who they are. Raises Refusal for the field `password`."""
    typed = request.POST.get("password", "")
    if typed or is_stale(request):
        fresh_check.check(request, typed)
    newest = fresh_check.newest(request)
    if newest is None:
        raise RuntimeError("A check that was just noted is not there.")
    return Authentication(newest.method, newest.at)
