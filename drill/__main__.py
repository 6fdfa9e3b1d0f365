"""`python -m drill [subject ...]`: run them one after the other and write docs/drill.md."""

import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import ModuleType

from drill import base, page
from drill.figures import Figure
from drill.one import FIGURES
from drill.subjects import databases_of, names, subject
from machine.needs import PYTHON
from machine.programs import Problem, Programs, main, say
from tests.servers import temporary_folder

LONGEST = 30 * 60
"""Seconds of a whole drill on two cores; what has not begun then is told as not run."""
STARTING_SECONDS = 30
"""To start the servers of a run and to migrate, before its own time begins."""


def drill(wanted: list[str]) -> None:
    """Raises Problem when a name is unknown or a figure is not met."""
    if unknown := set(wanted) - set(names()):
        raise Problem(f"no subject is called {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
    end = time.monotonic() + LONGEST
    for database in sorted({one for name in wanted or names() for one in databases_of(subject(name))}):
        base.ready(database)
    sections = [about(name, end=end) for name in wanted or names()]
    page.write(sections, whole=not wanted)
    missed = [figure.name for section in sections for figure in section.figures() if not figure.met]
    say(f"\n{page.PATH.name} is written.")
    if missed:
        raise Problem(f"not met: {'; '.join(missed)}.")


def about(name: str, *, end: float) -> page.Section:
    module = subject(name)
    begun = time.monotonic()
    section = page.Section(name, module.TITLE, date.today())  # noqa: DTZ011 - the day of who runs it
    for database in databases_of(module):
        say(f"\n=== {name}, {database}")
        if end - time.monotonic() < module.SECONDS / 4:
            section.runs[database] = [Figure("the subject", "run", "not run", met=False, note="no time left")]
            continue
        section.runs[database] = attempt(name, module, database, seconds=end - time.monotonic())
    section.not_run = list(getattr(module, "NOT_RUN", ()))
    section.seconds = time.monotonic() - begun
    return section


def attempt(name: str, module: ModuleType, database: str, *, seconds: float) -> list[Figure]:
    """Run it in a process of its own; what it told before it was ended counts."""
    folder = temporary_folder()
    allowed = min(module.SECONDS + STARTING_SECONDS, seconds)
    try:
        with Programs() as programs:
            command = [str(PYTHON), "-m", "drill.one", name, database, str(folder)]
            program = programs.start(name, command)
            late = ends_late(program, allowed)
        return [*told(folder / FIGURES), *late]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ends_late(program: "subprocess.Popen[str]", seconds: float) -> list[Figure]:
    try:
        status = program.wait(seconds)
    except subprocess.TimeoutExpired:
        note = f"ended after {seconds:.0f} s"
        return [Figure("the subject to its end", "reached", "time was up", met=False, note=note)]
    if status:
        note = f"its process ended with status {status}"
        return [Figure("the subject to its end", "reached", "broke off", met=False, note=note)]
    return []


def told(path: Path) -> list[Figure]:
    try:
        return [Figure.of_line(line) for line in path.read_text().splitlines()]
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    sys.exit(main(lambda: drill(sys.argv[1:])))
