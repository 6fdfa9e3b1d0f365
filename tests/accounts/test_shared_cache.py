"""The site while its Redis is away: nobody is kept out, and limits hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.shared_cache import Shared
from machine.programs import Programs
from tests.cast import PASSWORD, Cast
from tests.servers import own_redis


@pytest.fixture
def _away(settings: Any) -> Iterator[None]:
    """Nobody listens where Redis should."""
    settings.CACHES = {
        "default": {"BACKEND": "accounts.shared_cache.Shared", "LOCATION": "redis://127.0.0.1:1"}
    }
    yield
    Shared._asked_again_at = 0.0


def sign_in(password: str) -> str:
    answer = Client(REMOTE_ADDR="10.9.9.9").post(
        "/accounts/login/", {"login": "ana@example.org", "password": password}
    )
    return "in" if answer.status_code == 302 else answer.text


@pytest.mark.django_db
@pytest.mark.usefixtures("_away")
def test_people_sign_in_and_five_wrong_passwords_are_too_many(cast: Cast) -> None:
    assert sign_in(PASSWORD) == "in"
    assert all("do not belong together" in sign_in("a guess") for _ in range(5))
    assert "Too many wrong passwords" in sign_in(PASSWORD)


def test_a_redis_that_came_back_is_asked_again(settings: Any, tmp_path: Path) -> None:
    with Programs() as programs:
        server = own_redis(programs, tmp_path / "redis")
        settings.CACHES = {"default": {"BACKEND": "accounts.shared_cache.Shared", "LOCATION": server.url}}
        cache.set("word", "in Redis")
        server.program.kill()
        server.program.wait()
        assert cache.get("word") is None
        cache.set("word", "in memory")
        assert cache.get("word") == "in memory"
        server.start()
        Shared._asked_again_at = 0.0  # its rest is over
        assert cache.get("word") is None
        cache.set("word", "in Redis again")
        assert cache.get("word") == "in Redis again"
