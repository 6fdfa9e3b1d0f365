"""Every form that somebody meets bears whatever is sent with it: no breakdown, and no typing is lost.

Forms are read from the pages themselves, so that a new one is tried from its first day. A sample; the drill
sends two thousand.
"""

import logging
import random
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
import time_machine

from accounts.logs import Lines
from accounts.models import User
from tests.access import OWN_WORDS
from tests.browser.test_every_page import fill
from tests.cast import CANARY, NOW, Cast
from tests.fuzz.forms import Forms, sent, ways
from tests.fuzz.pages import crawl
from tests.fuzz.payloads import SCRIPTS
from tests.ojt_logs.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

SEED = 20261120
WHO = ("ana_user", "marcus", "priya", "nora")


@pytest.fixture(autouse=True)
def _noon(settings: object) -> Iterator[datetime]:
    settings.ACCOUNT_RATE_LIMITS = False  # type: ignore[attr-defined]  # asked is what, not how often
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def said() -> Iterator[StringIO]:
    """Every line of the log as a site writes it."""
    lines = logging.StreamHandler(StringIO())
    lines.setFormatter(Lines())
    root = logging.getLogger()
    root.addHandler(lines)
    yield lines.stream
    root.removeHandler(lines)


def test_no_form_breaks_down_or_forgets_what_was_typed_and_the_log_tells_nothing(
    cast: Cast, said: StringIO
) -> None:
    fill(cast)
    dice, tried, wrong = random.Random(SEED), set(), []
    for who in WHO:
        client = signed_in(getattr(cast, who))
        for path, html in list(crawl(client, each=1)):
            for form in Forms(html, page=path).forms:
                if form.key in tried:
                    continue
                tried.add(form.key)
                for posted in ways(form, dice, 5):
                    wrong += [f"{who}: {one}" for one in sent(client, posted)]
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 60
    log = said.getvalue()
    assert log.count("\n") > 300
    people = User.objects.values_list("name", "email")
    told = [word for pair in people for word in pair if word and word in log]
    assert [*told, *(word for word in (*SCRIPTS, "Ten charts", CANARY, *OWN_WORDS) if word in log)] == []
