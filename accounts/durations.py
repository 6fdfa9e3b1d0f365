"""How people write time worked, and how it is shown. The product counts in integer minutes only.

Everything above this package (hours entries, progress, papers) reads and writes durations through here,
so that `7:30` means the same on a page, in a workbook and in a message.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

REMEDY = "Write it like 7:30, 7.5, 7h30 or 450m."
HOURS_IN_A_DAY = 24

DECIMAL_COMMA = re.compile(r",(?![0-9]{3})")  # 1,500 would be read as an hour and a half by some
CLOCK = re.compile(r"([0-9]{0,4}):([0-5][0-9])")
UNITS = re.compile(
    r"(?:([0-9]{0,4}(?:\.[0-9]{1,4})?) ?h(?:rs?|ours?)?)? ?(?:([0-9]{1,6}) ?(?:m|min|mins|minutes?)?)?"
)
MINUTES = re.compile(r"([0-9]{1,6}) ?(?:m|min|mins|minutes?)")
NUMBER = re.compile(r"[0-9]{0,6}(?:\.[0-9]{0,4})?")


def parse_minutes(text: str) -> int:
    """Whole minutes that the person meant; ValueError, with a sentence that says the remedy, for the rest.

    Clock time (7:30, 0:45, :45), hours (8h, 7.5 h, 8 hours), hours and minutes (7h30, 7 h 30 m), minutes
    (450m), decimal hours with point or comma (7.5, 7,5, .5). A bare whole number up to 24 is hours, above it
    minutes: nobody works 450 hours in a day. Decimal hours as time clocks print them (7.33, 7.67) are the
    minute they were rounded from; a decimal that no whole minute gives (7.34) is refused, not guessed.
    Whether the number makes sense for a day is for the record to say.
    """
    clean = " ".join(DECIMAL_COMMA.sub(".", str(text).lower()).split()).rstrip(".")
    if not clean:
        raise ValueError(f"Enter the time. {REMEDY}")
    if match := CLOCK.fullmatch(clean):
        return int(match[1] or 0) * 60 + int(match[2])
    if match := MINUTES.fullmatch(clean):
        return int(match[1])
    if clean.strip(".") and NUMBER.fullmatch(clean):
        return _from_number(clean)
    if "h" in clean and (match := UNITS.fullmatch(clean)) and match[1]:
        return _from_units(match[1], match[2], text)
    raise ValueError(f"“{str(text).strip()[:40]}” is not a time. {REMEDY}")


def format_minutes(minutes: int) -> str:
    """Clock form of a number of minutes: 450 is "7:30", -30 is "−0:30"."""
    sign = "−" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:,}:{rest:02d}"


def format_hours(minutes: int) -> str:
    """Spoken form of a number of minutes, never rounded: "45 min", "7 h 30 min", "8 h", "1,262 h"."""
    sign = "−" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    if not hours and rest:
        return f"{sign}{rest} min"
    return f"{sign}{hours:,} h {rest} min" if rest else f"{sign}{hours:,} h"


def format_span(least: int | None, most: int | None) -> str:
    """A range of minutes as hours: "800 h", "600 h to 800 h", "at least 600 h", "up to 800 h", or ""."""
    if least is None and most is None:
        return ""
    if most is None:
        return f"at least {format_hours(least or 0)}"
    if not least:
        return f"up to {format_hours(most)}"
    return format_hours(least) if least == most else f"{format_hours(least)} to {format_hours(most)}"


def _from_number(number: str) -> int:
    if "." not in number and int(number) > HOURS_IN_A_DAY:
        return int(number)
    return _from_decimal_hours(number)


def _from_units(hours: str, minutes: str | None, text: str) -> int:
    """`7h30`: the minutes after a whole number of hours are fewer than an hour."""
    if minutes is None:
        return _from_decimal_hours(hours)
    if "." in hours or int(minutes) > 59:
        raise ValueError(f"“{text.strip()[:40]}” is not a time. {REMEDY}")
    return int(hours) * 60 + int(minutes)


def _from_decimal_hours(number: str) -> int:
    """The minute whose hours, rounded or cut to as many places, are written like this number."""
    hours = Decimal(number)
    minutes = int((hours * 60).to_integral_value(ROUND_HALF_UP))
    place = Decimal(1).scaleb(min(0, int(hours.as_tuple().exponent)))
    exact = Decimal(minutes) / 60
    if hours in {exact.quantize(place, ROUND_HALF_UP), exact.quantize(place, ROUND_DOWN)}:
        return minutes
    below = int(hours * 60)
    raise ValueError(
        f"{number} hours is not a whole number of minutes. "
        f"Write {format_minutes(below)} or {format_minutes(below + 1)}."
    )
