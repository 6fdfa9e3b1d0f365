"""All subjects on one database, in one process: `python -m benchmarks.one DATABASE FOLDER SECONDS SUBJECT …`.

Figures are written to FOLDER/figures, a JSON object a line, each as soon as it is known.
"""

import sys
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure, broken
from drill import base
from drill.ground import Ground
from drill.page import DATABASE_NAMES
from machine.programs import Programs, main

FIGURES = "figures"


def run(database: str, folder: Path, seconds: float, subjects: list[str]) -> None:
    base.copy(database, folder)
    end = time.monotonic() + seconds
    with (folder / FIGURES).open("w", buffering=1) as told, Programs() as programs:
        ground = Ground(programs, folder, database=database, seconds=seconds)
        ground.set_up()
        for name in subjects:
            for found in _of(name, ground, end=end):
                told.write(found.of(DATABASE_NAMES[database]).as_line() + "\n")


def _of(name: str, ground: Ground, *, end: float) -> Iterator[Figure]:
    """The figures of one subject; one that breaks off, or has no time left, has one that is missed."""
    module = import_module(f"benchmarks.{name}")
    if ground.database not in getattr(module, "DATABASES", DATABASE_NAMES):
        return
    if time.monotonic() > end:
        yield broken(f"{name}: no time was left for it")
        return
    try:
        yield from module.figures(ground)
    except Exception as error:
        traceback.print_exc()
        yield broken(f"{name}: broke off, {type(error).__name__}")


if __name__ == "__main__":
    database_name, place, longest, *names = sys.argv[1:]
    sys.exit(main(lambda: run(database_name, Path(place), float(longest), names)))
