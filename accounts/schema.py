"""What the OpenAPI schema must be told about our authentication."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension


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
