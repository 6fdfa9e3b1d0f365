"""The database is killed twenty times while apprentices write; on SQLite it is the writing process itself."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from drill.figures import Figure, at_least, at_most
from drill.ground import Ground, kill_family
from drill.writing import Writer, newcomers, told_and_kept, well

TITLE = "Databases that are killed"
SECONDS = 300
DATABASES = ("postgresql", "sqlite")
NOT_RUN = (
    "A loss of power: what the system had not yet written to the disk stays here, as only processes die. "
    "That is what `synchronous=FULL` and PostgreSQL's own `fsync` are for, and both are on.",
)

ROUNDS = 20
BETWEEN_SECONDS = (0.5, 2.0)
AT_THE_END_SECONDS = 20
WEB_PATIENCE_SECONDS = 10


def figures(ground: Ground) -> Iterator[Figure]:
    people = [ground.cast.ana, *newcomers(ground, 2)]
    web = ground.web()
    rounds, away = 0, [0.0]
    writers: list[Writer] = []
    more = [True]
    writers += [Writer(ground, one, go_on=lambda: more[0]) for one in people]
    for writer in writers:
        writer.start()
    dice = random.Random(14)
    while rounds < ROUNDS and ground.left() > AT_THE_END_SECONDS:
        time.sleep(dice.uniform(*BETWEEN_SECONDS))
        before = well(writers)
        web = strike(ground, web)
        away.append(ground.wait(partial(_written, writers, before), "nobody can write any more"))
        rounds += 1
    more[0] = False
    for writer in writers:
        writer.join()
    from django.db import connections

    connections.close_all()
    yield at_least("times killed", ROUNDS, rounds)
    what = "of the server's start to the first write" if ground.server else "of the web server's start to it"
    yield at_most("longest from the end of the start to a write", WEB_PATIENCE_SECONDS, max(away), note=what)
    yield from told_and_kept(writers)


def _written(writers: list[Writer], before: int) -> bool:
    return well(writers) > before


def strike(ground: Ground, web: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """End it in the middle of whatever it does, and start it again: PostgreSQL, or the web server."""
    if ground.server:
        kill_family(ground.server.program)
        ground.server = ground.server.start()
        return web
    with suppress(ProcessLookupError):
        os.killpg(web.pid, signal.SIGKILL)
    web.wait()
    return ground.web()
