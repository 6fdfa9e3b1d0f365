"""Every form that somebody meets bears whatever is sent with it: no breakdown, and no typing is lost.

Forms are read from the pages themselves, so that a new one is tried from its first day. A sample; the drill
sends two thousand.
"""

import random
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from tests.browser.test_every_page import fill
from tests.cast import NOW, Cast
from tests.fuzz.forms import Forms, sent, ways
from tests.fuzz.pages import crawl
from tests.ojt_logs.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

SEED = 20261120
WHO = ("ana_user", "marcus", "priya", "nora")


@pytest.fixture(autouse=True)
def _noon(settings: object) -> Iterator[datetime]:
    settings.ACCOUNT_RATE_LIMITS = False  # type: ignore[attr-defined]  # asked is what, not how often
    with time_machine.travel(NOW, tick=False):
        yield NOW


def test_no_form_breaks_down_or_forgets_what_was_typed(cast: Cast) -> None:
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
