"""How days are written."""

from datetime import date, datetime
from pathlib import Path

from accounts.dates import day_words, long_day, short_day

PACKAGES = ("ledger", "accounts", "competencies", "apprenticeship", "ojt_logs", "reports")


def test_a_day_is_written_short_with_its_year_and_long() -> None:
    day = date(2026, 11, 5)
    assert (short_day(day), day_words(day), long_day(day)) == ("Nov 5", "Nov 5, 2026", "November 5, 2026")
    assert day_words(datetime(2026, 11, 5, 23, 59)) == "Nov 5, 2026"  # noqa: DTZ001


def test_days_are_written_in_one_place() -> None:
    modules = [path for package in PACKAGES for path in Path(package).rglob("*.py")]
    assert len(modules) > 100
    assert [str(path) for path in modules if ":%b}" in path.read_text()] == ["accounts/dates.py"]
