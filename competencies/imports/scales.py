"""The rating scale that a schedule prints: a legend of numbers, or a column for date and initials."""

import re
from collections.abc import Iterable

from competencies.imports import outline as o
from competencies.imports.header import Notes

DATED = o.ScaleOutline(
    name="Date and initials",
    source="The schedule has the columns “Date Completed” and “Initials” and no number.",
    levels=(
        o.LevelOutline(
            value=1,
            label="completed",
            short_label="completed",
            description="Done to the standard on the date given, with the initials of who saw it.",
            passing=True,
        ),
    ),
)
LEVEL = re.compile(r"\(?([0-5])\)?\s*[-–—=:]\s*([A-Za-z“\"].{2,})")
PASSES = 3
"""Of the scales up to 4 that frameworks print, 4 and 3 pass."""


def level_of(line: str) -> tuple[int, str] | None:
    """The number and the words of a line of a legend, “4 – Competent (performs all tasks alone)”."""
    found = LEVEL.fullmatch(line)
    return (int(found[1]), found[2].strip()) if found else None


def legend(lines: Iterable[str], notes: Notes) -> o.ScaleOutline | None:
    """The scale that the lines of a legend make; None where there are not three numbers in a row."""
    words: dict[int, str] = {}
    for line in lines:
        if found := level_of(line):
            words.setdefault(*found)
    values = sorted(words)
    if len(values) < 3 or values != list(range(values[0], values[-1] + 1)):
        return None
    passing = {value for value in values if value >= min(PASSES, values[-1])}
    said = " and ".join(str(value) for value in sorted(passing, reverse=True))
    notes.note(
        "rating scale",
        "The schedule does not say in a form which ratings pass",
        f"{said} were taken to pass.",
    )
    return o.ScaleOutline(
        name=f"{values[-1]} to {values[0]}, as printed",
        levels=tuple(_level(value, words[value], passing=value in passing) for value in reversed(values)),
    )


def _level(value: int, words: str, *, passing: bool) -> o.LevelOutline:
    label = re.split(r"[(:;.]|\s[-–—]\s", words)[0].strip()
    label = label if 0 < len(label) <= 60 else f"{words[:57].rstrip()}…"
    short = label if len(label) <= 20 else f"{label[:18].rstrip()}…"
    return o.LevelOutline(
        value=value,
        label=label,
        short_label=short,
        description="" if words == label else words[:300],
        passing=passing,
        needs_reason=value == 0,
    )
