"""The open formats in which a document is taken away as a file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify

from competencies.case.package import Package
from competencies.case.writing import V1P0, V1P1
from competencies.exports.ctdl import ctdl
from competencies.exports.tree import Document, Tree, tree


@dataclass(frozen=True)
class Form:
    """A format: its name, the end of the file's name, its media type, and who writes it."""

    name: str
    end: str
    media: str
    write: Callable[[Tree], Any]


FORMS: Mapping[str, Form] = {
    "case-1.1": Form("CASE 1.1", "case-1.1.json", "application/json", lambda one: Package(V1P1, one).whole),
    "case-1.0": Form("CASE 1.0", "case-1.0.json", "application/json", lambda one: Package(V1P0, one).whole),
    "ctdl-asn": Form("CTDL-ASN", "ctdl-asn.jsonld", "application/ld+json", ctdl),
}
"""By the word in the address."""


def file(document: Document, form: Form, *, now: datetime) -> HttpResponse:
    """The document in this form, to be saved."""
    body = json.dumps(form.write(tree(document, now=now)), ensure_ascii=False, indent=1)
    name = slugify(document.title)[:80] or "standard"
    answer = HttpResponse(body.encode(), content_type=form.media)
    answer["Content-Disposition"] = f'attachment; filename="{name}-{document.version}.{form.end}"'
    return answer
