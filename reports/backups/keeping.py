"""The backups that the clock takes: one each night into a folder, some of which are kept.

A file bears its final name only once it was read back whole, so the newest name tells of the last good one.
"""

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from reports.backups import passphrases, taking

NAME = "journeybook-%Y-%m-%dT%H%M%SZ.backup"
WHOLE = re.compile(r"journeybook-\d{4}-\d\d-\d\dT\d{6}Z\.backup")
TOO_OLD = timedelta(hours=26)
"""A night was left out, or what it took was not whole."""
SOON = timedelta(hours=12)
"""A message that comes twice takes no second backup."""


def folder() -> Path | None:
    """Where they are kept; None where no folder is named, then the clock takes none."""
    return Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None


def age(*, now: datetime) -> timedelta | None:
    """How old the newest good backup is; None where there is none."""
    kept = folder()
    newest = max(_found(kept), default=None) if kept else None
    return now - newest[0] if newest else None


def is_due(*, now: datetime) -> bool:
    """Whether the clock should have taken one long since, and has not."""
    old = age(now=now)
    return folder() is not None and (old is None or old > TOO_OLD)


def keep_one(*, now: datetime) -> Path | None:
    """Take a backup into the folder and delete what need not be kept any longer.

    None where no folder is named, or one was taken just now or is being taken. Raises Refusal and OSError.
    """
    kept = folder()
    if kept is None:
        return None
    kept.mkdir(parents=True, exist_ok=True)
    with _alone(kept) as alone:
        old = age(now=now)
        if not alone or (old is not None and old < SOON):
            return None
        for left in kept.glob(".journeybook-*.part"):
            left.unlink()  # of one that was killed: nobody else is here
        path = kept / now.astimezone(UTC).strftime(NAME)
        taking.take(path, now=now, passphrase=passphrases.read())
        _thin_out(kept)
    return path


@contextmanager
def _alone(kept: Path) -> Iterator[bool]:
    with (kept / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _found(kept: Path) -> list[tuple[datetime, Path]]:
    """Every backup of the clock with its moment; other files in the folder are nobody's business here."""
    paths = [path for path in kept.glob("journeybook-*.backup") if WHOLE.fullmatch(path.name)]
    return [(datetime.strptime(path.name, NAME).replace(tzinfo=UTC), path) for path in paths]


def _thin_out(kept: Path) -> None:
    """Keep the newest of each of the last days and of each of the last months that have one."""
    by_age = sorted(_found(kept), reverse=True)
    days: dict[date, Path] = {}
    months: dict[tuple[int, int], Path] = {}
    for at, path in by_age:
        days.setdefault(at.date(), path)
        months.setdefault((at.year, at.month), path)
    wanted = [*list(days.values())[: max(1, settings.BACKUP_KEEP_DAYS)]]
    wanted += list(months.values())[: max(0, settings.BACKUP_KEEP_MONTHS)]
    for _, path in by_age:
        if path not in wanted:
            path.unlink()
