"""Requests without a socket: straight to a view, or through everything that a request goes through."""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponseBase

from accounts.models import User
from apprenticeship.standing import asking_once
from drill.people import token


def bare(path: str) -> HttpRequest:
    """A GET as a server hands it to Django, which no middleware has seen."""
    from django.core.handlers.wsgi import WSGIRequest

    return WSGIRequest(environ(path))


def environ(path: str, **headers: str) -> dict[str, Any]:
    site, asked = urlsplit(settings.SITE_URL), urlsplit(path)
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": asked.path,
        "QUERY_STRING": asked.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": str(site.hostname),
        "SERVER_PORT": str(site.port or 80),
        "HTTP_HOST": site.netloc,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
    }


class Stack:
    """Somebody who asks the whole product, with a token or a session, as a server of WSGI would."""

    def __init__(self, **headers: str) -> None:
        self.application = get_wsgi_application()
        self.headers = headers

    @classmethod
    def by_token(cls, person: User, *, scopes: tuple[str, ...] = ("read", "write", "sign")) -> "Stack":
        return cls(HTTP_AUTHORIZATION=f"Bearer {token(person, scopes=scopes)}")

    @classmethod
    def by_session(cls, person: User) -> "Stack":
        from drill.people import Browser

        return cls(HTTP_COOKIE=Browser(0, person).headers["Cookie"])

    def get(self, path: str) -> bytes:
        """The body, of the page that it leads to. Raises AssertionError for anything but 200 at its end."""
        told: list[str] = []
        way: dict[str, str] = {}

        def start(
            status: str, headers: list[tuple[str, str]], error: Any = None
        ) -> Callable[[bytes], object]:
            told.append(status)
            way.update(headers)
            return len

        body = self.application(environ(path, **self.headers), start)
        try:
            whole = b"".join(body)
        finally:
            if close := getattr(body, "close", None):
                close()
        if told[0].startswith("302"):
            return self.get(way["Location"])
        assert told[0].startswith("200"), f"{path}: {told[0]}"
        return whole

    def json(self, path: str) -> Any:
        return json.loads(self.get(path))


def view_only(view: Callable[..., HttpResponseBase], path: str, person: User, **arguments: Any) -> bytes:
    """What a view of the API answers to `person`, without middleware, token and counting of requests."""
    request = bare(path)
    request._force_auth_user = person  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    with asking_once():
        response: Any = view(request, **arguments)
        if not response.is_rendered:
            response.render()
    return bytes(response.content)
