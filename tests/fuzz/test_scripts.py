"""What anybody typed stands on pages as text: nothing of it becomes a tag, an attribute or an address."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from tests.browser.test_every_page import fill
from tests.cast import NOW, Cast
from tests.fuzz.pages import Seen, crawl
from tests.fuzz.payloads import MARK, SCRIPTS
from tests.fuzz.poison import all_rows, poisoned, several
from tests.ojt_logs.pages import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

WHO = ("ana_user", "marcus", "nora")
"""Between them they get to nearly every page; the drill asks as everybody."""


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


def test_no_text_becomes_more_than_text_on_any_page(cast: Cast) -> None:
    """Also what a form would refuse, and what no form writes: it is put into the rows themselves."""
    fill(cast)
    assert poisoned(all_rows(), several(SCRIPTS)) > 500
    found, marked = [], 0
    for who in WHO:
        for path, html in crawl(signed_in(getattr(cast, who)), each=1):
            found += [(who, path, odd) for odd in Seen(html).odd]
            marked += MARK in html
    assert not found, "\n".join(map(str, found[:40]))
    assert marked > 60


@pytest.mark.parametrize("payload", SCRIPTS)
def test_a_page_that_did_let_it_through_would_be_noticed(payload: str) -> None:
    """The eyes of the test above: as if a template had forgotten to escape, in a text or in an attribute."""
    harmless = payload.startswith(("{{", "&#60;", "javascript:", "` "))
    seen = [Seen(f"<p>{payload}</p>"), Seen(f'<p title="{payload}">'), Seen(f"<p title='{payload}'>")]
    assert harmless or any(one.odd for one in seen)
