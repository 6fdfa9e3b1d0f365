"""The twelve operations of CASE 1.0 and 1.1, and their description. Everybody is answered alike.

Public are published frameworks and schedules of the national library; a sponsor's own copies and drafts
are to be found nowhere here, whoever asks.
"""

import logging
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from competencies.case import listing, vocabulary
from competencies.case.answers import ANSWERS
from competencies.case.discovery import described
from competencies.case.document import alone, subject
from competencies.case.find import document_of, with_scales
from competencies.case.package import Package
from competencies.case.refusals import NoAnswer, status_info, unknown
from competencies.case.writing import VERSIONS, Json, Version, definition
from competencies.exports.tree import Document, tree
from competencies.models import Framework, WorkProcessSchedule
from competencies.models.framework import FrameworkQuerySet
from competencies.models.schedule import ScheduleQuerySet

log = logging.getLogger(__name__)
FRESH_FOR = 300
"""Seconds for which an answer may be used again unasked; later it is asked for by its ETag."""

View = Callable[..., HttpResponse]


def answered(view: View) -> View:
    """A view of this service: for everybody, GET and HEAD alone, refusals as CASE writes them."""

    def answer(request: HttpRequest, version: str, **named: Any) -> HttpResponse:
        edition = VERSIONS[version]
        try:
            if request.method not in ("GET", "HEAD"):
                raise NoAnswer(405, "forbidden", "Everything here is read by GET, nothing is changed.")
            response = view(request, edition, **named)
            patch_cache_control(response, public=True, max_age=FRESH_FOR)
        except NoAnswer as refusal:
            response = JsonResponse(status_info(edition, refusal), status=refusal.status)
        except Exception:
            log.exception("a CASE answer broke down")
            broken = NoAnswer(500, "internal_server_error", "Something broke here. Ask again in a minute.")
            response = JsonResponse(status_info(edition, broken), status=500)
        if response.status_code == 405:
            response["Allow"] = "GET, HEAD"
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return cast(View, csrf_exempt(login_not_required(conditional_page(answer))))


def _public() -> tuple[ScheduleQuerySet, FrameworkQuerySet]:
    visitor = AnonymousUser()
    schedules = WorkProcessSchedule.objects.visible_to(visitor)
    return schedules.defer("search_text"), Framework.objects.visible_to(visitor).defer("search_text")


@answered
def documents(request: HttpRequest, version: Version) -> HttpResponse:
    """All public documents in all published versions, as far as they are asked for. Three queries."""
    schedules, frameworks = _public()
    every: list[Document] = [*with_scales(schedules), *frameworks]
    asked = {name: ",".join(request.GET.getlist(name)) for name in request.GET}
    address = version.address("CFDocuments", "").rstrip("/")
    page = listing.page([alone(version, one) for one in every], asked, address=address)
    response = JsonResponse({"CFDocuments": page.rows})
    response["X-Total-Count"], response["Link"] = str(page.total), page.links
    return response


@answered
def one(request: HttpRequest, version: Version, collection: str, id: str) -> HttpResponse:
    """One thing of a collection, by its identifier."""
    identifier = _uuid(id)
    found = _shared(version, collection, identifier) or _subjects(version, collection, identifier)
    return JsonResponse(found or _piece(version, collection, identifier))


def _uuid(text: str) -> UUID:
    """The identifier in its usual spelling; any other is none."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise NoAnswer(404, "invalid_uuid", "The identifier is not a UUID.")
    return found


def _shared(version: Version, collection: str, identifier: UUID) -> Json | None:
    """A definition that all documents share: alone, or, of those in a hierarchy, with all below it."""
    found = vocabulary.SHARED.get(identifier)
    if found is None or found.collection != collection:
        return None
    if not found.code:
        return definition(version, found)
    return {collection: [definition(version, each) for each in vocabulary.with_those_below(found)]}


def _subjects(version: Version, collection: str, identifier: UUID) -> Json | None:
    if collection != "CFSubjects":
        return None
    schedules, _ = _public()
    found = with_scales(schedules).filter(occupation__uid=identifier).first()
    return {collection: [subject(version, found)]} if found else None


def _piece(version: Version, collection: str, identifier: UUID) -> Json:
    """Of the package of the document that the identifier belongs to, the part that is asked for."""
    pick = ANSWERS.get(collection)
    document = document_of(identifier, *_public()) if pick else None
    if pick is None or document is None:
        raise unknown()
    package = Package(version, tree(document, now=timezone.now()))
    found = pick(package, str(identifier))
    if found is None:
        raise unknown()
    return found


@answered
def discovery(request: HttpRequest, version: Version, file: str) -> HttpResponse:
    """The OpenAPI description of this service, under the name that CASE gives it."""
    if file != f"imscase{version.path}_openapi3_v1p0.json":
        raise unknown("There is no such file.")
    return JsonResponse(described(version))


@answered
def nothing(request: HttpRequest, version: Version, rest: str) -> HttpResponse:
    """Whatever else is asked for under the service's address."""
    raise unknown("There is no such collection.")
