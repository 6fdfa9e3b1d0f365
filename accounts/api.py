"""What every REST endpoint shares: tokens, scopes, cursor paging, plain errors, once-only requests."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import orjson
from django import forms
from django.core.exceptions import BadRequest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseServerError,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.defaults import bad_request, page_not_found
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.filters import BaseFilterBackend
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from accounts.access import signed_in
from accounts.factors.demand import check_token
from accounts.listing import Filters
from accounts.logs import request_id
from accounts.models import ApiToken, IdempotencyKey, User
from accounts.refusals import Refusal
from accounts.replica import read_from_replica

if TYPE_CHECKING:  # rest_framework.views reads its settings, which name this module
    from rest_framework.views import APIView


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer jb_…`; see ApiToken."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        secret = words[1].decode("ascii", "replace") if len(words) == 2 else ""
        token = ApiToken.objects.authenticate(secret, now=timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed(
                "This token is not known, has expired or was revoked. Make a new one on your profile page."
            )
        check_token(token, now=timezone.now())
        read_from_replica(request, token.user)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ScopePermission(BasePermission):
    """Signed in, and with a token only within its scopes.

    A view names the scope of an action in `scopes`, e.g. `{"create": "sign"}`; otherwise reading needs
    `read` and everything else `write`. What needs `sign` is never possible with a browser session alone,
    where signing asks for the password again.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        scope = needed_scope(request, view)
        token = request.auth
        if not isinstance(token, ApiToken):
            return scope != "sign"
        if not token.allows(scope):
            self.message = f"This token lacks the scope “{scope}”. Make one that has it."
            return False
        return True


def needed_scope(request: Request, view: "APIView") -> str:
    action = getattr(view, "action", None) or ""
    named: dict[str, str] = getattr(view, "scopes", {})
    return named.get(action) or ("read" if request.method in SAFE_METHODS else "write")


class Paging(CursorPagination):
    """Cursor paging over the newest rows first; the primary key never ties."""

    ordering = "-pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        """As many rows as asked for, at most max_page_size. What is no number of rows is refused: a client
        would else take the first hundred for all that it asked for."""
        for said in request.query_params.getlist(self.page_size_query_param):
            if not (said.isascii() and said.isdecimal() and int(said)):
                raise Refusal("Write how many rows: 1 to 200.", code="page_size", field="page_size")
        return super().get_page_size(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for one in found:
            if one["name"] == self.page_size_query_param:
                one["schema"] = {"type": "integer", "minimum": 1}
                one["description"] = "Rows of a page; of more than 200 there are 200."
        return found

    def decode_cursor(self, request: Request) -> Any:
        """A cursor that names no row is answered like any other that is not known."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not str(cursor.position).isdecimal():
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


class ByWords(BaseFilterBackend):
    """Narrows a list by the words of the address: those of the list's page, see accounts/listing.py.

    A view names the form in `words`. An unknown word is refused: a client that misspells one would otherwise
    take everybody's rows for those it asked for.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        form: Filters = view.words(request.query_params)
        demand_known(request, *form.fields, *OF_A_PAGE)
        if not form.is_valid():
            errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
            raise exceptions.ValidationError(errors)
        return form.narrow(queryset)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        fields: dict[str, forms.Field] = view.words({}).fields
        return [
            {"name": name, "in": "query", "description": str(field.label), "schema": _kind_of(field)}
            for name, field in fields.items()
        ]


OF_A_PAGE = ("cursor", Paging.page_size_query_param)
"""Words of an address that choose the place in a list."""


def demand_known(request: Request, *known: str) -> None:
    """Raise a Refusal for a word of the address that is none of `known`, and name them."""
    for word in request.query_params:
        if word not in known:
            told = f"This address knows these words: {', '.join(known)}." if known else "It takes no words."
            raise Refusal(told, code="word", field=word)


def _kind_of(field: forms.Field) -> dict[str, Any]:
    """A field of a form in the terms of OpenAPI; left empty, it narrows nothing."""
    empty = {"type": "string", "enum": [""]}
    if isinstance(field, forms.ChoiceField):
        return {"type": "string", "enum": ["", *(value for value, _ in cast(Any, field.choices) if value)]}
    formats = ((forms.UUIDField, "uuid"), (forms.DateField, "date"), (forms.DateTimeField, "date-time"))
    named = next((name for kind, name in formats if isinstance(field, kind)), None)
    if named and not field.required:
        return {"anyOf": [{"type": "string", "format": named}, empty]}
    return {"type": "string", "format": named} if named else {"type": "string"}


LARGEST_BODY = 262_144
"""Bytes; nobody's request to this API is longer."""


