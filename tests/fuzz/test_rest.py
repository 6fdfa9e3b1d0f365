"""Whatever is sent to the API by whomever, it answers as its own schema says, and never breaks down.

A sample of what the drill does: one case or two of every address for each role, and stories of several steps.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.wsgi import get_wsgi_application

from tests import test_access as access
from tests.cast import NOW, Cast
from tests.fuzz.rest import ROLES, Found, links, tried

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

SEED = 20261120


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    with time_machine.travel(NOW, tick=True):
        yield
    logging.disable(logging.NOTSET)


def asked(cast: Cast, role: str, **how: Any) -> Found:
    """What everything there is answers to somebody of `role`."""
    access.fill(cast)
    access.arguments(cast)
    who, scopes = ROLES[role]
    return tried(getattr(cast, who) if who else None, scopes=scopes, seed=SEED, **how)


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_everybody_as_the_schema_says(cast: Cast, role: str) -> None:
    found = asked(cast, role, examples=1, phases=("fuzzing",))
    assert found.failures == {}
    assert len(found.operations) > 90 and found.cases > 90


def test_what_is_made_is_read_and_acted_on_in_stories_of_several_steps(cast: Cast) -> None:
    found = asked(cast, "apprentice", examples=8, phases=("stateful",))
    assert found.failures == {}
    assert found.cases > 10 and {200, 201} & found.statuses.keys()


def test_the_schema_leads_from_hours_that_are_written_to_all_that_may_be_done_with_them() -> None:
    told = links(get_wsgi_application())["POST /api/v1/hours/"]
    assert {"hours_retrieve", "hours_submit_create", "hours_approve_create", "hours_undo_create"} <= told
