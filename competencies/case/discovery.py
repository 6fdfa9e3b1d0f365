"""What the service is, in OpenAPI: the operations, and the strict schema that answers are held to."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from competencies.case.listing import FIELDS, LIMIT, MOST, TEXTS
from competencies.case.writing import Json, Version

OPERATIONS: Mapping[str, tuple[str, str]] = {
    "CFDocuments/{id}": ("getCFDocument", "CFDocument"),
    "CFPackages/{id}": ("getCFPackage", "CFPackage"),
    "CFItems/{id}": ("getCFItem", "CFItem"),
    "CFItemAssociations/{id}": ("getCFItemAssociations", "CFAssociationSet"),
    "CFAssociations/{id}": ("getCFAssociation", "CFAssociation"),
    "CFAssociationGroupings/{id}": ("getCFAssociationGrouping", "CFAssociationGrouping"),
    "CFRubrics/{id}": ("getCFRubric", "CFRubric"),
    "CFItemTypes/{id}": ("getCFItemType", "CFItemTypeSet"),
    "CFConcepts/{id}": ("getCFConcept", "CFConceptSet"),
    "CFSubjects/{id}": ("getCFSubject", "CFSubjectSet"),
    "CFLicenses/{id}": ("getCFLicense", "CFLicense"),
}
"""By path: what CASE calls the operation, and the schema of its answer. The list is beside them."""
FITS = f"({'|'.join(sorted(TEXTS))})(!=|>=|<=|=|>|<|~)'[^']*'"
PAGING: Mapping[str, tuple[Json, str]] = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": LIMIT},
        f"How many documents at most; never more than {MOST}.",
    ),
    "offset": (
        {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
        "How many documents to pass over.",
    ),
    "sort": ({"type": "string", "enum": sorted(TEXTS), "default": "title"}, "The field to sort by."),
    "orderBy": ({"type": "string", "enum": ["asc", "desc"], "default": "asc"}, "Which way to sort."),
    "filter": (
        {
            "type": "string",
            "pattern": f"^{FITS}(( AND {FITS})*|( OR {FITS})*)$",
        },
        "Comparisons such as title~'coder', joined by AND alone or by OR alone.",
    ),
    "fields": (
        {"type": "array", "minItems": 1, "items": {"type": "string", "enum": sorted(FIELDS)}},
        "The fields to answer; with commas between, or repeated.",
    ),
}


@cache
def schema(version: Version) -> Json:
    """The JSON Schema of this version; its root is a package, `$defs` has everything else."""
    file = Path(__file__).parent / "schema" / f"{version.path}.json"
    found: Json = json.loads(file.read_text(encoding="utf-8"))
    return found


def described(version: Version) -> Json:
    """The OpenAPI document of the twelve operations."""
    parameters = [_parameter(name, "query", kind, words) for name, (kind, words) in PAGING.items()]
    uuid = {"type": "string", "format": "uuid"}
    identifier = _parameter("id", "path", uuid, "The identifier.")
    paths = {"/CFDocuments": _operation("getAllCFDocuments", "CFDocumentSet", parameters)}
    for path, (name, answer) in OPERATIONS.items():
        paths[f"/{path}"] = _operation(name, answer, [identifier])
    return {
        "openapi": "3.0.3",
        "info": {"title": f"CASE {version.number} of this site", "version": version.number},
        "servers": [{"url": f"{settings.SITE_URL}/ims/case/{version.path}"}],
        "paths": paths,
        "components": {"schemas": _components(schema(version)["$defs"])},
    }


def _parameter(name: str, place: str, kind: Json, words: str) -> Json:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": words, "schema": kind, **required}


def _operation(name: str, answer: str, parameters: list[Json]) -> Json:
    wrong = {"description": "Why there is no answer.", "content": _json("imsx_StatusInfo")}
    good = {"description": "The answer.", "content": _json(answer)}
    responses = {"200": good, "404": wrong, "500": wrong}
    if name == "getAllCFDocuments":
        responses["400"] = wrong
    return {"get": {"operationId": name, "parameters": parameters, "responses": responses}}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _components(value: Any) -> Any:
    """The schema with its references as OpenAPI writes them."""
    if isinstance(value, dict):
        return {key: _components(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_components(inner) for inner in value]
    if isinstance(value, str):
        return value.replace("#/$defs/", "#/components/schemas/")
    return value