def refuse_longer(request: Request, most: int, words: str) -> None:
    """Raise a Refusal (413) for a body of more than `most` bytes, before any of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most:
        refusal = Refusal(f"This request is larger than {words}.", code="too_large")
        refusal.status = 413
        raise refusal


class QuickJSON(JSONRenderer):
    """The same bytes as JSONRenderer in a tenth of its time; what orjson does not know is left to that."""

    options = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        context = renderer_context or {}
        if data is None or self.get_indent(accepted_media_type, context) is not None:
            return super().render(data, accepted_media_type, context)
        try:
            text = orjson.dumps(data, default=JSONEncoder().default, option=self.options)
        except TypeError:
            return super().render(data, accepted_media_type, context)
        return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


class SmallJSON(JSONParser):
    """JSON of at most LARGEST_BODY bytes; more is refused before it is read (413)."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        refuse_longer(parser_context["request"], LARGEST_BODY, "256 kB. Send less at once")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("This JSON is nested too deeply to be read.") from error


class OneFile(MultiPartParser):
    """A form with a file of at most `most` bytes; more is refused before it is read (413), with `words`."""

    most: int
    words: str

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        refuse_longer(parser_context["request"], self.most + LARGEST_BODY, self.words)
        return super().parse(stream, media_type, parser_context)


class AnyFormat(BaseContentNegotiation):
    """The answer is a file of its own kind, whatever the client says it likes; errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ByUid(serializers.Field):
    """Something named by its id, looked up only among what the requesting person may see.

    A foreign id, one that does not exist and one that is no id get the same answer. `visible` takes the
    person and gives the queryset.
    """

    def __init__(self, visible: Callable[[User], QuerySet[Any]], *, noun: str, **kwargs: Any) -> None:
        self.visible = visible
        self.noun = noun
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Model:
        found = None
        try:
            wanted = uuid.UUID(data) if isinstance(data, str) else None
        except ValueError:
            wanted = None
        if wanted:
            found = self.visible(self.context["request"].user).filter(uid=wanted).first()
        if found is None:
            raise serializers.ValidationError(f"There is no {self.noun} with this id that you may see.")
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.uid)


class OnceOnly:
    """Mixin for views: with an `Idempotency-Key` header a POST has its effect once.

    The key is written in the transaction of the effect; a second request with the same key waits for
    the first and gets its answer; the same key with another body is refused (422). A refused request
    leaves nothing behind and may be sent again.
    """

    once_only = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and key:
            if len(key) > 200:
                raise Refusal("An Idempotency-Key has at most 200 characters.", code="idempotency_key")
            handler: Callable[..., Response] = getattr(self, request.method.lower())
            self.post = lambda *a, **k: once(key, handler, *a, **k)


def once(key: str, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """The answer of `handler`, or the stored answer of the first request with this key."""
    with IdempotencyKey.objects.once(
        signed_in(request),
        key=key,
        method=str(request.method),
        path=request.path,
        words=_said_by(request),
        now=timezone.now(),
    ) as row:
        if row.answered:
            again = {"Idempotency-Replayed": "true"}
            return Response(json.loads(row.body), status=row.status, headers=again)
        response = handler(request, *args, **kwargs)
        row.answer(status=response.status_code, body=json.dumps(response.data, cls=JSONEncoder))
    return response


def _said_by(request: Request) -> Any:
    """What the body says, of each file its name and SHA-256."""
    files = {name: [file.name, _digest(file)] for name, file in request.FILES.items()}
    return {**cast(dict[str, Any], request.data), **files} if files else request.data


def _digest(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457 problem+json for every expected error; unexpected ones are left to Django."""
    found = describe(error)
    if found is None:
        return None
    status, code, errors = found
    body = _words(status, code, errors)
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def _words(status: int, code: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": f"urn:journeybook:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": errors[0]["detail"],
        "field": errors[0]["field"],
        "errors": errors,
    }


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Site-wide 404 (handler404): a problem for whoever asked the API, the page for everybody else."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    return _plain_problem(404, "not_found", "There is nothing at this address. /api/v1/docs/ lists them all.")


