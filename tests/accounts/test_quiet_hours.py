"""The one mail of a day comes once, in each person's own morning, also where clocks change or days are added.

Clocks go forward on Mar 14, 2027 and back on Nov 7; Arizona, Hawaii and Guam leave them alone.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from accounts.models import User

SPRING, FALL = date(2027, 3, 14), date(2027, 11, 7)
HOUR = timedelta(hours=1)


def living_in(zone: str, *, until: time = time(7)) -> User:
    return User(time_zone=zone, quiet_until=until)


def mornings(person: User, around: date) -> list[tuple[date, datetime]]:
    """The mails of three days, `around` in their middle, of a run each hour: for which day, and when."""
    told = []
    now = datetime.combine(around - timedelta(days=2), time(12), tzinfo=UTC)
    while now < datetime.combine(around + timedelta(days=3), time(12), tzinfo=UTC):
        if day := person.digest_due(now):
            person.digest_on = day
            told.append((day, now))
        now += HOUR
    return [(day, at) for day, at in told if abs((day - around).days) <= 1]


@pytest.mark.parametrize(
    ("zone", "change", "hours"),
    [
        ("America/Chicago", SPRING, [13, 12, 12]),
        ("America/Chicago", FALL, [12, 13, 13]),
        ("America/Phoenix", SPRING, [14, 14, 14]),
        ("America/Phoenix", FALL, [14, 14, 14]),
        ("Pacific/Honolulu", SPRING, [17, 17, 17]),
        ("Pacific/Honolulu", FALL, [17, 17, 17]),
        ("Pacific/Guam", SPRING, [21, 21, 21]),
        ("Pacific/Guam", FALL, [21, 21, 21]),
    ],
)
def test_it_comes_at_seven_by_the_clock_on_the_wall(zone: str, change: date, hours: list[int]) -> None:
    found = mornings(living_in(zone), change)
    assert [day for day, _ in found] == [change - timedelta(days=1), change, change + timedelta(days=1)]
    assert [at.hour for _, at in found] == hours
    before = timedelta(days=1 if zone == "Pacific/Guam" else 0)
    assert [at.date() for _, at in found] == [day - before for day, _ in found]


def test_a_leap_day_has_a_mail_of_its_own() -> None:
    found = mornings(living_in("America/Chicago"), date(2028, 2, 29))
    assert [day for day, _ in found] == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


def test_quiet_hours_that_end_in_the_hour_that_is_skipped_end_with_it() -> None:
    """In Chicago 1:59 is followed by 3:00; whoever wants quiet until 2:30 has it until then."""
    person = living_in("America/Chicago", until=time(2, 30))
    skipped = datetime(2027, 3, 14, 8, 0, tzinfo=UTC)
    assert person.is_quiet(skipped - timedelta(minutes=1)) and not person.is_quiet(skipped)
    assert person.digest_due(skipped - timedelta(minutes=1)) is None
    assert person.digest_due(skipped) == SPRING


def test_an_hour_that_comes_twice_brings_one_mail() -> None:
    """In Chicago 1:30 comes at 6:30 and again at 7:30 UTC; between them it is 1:00, and quiet, once more."""
    person = living_in("America/Chicago", until=time(1, 30))
    first = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    assert person.digest_due(first - timedelta(minutes=1)) is None
    assert person.digest_due(first) == FALL
    person.digest_on = FALL
    assert person.is_quiet(first + HOUR / 2) and not person.is_quiet(first + HOUR)
    assert [person.digest_due(first + HOUR * number) for number in range(17)] == [None] * 17
