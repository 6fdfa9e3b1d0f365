"""However a network loses, repeats and reorders what a phone sends, the hours are those that were written."""

import random

import pytest
import time_machine

from tests.api.replays import replayed
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def test_a_queue_ends_as_if_it_had_been_delivered_in_order(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        assert [told for seed in range(15) if (told := replayed(cast, random.Random(seed)))] == []
