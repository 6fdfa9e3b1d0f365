"""Web processes are killed while apprentices write: what was answered with success is there, once."""

import random
import threading
from collections.abc import Iterator

from drill.figures import Figure, at_least
from drill.ground import Ground, children, kill
from drill.writing import Writer, newcomers, told_and_kept

TITLE = "Web processes that are killed"
SECONDS = 180
DATABASES = ("postgresql", "sqlite")

WRITES = 500
ANSWERS_BETWEEN = (5, 30)
"""So many requests are answered well from one kill to the next, else nobody would ever serve."""
AT_THE_END_SECONDS = 15


def figures(ground: Ground) -> Iterator[Figure]:
    people = [ground.cast.ana, ground.cast.ben, *newcomers(ground, 2)]
    web = ground.web()
    writers: list[Writer] = []

    def go_on() -> bool:
        return sum(len(one.answers) for one in writers) < WRITES and ground.left() > AT_THE_END_SECONDS

    writers += [Writer(ground, one, go_on=go_on) for one in people]
    done = threading.Event()
    killer = Killer(web.pid, writers, done)
    for thread in (*writers, killer):
        thread.start()
    for writer in writers:
        writer.join()
    done.set()
    killer.join()
    yield at_least("requests sent", WRITES, sum(len(one.answers) for one in writers))
    broken = sum(answer.status == 0 for one in writers for answer in one.answers)
    yield Figure("processes killed", "at least 10", str(killer.killed), killer.killed >= 10)
    yield Figure("requests whose answer was cut off", "at least 1", str(broken), broken >= 1)
    yield from told_and_kept(writers)


class Killer(threading.Thread):
    """Kills one web worker after the other at random moments; gunicorn starts others."""

    def __init__(self, master: int, writers: list[Writer], done: threading.Event) -> None:
        super().__init__(daemon=True)
        self.master, self.writers, self.done, self.killed = master, writers, done, 0

    def run(self) -> None:
        dice, mark = random.Random(13), 10
        while not self.done.wait(dice.uniform(0.0, 0.05)):
            answered = sum(answer.well for one in self.writers for answer in one.answers)
            if answered >= mark and (workers := children(self.master)):
                kill(dice.choice(workers))
                self.killed += 1
                mark = answered + dice.randint(*ANSWERS_BETWEEN)
