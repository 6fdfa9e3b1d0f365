"""Small promises about every page: it can be read, personal pages are not cached, refusals are plain.

That holds with DEBUG on as well, so that a demo answers as a site does.
"""

import codecs
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import ask_consent
from accounts.api import not_found, refused, too_large, unreadable
from accounts.devices import note_use
from accounts.factors import demand
from accounts.factors.codes import has_second_step
from accounts.models import ConsentNeeded, User
from accounts.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]
CODES = {"utf-8", "ascii", "iso8859-1", "cp1252"}
"""In which programs and browsers write, by Python's names."""
LARGEST_REQUEST = 21_000_000
"""Bytes: the largest file that is taken anywhere (20 MB), and the form around it."""


class Readable:
    """Refuses what no browser sends: text in a code that is none, a NUL in a header or a cookie; and what is
    larger than anything is taken here, before any of it is read or kept."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_readable(request):
            return unreadable(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            return too_large(request)
        return self.get_response(request)


def _is_readable(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    try:
        if codecs.lookup(charset).name not in CODES:
            return False
    except (LookupError, ValueError):
        return False
    words = (str(value) for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_")))
    return not any("\0" in word for word in (*words, *request.COOKIES, *request.COOKIES.values()))


class PersonalPages:
    """A signed-in person reads moments in their own time zone, and nothing of theirs stays in a cache.

    The API speaks UTC to everybody.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        if signed_in:
            note_use(request)
        with timezone.override(self.zone_of(request)):
            response = self.get_response(request)
        if signed_in or request.user.is_authenticated:  # also who signed out, or in, by this request
            patch_cache_control(response, no_store=True, private=True)
        response.setdefault("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
        return response

    def zone_of(self, request: HttpRequest) -> ZoneInfo | None:
        if not request.user.is_authenticated or request.path.startswith("/api/"):
            return None
        return request.user.zone


class SecondStep:
    """Shows and does nothing for somebody who has not shown the second step that a sponsor demands.

    Whoever has one, demanded or not, shows it before they read or change what makes it: a session that was
    opened with the password alone, before there was one, adds none and takes none off.

    Here for every page and every call of the API with a session, also for sessions that were open before;
    tokens are looked at where they are read (accounts.api.BearerAuthentication).
    """

    OPEN = frozenset(
        {
            *("second-step-needed", "account_logout", "account_login", "account_reauthenticate"),
            *("account_reset_password", "account_reset_password_done", "account_reset_password_from_key"),
            *("account_reset_password_from_key_done", "signup-closed", "glossary", "healthz", "readyz"),
            *("manifest", "service-worker", "offline"),
        }
    )
    """Pages that show nothing of any sponsor, and those on the way to a second step."""
    SHOWN_AT = frozenset(
        {"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_login_webauthn"}
    )
    DATA = frozenset({"offline-device", "offline-logbook"})
    """Addresses that scripts ask: they get a problem, as from the API, and no page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:
        name = (request.resolver_match and request.resolver_match.view_name) or ""
        if not isinstance(request.user, User) or name in self.OPEN | self.SHOWN_AT:
            return None
        setting_up = name.startswith("mfa_")
        sponsor = None if setting_up else demand.in_force(request.user, now=timezone.now())
        if sponsor is None and not setting_up:
            return None
        has = has_second_step(request.user)
        if demand.shown(request, request.user) if has else setting_up:
            return None
        if request.path.startswith("/api/") or name in self.DATA:
            return refused(
                demand.SecondStepNeeded(f"{sponsor} demands a second step. Sign in with it first.")
            )
        way = self._way(request, reverse("mfa_reauthenticate" if has else "second-step-needed"))
        return HttpResponseClientRedirect(way) if request.headers.get("HX-Request") else redirect(way)

    def _way(self, request: HttpRequest, url: str) -> str:
        """Back to what was asked for, where that can be asked for again."""
        if request.method not in ("GET", "HEAD") or request.headers.get("HX-Request"):
            return url
        return f"{url}?{urlencode({'next': request.get_full_path()})}"


class Refusals:
    """Turns a Refusal that no view handled into a page that says the sentence and the way back.

    So what a view says is not there, with DEBUG on too; handler404 is for addresses that are none.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, Http404):
            return not_found(request, exception)
        if not isinstance(exception, Refusal):
            return None
        if isinstance(exception, ConsentNeeded):
            return ask_consent(_way_back(request))
        context = {"refusal": exception, "back": _way_back(request)}
        return render(request, "refusal.html", context, status=exception.status)


def _way_back(request: HttpRequest) -> str:
    """The page of ours that the person came from, or nothing."""
    came_from = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(came_from)._replace(scheme="", netloc="").geturl() if ours else ""
    return f"/{path.lstrip('/')}" if path else ""
