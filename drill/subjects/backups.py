"""A site of ten thousand entries goes into one file and comes back; restores are killed on the way."""

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from drill.figures import Figure, at_most, none_of
from drill.ground import Ground, kill

TITLE = "Backups and restores of a site with 10,000 entries"
SECONDS = 420
DATABASES = ("postgresql", "sqlite")

ENTRIES = 10_000
A_DAY = 18
BACKUP_SECONDS, RESTORE_SECONDS = 60, 120
KILLS = 4
PASSPHRASE = "correct horse battery staple"  # noqa: S105 - opens nothing that is kept


def figures(ground: Ground) -> Iterator[Figure]:
    from reports.backups import taking
    from tests.cast import NOW
    from tests.sites import LEDGER, empty_place, rows

    fill(ground.cast)
    path = ground.folder / "site.backup"
    said, seconds = timed(lambda: taking.take(path, now=NOW))
    note = f"{said.rows:,} rows, {path.stat().st_size / 1e6:.1f} MB, read back"
    yield at_most("a backup", BACKUP_SECONDS, seconds, note=note)
    _, seconds = timed(lambda: taking.take(path, now=NOW, passphrase=PASSPHRASE))
    yield at_most("an encrypted backup", BACKUP_SECONDS, seconds)
    taking.take(path, now=NOW)
    with empty_place(ground.folder / "elsewhere") as place:
        _, seconds = timed(lambda: put(path, place))
        yield at_most("a restore, verified", RESTORE_SECONDS, seconds)
        old, new = rows_here(), rows(place)
        other = sorted(name for name in old if old[name] != new[name] and name not in LEDGER)
        yield none_of("tables that came back other than they were", other, among=len(old))
        yield from killed(path, place, seconds)


def fill(cast: Any) -> None:
    """Hours of two apprentices over the year, eighteen a day, submitted and approved."""
    from ojt_logs.models import HoursEntry
    from tests.cast import NOW, TODAY

    for apprentice in (cast.ana, cast.ben):
        days = [TODAY - timedelta(days=number) for number in range(1 + ENTRIES // 2 // A_DAY)]
        lines = [cast.ojt(minutes=20, day=day) for day in days for _ in range(A_DAY)][: ENTRIES // 2]
        for start in range(0, len(lines), 500):
            ids = [entry.pk for entry in cast.submitted(apprentice, *lines[start : start + 500])]
            HoursEntry.objects.filter(pk__in=ids).move("approve", by=cast.marcus, now=NOW)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.monotonic()
    done = act()
    return done, time.monotonic() - begun


def put(path: Path, place: Any) -> Any:
    from reports.backups.restoring import Wish, restore
    from tests.cast import NOW

    return restore(path, into=place, wish=Wish(replace=True), now=NOW)


def rows_here() -> dict[str, str]:
    from reports.backups.restoring import Place
    from tests.sites import rows

    return rows(Place.of_settings())


def killed(path: Path, place: Any, seconds: float) -> Iterator[Figure]:
    """A restore over a site is killed at random moments: what is there is one of the two sites, whole."""
    from tests.sites import LEDGER, rows

    dice, before, torn = random.Random(20), rows(place), []
    for number in range(KILLS):
        child = os.fork()
        if child == 0:
            try:
                put(path, place)
            finally:
                os._exit(0)
        time.sleep(dice.uniform(0.1, 0.9) * seconds)
        kill(child)
        os.waitpid(child, 0)
        now = rows(place)
        changed = {name for name in now if now[name] != before[name]}
        if changed - LEDGER:
            torn.append(f"kill {number}: {', '.join(sorted(changed - LEDGER)[:3])}")
        before = now
    yield none_of("killed restores that left neither the old site nor the new one", torn, among=KILLS)
