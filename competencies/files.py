"""The forms in which a document is taken away as a file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.utils.text import slugify

from accounts.models import User
from competencies.case.package import Package
from competencies.case.writing import V1P0, V1P1
from competencies.exports import word, workbook
from competencies.exports.ctdl import ctdl
from competencies.exports.tree import Document, Tree, tree
from competencies.imports import to_json
from competencies.imports.outline import ScheduleOutline
from competencies.imports.rows import schedule_outline
from competencies.models import WorkProcessSchedule

Reader = User | AnonymousUser
Write = Callable[[Document, datetime, Reader], bytes]
OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class Form:
    """A format: its name, the end of the file's name, its media type, and who writes it."""

    name: str
    end: str
    media: str
    write: Write


def _open(write: Callable[[Tree, Reader], Any]) -> Write:
    """An open format, written from the tree that schedules and frameworks share."""
    return lambda document, now, reader: json.dumps(
        write(tree(document, now=now), reader), ensure_ascii=False, indent=1
    ).encode()


def _whole(write: Callable[[ScheduleOutline], bytes]) -> Write:
    """A form that comes back as it went, written from everything that a schedule says."""

    def written(document: Document, now: datetime, reader: Reader) -> bytes:
        if not isinstance(document, WorkProcessSchedule):
            raise TypeError("Only a work process schedule is written in this form.")
        return write(schedule_outline(document))

    return written


FORMS: Mapping[str, Form] = {
    "case-1.1": Form(
        "CASE 1.1",
        "case-1.1.json",
        "application/json",
        _open(lambda one, reader: Package(V1P1, one, reader).whole),
    ),
    "case-1.0": Form(
        "CASE 1.0",
        "case-1.0.json",
        "application/json",
        _open(lambda one, reader: Package(V1P0, one, reader).whole),
    ),
    "ctdl-asn": Form("CTDL-ASN", "ctdl-asn.jsonld", "application/ld+json", _open(lambda one, _: ctdl(one))),
}
"""By the word in the address: what every document is taken away in."""

SCHEDULE_FORMS: Mapping[str, Form] = {
    "word": Form("Word", "docx", f"{OFFICE}.wordprocessingml.document", _whole(word.write)),
    "workbook": Form("Workbook", "xlsx", f"{OFFICE}.spreadsheetml.sheet", _whole(workbook.write)),
    "outline": Form("Outline", "json", "application/json", _whole(to_json.write)),
    **FORMS,
}
"""What a work process schedule is taken away in."""


def file(document: Document, form: Form, *, reader: Reader, now: datetime) -> HttpResponse:
    """The document in this form, to be saved by `reader`."""
    name = slugify(document.title)[:80] or "standard"
    answer = HttpResponse(form.write(document, now, reader), content_type=form.media)
    answer["Content-Disposition"] = f'attachment; filename="{name}-{document.version}.{form.end}"'
    return answer
