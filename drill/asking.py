"""People who ask for reports while things break, and what became of each report."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from drill.figures import Figure, none_of
from drill.ground import Ground

AT_THE_END_SECONDS = 60
"""Kept to count, so many seconds before time is up."""


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
        tasks.send(run)

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
        from reports.models import LEASE, ReportRun

        now, silence = timezone.now(), timedelta(seconds=10)
        rows = ReportRun.objects.everyone().filter(pk__in=self.pks)
        dead = rows.filter(state="running", lease_until__lt=now + LEASE - silence)
        dead.update(lease_until=now - timedelta(seconds=1))
        tasks.reap()


def nothing_lost(runs: list[Any]) -> Iterator[Figure]:
    from ledger.models import Entry

    states = Counter(run.state for run in runs)
    unfinished = [f"{run.state}: {run.reason}" for run in runs if run.state != "done"]
    yield none_of("reports lost", unfinished, among=len(runs), note=str(dict(states)))
    done = [run for run in runs if run.state == "done"]
    told = Counter(Entry.objects.filter(act="report.export").values_list("object", flat=True))
    twice = [f"{run.uid}: {told[run.uid]} entries" for run in done if told[run.uid] != 1]
    yield none_of("reports not on the record exactly once", twice, among=len(done))
    broken = [str(run.uid) for run in done if not _whole(run)]
    yield none_of("files that are not what their row says", broken, among=len(done))
    ours = {run.kept_as.partition("/")[2] for run in runs}
    left = sorted(path.name for path in _papers().iterdir() if path.name not in ours)
    yield none_of("half-written or second files", left, among=len(done) + len(left))


def _papers() -> Path:
    """The folder with everything that was written of reports, drafts too."""
    from django.conf import settings

    return Path(settings.MEDIA_ROOT) / "reports"


def _whole(run: Any) -> bool:
    try:
        data = (_papers().parent / run.kept_as).read_bytes()
    except FileNotFoundError:
        return False
    return (len(data), hashlib.sha256(data).hexdigest()) == (run.bytes, run.sha256)
