"""A REST client of one person, with a token of its own."""

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User


class Rest:
    """Sends JSON with a bearer token and gives back status and body."""

    def __init__(self, person: User, scopes: Iterable[str] = ("read", "write", "sign")) -> None:
        _, self.secret = ApiToken.objects.issue(
            person, name="tests", scopes=scopes, days=2, now=timezone.now()
        )
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return self._answer(self.client.get(f"/api/v1/{path}", query))

    def post(self, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/api/v1/{path}"
        return self._answer(self.client.post(path, body or {}, "application/json", headers=headers))

    def patch(self, path: str, body: Any) -> tuple[int, Any]:
        return self._answer(self.client.patch(f"/api/v1/{path}", body, "application/json"))

    def put(self, path: str, body: Any) -> tuple[int, Any]:
        return self._answer(self.client.put(f"/api/v1/{path}", body, "application/json"))

    def upload(self, path: str, data: bytes, *, name: str, key: str = "") -> tuple[int, Any]:
        """A form with one file."""
        form = {"file": SimpleUploadedFile(name, data)}
        headers = {"Idempotency-Key": key} if key else {}
        return self._answer(self.client.post(f"/api/v1/{path}", form, headers=headers))

    def delete(self, path: str) -> tuple[int, Any]:
        return self._answer(self.client.delete(f"/api/v1/{path}"))

    @staticmethod
    def _answer(response: Any) -> tuple[int, Any]:
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", response.content[:300]
        return response.status_code, response.json() if response.content else None
