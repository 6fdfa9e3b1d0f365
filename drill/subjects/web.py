"""A web process is killed while an apprentice writes: what was answered with success is there, once."""

import random
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from drill.figures import Figure, none_of
from drill.ground import Ground, children, kill
from drill.people import Answer, Caller, token

TITLE = "Web processes that are killed"
SECONDS = 150
DATABASES = ("postgresql", "sqlite")

POSTS = 500
WRITERS = 4
PAUSE_SECONDS = (0.3, 0.9)

Journal = dict[str, Answer]
"""By the key of a request the last that its sender heard."""


def figures(ground: Ground) -> Iterator[Figure]:
    bodies = drafts(ground, POSTS)
    callers = [Caller(ground.port, token(ground.cast.ana_user)) for _ in range(WRITERS)]
    web = ground.web()
    done = threading.Event()
    killer = Killer(web.pid, done)
    killer.start()
    journal = write(callers, bodies)
    done.set()
    killer.join()
    yield Figure("web processes killed", "at least 20", str(killer.killed), killer.killed >= 20)
    yield from told_and_kept(journal, bodies)


def drafts(ground: Ground, count: int) -> list[dict[str, Any]]:
    """Hours of Ana, a few minutes each so that a day holds several, each with an id of the sender."""
    from tests.cast import TODAY

    ana = str(ground.cast.ana.uid)
    return [
        {
            "id": str(uuid.uuid4()),
            "apprentice": ana,
            "kind": "ojt",
            "date": (TODAY - timedelta(days=number % 100)).isoformat(),
            "minutes": 5 + number % 7,
            "job_function": 2,
            "competency": "2g",
        }
        for number in range(count)
    ]


class Killer(threading.Thread):
    """Kills one web worker after the other at random moments; gunicorn starts others."""

    def __init__(self, master: int, done: threading.Event) -> None:
        super().__init__(daemon=True)
        self.master, self.done, self.killed = master, done, 0

    def run(self) -> None:
        dice = random.Random(13)
        while not self.done.wait(dice.uniform(*PAUSE_SECONDS)):
            if workers := children(self.master):
                kill(dice.choice(workers))
                self.killed += 1


def write(callers: list[Caller], bodies: list[dict[str, Any]]) -> Journal:
    """Each caller sends its share one after the other, and nothing again."""
    journal: Journal = {}

    def share(place: int) -> None:
        for body in bodies[place :: len(callers)]:
            journal[body["id"]] = callers[place].post("hours/", body, key=body["id"])

    threads = [threading.Thread(target=share, args=(place,)) for place in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return journal


def told_and_kept(journal: Journal, bodies: list[dict[str, Any]]) -> Iterator[Figure]:
    from ojt_logs.models import HoursEntry

    kept = {str(uid) for uid in HoursEntry.objects.everyone().values_list("uid", flat=True)}
    told = {key for key, answer in journal.items() if answer.well}
    yield none_of("answered with success and not there", sorted(told - kept), among=len(told))
    yield none_of("there, and sent by nobody", sorted(kept - {one["id"] for one in bodies}), among=len(kept))
