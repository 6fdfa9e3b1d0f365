"""How often a token may ask."""

from typing import Any

import pytest
from django.test import Client

from tests.api.client import Rest
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_a_minute(settings: Any, time_machine: Any) -> None:
    time_machine.move_to("2026-11-20 18:00:20+00:00", tick=False)
    settings.API_REQUESTS_A_MINUTE = 3


def test_a_token_that_asks_too_often_is_told_when_it_may_ask_again(cast: Cast, time_machine: Any) -> None:
    nora = Rest(cast.nora)
    assert [nora.get("me/")[0] for _ in range(3)] == [200, 200, 200]
    answer = nora.client.get("/api/v1/me/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "40")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    assert Rest(cast.nora).get("me/")[0] == 200, "another token of hers is counted for itself"
    time_machine.shift(40)
    assert nora.get("me/")[0] == 200


def test_people_in_their_browsers_are_not_counted(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ana_user)
    assert {client.get("/api/v1/me/").status_code for _ in range(9)} == {200}
