"""The bound by which sets of apprentices and hours are found leaves nobody out, and is read first."""

from dataclasses import fields

import pytest
from django.db.models import Q

from accounts.models import User
from accounts.models.among import any_of
from apprenticeship.models import Apprentice, Mentorship
from apprenticeship.models.apprentices import _record_readers
from ojt_logs.models import HoursEntry, State
from ojt_logs.models.hour_sets import reviewed_by
from tests.cast import STARTED, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast: Cast) -> list[User]:
    """Everybody of the cast, with hours of three apprentices in every state."""
    for one in (cast.ana, cast.ben):
        cast.log(one, cast.ojt(minutes=30))
        cast.submitted(one, cast.ojt("1a", minutes=30), cast.ri(minutes=30))
        cast.approved(one, cast.ojt("3b", minutes=30), cast.ri(minutes=15))
    Mentorship.objects.filter(apprentice=cast.ben, mentor=cast.lena).update(ends_on=STARTED)
    known = [getattr(cast, one.name) for one in fields(cast)]
    return [one for one in known if isinstance(one, User)]


def test_bound_leaves_out_nobody_whose_record_one_reads(people: list[User]) -> None:
    rows = Apprentice.objects.everyone()
    for person in people:
        unbound = rows.filter(any_of(_record_readers(person)))
        assert set(Apprentice.objects.record_visible_to(person)) == set(unbound)


def test_bound_leaves_out_no_hours(people: list[User]) -> None:
    seen = 0
    for person in people:
        records = Apprentice.objects.record_visible_to(person).values("pk")
        on_record = Q(apprentice__in=records) | reviewed_by(person)
        exact = Q(apprentice__user=person) | on_record & ~Q(status=State.DRAFT)
        found = set(HoursEntry.objects.visible_to(person))
        assert found == set(HoursEntry.objects.everyone().filter(exact))
        seen += len(found)
    assert seen > 20


@pytest.mark.postgresql
def test_bound_is_an_array_that_postgresql_finds_before_it_reads_hours(cast: Cast) -> None:
    plan = HoursEntry.objects.visible_to(cast.nora).explain()
    assert "InitPlan" in plan
    assert " = ANY (" in plan
