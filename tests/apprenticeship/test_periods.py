"""Reporting periods and the moments until which they are due, wherever a program lives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apprenticeship.models import Program
from apprenticeship.periods import period_of


def program(kind: str, *, zone: str = "America/Chicago", due: int = 5, grace: int = 0) -> Program:
    return Program(reporting_period=kind, time_zone=zone, reporting_due_days=due, reporting_grace_days=grace)


@pytest.mark.parametrize(
    ("kind", "day", "first", "last", "name"),
    [
        ("week", date(2026, 11, 1), date(2026, 10, 26), date(2026, 11, 1), "Oct 26 – Nov 1"),
        ("week", date(2026, 11, 20), date(2026, 11, 16), date(2026, 11, 22), "Nov 16 – 22"),
        ("two_weeks", date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 18), "Jan 5 – 18"),
        ("two_weeks", date(2026, 1, 4), date(2025, 12, 22), date(2026, 1, 4), "Dec 22 – Jan 4"),
        ("half_month", date(2028, 2, 15), date(2028, 2, 1), date(2028, 2, 15), "Feb 1 – 15"),
        ("half_month", date(2028, 2, 29), date(2028, 2, 16), date(2028, 2, 29), "Feb 16 – 29"),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), "February 2028"),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31), "December 2026"),
    ],
)
def test_a_day_lies_in_its_period(kind: str, day: date, first: date, last: date, name: str) -> None:
    found = period_of(program(kind), day)
    assert (found.first, found.last, found.name) == (first, last, name)


@pytest.mark.parametrize("kind", ["week", "two_weeks", "half_month", "month"])
def test_periods_leave_no_day_out_and_share_none(kind: str) -> None:
    day, before = date(2027, 12, 1), None
    while day < date(2029, 3, 2):
        found = period_of(program(kind), day)
        assert found.first <= day <= found.last
        if before and before.first != found.first:
            assert found.first == before.last + timedelta(days=1) == day
        day, before = day + timedelta(days=1), found


def test_two_weeks_begin_where_the_program_says() -> None:
    coders = program("two_weeks")
    coders.reporting_first_day = date(2026, 11, 14)
    found = period_of(coders, date(2026, 11, 13))
    assert (found.first, found.last) == (date(2026, 10, 31), date(2026, 11, 13))


@pytest.mark.parametrize(
    ("zone", "words", "moment"),
    [
        ("America/Chicago", "Thu, Nov 5, 11:59 pm CST", datetime(2026, 11, 6, 6, 0, tzinfo=UTC)),
        ("America/Phoenix", "Thu, Nov 5, 11:59 pm MST", datetime(2026, 11, 6, 7, 0, tzinfo=UTC)),
        ("Pacific/Honolulu", "Thu, Nov 5, 11:59 pm HST", datetime(2026, 11, 6, 10, 0, tzinfo=UTC)),
        ("Pacific/Guam", "Thu, Nov 5, 11:59 pm ChST", datetime(2026, 11, 5, 14, 0, tzinfo=UTC)),
    ],
)
def test_october_is_due_at_the_end_of_the_fifth_where_the_program_is(
    zone: str, words: str, moment: datetime
) -> None:
    october = period_of(program("month", zone=zone), date(2026, 10, 29))
    assert (october.due_words, october.due_before.astimezone(UTC)) == (words, moment)
    assert not october.is_late(moment - timedelta(seconds=1)) and october.is_late(moment)


def test_the_due_hour_moves_with_daylight_saving() -> None:
    """Clocks go back on Nov 1, 2026 and forward on Mar 14, 2027."""
    week = date(2026, 10, 30)
    chicago = period_of(program("week", due=0), week)
    assert chicago.due_words == "Sun, Nov 1, 11:59 pm CST"
    assert chicago.due_before.astimezone(UTC) == datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
    before = period_of(program("week", due=0), week - timedelta(days=7))
    assert before.due_words == "Sun, Oct 25, 11:59 pm CDT"
    assert before.due_before.astimezone(UTC) == datetime(2026, 10, 26, 5, 0, tzinfo=UTC)
    spring = period_of(program("week", due=0), date(2027, 3, 14))
    assert spring.due_words == "Sun, Mar 14, 11:59 pm CDT"


@pytest.mark.parametrize(
    ("zone", "hour"), [("America/Phoenix", 7), ("Pacific/Honolulu", 10), ("Pacific/Guam", 14)]
)
def test_where_clocks_do_not_change_the_due_hour_stays(zone: str, hour: int) -> None:
    weeks = (date(2026, 10, 23), date(2026, 10, 30), date(2027, 3, 12), date(2027, 3, 14), date(2027, 3, 20))
    due = [period_of(program("week", due=0, zone=zone), day).due_before.astimezone(UTC) for day in weeks]
    assert {one.hour for one in due} == {hour}


@pytest.mark.parametrize(
    ("year", "due", "words"),
    [
        (2028, 0, "Tue, Feb 29, 11:59 pm CST"),
        (2028, 1, "Wed, Mar 1, 11:59 pm CST"),
        (2027, 0, "Sun, Feb 28, 11:59 pm CST"),
        (2027, 1, "Mon, Mar 1, 11:59 pm CST"),
    ],
)
def test_february_is_due_after_its_last_day_in_leap_years_too(year: int, due: int, words: str) -> None:
    assert period_of(program("month", due=due), date(year, 2, 3)).due_words == words


def test_a_week_over_a_leap_day_has_seven_days() -> None:
    found = period_of(program("week", due=0), date(2028, 2, 29))
    assert (found.first, found.last, found.name) == (date(2028, 2, 28), date(2028, 3, 5), "Feb 28 – Mar 5")


def test_grace_puts_off_what_is_late_and_not_what_is_due() -> None:
    found = period_of(program("month", due=5, grace=2), date(2026, 10, 29))
    assert (found.due_words, found.grace_words) == ("Thu, Nov 5, 11:59 pm CST", "Sat, Nov 7, 11:59 pm CST")
    assert not found.is_late(found.due_before) and found.is_late(found.late_from)


def test_a_day_that_begins_at_one_is_due_at_the_minute_before_midnight() -> None:
    """In Santiago the clock goes from 24:00 on Saturday, Sep 5, 2026 to 1:00."""
    found = period_of(program("week", zone="America/Santiago", due=6), date(2026, 8, 30))
    assert found.due_words.startswith("Sat, Sep 5, 11:59 pm")
