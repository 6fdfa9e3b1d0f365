"""What papers print and how it is meant: texts, hours, months, titles in capitals, letters of a list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\ufeff\ufffe\uffff\ud800-\udfff]")
SPACES = re.compile(r"[^\S\n]+")
NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
HOURS = re.compile(
    rf"(?:approx(?:imately|\.)?|about|up to|minimum|maximum|min\.?|max\.?|~)?\s*{NUMBER}\s*"
    rf"(?:(?:[-–—‒]|to)\s*{NUMBER})?\s*(?:contact\s*)?(?:clock\s*)?(?:hours?|hrs?\.?|h)?(?:\s*(?:\*|total|approx\.?))?",
    re.IGNORECASE,
)
MONTHS = re.compile(rf"{NUMBER}\s*[- ]?(years?|yrs?\.?|months?|mos?\.?)?", re.IGNORECASE)
PARENTHESES = re.compile(r"\([^)]*\)")
MOST_HOURS = 500_000
SMALL = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
CAPITALS = frozenset(
    [
        "AI",
        "CAD",
        "CAM",
        "CDL",
        "CNA",
        "CNC",
        "DC",
        "AC",
        "EMT",
        "ESL",
        "HR",
        "HVAC",
        "HVACR",
        "II",
        "III",
        "IT",
        "IV",
        "LPN",
        "MRI",
        "NDT",
        "PC",
        "PLC",
        "QA",
        "RF",
        "RN",
        "RV",
        "TV",
        "UX",
    ]
)


@dataclass(frozen=True)
class Span:
    """A number of minutes, or a range of them; both ends are the same where one number is printed."""

    least: int
    most: int

    @property
    def is_range(self) -> bool:
        return self.least != self.most


def clean(text: object) -> str:
    """The text in one spelling: no control characters, single spaces, no space at the ends of lines."""
    readable = UNREADABLE.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", ""))
    lines = (SPACES.sub(" ", line).strip() for line in readable.split("\n"))
    return "\n".join(line for line in lines if line)


def one_line(text: object) -> str:
    return " ".join(clean(text).split("\n"))


def hours(text: object) -> Span | None:
    """The minutes that “1,600”, “12.5 hours”, “10–15” or the number 837.0 of hours mean; None: no hours."""
    found = HOURS.fullmatch(one_line(text))
    if not found:
        return None
    ends = sorted(_minutes(number) for number in found.groups() if number)
    return Span(ends[0], ends[-1]) if ends[-1] <= MOST_HOURS * 60 else None


def _minutes(number: str) -> int:
    return round(Decimal(number.replace(",", "")) * 60)


def months(text: object) -> int | None:
    """Months that “4 years”, “18 months”, “1.5 yrs” or a bare number mean; None: no such length."""
    found = MONTHS.fullmatch(one_line(text))
    if not found:
        return None
    many = Decimal(found[1].replace(",", "")) * (12 if (found[2] or "m").lower().startswith("y") else 1)
    return int(many) if many == int(many) and many <= 600 else None


def spelled(minutes: int) -> str:
    """Minutes as hours in digits: "800", "12.5"."""
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.01')).normalize():f}"


def letters() -> Iterator[str]:
    """a, b … z, aa, ab …"""
    number = 0
    while True:
        rest, text = number, ""
        while rest >= 0:
            text = chr(ord("a") + rest % 26) + text
            rest = rest // 26 - 1
        yield text
        number += 1


def in_small_letters(title: str) -> str:
    """A title that is printed in capitals as people write it; any other title as it is.

    What stands in parentheses is judged with the rest: “ALARM OPERATOR (Gov Serv)” is in capitals outside.
    """
    outside = PARENTHESES.sub("", title)
    if not any(one.isalpha() for one in outside) or outside != outside.upper():
        return title
    parts = re.split(r"(\([^)]*\))", title)
    return "".join(
        part if part.startswith("(") and part != part.upper() else _small(part, first=not index)
        for index, part in enumerate(parts)
    )


def _small(text: str, *, first: bool) -> str:
    words = re.split(r"([^A-Z0-9'’]+)", text)
    return "".join(_word(word, first=first and not index) for index, word in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    if word in CAPITALS or any(one.isdigit() for one in word):
        return word
    if word.lower() in SMALL and not first:
        return word.lower()
    return word[:1] + word[1:].lower()
