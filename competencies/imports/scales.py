"""The rating scale that a schedule prints: a legend of numbers, or a column for date and initials."""

import re
from collections.abc import Iterable
from itertools import pairwise

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
WITHIN = re.compile(r"(?:^|(?<=[\s;,.:(|/]))\(?([0-5])\)?\s*[-–—=:]\s*(?=[A-Za-z“\"])")
"""Where a level begins within a line."""
NONE = re.compile(r"(?:^|[\s;,|/])\(?N/?A\)?\s*[-–—=:]\s*([A-Za-z“\"].+)", re.IGNORECASE)
"""Where a legend, or its last part, says what “N/A” means."""
LEAST = 3
"""So many levels make a scale."""
PASSES = 3
"""Of the scales up to 4 that frameworks print, 4 and 3 pass."""


def levels_of(line: str) -> list[tuple[int, str]]:
    """The numbers and the words of a legend: of one level, “4 – Competent (performs all tasks alone)”, or of
    all in one line, “4 = Competent; 3 = Satisfactory; 2 = …”."""
    line, _ = _without_none(line)
    starts = _levels_in(line)
    if starts:
        ends = [*(one.start() for one in starts[1:]), len(line)]
        pairs = zip(starts, ends, strict=True)
        return [(int(start[1]), line[start.end() : end].strip(" ;,|/")) for start, end in pairs]
    found = LEVEL.fullmatch(line)
    return [(int(found[1]), found[2].strip())] if found else []


def before_levels(line: str) -> str:
    """What a line says before its legend begins; the line itself where it holds none."""
    line, _ = _without_none(line)
    starts = _levels_in(line)
    if starts:
        return line[: starts[0].start()].strip()
    return "" if LEVEL.fullmatch(line) else line


def _without_none(line: str) -> tuple[str, str]:
    """A line without what it says of “N/A”, and that; only where it is the line or ends a legend."""
    found = NONE.search(line)
    if found and (found.start() == 0 or _levels_in(line[: found.start()])):
        return line[: found.start()].strip(), found[1].strip(" ;,.|/)")
    return line, ""


def _levels_in(line: str) -> list[re.Match[str]]:
    """Where the levels of a line begin: three numbers or more, each the next of the one before; else none."""
    starts = list(WITHIN.finditer(line))
    values = [int(one[1]) for one in starts]
    steps = {after - before for before, after in pairwise(values)}
    return starts if len(starts) >= LEAST and steps in ({1}, {-1}) else []


def legend(lines: Iterable[str], notes: Notes, *, marks: Iterable[str] = ()) -> o.ScaleOutline | None:
    """The scale that the lines of a legend make; None where there are not three numbers in a row.

    “Not applicable” is part of it where the legend says so, or one of the columns (`marks`) is for it.
    """
    words: dict[int, str] = {}
    none = "Not applicable" if any(mark.lower() in ("n/a", "na") for mark in marks) else ""
    for line in lines:
        none = _without_none(line)[1] or none
        for value, said in levels_of(line):
            words.setdefault(value, said)
    values = sorted(words)
    if len(values) < LEAST or values != list(range(values[0], values[-1] + 1)):
        return None
    passing = {value for value in values if value >= min(PASSES, values[-1])}
    named = " and ".join(str(value) for value in sorted(passing, reverse=True))
    notes.note(
        "rating scale",
        "The schedule does not say in a form which ratings pass",
        f"{named} were taken to pass.",
    )
    levels = [_level(value, words[value], passing=value in passing) for value in reversed(values)]
    if none:
        levels.append(_level(None, none, passing=False))
    return o.ScaleOutline(name=f"{values[-1]} to {values[0]}, as printed", levels=tuple(levels))


def _level(value: int | None, words: str, *, passing: bool) -> o.LevelOutline:
    label = re.split(r"[(:;.]|\s[-–—]\s", words)[0].strip()
    label = label if 0 < len(label) <= 60 else f"{words[:57].rstrip()}…"
    short = label if len(label) <= 20 else f"{label[:18].rstrip()}…"
    return o.LevelOutline(
        value=value,
        label=label,
        short_label=short,
        description="" if words == label else words[:300],
        passing=passing,
        needs_reason=not value,
    )
