"""How tests look at the pages of hours: a browser session at a stated moment."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.cast import NOW


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The pages' clock stands at NOW, noon in Chicago."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.sign_in.OwnAddress")
    return client


def text_of(client: Client, url: str, status: int = 200) -> str:
    """The page at `url`, with its spaces made plain."""
    answer = client.get(url)
    assert answer.status_code == status, answer.status_code
    return plain(answer.content)


def plain(content: bytes) -> str:
    return " ".join(content.decode().replace("\u00a0", " ").replace("&#x27;", "'").split())


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
