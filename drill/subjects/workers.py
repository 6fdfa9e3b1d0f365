"""Workers and their children are killed at random moments while 200 reports are built."""

import random
import time
from collections import Counter
from collections.abc import Iterator

from drill.asking import Asking, nothing_lost
from drill.figures import Figure, at_least, at_most
from drill.ground import Ground, children, kill, kill_family
from drill.writing import ledger_stands

TITLE = "Workers that are killed"
SECONDS = 330
NOT_RUN = (
    "Waiting out the five minutes after which a worker that is silent counts as dead: a minute after a "
    "kill, its reports are put that far into the past instead.",
)

REPORTS = 200
UNDISTURBED = 20
PAUSE_SECONDS = (0.3, 2.0)


def figures(ground: Ground) -> Iterator[Figure]:
    asking = Asking(ground)
    staff = Staff(ground)
    calm = asking.build(UNDISTURBED, lambda: None) / UNDISTURBED
    seconds = asking.build(REPORTS, staff.kill_somebody)
    staff.everybody_works()
    asking.finish()
    yield at_least("reports asked for", REPORTS + UNDISTURBED, len(asking.runs()))
    yield at_least("processes killed", 20, sum(staff.killed.values()), note="")
    ratio = seconds / (calm * max(1, len(asking.runs()) - UNDISTURBED))
    yield at_most(
        "time a report takes against undisturbed", 3, ratio, unit="times", note=f"{calm:.2f} s undisturbed"
    )
    yield from nothing_lost(asking.runs())
    again = sum(run.attempt > 1 for run in asking.runs())
    yield at_least("reports that needed another attempt", 5, again)
    yield from poison(ground, asking, staff)
    yield from ledger_stands()


class Staff:
    """Two workers; each is started again when it was killed."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.dice = ground, random.Random(11)
        self.workers = {name: ground.worker(name, children=1) for name in ("worker one", "worker two")}
        self.killed: Counter[str] = Counter()
        self.next = time.monotonic() + 1

    def kill_somebody(self) -> None:
        """At a random moment, a worker or its child; those that are gone come back."""
        self.everybody_works()
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + self.dice.uniform(*PAUSE_SECONDS)
        name = self.dice.choice(sorted(self.workers))
        inner = children(self.workers[name].pid)
        if inner and self.dice.random() < 0.6:
            kill(self.dice.choice(inner))
            self.killed["children"] += 1
            return
        kill(self.workers[name].pid)
        self.workers[name].wait()
        self.killed["workers"] += 1
        self.next += 2

    def everybody_works(self) -> None:
        for name, program in self.workers.items():
            if program.poll() is not None:
                self.workers[name] = self.ground.worker(name, children=1)

    def go_home(self) -> None:
        for program in self.workers.values():
            kill_family(program)
        self.workers.clear()


def poison(ground: Ground, asking: Asking, staff: Staff) -> Iterator[Figure]:
    """One report ends every process that takes it, until it is given up; then the next one is built."""
    staff.go_home()
    worker = ground.worker("worker three", children=1)
    asking.ask()
    killed = 0
    while (run := asking.runs()[-1]).unfinished and ground.left() > 30:
        if run.state == "running":
            inner = children(worker.pid)
            for child in inner:
                kill(child)
            killed += len(inner)
            time.sleep(1)
        asking.reap()
        time.sleep(0.05)
    what = f"{run.state}: {run.reason}" if run.reason else run.state
    yield Figure("a report that ends whoever takes it", "failed, in words", what, run.state == "failed")
    asking.ask()
    asking.finish()
    after = asking.runs()[-1].state
    note = f"the same worker lost {killed} of its processes"
    yield Figure("the report asked for after it", "done", after, after == "done", note=note)
