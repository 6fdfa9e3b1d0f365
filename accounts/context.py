"""What every page knows about the person in front of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.db.models import Case, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import letters
from accounts.devices import session_mark
from accounts.factors.codes import types_codes
from accounts.models import User
from accounts.models.people import Role, authority_day


@dataclass(frozen=True)
class Link:
    """One entry of the main navigation."""

    url: str
    label: str
    current: bool


# label -> (name of the page it opens, names of the pages it leads to)
PLACES: dict[str, tuple[str, frozenset[str]]] = {
    "Week": ("week", frozenset({"day", "week-submit"})),
    "Progress": (
        "progress",
        frozenset({"competency", "study", "course-result", "sign-off", "sign-offs", "amendment"}),
    ),
    "Hours": ("hours", frozenset({"hours-entry", "hours-edit", "hours-correct"})),
    "Review": (
        "review",
        frozenset({"review-week", "review-two-minutes", "sign", "sign-competency", "log-for-whom"}),
    ),
    "Programs": (
        "programs",
        frozenset(
            {
                "program",
                "first-steps",
                "program-hours",
                "log-for",
                "hours-import",
                "hours-import-look",
                "hours-batch",
                "history-start",
                "history-look",
                "payroll",
                "payroll-look",
                "paid-hours",
                "waiting",
                "worth-a-look",
                "hand-over",
                "program-sign-offs",
                "registration",
                "registration-history",
                "registration-facts",
                "registration-elections",
                "mentor-assign",
                "mentor-end",
                "stand-in",
                "probation",
                "status-change",
                "enrol",
                "enrol-list",
                "classes",
                "class",
                "class-new",
                "program-new",
                "program-settings",
                "program-elections",
                "program-amend",
                "coverage",
                "coverage-course",
                "for-registration",
                "employers",
                "employer",
                "people",
                "people-invite",
                "second-step",
                "invitations",
                "membership",
            }
        ),
    ),
    "Reports": ("reports", frozenset({"report", "report-preview"})),
    "Standards": (
        "standards",
        frozenset(
            {
                "schedule",
                "schedule-adapt",
                "schedule-approve",
                "schedule-differences",
                "schedule-retire",
                "standards-upload",
                "standards-look",
                "draft",
                "draft-about",
                "draft-add",
                "draft-change",
                "draft-remove",
                "draft-topics",
                "draft-finish",
                "crosswalk",
                "framework",
                "statement",
                "library",
                "library-import",
            }
        ),
    ),
}
RECORD = {
    "progress",
    "competency",
    "study",
    "course-result",
    "sign-off",
    "sign-offs",
    "hours",
    "hours-entry",
    "amendment",
}
"""Pages of one apprentice's record; who is none stands there coming from the programs or from reviewing."""
OF_APPRENTICE = ("Week", "Progress", "Hours")
OF_ROLE = {
    Role.MENTOR: ("Review",),
    Role.INSTRUCTOR: ("Review", "Programs"),
    Role.COORDINATOR: ("Programs", "Reports"),
    Role.AUDITOR: ("Programs", "Reports"),
    Role.OFFICER: ("Programs",),
}


def person(request: HttpRequest) -> dict[str, object]:
    """`nav`, the main navigation, worked out (two queries) only when a page shows it; `device_session`;
    `types_codes`, whether this person has an app or recovery codes."""
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "device_session": SimpleLazyObject(lambda: session_mark(request)),
        "types_codes": SimpleLazyObject(lambda: isinstance(request.user, User) and types_codes(request.user)),
    }


def mail(request: HttpRequest) -> dict[str, object]:
    """`sends_mail`: whether links go out by e-mail; where not, pages show them to hand over."""
    return {"sends_mail": letters.reach_people()}


def sso(request: HttpRequest) -> dict[str, object]:
    """`sso`, `sso_name`: where signing in at the other organisation begins, and its name; "" for none."""
    if not settings.SSO_ID:
        begins = ""
    elif settings.SSO_ISSUER:
        begins = reverse("openid_connect_login", args=[settings.SSO_ID])
    else:
        begins = reverse("saml_login")
    return {"sso": begins, "sso_name": settings.SSO_NAME}


def navigation(request: HttpRequest) -> list[Link]:
    """Where this person may want to go, in a fixed order, for all the roles they hold today."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return _links(request, {"Standards"}, apprentice=None)
    roles = user.memberships.active(on=authority_day(timezone.now())).values_list("role", flat=True)
    labels = {"Standards"}.union(*(OF_ROLE.get(Role(role), ()) for role in roles))
    apprentice = _shown_apprenticeship(user, request)
    if apprentice:
        labels.update(OF_APPRENTICE)
    return _links(request, labels, apprentice=apprentice)


def current_apprenticeship(user: User) -> UUID | None:
    """The `uid` of the registration that this person works in: the newest that is active, else the newest.

    None for who is no apprentice.
    """
    return next(iter(_apprenticeships(user)), None)


def _shown_apprenticeship(user: User, request: HttpRequest) -> UUID | None:
    """The own registration that the page is about, else the current one."""
    mine = _apprenticeships(user)
    asked = request.resolver_match.kwargs.get("uid") if request.resolver_match else None
    return asked if asked in mine else next(iter(mine), None)


def _apprenticeships(user: User) -> list[UUID]:
    """Uids of all registrations of a person, the current one first. One query."""
    active = Case(When(status="active", then=0), default=1)
    return list(user.apprenticeships.order_by(active, "-started_on", "-pk").values_list("uid", flat=True))


def _links(request: HttpRequest, labels: set[str], *, apprentice: UUID | None) -> list[Link]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    links = []
    for label, (name, beneath) in PLACES.items():
        if label not in labels:
            continue
        kwargs = {"uid": apprentice} if label in OF_APPRENTICE else None
        links.append(Link(reverse(name, kwargs=kwargs), label, here == name or here in beneath))
    if here in RECORD and not any(link.current for link in links):
        last = next((link for label in ("Programs", "Review") for link in links if link.label == label), None)
        links = [replace(link, current=link is last) for link in links]
    return links
