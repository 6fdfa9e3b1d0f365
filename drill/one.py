"""One run of one subject, in a process of its own: `python -m drill.one SUBJECT DATABASE FOLDER`.

Its figures are written to FOLDER/figures, a JSON object a line, each as soon as it is known.
"""

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from drill import base
from drill.figures import Figure
from drill.ground import Ground
from drill.subjects import subject
from machine.programs import Programs, main, say

FIGURES = "figures"


def run(name: str, database: str, folder: Path) -> None:
    """A subject that breaks off has a last figure, not met, which says why."""
    module = subject(name)
    base.copy(database, folder)
    with (folder / FIGURES).open("w", buffering=1) as told, Programs() as programs:
        try:
            ground = Ground(programs, folder, database=database, seconds=module.SECONDS)
            ground.set_up()
            found: Iterator[Figure] = module.figures(ground)
            for figure in found:
                told.write(figure.as_line() + "\n")
                say(f"  {'met    ' if figure.met else 'NOT MET'} {figure.name}: {figure.found} {figure.note}")
        except Exception as error:
            traceback.print_exc()
            say(last_words(folder / "log"))
            told.write(broken(error).as_line() + "\n")


def broken(error: Exception) -> Figure:
    words = " ".join(f"{type(error).__name__}: {error}".split())
    return Figure("the subject to its end", "reached", "broke off", met=False, note=words[:300])


def last_words(log: Path) -> str:
    """What the programs of the site said at the end."""
    return "\n".join(log.read_text().splitlines()[-20:]) if log.exists() else ""


if __name__ == "__main__":
    subject_name, database_name, place = sys.argv[1:]
    sys.exit(main(lambda: run(subject_name, database_name, Path(place))))
