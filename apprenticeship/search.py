"""Search over everything a person may see: people, programs, standards and the words of the field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.glossary import terms
from accounts.listing import page_of
from accounts.models import Membership, User
from accounts.models.people import authority_day
from accounts.spelling import fold
from apprenticeship.models import Apprentice, Program
from competencies import listing
from competencies.models import Framework, WorkProcessSchedule

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

FEW, MANY = 5, 25
"""Rows of a kind beside the others, and alone."""


@dataclass(frozen=True)
class Found:
    """What was found of one kind, and the address of more where there is more."""

    kind: str
    label: str
    rows: list[Any]
    more: str


def search(user: "User | AnonymousUser", text: str) -> list[Found]:
    """The first few of every kind in which `text` occurs, in a constant number of queries."""
    people = [_few(user, text, kind) for kind in KINDS] if isinstance(user, User) else []
    return [found for found in (*people, _standards(user, text), _words(text)) if found.rows]


def search_kind(user: User, text: str, *, kind: str, place: str) -> Found:
    """Many of the one kind: the page at `place`, see accounts/listing.py."""
    order, rows = KINDS[kind].order, KINDS[kind].rows(user, text)
    page = page_of(rows, (order, "pk"), place=place, size=MANY)
    more = _address(text, kind, page=page.next) if page.next else ""
    return Found(kind, KINDS[kind].label, page.rows, more)


def _few(user: User, text: str, kind: str) -> Found:
    rows = list(KINDS[kind].rows(user, text).order_by(KINDS[kind].order, "pk")[: FEW + 1])
    return Found(kind, KINDS[kind].label, rows[:FEW], _address(text, kind) if len(rows) > FEW else "")


def _address(text: str, kind: str, **place: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': text, 'kind': kind} | place)}"


def _apprentices(user: User, text: str) -> QuerySet[Any]:
    readable = Apprentice.objects.record_visible_to(user)
    found = Apprentice.objects.visible_to(user).matching(text).select_related("user", "program__sponsor")
    return found.annotate(readable=Q(pk__in=readable.values("pk")))


def _staff(user: User, text: str) -> QuerySet[Any]:
    in_force = Membership.objects.visible_to(user).active(on=authority_day(timezone.now()))
    return in_force.matching(text).select_related("user", "sponsor")


def _programs(user: User, text: str) -> QuerySet[Any]:
    boards = Program.objects.followed_by(user)
    found = Program.objects.visible_to(user).matching(text).select_related("sponsor", "schedule")
    return found.annotate(has_board=Q(pk__in=boards.values("pk")))


@dataclass(frozen=True)
class Kind:
    """A kind with a page of its own: its rows, and the column by which they stand in order."""

    label: str
    order: str
    rows: Callable[[User, str], QuerySet[Any]]


KINDS = {
    "apprentices": Kind("Apprentices", "user__search_text", _apprentices),
    "staff": Kind("Staff", "user__search_text", _staff),
    "programs": Kind("Programs", "name", _programs),
}


def _standards(user: "User | AnonymousUser", text: str) -> Found:
    schedules = WorkProcessSchedule.objects.visible_to(user).filter(frozen=True).newest().search(text)
    frameworks = Framework.objects.visible_to(user).newest().search(text)
    page = listing.page(schedules, frameworks, after="", text=text, size=FEW)
    more = f"{reverse('standards')}?{urlencode({'q': text})}" if page.next else ""
    return Found("standards", "Standards", page.rows, more)


def _words(text: str) -> Found:
    """Words of the glossary that begin with what was typed, or one of whose words does."""
    asked = fold(text).split()
    found = []
    for term in terms().values():
        own = fold(" ".join((term.word.strip("()"), *term.also))).replace("(", "").split()
        if all(any(word.startswith(part) for word in own) for part in asked):
            found.append(term)
    return Found("words", "Words", found[:FEW], reverse("glossary") if len(found) > FEW else "")
