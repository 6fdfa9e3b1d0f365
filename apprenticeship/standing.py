"""What somebody is to the records of others, asked once in a request that only reads.

A set of `visible_to` joins what one sees as an apprentice, as a mentor, as an instructor and in an office.
Hardly anybody is all of that, and each part costs the building and the planning of its statement, most of all
the same question for one's roles in each of them. So a part of what somebody is not is left out, and their
roles stand in the statement as they were when the request began. Where something may be written nobody asks
once: there each statement asks for itself, and a right that has ended meanwhile has ended.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS

from accounts.models import User
from accounts.models.people import Membership, authority_day


class Held(NamedTuple):
    """A role that somebody has today, at a sponsor as a whole or for one employer's apprentices."""

    role: str
    sponsor: int
    employer: int | None


@dataclass(frozen=True)
class Standing:
    """What somebody may be. Where nobody asked, anybody may be anything."""

    held: tuple[Held, ...] | None = None
    """Their roles of today, None where nobody asked."""
    learns: bool = True
    """Was ever registered in a program."""
    mentors: bool = True
    """Was ever assigned to an apprentice as mentor."""
    teaches: bool = True
    """Ever had a class as its instructor."""

    @property
    def reviews(self) -> bool:
        """Whether hours of others may fall to them."""
        return self.mentors or self.teaches

    def has(self, roles: Iterable[str]) -> bool:
        return self.held is None or any(one.role in roles for one in self.held)


_asked: ContextVar[dict[int, Standing] | None] = ContextVar("what people are in this request", default=None)


def standing_of(user: User) -> Standing:
    """What `user` is, found once in a request that only reads; outside of one, everything that one may be."""
    asked = _asked.get()
    if asked is None:
        return Standing()
    if user.pk not in asked:
        asked[user.pk] = _ask(user)
    return asked[user.pk]


@contextmanager
def asking_once() -> Iterator[None]:
    """In here what somebody is is asked once, and must not change."""
    before = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(before)


class AsksOnce:
    """Middleware: requests that only read ask once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE_METHODS:
            return self.get_response(request)
        with asking_once():
            return self.get_response(request)


EVER = """
UNION ALL SELECT 'learns', 0, NULL
  WHERE EXISTS (SELECT 1 FROM apprenticeship_apprentice WHERE user_id = %s)
UNION ALL SELECT 'mentors', 0, NULL
  WHERE EXISTS (SELECT 1 FROM apprenticeship_mentorship WHERE mentor_id = %s)
UNION ALL SELECT 'teaches', 0, NULL
  WHERE EXISTS (SELECT 1 FROM apprenticeship_class WHERE instructor_id = %s)
"""


def _ask(user: User) -> Standing:
    """In one statement: the roles, and a row of no sponsor for whatever else somebody ever was."""
    held = Membership.objects.active(on=authority_day(timezone.now())).filter(user=user).order_by()
    sql, given = held.values_list("role", "sponsor", "employer").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql + EVER, [*given, *[user.pk] * 3])
        rows = cursor.fetchall()
    ever = {row[0] for row in rows if not row[1]}
    return Standing(
        held=tuple(Held(*row) for row in rows if row[1]),
        learns="learns" in ever,
        mentors="mentors" in ever,
        teaches="teaches" in ever,
    )
