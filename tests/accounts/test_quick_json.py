"""What the API writes with orjson is byte by byte what the renderer of REST framework writes."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.functional import lazystr
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnList

from accounts.api import QuickJSON
from ledger.tombstones import Tombstone

SAID: list[Any] = [
    None,
    {},
    [],
    {"id": uuid.UUID(int=7), "at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC), "day": date(2026, 11, 20)},
    {"at": datetime(2026, 11, 20, 18, 0, 0, 120, tzinfo=UTC), "true": True, "none": None, "minutes": 450},
    {"words": 'über 🩺 \u2028 \u2029 " \\ / \x07 <b>', "lazy": lazystr("later"), "hidden": Tombstone("gone")},
    {1: "a number names it", "sum": Decimal("1.50"), "clock": time(8, 30), "long": timedelta(hours=2)},
    {"large": 2**70, "rows": ReturnList([{"a": 1}], serializer=None), "pair": (1, 2), "some": {3}},
]


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_bytes_are_the_same(said: Any) -> None:
    assert QuickJSON().render(said) == JSONRenderer().render(said)


def test_client_that_asks_for_indented_lines_gets_them() -> None:
    wanted = ({"a": [1]}, "application/json; indent=2", {})
    assert QuickJSON().render(*wanted) == JSONRenderer().render(*wanted) == b'{\n  "a": [\n    1\n  ]\n}'
