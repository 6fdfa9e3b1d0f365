"""People who use the site over HTTP while it breaks, and keep a journal of what they were told."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from machine.needs import HOST

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back: its status (0 when the line broke off, so nobody knows), its body, how long it took."""

    status: int
    body: bytes
    seconds: float

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Somebody with a token. Each request is a line of its own, as phones on a bad signal make them."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        return self.ask("POST", path, body or {}, {"Idempotency-Key": key} if key else {})

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        begun = time.monotonic()
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            text = None if body is None else json.dumps(body)
            line.request(method, f"/api/v1/{path}", text, self.headers | (headers or {}))
            response = line.getresponse()
            return Answer(response.status, response.read(), time.monotonic() - begun)
        except (OSError, http.client.HTTPException):
            return Answer(0, b"", time.monotonic() - begun)
        finally:
            line.close()


def token(person: Any, *, scopes: tuple[str, ...] = ("read", "write", "sign")) -> str:
    """The secret of a new token of a User of the cast."""
    from django.utils import timezone

    from accounts.models import ApiToken

    _, secret = ApiToken.objects.issue(person, name="drill", scopes=scopes, days=2, now=timezone.now())
    return secret


class Browser:
    """Somebody signed in who sends forms, without JavaScript."""

    def __init__(self, port: int, person: Any) -> None:
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore
        from django.middleware.csrf import _get_new_csrf_string

        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "accounts.sign_in.OwnAddress"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        self.port, self.secret = port, _get_new_csrf_string()
        self.headers = {"Cookie": f"sessionid={session.session_key}; csrftoken={self.secret}"}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(form | {"csrfmiddlewaretoken": self.secret}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        begun = time.monotonic()
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            line.request(method, path, body, self.headers | kind)
            response = line.getresponse()
            return Answer(response.status, response.read(), time.monotonic() - begun)
        except (OSError, http.client.HTTPException):
            return Answer(0, b"", time.monotonic() - begun)
        finally:
            line.close()
