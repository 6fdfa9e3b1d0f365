"""Eight people write for a minute over HTTP, against two workers as in production."""

import time
from collections.abc import Iterator

from drill.figures import Figure, at_most, none_of, quantile
from drill.ground import Ground
from drill.writing import Writer, newcomers, told_and_kept

TITLE = "Eight who write at once"
SECONDS = 120
DATABASES = ("postgresql", "sqlite")

WRITERS = 8
WRITING_SECONDS = 60
LIMITS = {"postgresql": 0.5, "sqlite": 3.0}


def figures(ground: Ground) -> Iterator[Figure]:
    people = newcomers(ground, WRITERS)
    ground.web()
    end = time.monotonic() + WRITING_SECONDS
    writers = [Writer(ground, one, go_on=lambda: time.monotonic() < end) for one in people]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    answers = [answer for one in writers for answer in one.answers]
    failed = [f"status {answer.status}" for answer in answers if not answer.well]
    yield none_of("requests that failed", failed, among=len(answers))
    took = [answer.seconds for answer in answers]
    note = f"{len(answers) / WRITING_SECONDS:.0f} requests a second, slowest {max(took):.2f} s"
    yield at_most(
        "95 of 100 requests are answered in", LIMITS[ground.database], quantile(took, 0.95), note=note
    )
    locked = ground.log.read_text().count("database is locked") + ground.log.read_text().count(
        "OperationalError"
    )
    yield Figure("“database is locked” and the like in the log", "0", str(locked), locked == 0)
    yield from told_and_kept(writers)
