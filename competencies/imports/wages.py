"""A step of a wage schedule: the triple of texts that a schedule keeps, and the numbers in it."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from competencies.imports.words import hours, months, one_line, spelled

WageStep = tuple[str, str, str]
"""Step, condition and wage, as printed."""

HOURS_PART = re.compile(r"([\d,.]+) hours(?: (?:OJT|OJL|on the job))?", re.IGNORECASE)
RI_PART = re.compile(r"([\d,.]+) hours of related instruction", re.IGNORECASE)
TIME_PART = re.compile(r"[\d.]+ (?:months?|years?)", re.IGNORECASE)
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")


@dataclass(frozen=True)
class Numbers:
    """What a step states in numbers; minutes, months, and the per cent of a journeyworker's wage."""

    months: int | None = None
    ojt_minutes: int | None = None
    ri_minutes: int | None = None
    percent: str = ""

    @property
    def condition(self) -> str:
        """In words, e.g. “6 months + 1000 hours”."""
        parts = [
            f"{self.months} months" if self.months is not None else "",
            f"{spelled(self.ojt_minutes)} hours" if self.ojt_minutes is not None else "",
            f"{spelled(self.ri_minutes)} hours of related instruction" if self.ri_minutes is not None else "",
        ]
        return " + ".join(part for part in parts if part)

    @property
    def wage(self) -> str:
        return f"{self.percent} %" if self.percent else ""


def numbers(step: WageStep) -> Numbers:
    """The numbers that can be told from the words of a step; what they do not say is None."""
    _, condition, wage = step
    found: dict[str, int] = {}
    for part in (one_line(each) for each in condition.split("+")):
        if match := RI_PART.fullmatch(part):
            _keep(found, "ri_minutes", match[1])
        elif match := HOURS_PART.fullmatch(part):
            _keep(found, "ojt_minutes", match[1])
        elif TIME_PART.fullmatch(part) and (many := months(part)) is not None:
            found.setdefault("months", many)
    percent = PERCENT.search(wage)
    return Numbers(**found, percent=percent[1] if percent else "")


def _keep(found: dict[str, int], name: str, number: str) -> None:
    if span := hours(number):
        found.setdefault(name, span.most)


def percent(text: str) -> str:
    """“0.25”, “25” and “25 %” of a spreadsheet are all "25"; "" where it is no per cent."""
    number = text.strip().rstrip("%").strip()
    try:
        value = Decimal(number)
    except InvalidOperation:
        return ""
    if not value.is_finite() or value < 0 or value > 1000:
        return ""
    if not text.strip().endswith("%") and value <= Decimal("1.5"):
        value *= 100
    return f"{value.quantize(Decimal('0.01')).normalize():f}"
