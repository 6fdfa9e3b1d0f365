"""Who asks, and one way to reach things: 404 for what you may not see, 403 for what you may not do."""

from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from rest_framework.request import Request

from accounts.models import Sponsor, User
from accounts.refusals import NotAllowed

M = TypeVar("M", bound=Model)
OPEN_CONSENT = "consent_open"
"""In the session of somebody who signed in and has not agreed to electronic records: pages say so."""


def signed_in(request: HttpRequest | Request) -> User:
    """The person who asks, of a page or over REST.

    Raises TypeError for a visitor: whoever calls this stands behind the login or ScopePermission.
    """
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in.")
    return request.user


def ask_consent(then: str) -> HttpResponse:
    """To the page about electronic records, and from there to `then`, an address of ours."""
    return redirect(reverse("consent") + "?" + urlencode({"next": then or "/"}))


def get_or_deny(visible: QuerySet[M], actable: QuerySet[M] | None = None, **lookup: object) -> M:
    """The one row of `visible` that matches `lookup`.

    Raises Http404 when there is none (a foreign row and a missing one answer alike), and NotAllowed
    when it is visible but not in `actable`.
    """
    try:
        found = visible.filter(**lookup).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Http404
    if actable is not None and not actable.filter(pk=found.pk).exists():
        raise NotAllowed("You may see this, but not do that with it.", code="not_allowed")
    return found


def managed_sponsor(request: HttpRequest, uid: UUID) -> Sponsor:
    """A sponsor that one coordinates as a whole; 403 for who works there otherwise."""
    visible = Sponsor.objects.visible_to(request.user)
    return get_or_deny(visible, Sponsor.objects.managed_by(request.user), uid=uid)


def administered_sponsor(request: HttpRequest, uid: UUID) -> Sponsor:
    """A sponsor that one coordinates or audits as a whole; 403 for who works there otherwise."""
    visible = Sponsor.objects.visible_to(request.user)
    return get_or_deny(visible, Sponsor.objects.administered_by(request.user), uid=uid)
