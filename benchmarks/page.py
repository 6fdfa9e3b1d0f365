"""The table in docs/performance.md, between two comments; the rest of the page is written by people."""

from datetime import date

from benchmarks.figures import Figure
from drill.page import machine
from machine.programs import ROOT

PATH = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
HEAD = "| figure | ours | floor | ratio | goal | met | n | ratio of the run before |"


def write(figures: list[Figure], *, day: date, whole: bool) -> None:
    """Put these into the table; the ratio that a figure had before stays beside it. The rows of figures that
    are not among these stay, unless this was a whole run."""
    before, old, after = _cut(PATH.read_text())
    rows = _rows(old)
    lines = {_cell(one.name): _row(one, _ratio(rows.get(_cell(one.name), ""))) for one in figures}
    PATH.write_text(
        "".join([before, BEGIN, "\n", table(lines if whole else rows | lines, day=day), END, after])
    )


def _cut(text: str) -> tuple[str, str, str]:
    before, found, rest = text.partition(BEGIN)
    old, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"{PATH.name} has no “{BEGIN}” … “{END}”")
    return before, old, after


def _rows(old: str) -> dict[str, str]:
    """The rows of a table, by the name of the figure."""
    lines = [line for line in old.splitlines() if line.count("|") == HEAD.count("|")]
    return {line.split("|")[1].strip(): line for line in lines[2:]}


def _ratio(row: str) -> str:
    return row.split("|")[4].strip() if row else ""


def table(rows: dict[str, str], *, day: date) -> str:
    """Markdown, with the machine below."""
    missed = sum("**no**" in row for row in rows.values())
    told = f"{len(rows)} figures, {missed} of them not met." if missed else f"{len(rows)} figures."
    days = f"{day:%b} {day.day}, {day.year}"
    rule = "| --- " * (HEAD.count("|") - 1) + "|"
    about = ["", "| machine | |", "| --- | --- |", machine()]
    return "\n".join(["", f"{days}: {told}", "", HEAD, rule, *rows.values(), *about])


def _row(one: Figure, before: str) -> str:
    values = (f"{_short(value)} {one.unit}".strip() for value in (one.ours, one.floor))
    met = "yes" if one.met else "**no**"
    cells = (one.name, *values, _short(one.ratio), one.goal, met, str(one.n), before)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(words: str) -> str:
    return words.replace("|", "/")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
