"""The disk of the site is full for a while: a small file system of its own, filled to the last byte."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drill.asking import Asking
from drill.figures import Figure, at_least, at_most, none_of
from drill.ground import Broken, Ground
from drill.people import Answer
from drill.writing import Writer, newcomers, told_and_kept, well

TITLE = "A disk that is full"
SECONDS = 120
DATABASES = ("postgresql", "sqlite")
NOT_RUN = ("PostgreSQL with a full disk of its own: its cluster does not lie in VAR_DIR",)

MEGABYTES = 48
FULL_SECONDS = 8
BACK_SECONDS = 5


def figures(ground: Ground) -> Iterator[Figure]:
    with small_disk(ground.folder / "var") as var:
        yield from filled(ground, var)


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """What lies in `place` on a file system of MEGABYTES. Raises Broken where nobody may make one."""
    kept = place.with_name("kept")
    place.mkdir(exist_ok=True)
    place.rename(kept)
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        raise Broken("only root can make a small file system")
    try:
        subprocess.run(["cp", "-a", f"{kept}/.", str(place)], check=True)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def filled(ground: Ground, var: Path) -> Iterator[Figure]:
    ground.web()
    ground.worker(children=1)
    asking, more = Asking(ground), [True]
    asking.build(1, lambda: None)
    writers = [Writer(ground, one, go_on=lambda: more[0]) for one in newcomers(ground, 2)]
    for writer in writers:
        writer.start()
    time.sleep(2)
    fill(var / "ballast")
    before = len(answers(writers))
    said = ground.status_of("/readyz")
    with suppress(Exception):  # on SQLite nobody can ask for anything now
        asking.ask()
    time.sleep(FULL_SECONDS)
    meanwhile = answers(writers)[before:]
    (var / "ballast").unlink()
    seconds = back(ground, writers)
    more[0] = False
    for writer in writers:
        writer.join()
    yield Figure("what /readyz says of it", "503", str(said), said == 503)
    silent = [f"status {one.status}" for one in meanwhile if not one.well and not one.body]
    yield at_least("requests while it was full", 1, len(meanwhile))
    yield none_of("answers without a word of what is wrong", silent, among=len(meanwhile))
    yield at_most("from room to the next write", BACK_SECONDS, seconds)
    yield from built_after_all(asking)
    yield from told_and_kept(writers)


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def answers(writers: list[Writer]) -> list[Answer]:
    return [answer for one in writers for answer in one.answers]


def back(ground: Ground, writers: list[Writer]) -> float:
    before = well(writers)
    return ground.wait(lambda: well(writers) > before, "nobody can write any more", seconds=60)


def built_after_all(asking: Asking) -> Iterator[Figure]:
    """A report that failed for want of room says so, and is built when somebody asks again."""
    from django.utils import timezone

    from reports import tasks

    failed = [run for run in asking.runs() if run.state == "failed"]
    reason = f": {failed[0].reason}" if failed else ""
    for run in failed:
        run.retry(by=run.requested_by, now=timezone.now())
        tasks.send(run)
    asking.finish()
    lost = [f"{run.state}: {run.reason}" for run in asking.runs() if run.state != "done"]
    note = f"meanwhile {len(failed)} failed{reason}"
    yield none_of("reports that were not built in the end", lost, among=len(asking.runs()), note=note)
