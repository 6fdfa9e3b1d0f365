"""A request with a key has its effect once, whoever asks for it: a page or a program."""

from typing import Any

import pytest

from accounts.models import IdempotencyKey, Sponsor
from accounts.models.keys import KeyReused
from tests.cast import NOW, Cast

ASKED: dict[str, Any] = {"key": "k", "method": "POST", "path": "/sponsors/", "words": {"b": 1, "a": [NOW]}}


def found(cast: Cast, **changes: Any) -> str:
    """Found a sponsor, once; tells the answer."""
    with IdempotencyKey.objects.once(cast.nora, **{**ASKED, "now": NOW, **changes}) as row:
        if not row.answered:
            name = f"Sponsor {Sponsor.objects.count()}"
            Sponsor.objects.create(name=name)
            row.answer(status=201, body=name)
    return row.body


def test_the_same_again_gets_the_first_answer_and_does_nothing(cast: Cast) -> None:
    assert found(cast) == found(cast, words={"a": [NOW], "b": 1}) == "Sponsor 3"
    assert Sponsor.objects.count() == 4
    assert found(cast, key="another") == "Sponsor 4"


@pytest.mark.parametrize("change", [{"method": "PUT"}, {"path": "/elsewhere/"}, {"words": {"b": 2}}])
def test_a_key_is_not_used_for_another_request(cast: Cast, change: dict[str, Any]) -> None:
    found(cast)
    with pytest.raises(KeyReused):
        found(cast, **change)
    assert Sponsor.objects.count() == 4


def test_what_broke_leaves_nothing_and_may_be_asked_again(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), IdempotencyKey.objects.once(cast.nora, **ASKED, now=NOW):
        Sponsor.objects.create(name="Lost")
        raise ZeroDivisionError
    assert not IdempotencyKey.objects.exists()
    assert found(cast) == "Sponsor 3"
