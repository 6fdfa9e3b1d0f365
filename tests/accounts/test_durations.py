"""How people write time worked, and how it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.durations import format_hours, format_minutes, parse_minutes

READ = {
    "7:30": 450,
    "0:45": 45,
    ":45": 45,
    "7.5": 450,
    "7,5": 450,
    ".5": 30,
    "7.": 420,
    "8": 480,
    "24": 1440,
    "45": 45,
    "450": 450,
    "450m": 450,
    "450 min": 450,
    "1 minute": 1,
    "8h": 480,
    "8 hours": 480,
    "7h30": 450,
    "7 h 30": 450,
    "7 h 30 m": 450,
    "7 h 30 min": 450,
    "7H30": 450,
    " 2 hrs 5 min ": 125,
    "7.5 h": 450,
    "7.33": 440,
    "7.66": 460,
    "7.67": 460,
    "0.17": 10,
    "7.333": 440,
    "0": 0,
    "100:00": 6000,
}
REFUSED = ["", " ", "x", "seven", "7:60", "7:3", "-1", "7h70", "7.5h30", "h", "h30", "1e3", "½", "٣", "1,500"]


@pytest.mark.parametrize(("typed", "minutes"), READ.items())
def test_time_is_read_as_people_write_it(typed: str, minutes: int) -> None:
    assert parse_minutes(typed) == minutes


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_not_a_time_is_refused_with_the_remedy(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Write it like 7:30, 7\.5, 7h30 or 450m\."):
        parse_minutes(typed)


def test_decimal_hours_between_two_minutes_are_refused_with_both() -> None:
    with pytest.raises(
        ValueError, match=r"7\.34 hours is not a whole number of minutes\. Write 7:20 or 7:21\."
    ):
        parse_minutes("7.34")


@given(st.integers(min_value=0, max_value=60_000))
def test_every_minute_survives_being_shown_and_typed_again(minutes: int) -> None:
    assert parse_minutes(format_minutes(minutes).replace(",", "")) == minutes


@given(st.integers(min_value=0, max_value=24 * 60))
def test_every_minute_of_a_day_survives_a_time_clock_of_two_decimals(minutes: int) -> None:
    assert parse_minutes(f"{minutes / 60:.2f}") == minutes


@given(st.text(max_size=30))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    try:
        assert parse_minutes(text) >= 0
    except ValueError as refused:
        assert "Write " in str(refused)


@pytest.mark.parametrize(
    ("minutes", "clock", "spoken"),
    [
        (0, "0:00", "0 h"),
        (45, "0:45", "45 min"),
        (450, "7:30", "7 h 30 min"),
        (480, "8:00", "8 h"),
        (485, "8:05", "8 h 5 min"),
        (75_720, "1,262:00", "1,262 h"),
        (75_721, "1,262:01", "1,262 h 1 min"),
        (-30, "−0:30", "−30 min"),
    ],
)
def test_minutes_are_shown_without_rounding(minutes: int, clock: str, spoken: str) -> None:
    assert (format_minutes(minutes), format_hours(minutes)) == (clock, spoken)
