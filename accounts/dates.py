"""How days are written in sentences; templates say the same with the filter `date`."""

from datetime import date, datetime, timedelta

EARLIEST = date(1950, 1, 1)
"""No apprenticeship and no role began before; an earlier day is a slip of the pen."""


def short_day(day: date) -> str:
    """“Nov 20”, where the year is plain."""
    return f"{day:%b} {day.day}"


def day_words(day: date) -> str:
    """“Nov 20, 2026”."""
    return f"{short_day(day)}, {day.year}"


def long_day(day: date) -> str:
    """“November 20, 2026”, where a date is the point of the sentence."""
    return f"{day:%B} {day.day}, {day.year}"


def clock_words(moment: datetime) -> str:
    """“4:10 pm”, in the zone that `moment` is in."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'am' if moment.hour < 12 else 'pm'}"


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
