"""Days and weeks as addresses and pages use them. A week begins on Monday."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import register_converter


class IsoDate:
    """Path converter for `2026-11-20`; anything that is no day of the calendar is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if not 1900 < day.year < 2200:
            raise ValueError("no working day")
        return day

    def to_url(self, value: date | str) -> str:
        return value.isoformat() if isinstance(value, date) else value


register_converter(IsoDate, "isodate")


def monday_of(day: date) -> date:
    """The Monday of the week in which `day` lies."""
    return day - timedelta(days=day.weekday())


def days_of_week(monday: date) -> Iterator[date]:
    """The seven days from `monday`."""
    return (monday + timedelta(days=number) for number in range(7))
