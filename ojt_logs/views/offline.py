"""Without signal: the installable site, the page a device keeps, and what it is given while signed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.devices import session_mark
from accounts.models import DeviceKey, User
from ojt_logs import offline
from ojt_logs.logbook import logbook_of

SESSION_COOKIE = "device"
"""Says to the scripts that the session in which the device got its key goes on; it ends when that ends."""


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to install the site (W3C, Web application manifest)."""
    return JsonResponse(offline.manifest(), content_type="application/manifest+json")


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It is asked for anew each time; its scope is the site, as its address says."""
    answer = HttpResponse(offline.worker(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@login_not_required
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The offline logbook: a page without anybody's data, filled by its script from what the device keeps."""
    answer = HttpResponse(offline.shell())
    answer["Cache-Control"] = "no-cache"
    return answer


@login_not_required
@never_cache
@require_safe
def device(request: HttpRequest) -> HttpResponse:
    """The key of who is signed in, for the scripts of our own pages; no owner and no key for a visitor."""
    if not isinstance(request.user, User):
        return JsonResponse({"owner": None})
    key = DeviceKey.objects.of(request.user)
    session = session_mark(request)
    words = {"owner": str(key.owner), "key": key.secret, "session": session, "csrf": get_token(request)}
    answer = JsonResponse(words)
    ends = None if request.session.get_expire_at_browser_close() else request.session.get_expiry_age()
    answer.set_cookie(SESSION_COOKIE, session, max_age=ends, secure=request.is_secure(), samesite="Lax")
    return answer


@login_not_required
@never_cache
@require_safe
def logbook(request: HttpRequest) -> HttpResponse:
    """What the device keeps of who is signed in; of a visitor nothing."""
    if not isinstance(request.user, User):
        return JsonResponse({"name": None})
    return JsonResponse(logbook_of(request.user, now=timezone.now()))
