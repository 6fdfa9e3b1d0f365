"""What stands in a cell: days in the usual spellings, and time worked as minutes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from accounts.dates import day_words
from accounts.durations import parse_minutes

WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+", re.IGNORECASE)
CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}.*$")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
SERIAL = re.compile(r"[34567]\d{4}")
SPELLED = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%d-%B-%Y")
FIRST_SERIAL = date(1899, 12, 30)
"""The day from which spreadsheets count."""
SECONDS = re.compile(r"(\d{1,4}:\d{2}):\d{2}")
NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?")
THOUSANDS = re.compile(r"[0-9]{1,3},[0-9]{3}(?:\.[0-9]{1,4})?")
REMEDY = "Write it like 2026-11-20 or 11/20/2026."


class DayOrder(StrEnum):
    """How 3/4/2026 is meant."""

    MONTH_FIRST = "month"
    DAY_FIRST = "day"


@dataclass(frozen=True)
class Order:
    """How the days of a file are read. `open`: an example that could be read both ways, "" where none can."""

    order: DayOrder
    open: str = ""

    @property
    def words(self) -> str:
        """What is said of it: both readings of the example."""
        if not self.open:
            return ""
        other = DayOrder.DAY_FIRST if self.order is DayOrder.MONTH_FIRST else DayOrder.MONTH_FIRST
        mine, theirs = (day_words(read_day(self.open, order=one)) for one in (self.order, other))
        return f"“{self.open}” is read as {mine}; it could be {theirs} as well."


def order_of(texts: Iterable[str], *, chosen: str = "") -> Order:
    """The order of day and month in these cells: as `chosen`, else as those tell that can be read one way
    only, else the month first as in the United States. Raises ValueError where the cells contradict."""
    day_first = month_first = either = ""
    for text in texts:
        found = NUMBERS.fullmatch(_bare(text))
        if found and int(found[1]) > 12:
            day_first = day_first or text
        elif found and int(found[2]) > 12:
            month_first = month_first or text
        elif found and found[1] != found[2]:
            either = either or text
    if day_first and month_first:
        raise ValueError(
            f"“{day_first}” has the day first and “{month_first}” the month. Write all days in one way."
        )
    sure = DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST
    if chosen and (sure == chosen or not (day_first or month_first)):
        return Order(DayOrder(chosen))
    return Order(sure, "" if day_first or month_first else either)


def read_day(text: str, *, order: DayOrder) -> date:
    """The day; ValueError, with a sentence that says the remedy, for what is none."""
    bare = _bare(text)
    try:
        if found := ISO.fullmatch(bare) or COMPACT.fullmatch(bare):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := NUMBERS.fullmatch(bare):
            first, second, year = int(found[1]), int(found[2]), int(found[3])
            month, day = (first, second) if order is DayOrder.MONTH_FIRST else (second, first)
            return date(year + 2000 if year < 100 else year, month, day)
        if SERIAL.fullmatch(bare):
            return FIRST_SERIAL + timedelta(days=int(bare))
    except ValueError:
        raise ValueError(f"“{text[:40]}” is no day of the calendar. {REMEDY}") from None
    return _spelled(bare, text)


def _bare(text: str) -> str:
    """Without the day of the week and the time of day."""
    return WEEKDAY.sub("", CLOCK.sub("", text.strip())).strip()


def _spelled(bare: str, text: str) -> date:
    for form in SPELLED:
        try:
            return datetime.strptime(bare.replace(",", " ").replace(".", ""), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(
        f"“{text[:40]}” is no day. {REMEDY}" if text.strip() else f"The day is missing. {REMEDY}"
    )


def read_time(text: str) -> int:
    """Minutes that a cell of hours means: 8, 7:30, 7.5, 450 min. ValueError with the remedy."""
    found = SECONDS.fullmatch(text.strip())
    return parse_minutes(found[1] if found else text)


def read_long_time(text: str) -> int:
    """As `read_time` of more than a day: 80 is 80 hours there, and 37.99 the nearest minute, because what
    was paid or added up is not measured in minutes."""
    bare = text.strip().replace(",", "") if THOUSANDS.fullmatch(text.strip()) else text.strip()
    if not NUMBER.fullmatch(bare):
        return read_time(text)
    return int((Decimal(bare) * 60).to_integral_value(ROUND_HALF_UP))


def read_whole_minutes(text: str) -> int:
    """Minutes in a column of minutes: 45 is three quarters of an hour there, and 8 eight minutes."""
    bare = text.strip().lower().removesuffix("minutes").removesuffix("min").strip()
    if not bare.isascii() or not bare.isdecimal() or len(bare) > 6:
        raise ValueError(f"“{text[:40]}” is no whole number of minutes.")
    return int(bare)
