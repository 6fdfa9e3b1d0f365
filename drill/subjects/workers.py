"""Workers and their children are killed at random moments while 200 reports are built."""

import hashlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from drill.figures import Figure, at_least, at_most, none_of
from drill.ground import Ground, children, kill
from drill.writing import ledger_stands

TITLE = "Workers that are killed"
SECONDS = 330
NOT_RUN = (
    "Waiting out the five minutes after which a worker that is silent counts as dead: a minute after a "
    "kill, its reports are put that far into the past instead.",
)

REPORTS = 200
UNDISTURBED = 20
PAUSE_SECONDS = (0.5, 4.0)
AT_THE_END_SECONDS = 60


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
    yield from ledger_stands()


class Asking:
    """People who ask for reports of Ana and Ben, a few at a time, as a person may have ten unfinished."""

    def __init__(self, ground: Ground) -> None:
        from tests.cast import STARTED

        self.ground, self.cast, self.first = ground, ground.cast, STARTED
        self.pks: list[int] = []
        self.cast.approved(self.cast.ana, self.cast.ojt(minutes=60))

    def runs(self) -> list[Any]:
        from reports.models import ReportRun

        return list(ReportRun.objects.everyone().filter(pk__in=self.pks).order_by("pk"))

    def ask(self) -> None:
        """One more report, of days that nobody has asked for yet."""
        from django.utils import timezone

        from reports import tasks
        from reports.models import ReportRun

        number = len(self.pks)
        who = (self.cast.ana, self.cast.ben)[number % 2]
        run = ReportRun.objects.start(
            by=(self.cast.marcus, self.cast.nora)[number // 2 % 2],
            now=timezone.now(),
            document="hours",
            apprentice=who,
            from_day=self.first + timedelta(days=number % 280),
            to_day=self.first + timedelta(days=number % 280 + number // 280),
        )
        self.pks.append(run.pk)
        tasks.send(run.pk)

    def build(self, count: int, meanwhile: Any) -> float:
        """Ask for so many, let them be built, do `meanwhile` again and again; how long it took."""
        begun, wanted = time.monotonic(), len(self.pks) + count
        while self.ground.left() > AT_THE_END_SECONDS:
            open_ones = self._open()
            if len(self.pks) == wanted and not open_ones:
                break
            for _ in range(min(wanted - len(self.pks), 12 - open_ones)):
                self.ask()
            meanwhile()
            self.reap()
            time.sleep(0.1)
        return time.monotonic() - begun

    def finish(self) -> None:
        """Until the last is done, or time is up."""
        while self._open() and self.ground.left() > 10:
            self.reap()
            time.sleep(0.2)

    def _open(self) -> int:
        from reports.models import ReportRun

        return ReportRun.objects.everyone().filter(pk__in=self.pks, state__in=["queued", "running"]).count()

    def reap(self) -> None:
        """What the clock has done each minute; what shows no progress for ten seconds counts as dead."""
        from django.utils import timezone

        from reports import tasks
        from reports.models import LEASE, PATIENCE, ReportRun

        now, silence = timezone.now(), timedelta(seconds=10)
        rows = ReportRun.objects.everyone().filter(pk__in=self.pks)
        dead = rows.filter(state="running", lease_until__lt=now + LEASE - silence)
        dead.update(lease_until=now - timedelta(seconds=1))
        rows.filter(state="queued", enqueued_at__lt=now - silence * 2).update(enqueued_at=now - PATIENCE * 2)
        for pk in ReportRun.objects.reap(now=now):
            tasks.send(pk)


class Staff:
    """Two workers; each is started again when it was killed."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.dice = ground, random.Random(11)
        self.workers = {name: ground.worker(name, children=1) for name in ("worker one", "worker two")}
        self.killed: Counter[str] = Counter()
        self.next = time.monotonic() + 30

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
        self.next += 5

    def everybody_works(self) -> None:
        for name, program in self.workers.items():
            if program.poll() is not None:
                self.workers[name] = self.ground.worker(name, children=1)


def nothing_lost(runs: list[Any]) -> Iterator[Figure]:
    from ledger.models import Entry
    from reports.models import reports_folder

    states = Counter(run.state for run in runs)
    unfinished = [f"{run.state}: {run.reason}" for run in runs if run.state != "done"]
    yield none_of("reports lost", unfinished, among=len(runs), note=str(dict(states)))
    done = [run for run in runs if run.state == "done"]
    told = Counter(Entry.objects.filter(act="report.export").values_list("object", flat=True))
    twice = [f"{run.uid}: {told[run.uid]} entries" for run in done if told[run.uid] != 1]
    yield none_of("reports not on the record exactly once", twice, among=len(done))
    broken = [str(run.uid) for run in done if not _whole(run)]
    yield none_of("files that are not what their row says", broken, among=len(done))
    ours = {run.path.name for run in runs}
    left = sorted(path.name for path in reports_folder().iterdir() if path.name not in ours)
    yield none_of("half-written or second files", left, among=len(done) + len(left))
    tries = Counter(run.attempt for run in runs)
    yield Figure(
        "reports that needed another attempt",
        "at least 5",
        str(len(runs) - tries[1]),
        tries[1] <= len(runs) - 5,
    )


def _whole(run: Any) -> bool:
    try:
        data = run.path.read_bytes()
    except FileNotFoundError:
        return False
    return (len(data), hashlib.sha256(data).hexdigest()) == (run.bytes, run.sha256)
