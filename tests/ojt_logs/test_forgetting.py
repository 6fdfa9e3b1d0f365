"""Whom a sponsor forgets takes nothing from the records of anybody else, whatever they were called."""

import json
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.linked import forget_links
from accounts.models import IdempotencyKey, Invitation, User
from apprenticeship.models import Class
from ledger.models import Payload
from ojt_logs import disposing
from ojt_logs.models import Comment, SignOff
from tests.cast import NOW, Cast, _join, _user
from tests.ojt_logs.pages import noon
from tests.ojt_logs.test_disposing import FRESH, LATER, whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

NAMES = ("Ana Reyes", "Marcus Webb", "Lakeside Health", "CCS", "a", "name")
"""What somebody may call themselves: like a person, a sponsor or a credential of others, or anything."""


@pytest.fixture
def mia(cast: Cast) -> User:
    """The second coordinator of Harbor."""
    return _join(_user("Mia Quay"), cast.harbor, "coordinator")


def forgotten(cast: Cast, person: User, *, second: User) -> User:
    """As Harbor's two coordinators forget somebody who asked for it, and whose role there has ended."""
    asked = disposing.ask(person, cast.harbor, by=person, now=LATER)
    person.memberships.filter(sponsor=cast.harbor).update(ends_on=date(2031, 11, 1))
    granted = disposing.decide(asked, grant=True, why="It was asked", by=cast.olga, now=LATER)
    assert granted
    disposing.confirm(granted, by=second, now=LATER, authentication=FRESH)
    person.refresh_from_db()
    return person


def test_a_namesake_takes_no_word_of_another_sponsor_with_them(cast: Cast, mia: User) -> None:
    cast.sign(cast.ana, "2g")
    said = {"method": "POST", "path": "/", "body_hash": "", "status": 201}
    answer = json.dumps({"name": "Ana Reyes", "note": "Lakeside Health, CCS: a name"})
    IdempotencyKey.objects.create(user=cast.nora, key="k", body=answer, **said)
    about = {"content_type": ContentType.objects.get_for_model(User), "object_id": str(cast.nora.pk)}
    for name in NAMES:
        LogEntry.objects.create(user=cast.nora, **about, object_repr=f"{name}, x", action_flag=CHANGE)
    before = _of_lakeside(cast)
    assert "Marcus Webb" in str(before[0]) and "CCS" in str(before[1])
    for name in NAMES:
        namesake = User.objects.create_user(f"{len(name)}@harbor.example", "x" * 12, name=name)
        assert not forgotten(cast, _join(namesake, cast.harbor, "mentor"), second=mia).is_active
        assert _of_lakeside(cast) == before, name
    assert whole() == []


def _of_lakeside(cast: Cast) -> list[Any]:
    """The words of its entries, and where else names stand."""
    rows = (
        Payload.objects.filter(entry__at__lte=NOW).order_by("pk").values_list("body"),
        SignOff.objects.order_by("pk").values_list("signer_qualification", "signer_name"),
        IdempotencyKey.objects.values_list("body"),
        LogEntry.objects.order_by("pk").values_list("object_repr"),
    )
    return [list(one) for one in rows]


def test_a_sponsor_closes_no_account_that_another_one_needs(cast: Cast, mia: User) -> None:
    lately, long_ago = date(2030, 1, 1), date(2026, 11, 1)
    for ended, invited, is_closed in (
        (lately, False, False),
        (long_ago, True, False),
        (long_ago, False, True),
    ):
        person = _join(_user(f"P{ended.year}{invited} Lund"), cast.harbor, "mentor")
        _join(person, cast.lakeside, "auditor").memberships.update(ends_on=ended)
        person.memberships.filter(sponsor=cast.harbor).update(ends_on=None)
        if invited:
            Invitation.objects.issue(person.email, now=LATER, sponsor=cast.lakeside, role="auditor")
        was = person.email
        assert (forgotten(cast, person, second=mia).email != was) == is_closed
    assert Invitation.objects.get(sponsor=cast.lakeside).email == "p2026true@example.org"


def test_both_sponsors_together_close_it(cast: Cast, mia: User) -> None:
    tom = _join(_user("Tom Lund"), cast.harbor, "mentor")
    _join(tom, cast.lakeside, "auditor").memberships.filter(role="auditor").update(ends_on=date(2031, 1, 1))
    asked = disposing.ask(tom, cast.lakeside, by=tom, now=LATER)
    assert disposing.decide(asked, grant=True, why="He left", by=cast.nora, now=LATER)
    assert not forgotten(cast, tom, second=mia).is_active


@pytest.mark.parametrize("named_as", ["author", "instructor"])
def test_who_is_named_on_a_record_of_another_sponsor_keeps_the_name(
    cast: Cast, mia: User, named_as: str
) -> None:
    """Also long after their role there: Ana's record is kept while her apprenticeship goes on."""
    tom = _join(_user("Tom Lund"), cast.harbor, "mentor")
    if named_as == "author":
        (row,) = cast.approved(cast.ana, cast.ojt())
        Comment.objects.create(entry=row, by=tom, note="Which chart?", at=NOW)
    else:
        Class.objects.filter(pk=cast.klass.pk).update(instructor=tom)
    assert forgotten(cast, tom, second=mia).name == "Tom Lund"


def test_links_of_a_site_that_had_single_sign_on_once_are_forgotten_too(cast: Cast) -> None:
    """No model knows the table any more."""
    table = "socialaccount_socialaccount"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, user_id bigint)")
        cursor.execute(f"INSERT INTO {table} VALUES (1, {cast.ana_user.pk}), (2, {cast.ben_user.pk})")
        forget_links(cast.ana_user)
        cursor.execute(f"SELECT user_id FROM {table}")
        assert cursor.fetchall() == [(cast.ben_user.pk,)]
