"""Signing a periodic review over REST, by the rules of its page."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ledger import chain
from ojt_logs.models import Notice, PeriodicReview
from ojt_logs.models.reviews import LONGEST
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

WORDS = dict.fromkeys(("progress", "conduct", "safety", "instruction"), "Well.") | {
    "aims": "Inpatient charts."
}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def sign(cast: Cast, person: Any = None, **more: Any) -> tuple[int, Any]:
    body = {"apprentice": str(cast.ana.uid), "held_on": "2026-11-20", "step": "ready"} | WORDS | more
    return Rest(person or cast.marcus).post("periodic-reviews/", body)


def test_marcus_signs_a_review_and_ana_is_told(cast: Cast) -> None:
    status, told = sign(cast)
    assert (status, told["signer_name"], told["step"], told["answer"]) == (201, "Marcus Webb", "ready", None)
    assert told["aims"] == "Inpatient charts." and told["figures"]["standards_counted"] == 64
    assert Notice.objects.visible_to(cast.ana_user).filter(about="signed").count() == 1
    assert PeriodicReview.objects.everyone().get().authentication == "token"
    assert Rest(cast.ana_user).post(f"periodic-reviews/{told['id']}/respond/", {"agrees": True})[0] == 201
    assert list(chain.verify()) == []


def test_one_a_day_and_none_before_the_last(cast: Cast) -> None:
    assert sign(cast)[0] == 201
    assert sign(cast)[1]["code"] == sign(cast, held_on="2026-11-19")[1]["code"] == "held_already"


def test_the_same_key_signs_once(cast: Cast) -> None:
    body = {"apprentice": str(cast.ana.uid), "held_on": "2026-11-20", "step": "none"} | WORDS
    marcus = Rest(cast.marcus)
    first, again = (marcus.post("periodic-reviews/", body, key="review") for _ in range(2))
    assert first == again and first[0] == 201


def test_only_the_mentor_with_a_token_that_signs(cast: Cast) -> None:
    body = {"apprentice": str(cast.ana.uid), "held_on": "2026-11-20", "step": "none"} | WORDS
    assert Rest(cast.marcus, scopes=["read", "write"]).post("periodic-reviews/", body)[0] == 403
    for person in (cast.ana_user, cast.nora, cast.ruth):
        assert sign(cast, person)[0] == 403, person
    for person in (cast.lena, cast.olga):
        assert sign(cast, person) == sign(cast, person, apprentice=str(uuid4()))
    marcus = Rest(cast.marcus)
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert marcus.post("periodic-reviews/", body)[0] in (401, 403), "the token is too old"
    assert not PeriodicReview.objects.everyone().exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"aims": " "}, "aims"),
        ({"aims": "a" * (LONGEST + 1)}, "aims"),
        ({"step": "raise"}, "step"),
        ({"held_on": "2026-11-21"}, "held_on"),
        ({"held_on": "soon"}, "held_on"),
        ({"apprentice": None}, "apprentice"),
    ],
)
def test_bad_input_is_named(cast: Cast, wrong: Any, field: str) -> None:
    status, problem = sign(cast, **wrong)
    assert status in (400, 403) and problem["field"] == field, problem
    assert not PeriodicReview.objects.everyone().exists()
