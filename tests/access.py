"""What the access matrix is made of: every address, ten people, seven methods, one letter each."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Membership, User
from apprenticeship.models import Class
from tests.cast import CANARY, STARTED, Cast
from tests.standing import undone

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
PEOPLE = "visitor ana ben marcus lena priya nora ruth ivy olga"
"""The order of the letters. Ana's things are asked for; Marcus mentors her, Lena does not."""

LETTERS = {
    200: "o",
    201: "c",
    202: "a",
    204: "n",
    400: "b",
    401: "u",
    403: "3",
    404: "4",
    405: "5",
    409: "k",
    415: "m",
}
"""Other letters: L is a redirect to the sign-in page, x another redirect."""

OWN_WORDS = ("Ana Reyes", "Lakeside Health")
"""What nobody of another sponsor may ever read."""


OURS = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
}
"""The Content-Security-Policy of everything; a file alone has another."""
OF_FILES = {"default-src": "'none'", "sandbox": ""}
READ_BY_SCRIPTS = {"device"}
"""Whose things a browser keeps, by a random name: static/offline/shell.js."""


def walk(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The name of every address that the resolver knows, with its namespace."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}:{pattern.name}" if namespace else f"{pattern.name}"
        else:
            yield from walk(pattern, pattern.namespace or namespace)


def people(cast: Cast) -> dict[str, User | None]:
    """Everybody of PEOPLE, in order."""
    users = {"ana": cast.ana_user, "ben": cast.ben_user}
    return {
        name: None if name == "visitor" else users.get(name) or getattr(cast, name) for name in PEOPLE.split()
    }


def letter(response: HttpResponseBase) -> str:
    if response.status_code in (301, 302, 303, 307):
        return "L" if "/accounts/login/" in response["Location"] else "x"
    return LETTERS.get(response.status_code, str(response.status_code))


def in_anas_place(cast: Cast) -> Cast:
    """The same cast with Chen of the other sponsor where the access matrix has Ana."""
    klass = Class.objects.create(
        program=cast.other_program,
        course=cast.other_program.schedule.courses.get(),
        instructor=cast.olga,
        starts_on=STARTED,
    )
    klass.roster.add(cast.chen)
    Membership.objects.create(user=cast.olga, sponsor=cast.harbor, role="instructor", starts_on=STARTED)
    theirs = {"program": cast.other_program, "klass": klass}
    theirs |= {"marcus": cast.dara, "nora": cast.olga, "priya": cast.olga}
    return replace(cast, lakeside=cast.harbor, ana=cast.chen, ana_user=cast.chen_user, **theirs)


class Walkers:
    """Everybody of PEOPLE with a browser of their own, signed in once. What a request did is undone."""

    def __init__(self, cast: Cast) -> None:
        self.browsers = {who: browser_of(user) for who, user in people(cast).items()}
        self.cookies = {who: browser.cookies.output(header="") for who, browser in self.browsers.items()}

    def answers(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        """By method, the letters of all people in order."""
        path = reverse(name, kwargs=arguments)
        found = {
            method: "".join(letter(self.ask(who, method, path)) for who in self.browsers)
            for method in METHODS
            if method != "HEAD"
        }
        return {**found, "HEAD": self._head(path, found["GET"])}

    def _head(self, path: str, got: str) -> str:
        """Asked by all to whom GET was refused, and by the first of those who may read: HEAD has no more to
        tell to the others, and a page takes long to write."""
        first = got.find("o")
        return "".join(
            told if told == "o" and number != first else letter(self.ask(who, "HEAD", path))
            for number, (who, told) in enumerate(zip(self.browsers, got, strict=True))
        )

    def ask(self, who: str, method: str, path: str) -> HttpResponseBase:
        """What this person's browser gets, as it was when they signed in; read for foreign words."""
        browser = self.browsers[who]
        browser.cookies = SimpleCookie(self.cookies[who])
        content_type = "application/json" if path.startswith("/api/") else FORM
        body = "{}" if content_type == "application/json" else ""
        with undone():
            response = browser.generic(method, path, body, content_type)
            if response.streaming:
                response.content_read = b"".join(response)  # type: ignore[attr-defined]
        check_words(who, method, path, response)
        check_headers(who, f"{method} {path}", response)
        return response


def browser_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def check_words(who: str, method: str, path: str, response: HttpResponseBase) -> None:
    """Nothing of the other sponsor may stand in body or headers."""
    body: bytes = getattr(response, "content_read", b"") or getattr(response, "content", b"")
    text = body.decode("utf-8", "replace") + json.dumps(dict(response.headers))
    forbidden = OWN_WORDS if who in ("visitor", "ivy", "olga") else (CANARY,)
    found = [word for word in forbidden if word.lower() in text.lower()]
    assert not found, f"{who} read {found} in the answer to {method} {path}"


def check_headers(who: str, asked: str, response: HttpResponseBase) -> None:
    """What a browser is told beside every answer, a page, a file, JSON, a refusal alike."""
    told, said = response.headers, f"the answer to {asked} of {who}"
    assert told["X-Content-Type-Options"] == "nosniff", said
    assert told["X-Frame-Options"] == "DENY", said
    assert told["Referrer-Policy"] == told["Cross-Origin-Opener-Policy"] == "same-origin", said
    assert "camera=()" in told["Permissions-Policy"], said
    rules = (one.split() for one in told["Content-Security-Policy"].split(";"))
    policy = {name: " ".join(sources) for name, *sources in rules}
    assert policy in (OURS, OF_FILES), said
    if who != "visitor":
        assert {"no-store", "private"} <= set(told["Cache-Control"].split(", ")), said
    if told.get("Content-Type", "").startswith("text/html"):
        assert "Cookie" in told["Vary"], said
    for name, cookie in response.cookies.items():
        assert cookie["samesite"] == "Lax", f"{name} in {said}"
        kept_from_scripts = cookie["httponly"] or not cookie.value  # none is left to be read
        assert kept_from_scripts or name in READ_BY_SCRIPTS, f"{name} in {said}"


def nobodys_id() -> str:
    return str(uuid4())
