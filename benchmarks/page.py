"""The table in docs/performance.md, between two comments; the rest of the page is written by people."""

from datetime import date

from benchmarks.figures import Figure
from drill.page import machine
from machine.programs import ROOT

PATH = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
HEAD = "| figure | ours | floor | ratio | goal | met | n | ratio of the run before |"


def write(figures: list[Figure], *, day: date, begin: str = BEGIN, end: str = END) -> None:
    """Put these in the place of the table of the last run, of which the ratios stay beside them."""
    text = PATH.read_text()
    before, old, after = _cut(text, begin, end)
    PATH.write_text("".join([before, begin, "\n", table(figures, _ratios(old), day=day), end, after]))


def _cut(text: str, begin: str, end: str) -> tuple[str, str, str]:
    before, found, rest = text.partition(begin)
    old, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{PATH.name} has no “{begin}” … “{end}”")
    return before, old, after


def _ratios(old: str) -> dict[str, str]:
    """The ratios of a table, by the name of the figure."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in old.splitlines() if "|" in line]
    return {row[0]: row[3] for row in rows[2:] if len(row) == HEAD.count("|") - 1}


def table(figures: list[Figure], before: dict[str, str], *, day: date) -> str:
    """Markdown, with the machine below."""
    rows = [_row(one, before.get(_cell(one.name), "")) for one in figures]
    missed = sum(not one.met for one in figures)
    told = f"{len(figures)} figures, {missed} of them not met." if missed else f"{len(figures)} figures."
    days = f"{day:%b} {day.day}, {day.year}"
    rule = "| --- " * (HEAD.count("|") - 1) + "|"
    about = ["", "| machine | |", "| --- | --- |", machine()]
    return "\n".join(["", f"{days}: {told}", "", HEAD, rule, *rows, *about])


def _row(one: Figure, before: str) -> str:
    values = (f"{_short(value)} {one.unit}".strip() for value in (one.ours, one.floor))
    met = "yes" if one.met else "**no**"
    cells = (one.name, *values, _short(one.ratio), one.goal, met, str(one.n), before)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(words: str) -> str:
    return words.replace("|", "/")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
