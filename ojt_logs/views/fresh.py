"""The password check that a signature given on a page rests on."""

from django.http import HttpRequest
from django.utils import timezone

from accounts import fresh_password
from ojt_logs.models import Authentication
from ojt_logs.models.ratings import FRESH


def is_stale(request: HttpRequest) -> bool:
    """Whether the page has to ask for the password before something is signed on it."""
    at = fresh_password.checked_at(request)
    return at is None or timezone.now() - at > FRESH


def authentication(request: HttpRequest) -> Authentication:
    """How and when the signer proved who they are. Raises Refusal for the field `password`."""
    password = request.POST.get("password", "")
    if password or is_stale(request):
        fresh_password.check(request, password)
    at = fresh_password.checked_at(request)
    return Authentication("password", at or timezone.now())
