"""`make bench`, `python -m benchmarks [subject ...]`: a figure a line as JSON, the last line a summary.

It writes the table in docs/performance.md; a part of a run replaces its own rows.
"""

import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks import page
from benchmarks.figures import Figure
from benchmarks.one import FIGURES
from drill.base import ready
from machine.needs import PYTHON
from machine.programs import Problem, Programs, main
from tests.servers import temporary_folder

SUBJECTS = (
    "crosswalk",
    "hours_list",
    "progress",
    "board",
    "paging",
    "approving",
    "importing",
    "papers",
    "cohort",
    "weight",
)
"""Modules of this package with `figures(ground)`; DATABASES in one names those it runs on, else both."""
DATABASES = ("postgresql", "sqlite")
LONGEST = 10 * 60
"""Seconds of a whole run on two cores."""


def bench(wanted: list[str]) -> None:
    """Raises Problem when a subject is unknown."""
    if unknown := set(wanted) - set(SUBJECTS):
        raise Problem(f"no subject is called {', '.join(sorted(unknown))}. There are: {', '.join(SUBJECTS)}.")
    for database in DATABASES:
        ready(database)
    begun = time.monotonic()
    found: list[Figure] = []
    for place, database in enumerate(DATABASES):
        left = (LONGEST - (time.monotonic() - begun)) / (len(DATABASES) - place)
        found += measured(database, wanted or list(SUBJECTS), seconds=left)
    page.write(found, day=date.today(), whole=not wanted)  # noqa: DTZ011 - the day of who runs it
    missed = [one.name for one in found if not one.met]
    told = {"figures": len(found), "met": len(found) - len(missed), "missed": missed}
    print(json.dumps(told | {"seconds": round(time.monotonic() - begun)}, ensure_ascii=False))


def measured(database: str, subjects: list[str], *, seconds: float) -> list[Figure]:
    """Measure in a process of its own and tell each figure; what the process says besides goes to stderr."""
    folder = temporary_folder()
    try:
        with Programs() as programs:
            command = [str(PYTHON), "-m", "benchmarks.one", database, str(folder), str(seconds), *subjects]
            with (folder / "said").open("w") as said:
                program = programs.start("bench", command, stdout=said, stderr=subprocess.STDOUT)
                found = follow(program, folder / FIGURES)
            if program.returncode or any(not one.n for one in found):
                print(*(folder / "said").read_text().splitlines()[-40:], sep="\n", file=sys.stderr)
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def follow(program: "subprocess.Popen[str]", path: Path) -> list[Figure]:
    """Print each line of figures as it comes, until the program ends."""
    found: list[Figure] = []
    running = True
    while running:
        running = program.poll() is None
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines[len(found) :]:
            found.append(Figure.of_line(line))
            print(line, flush=True)
        time.sleep(0.2)
    return found


if __name__ == "__main__":
    sys.exit(main(lambda: bench(sys.argv[1:])))
