"""What the access matrix is made of: every address, ten people, seven methods, one letter each."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.cast import CANARY, Cast

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


def answers(cast: Cast, name: str, arguments: dict[str, Any]) -> dict[str, str]:
    """By method, the letters of all people in order; what each request did is undone."""
    path = reverse(name, kwargs=arguments)
    found = dict.fromkeys(METHODS, "")
    for who, user in people(cast).items():
        client = Client()
        if user:
            client.force_login(user)
        for method in METHODS:
            response = _ask(client, method, path)
            check_words(who, method, path, response)
            found[method] += letter(response)
    return found


def _ask(client: Client, method: str, path: str) -> HttpResponseBase:
    content_type = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    body = "{}" if content_type == "application/json" else ""
    with transaction.atomic():
        response = client.generic(method, path, body, content_type)
        if response.streaming:
            response.content_read = b"".join(response)  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return response


def check_words(who: str, method: str, path: str, response: HttpResponseBase) -> None:
    """Nothing of the other sponsor may stand in body or headers."""
    body: bytes = getattr(response, "content_read", b"") or getattr(response, "content", b"")
    text = body.decode("utf-8", "replace") + json.dumps(dict(response.headers))
    forbidden = OWN_WORDS if who in ("visitor", "ivy", "olga") else (CANARY,)
    found = [word for word in forbidden if word in text]
    assert not found, f"{who} read {found} in the answer to {method} {path}"


def nobodys_id() -> str:
    return str(uuid4())