def refused(refusal: Refusal) -> HttpResponseBase:
    """A refusal as a problem, for whoever was stopped before any view of the API."""
    return JsonResponse(
        _words(refusal.status, refusal.code, refusal.each),
        status=refusal.status,
        content_type="application/problem+json",
    )


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Site-wide 400 (handler400), likewise."""
    if not request.path.startswith("/api/"):
        return bad_request(request, exception or BadRequest())
    return _plain_problem(400, "unreadable", "This request cannot be read. Send JSON in UTF-8.")


def too_large(request: HttpRequest) -> HttpResponseBase:
    """What is larger than anything that is taken here (413), on pages as a page."""
    if not request.path.startswith("/api/"):
        return HttpResponse(render_to_string("413.html"), status=413)
    return _plain_problem(413, "too_large", "This request is larger than 21 MB. Send less at once.")


def breakdown(request: HttpRequest) -> HttpResponseBase:
    """Site-wide 500 (handler500), likewise; it tells nothing of what broke."""
    if not request.path.startswith("/api/"):
        page = render_to_string("500.html", {"number": request_id.get()})
        return HttpResponseServerError(page)
    number = request_id.get()
    words = "Something broke on our side. Send the same request again in a minute."
    if not number:
        return _plain_problem(500, "breakdown", words)
    remedy = f"{words} If it happens again, tell whoever runs this site that it was number {number[:8]}."
    return _plain_problem(500, "breakdown", remedy, request=number)


def _plain_problem(status: int, code: str, detail: str, **more: str) -> HttpResponseBase:
    body = _words(status, code, [{"field": None, "detail": detail}]) | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


def describe(error: Exception) -> tuple[int, str, list[dict[str, Any]]] | None:
    """Status, machine word and the sentences with their fields, or None for what was not expected."""
    if isinstance(error, Refusal):
        return error.status, error.code, error.each
    if isinstance(error, Http404 | exceptions.NotFound):
        return 404, "not_found", [{"field": None, "detail": "There is nothing here that you may see."}]
    if isinstance(error, DjangoPermissionDenied):
        return 403, "not_allowed", [{"field": None, "detail": str(error) or "You may not do this."}]
    if isinstance(error, DjangoValidationError):
        lists = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
        return 400, "invalid", list(flatten(lists))
    if isinstance(error, exceptions.ValidationError):
        return 400, "invalid", list(flatten(error.detail))
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        word = code if isinstance(code, str) else "invalid"
        return error.status_code, word, [{"field": None, "detail": str(error.detail)}]
    return None


def flatten(detail: Any, field: str | None = None) -> Iterator[dict[str, Any]]:
    """Nested DRF and Django error structures as flat rows of field and sentence."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            plain = None if name in ("__all__", "non_field_errors", None) else str(name)
            yield from flatten(inner, f"{field}.{plain}" if field and plain else plain or field)
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from flatten(inner, field)
    else:
        yield {"field": field, "detail": str(detail)}
