"""What somebody is, asked once: nobody is left out by it, and nobody is let in."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Manager, QuerySet
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.models.people import Membership, Role
from apprenticeship.models import Apprentice, Class, Employer, Program
from apprenticeship.standing import AsksOnce, Standing, asking_once, standing_of
from ojt_logs.models import HoursEntry
from tests.browser.test_every_page import fill
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

OTHERS = {
    Apprentice: ("record_visible_to", "registration_visible_to", "signable_by", "managed_by"),
    Program: ("followed_by",),
    HoursEntry: ("on_record_for", "under_review_of", "reviewable_by"),
    Class: ("taught_by",),
}
"""Sets of what somebody may read, beside `visible_to`."""


def sets(user: User) -> Iterator[tuple[str, QuerySet]]:  # type: ignore[type-arg]
    for model in apps.get_models():
        manager: Manager = model._default_manager  # type: ignore[type-arg]
        for name in ("visible_to", *OTHERS.get(model, ())):
            if hasattr(manager, name):
                yield f"{model.__name__}.{name}", getattr(manager, name)(user)


def seen_by(user: User) -> dict[str, set[int]]:
    return {name: set(rows.order_by().values_list("pk", flat=True)) for name, rows in sets(user)}


def everything_at_once(cast: Cast) -> list[User]:
    """People who are more than one thing: a mentor who learns, an office for one employer, who left."""
    firm = Employer.objects.create(sponsor=cast.lakeside, name="Quillfeather Partners")
    Apprentice.objects.filter(pk=cast.ben.pk).update(employer=firm)
    held = {"sponsor": cast.lakeside, "starts_on": TODAY}
    for_one = User.objects.create_user("one@example.org", name="Onyx Tate")
    Membership.objects.create(user=for_one, role=Role.COORDINATOR, employer=firm, **held)
    more = ((cast.ana_user, Role.MENTOR), (cast.marcus, Role.AUDITOR), (cast.priya, Role.MENTOR))
    for person, role in more:
        Membership.objects.create(user=person, role=role, **held)
    cast.ben.mentorships.create(mentor=cast.ana_user, starts_on=TODAY)
    Membership.objects.filter(user=cast.lena).update(ends_on=TODAY, cut_short=True)
    members = User.objects.filter(memberships__isnull=False).distinct()
    return [*members, cast.ana_user, cast.ben_user]


def test_everybody_sees_the_same_whether_or_not_it_is_asked_once(cast: Cast) -> None:
    fill(cast)
    seen = set[str]()
    for user in everything_at_once(cast):
        before = seen_by(user)
        seen |= {name for name, rows in before.items() if rows}
        with asking_once():
            assert seen_by(user) == before, user
    asked = {f"{model.__name__}.{name}" for model, names in OTHERS.items() for name in ("visible_to", *names)}
    assert asked <= seen, "nobody sees anything of some"


def test_it_is_asked_once_where_a_request_only_reads(cast: Cast) -> None:
    told: list[Standing] = []

    def view(request: HttpRequest) -> HttpResponse:
        for _ in range(3):
            told.append(standing_of(cast.marcus))
        return HttpResponse()

    with CaptureQueriesContext(connection) as asked:
        AsksOnce(view)(RequestFactory().get("/"))
    assert len(asked) == 1
    mentor = told.pop()
    assert told == [mentor, mentor]
    assert (mentor.learns, mentor.mentors, mentor.teaches, mentor.reviews) == (False, True, False, True)
    assert mentor.has([Role.MENTOR]) and not mentor.has([Role.COORDINATOR, Role.AUDITOR])

    told.clear()
    AsksOnce(view)(RequestFactory().post("/"))
    assert told == [Standing()] * 3, "where something may be written, every statement asks for itself"
    assert standing_of(cast.marcus) == Standing()


def test_the_statement_of_an_office_names_nothing_that_it_is_not(cast: Cast) -> None:
    with asking_once():
        asked = str(HoursEntry.objects.visible_to(cast.nora).query)
    assert "membership" not in asked and "mentorship" not in asked and "class" not in asked
