"""Two minutes: what fits, the oldest first, one after the other, and back to the queue at any time."""

from datetime import date, timedelta

import pytest

from ojt_logs import queue, two_minutes
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of
from tests.ojt_logs.test_review import address, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

PAGE = "/review/two-minutes/"
MONDAY = date(2026, 6, 1)


def wait(cast: Cast, number: int) -> None:
    """As many weeks of Ana's, one entry each, the newest week waiting longest."""
    for back in range(number):
        line = cast.ojt(minutes=60 + back, day=MONDAY - timedelta(weeks=back))
        cast.submitted(cast.ana, line, now=NOW - timedelta(days=number - back))


def test_what_fits_is_the_oldest_and_never_nothing(cast: Cast) -> None:
    wait(cast, 12)
    planned = two_minutes.plan(cast.marcus, now=NOW)
    assert 5 < len(planned) < 12
    assert [monday for _, monday, _ in planned[:2]] == ["2026-06-01", "2026-05-25"]
    lines = [cast.ojt("2a", minutes=1, note="x", day=MONDAY) for _ in range(40)]
    cast.submitted(cast.ben, *lines, now=NOW - timedelta(days=40))
    assert two_minutes.plan(cast.lena, now=NOW) != [], "one week that takes longer is given all the same"


def test_one_week_after_the_other_until_all_is_done(cast: Cast) -> None:
    wait(cast, 2)
    marcus = signed_in(cast.marcus)
    assert marcus.post(PAGE)["Location"] == PAGE
    for title, monday in (
        ("2 left in your two minutes", MONDAY),
        ("The last one", MONDAY - timedelta(weeks=1)),
    ):
        assert title in text_of(marcus, PAGE)
        batch = queue.batches_of(cast.marcus, queue.weeks_of(cast.marcus).filter(monday=monday), now=NOW)[0]
        typed = {"shown": shown(*batch.entries), "seen": batch.seen, "then": "two-minutes"}
        assert marcus.post(address("approve", cast.ana, monday), typed)["Location"] == PAGE
    page = text_of(marcus, PAGE)
    assert "Nothing waits for you" in page and "Undo" in page


def test_one_is_left_for_later_and_waits_on(cast: Cast) -> None:
    wait(cast, 2)
    marcus = signed_in(cast.marcus)
    marcus.post(PAGE)
    marcus.post(PAGE, {"later": marcus.get(PAGE).context["later"]})
    page = text_of(marcus, PAGE)
    assert "The last one" in page and "May 25 – 31" in page
    marcus.post(PAGE, {"later": marcus.get(PAGE).context["later"]})
    assert "2 more weeks wait." in text_of(marcus, PAGE)


def test_what_was_taken_back_meanwhile_is_left_out(cast: Cast) -> None:
    wait(cast, 2)
    marcus = signed_in(cast.marcus)
    marcus.post(PAGE)
    cast.ana.hours.order_by("-date").first().move("recall", by=cast.ana_user, now=NOW)
    assert "The last one" in text_of(marcus, PAGE)


def test_who_reviews_nobody_is_told_so_and_nothing_of_others_is_shown(cast: Cast) -> None:
    wait(cast, 1)
    for person in (cast.nora, cast.lena, cast.olga, cast.ana_user):
        client = signed_in(person)
        client.post(PAGE)
        assert "Nothing waits for you" in text_of(client, PAGE)


def test_the_opened_week_leads_back_here(cast: Cast) -> None:
    wait(cast, 1)
    marcus = signed_in(cast.marcus)
    marcus.post(PAGE)
    assert "?then=two-minutes" in text_of(marcus, PAGE)
    assert 'name="then" value="two-minutes"' in text_of(
        marcus, f"{address('week', cast.ana, MONDAY)}?then=two-minutes"
    )
    assert 'name="then"' not in text_of(marcus, f"{address('week', cast.ana, MONDAY)}?then=//evil")


def test_many_weeks_are_asked_for_as_often_as_few(cast: Cast) -> None:
    wait(cast, 2)
    marcus = signed_in(cast.marcus)
    marcus.post(PAGE)
    few = queries(marcus, PAGE)
    wait(cast, 9)
    marcus.post(PAGE)
    assert queries(marcus, PAGE) == few
