"""Put a site in the place of another, or of none: all of a backup or nothing.

The new database is built beside the old one as the migrations of the backup left it, every table is read back
and compared with what the backup counted, then it is migrated to this version and its record verified. Only
then the two change places, and the ledger says so (ledger.restores).
"""

import fcntl
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain as all_of
from itertools import islice
from pathlib import Path

from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from accounts.refusals import Refusal
from apprenticeship.storages import Kept, kept
from competencies import versions
from ledger import chain, checkpoints, restores, triggers
from ojt_logs import record
from reports.backups import kept_files, manifest, reading, schema, tables
from reports.backups.encryption import Damaged
from reports.backups.manifest import Manifest
from reports.backups.places import Address, here, standing_at
from reports.backups.reading import Backup
from reports.backups.sites import Head, site_at

Tell = Callable[[str], object]
SHOWN = 20
"""Findings that are printed; the first says most."""


@dataclass(frozen=True)
class Place:
    """Where a site is: its database and its files."""

    address: Address
    files: Kept

    @classmethod
    def of_settings(cls) -> "Place":
        return cls(here(), kept())


@dataclass(frozen=True)
class Wish:
    """What the operator said beside the name of the file."""

    passphrase: str = ""
    replace: bool = False
    even_if_not_whole: bool = False
    checkpoints: Iterable[str] = ()
    """Lines of checkpoint_ledger of the site that is given up, where its database cannot be asked."""


def restore(path: Path, *, into: Place, wish: Wish, now: datetime, tell: Tell = str) -> tuple[Manifest, int]:
    """Restore a backup; returns what it said of itself, and how many heads of the ledger were given up.

    Raises Refusal and OSError. Then, and when the process is killed, the old site is as it was.
    """
    site = site_at(into.address)
    with only_one(), reading.opened(path, passphrase=wish.passphrase) as backup:
        manifest.demand_known(backup.manifest.migrations)
        if not wish.replace and (site.is_in_use() or any(True for _ in into.files.names())):
            raise Refusal(
                "There is a site in this place already. Back it up, then give it up with --replace.",
                code="in_use",
            )
        with kept_files.staged(into.files) as files, site.beside() as new:
            tell("Files ...")
            files.fetch(backup)
            with standing_at(new), files.standing_in():
                _build(backup, wish, tell)
            files.add_missing()
            tell("Changing places ...")
            recorder = _Recorder(backup, wish, now)
            site.take_over(new, recorder.record)
            tell("Clearing up ...")
            files.finish()
    return backup.manifest, recorder.given_up


@contextmanager
def only_one() -> Iterator[None]:
    """In here no restore begins on this machine. Raises Refusal while one goes on."""
    with (Path(settings.VAR_DIR) / ".restore.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("Another restore is under way here. Wait for its end.", code="busy") from None
        yield


def _build(backup: Backup, wish: Wish, tell: Tell) -> None:
    models = schema.build(backup.manifest.migrations)
    with transaction.atomic():
        _load(backup, models, tell)
    tell("Migrations and triggers ...")
    if set(backup.manifest.migrations) == manifest.known_migrations():
        triggers.install(connection)
    else:
        call_command("migrate", interactive=False, verbosity=0)
    if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
        call_command("createcachetable", verbosity=0)
    tell("Verifying the record ...")
    found = list(islice(_findings(), SHOWN))
    for line in found:
        tell(line)
    if found and not wish.even_if_not_whole:
        raise Refusal(
            "The record in this backup is not whole, so it was not restored. Take an older backup, or say "
            "--even-if-not-whole.",
            code="not_whole",
        )


def _load(backup: Backup, models: Apps, tell: Tell) -> None:
    """Fill all tables, and read back what is in them now. Raises Damaged."""
    found = tables.carried(models)
    if {model._meta.db_table for model in found} != set(backup.manifest.tables):
        raise Damaged("The tables of this backup are not those of its own version.")
    for model in found:
        name = model._meta.db_table
        tell(f"{name} ...")
        tables.fill(model, backup.lines(name))
    schema.count_on(found)
    for model in found:
        digest = hashlib.sha256()
        for line in tables.lines(model):
            digest.update(line)
        if digest.hexdigest() != backup.manifest.tables[model._meta.db_table].sha256:
            raise Damaged(f"The rows of {model._meta.db_table} came out other than they were put in.")


def _findings() -> Iterator[str]:
    """As verify_ledger."""
    missing = triggers.expected(connection) - triggers.installed(connection)
    yield from (f"table {guard.table}: the trigger {guard.name} is missing" for guard in sorted(missing))
    yield from map(str, all_of(chain.verify(), record.compare(), versions.altered()))


class _Recorder:
    """Writes into the new database what was given up for it."""

    def __init__(self, backup: Backup, wish: Wish, now: datetime) -> None:
        self._backup, self._wish, self._now = backup, wish, now
        self.given_up = 0

    def _kept(self) -> Iterator[str]:
        """No old ledger can be asked: what it was stands in the files that were kept outside it."""
        yield from self._wish.checkpoints
        for path in checkpoints.files():
            with path.open(encoding="utf-8", errors="replace") as lines:
                yield from lines

    def record(self, heads: list[Head] | None) -> None:
        kept = restores.named_in(self._kept() if not heads else self._wish.checkpoints)
        about = {
            "taken_at": self._backup.manifest.taken_at,
            "sha256": self._backup.sha256,
            "product": self._backup.manifest.product,
            "old_site": "unreadable" if heads is None else "read",
        }
        with transaction.atomic():
            entry = restores.record([*(heads or []), *kept], at=self._now, backup=about)
        said = entry.payload.content or {}
        self.given_up = sum(len(lengths) for lengths in said["given_up"].values())
