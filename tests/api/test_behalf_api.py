"""Hours for several apprentices over REST: by the rules of the page, for all of them or for none."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def log(person: Any, *people: Any, **more: Any) -> tuple[int, Any]:
    work = {"kind": "ojt", "date": "2026-11-19", "job_function": 2, "competency": "2g", "minutes": 240}
    body = {"people": [str(one.uid) for one in people]} | work | more
    return Rest(person).post("hours/behalf/", body)


def test_marcus_logs_for_two_at_once_who_wait_for_review(cast: Cast) -> None:
    status, told = log(cast.marcus, cast.ben, cast.ana, note="Audits", key=str(uuid4()))
    assert status == 201
    assert [(one["apprentice"], one["status"], one["created_by"]) for one in told] == [
        (str(one.uid), "submitted", "Marcus Webb") for one in (cast.ana, cast.ben)
    ]
    assert {(one["competency"], one["minutes"], one["note"]) for one in told} == {("2g", 240, "Audits")}


def test_the_same_key_writes_once(cast: Cast) -> None:
    key = str(uuid4())
    first = log(cast.marcus, cast.ana, key=key)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        again = log(cast.marcus, cast.ana, key=key)
    assert (first[0], again[0]) == (201, 200) and first[1] == again[1]
    assert HoursEntry.objects.count() == 1


def test_priya_logs_class_hours_and_no_work(cast: Cast) -> None:
    taught = {"kind": "ri", "job_function": None, "competency": None, "course": str(cast.klass.course.uid)}
    assert log(cast.priya, cast.ana, **taught)[0] == 201
    assert log(cast.priya, cast.ana)[1]["code"] == "not_yours_to_log"
    assert log(cast.nora, cast.ana)[0] == 201, "a coordinator logs both"


def test_who_is_not_ones_own_keeps_all_out(cast: Cast) -> None:
    for person in (cast.ana_user, cast.ruth):
        assert log(person, cast.ana)[1]["code"] == "not_allowed", person
    nobody = SimpleNamespace(uid=uuid4())
    assert log(cast.olga, cast.ana) == log(cast.olga, nobody)
    assert log(cast.lena, cast.ben, cast.ana) == log(cast.lena, cast.ben, nobody), "she does not mentor Ana"
    status, problem = log(cast.marcus, cast.ana, cast.chen)
    assert (status, problem["field"]) == (400, "people")
    assert Rest(cast.marcus, scopes=["read"]).post("hours/behalf/", {})[0] == 403
    assert not HoursEntry.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": []}, "people"),
        ({"people": ["ana"]}, "people.0"),
        ({"people": "ana"}, "people"),
        ({"minutes": "long"}, "minutes"),
        ({"competency": "9z"}, "competency"),
        ({"date": "2026-11-21"}, None),
        ({"minutes": 1441}, None),
        ({"key": "mine"}, "key"),
    ],
)
def test_bad_input_is_named_and_writes_nothing(cast: Cast, wrong: Any, field: str | None) -> None:
    status, problem = log(cast.marcus, cast.ana, **wrong)
    assert (status, problem["field"]) == (400, field), problem
    assert not HoursEntry.objects.exists()
