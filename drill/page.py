"""docs/drill.md: what was found, when, on which machine. A part of a drill replaces its sections alone."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

from drill.figures import Figure
from machine.programs import ROOT

PATH = ROOT / "docs" / "drill.md"
DATABASE_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
LIBRARIES = ("django", "celery", "gunicorn", "weasyprint")
START = re.compile(r"^\(drill-([a-z_]+)\)=$", flags=re.MULTILINE)
HEAD = """# The drill

What was broken on purpose, and what the site made of it: `make drill` kills processes and servers,
sends the same thing a hundred times at once, and writes this page. It takes half an hour at most on
two cores and uses servers of its own. A figure that is not met is a fault to mend, and stays on this page
until it is.

| machine | |
| --- | --- |
"""


@dataclass
class Section:
    """A subject on the page: its figures by database, and what it leaves open."""

    name: str
    title: str
    day: date
    runs: dict[str, list[Figure]] = field(default_factory=dict)
    not_run: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> list[Figure]:
        return [figure for run in self.runs.values() for figure in run]

    def text(self) -> str:
        """Markdown, from its label to its last line."""
        day = f"{self.day:%b} {self.day.day}, {self.day.year}"
        table = [*_rows(self.runs)]
        left = [f"- Not run: {words}" for words in self.not_run]
        lines = [f"(drill-{self.name})=", f"## {self.title}", "", f"{day}, {self.seconds:.0f} s.", "", *table]
        return "\n".join([*lines, *([""] if left else []), *left]) + "\n"


def _rows(runs: dict[str, list[Figure]]) -> Iterator[str]:
    yield "| figure | goal | found | met | |"
    yield "| --- | --- | --- | --- | --- |"
    for database, figures in runs.items():
        for one in figures:
            name = f"{one.name} ({DATABASE_NAMES[database]})" if len(runs) > 1 else one.name
            values = (f"{value} {one.unit}".strip() for value in (one.goal, one.found))
            yield _row(name, *values, "yes" if one.met else "**no**", one.note)


def _row(*cells: str) -> str:
    safe = (cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(safe)} |"


def write(sections: list[Section], *, whole: bool) -> None:
    """The page with these sections; the others of the last page stay, unless this was a whole drill."""
    kept = {} if whole or not PATH.exists() else parts(PATH.read_text())
    texts = kept | {section.name: section.text() for section in sections}
    PATH.write_text("\n".join([HEAD + machine(), *(texts[name] for name in sorted(texts))]))


def parts(text: str) -> dict[str, str]:
    """The sections of a page, by the name of their subject."""
    pieces = START.split(text)[1:]
    return {
        name: f"(drill-{name})={words.rstrip()}\n"
        for name, words in zip(pieces[::2], pieces[1::2], strict=True)
    }


def machine() -> str:
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)]
    servers = [f"SQLite {sqlite3.sqlite_version}", _of_program("postgres"), _of_program("redis-server")]
    return "\n".join(
        [
            _row("cores", str(os.cpu_count())),
            _row("memory", f"{_memory_gigabytes():.0f} GB"),
            _row("system", f"{platform.system()} {platform.machine()}"),
            _row("versions", ", ".join([*versions, *filter(None, servers)])),
            "",
        ]
    )


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _of_program(name: str) -> str:
    """What it calls itself, as `PostgreSQL 17.2`; nothing when it is not here."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    place = shutil.which(name) or (str(debian[-1]) if debian else "")
    if not place:
        return ""
    told = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+(\.\d+)+", told)
    names = {"postgres": "PostgreSQL", "redis-server": "Redis"}
    return f"{names[name]} {number[0]}" if number else ""
