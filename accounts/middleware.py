"""Small promises about every page: it can be read, personal pages are not cached, refusals are plain.

That holds with DEBUG on as well, so that a demo answers as a site does.
"""

import codecs
from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import ask_consent
from accounts.api import not_found, unreadable
from accounts.devices import note_use
from accounts.models import ConsentNeeded
from accounts.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]
CODES = {"utf-8", "ascii", "iso8859-1", "cp1252"}
"""In which programs and browsers write, by Python's names."""


class Readable:
    """Refuses what no browser sends: text in a code that is none, a NUL in a header or a cookie."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request) if _is_readable(request) else unreadable(request)


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
        if request.user.is_authenticated:
            note_use(request)
        with timezone.override(self.zone_of(request)):
            response = self.get_response(request)
        if request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        response.setdefault("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
        return response

    def zone_of(self, request: HttpRequest) -> ZoneInfo | None:
        if not request.user.is_authenticated or request.path.startswith("/api/"):
            return None
        return request.user.zone


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
