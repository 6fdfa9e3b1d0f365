"""What the OpenAPI schema must be told that serializers do not say: how refusals look, how things are named,
which requests have their effect once, and what can be asked next.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

PROBLEM = "application/problem+json"
REFUSED = {
    400: "The request cannot be read, says something that is not understood, or breaks a rule.",
    401: "There is no token, or it is not known, has expired or was revoked.",
    403: "One sees this but may not do that with it, or the token lacks the scope.",
    404: "There is nothing here that one may see.",
    429: "This token asked too often; Retry-After says in how many seconds it may ask again.",
}
"""What every address may answer."""
REFUSED_WRITING = {
    409: "The record as it stands forbids it now, perhaps because somebody else was first.",
    413: "The request is larger than anybody's is.",
    415: "The body is of a kind that is not read here.",
}
"""And every address that takes a body."""
SENT_TWICE = {422: "The same Idempotency-Key was sent with another body."}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A word of your own for this request: sent again, it has its effect once.",
    "schema": {"type": "string", "maxLength": 200},
}


class ErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong: the field it concerns, if any, and what to do about it."""

    field = serializers.CharField(allow_null=True)
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal (RFC 9457): `code` is a word for machines, `detail` a sentence for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # a word of serializers too


class Told(AutoSchema):
    """Every operation with its refusals, its ids as ids, and the header that makes a POST happen once."""

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        """Everything is named by its uuid, whatever the primary key of its table is."""
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for one in found:
            if one["name"] == "id":
                one["schema"] = {"type": "string", "format": "uuid"}
                one.pop("description", None)
        return found

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation and self._happens_once():
            operation["parameters"] = [*operation.get("parameters", []), ONCE]
        return operation

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, words in self._refusals().items():
            told = self._get_response_for_code(ProblemSerializer, str(status), [PROBLEM], direction)
            bodies.setdefault(str(status), {**told, "description": words})
        for code, body in bodies.items():
            body["description"] = body["description"] or HTTPStatus(int(code)).phrase
        return bodies

    def _refusals(self) -> dict[int, str]:
        writing = REFUSED_WRITING if self.method not in ("GET", "HEAD") else {}
        return REFUSED | writing | (SENT_TWICE if self._happens_once() else {})

    def _happens_once(self) -> bool:
        return self.method == "POST" and hasattr(self.view, "once_only")


class BearerScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer jb_…`."""

    target_class = "accounts.api.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class IdField(OpenApiSerializerFieldExtension):
    """Things are named by their uuid."""

    target_class = "accounts.api.ByUid"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, str]:
        return {"type": "string", "format": "uuid"}


def add_links(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What is made can be read and acted on: links from the answer that has its id to every address of it."""
    for path, operations in result["paths"].items():
        made = operations.get("post", {}).get("responses", {})
        for status in {"200", "201", "202"} & made.keys():
            links = dict(_leading_to(f"{path}{{id}}/", result["paths"]))
            if links:
                made[status]["links"] = links
    return result


def _leading_to(start: str, paths: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in paths.items():
        if not path.startswith(start) or "{" in path.removeprefix(start):
            continue
        for operation in operations.values():
            name = operation["operationId"]
            yield name, {"operationId": name, "parameters": {"id": "$response.body#/id"}}
