"""Redis is killed and comes back empty, three times, while reports are built and people work on."""

import time
from collections.abc import Iterator
from datetime import timedelta

from drill.asking import Asking, nothing_lost
from drill.figures import Figure, at_least, at_most, none_of
from drill.ground import Ground, kill_family
from drill.people import Answer, Browser, Caller, token
from drill.writing import ledger_stands

TITLE = "A broker that is killed and comes back empty"
SECONDS = 200

REPORTS = 100
STRIKES = 3
BETWEEN_SECONDS, AWAY_SECONDS = 2, 4
WEB_SECONDS = 2


def figures(ground: Ground) -> Iterator[Figure]:
    ground.web()
    for name in ("worker one", "worker two"):
        ground.worker(name, children=1)
    asking = Asking(ground)
    outage = Outage(ground, asking)
    asking.build(REPORTS, outage.strike)
    asking.finish()
    yield at_least("times killed and emptied", STRIKES, outage.strikes)
    slowest = max((answer.seconds for answer in outage.answers), default=0.0)
    note = f"{len(outage.answers)} requests"
    yield at_most("slowest answer of the site while Redis is away", WEB_SECONDS, slowest, note=note)
    odd = [f"status {one.status}" for one in outage.answers if not one.well]
    yield none_of("requests that failed meanwhile", odd, among=len(outage.answers))
    yield from nothing_lost(asking.runs())
    yield from ledger_stands()


class Outage:
    """What people do meanwhile: read a page, log hours over the API, ask for a report."""

    def __init__(self, ground: Ground, asking: Asking) -> None:
        self.ground, self.asking = ground, asking
        self.caller = Caller(ground.port, token(ground.cast.ana_user))
        self.browser = Browser(ground.port, ground.cast.ana_user)
        self.strikes = 0
        self.answers: list[Answer] = []
        self.next = time.monotonic() + BETWEEN_SECONDS

    def strike(self) -> None:
        if self.strikes == STRIKES or time.monotonic() < self.next:
            return
        kill_family(self.ground.broker.program)
        back = time.monotonic() + AWAY_SECONDS
        self.asking.ask()
        while time.monotonic() < back:
            self.answers += self.work()
        self.ground.broker = self.ground.broker.start()
        self.strikes += 1
        self.next = time.monotonic() + BETWEEN_SECONDS

    def work(self) -> list[Answer]:
        from tests.cast import TODAY

        day = (TODAY - timedelta(days=1 + len(self.answers) % 200)).isoformat()
        line = {"apprentice": str(self.ground.cast.ana.uid), "kind": "ojt", "date": day, "minutes": 5}
        line |= {"job_function": 2, "competency": "2g"}
        return [self.browser.get("/me/"), self.caller.post("hours/", line)]
