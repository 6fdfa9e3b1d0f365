"""The database of a site that is to be replaced: building another beside it, and changing over in one step.

On SQLite the new one is a file beside the old one and takes its name. On PostgreSQL it is a schema of the
same database, whose tables change places with the old ones in one transaction. Until that step the old site
is as it was, whatever happens; after it the new one is whole.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, OperationalError, connection, transaction

from accounts.refusals import Refusal
from apprenticeship.storages import sync_folder
from ledger import given_up
from ledger.models import Chain, Entry
from ledger.restores import Head
from reports.backups.manifest import SOMETIMES
from reports.backups.places import Address, is_sqlite, standing_at, with_options

Recorder = Callable[[list[Head] | None], None]
"""Writes into the new database what the old one's heads were; None where they could not be read."""
PATIENCE_SECONDS = 10
BESIDE = "journeybook_restoring_"
"""How the schema begins in which a new site is built."""
IN_USE = ("accounts_user", "accounts_sponsor", "ledger_entry")
"""Rows of these are somebody's; standards alone are not."""


class Site(Protocol):
    """Where a site's rows are."""

    def is_in_use(self) -> bool:
        """Whether there is anything that a restore would take away from somebody."""

    @contextmanager
    def beside(self) -> Iterator[Address]:
        """An empty database to build in, which is gone afterwards unless it took over."""

    def take_over(self, new: Address, record: Recorder) -> None:
        """Let the new database be the site's. Raises Refusal while the site is at work."""


def site_at(address: Address) -> Site:
    return OnSqlite(address) if is_sqlite(address) else OnPostgresql(address)


def known_heads() -> dict[UUID, tuple[int, str]]:
    """Length and head of every chain of the default database."""
    chains = Chain.objects.filter(length__gt=0)
    return {
        subject: (length, head) for subject, length, head in chains.values_list("subject", "length", "head")
    }


def heads_besides(known: dict[UUID, tuple[int, str]]) -> list[Head]:
    """Each head that a chain of the default database ever had and the other database, of these `known`
    chains, has not; what earlier restores of it gave up as well."""
    found: list[Head] = []
    if Entry._meta.db_table not in connection.introspection.table_names():
        return found
    for subject, length, head in Chain.objects.values_list("subject", "length", "head").iterator():
        if known.get(subject) != (length, head):
            found += _after(subject, *known.get(subject, (0, "")))
    for restore in given_up.restores():
        for text, heads in restore.heads.items():
            found += [(UUID(text), int(length), head) for length, head in heads.items()]
    return found


def _after(subject: UUID, length: int, head: str) -> list[Head]:
    entries = Entry.objects.filter(chain__subject=subject).order_by("sequence")
    if length and entries.filter(sequence=length, digest=head).exists():
        entries = entries.filter(sequence__gt=length)
    return [(subject, sequence, digest) for sequence, digest in entries.values_list("sequence", "digest")]


def _holds_rows(tables: tuple[str, ...]) -> bool:
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in there & set(tables):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})")  # noqa: S608
            if cursor.fetchone()[0]:
                return True
    return False


def _at_work() -> Refusal:
    return Refusal(
        "The site is still at work: stop its web servers, workers and clock, then restore again. Nothing was "
        "changed.",
        code="busy",
    )


class OnSqlite:
    """A file, and while it is used its write-ahead log."""

    def __init__(self, address: Address) -> None:
        self._address, self._path = address, Path(str(address["NAME"]))

    def is_in_use(self) -> bool:
        if not self._path.exists():
            return False
        try:
            with standing_at(self._address):
                return _holds_rows(IN_USE)
        except DatabaseError:
            return True

    @contextmanager
    def beside(self) -> Iterator[Address]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        mark = f".{self._path.name}.restoring-"
        self._clear(mark)
        fast = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF"  # it counts only once it is whole
        name = str(self._path.with_name(mark + secrets.token_hex(4)))
        try:
            yield with_options({**self._address, "NAME": name}, init_command=fast)
        finally:
            self._clear(mark)

    def _clear(self, mark: str) -> None:
        for path in self._path.parent.iterdir():
            if path.name.startswith(mark):
                path.unlink()

    def take_over(self, new: Address, record: Recorder) -> None:
        with standing_at(new):
            known = known_heads()
        if not self._path.exists():
            return self._change_over(new, record, [])
        alone = with_options(
            self._address, transaction_mode="EXCLUSIVE", timeout=PATIENCE_SECONDS, init_command=""
        )
        try:
            with standing_at(alone):
                self._close_log()
                with transaction.atomic():
                    self._change_over(new, record, heads_besides(known))
        except OperationalError as error:
            raise _at_work() from error
        except DatabaseError:
            self._set_aside()
            self._change_over(new, record, None)

    def _close_log(self) -> None:
        """Bring everything into the one file; refused while somebody else has it open."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")

    def _change_over(self, new: Address, record: Recorder, heads: list[Head] | None) -> None:
        path = Path(str(new["NAME"]))
        with standing_at(with_options(new, init_command="PRAGMA synchronous=FULL")):
            record(heads)
        path.chmod(self._path.stat().st_mode if self._path.exists() else 0o600)
        path.replace(self._path)
        sync_folder(self._path.parent)

    def _set_aside(self) -> None:
        """A file that is no database any more: kept under another name, for whoever can read it."""
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path = Path(f"{self._path}{ending}")
                path.rename(f"{self._path}.unreadable{ending}")


class OnPostgresql:
    """The tables of one schema. Tables, views and extensions that are not the product's stay there."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def is_in_use(self) -> bool:
        with standing_at(self._address):
            return _holds_rows(IN_USE)

    @contextmanager
    def beside(self) -> Iterator[Address]:
        name = BESIDE + secrets.token_hex(4)
        self._clear()
        with standing_at(self._address) as own, own.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {name}")
        before = str(self._address.get("OPTIONS", {}).get("options", ""))
        try:
            yield with_options(self._address, options=f"{before} -c search_path={name}".strip())
        finally:
            self._clear()

    def _clear(self) -> None:
        with standing_at(self._address) as own, own.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{BESIDE}%"])
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP SCHEMA {name} CASCADE")

    def take_over(self, new: Address, record: Recorder) -> None:
        with standing_at(new) as building, building.cursor() as cursor:
            known = known_heads()
            cursor.execute("SELECT current_schema()")
            source = cursor.fetchone()[0]
        try:
            with standing_at(self._address), transaction.atomic():
                self._change_over(source, record, known)
        except OperationalError as error:
            raise _at_work() from error
        except DatabaseError as error:
            raise Refusal(
                f"PostgreSQL refused to let the tables change places: {error} Nothing was changed.",
                code="hangs_on_it",
            ) from error

    def _change_over(self, source: str, record: Recorder, known: dict[UUID, tuple[int, str]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
            cursor.execute("SELECT current_schema()")
            home = cursor.fetchone()[0]
            old = [name for name in connection.introspection.table_names() if _is_ours(name)]
            if old:
                cursor.execute(f"LOCK TABLE {_listed(old)} IN ACCESS EXCLUSIVE MODE")
            heads = heads_besides(known)
            cursor.execute(f"SET LOCAL search_path TO {source}")
            record(heads)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            moving = connection.introspection.table_names()
            cursor.execute(f'SET LOCAL search_path TO "{home}"')
            _exchange(source, home, old, moving)


def _exchange(source: str, home: str, old: list[str], moving: list[str]) -> None:
    """All tables at once, so that those which point at each other may go together."""
    with connection.cursor() as cursor:
        if old:
            cursor.execute(f"DROP TABLE {_listed(old)}")
        cursor.execute("DROP FUNCTION IF EXISTS ledger_refuse()")
        for name in moving:
            cursor.execute(f'ALTER TABLE {source}."{name}" SET SCHEMA "{home}"')
        cursor.execute(f'ALTER FUNCTION {source}.ledger_refuse() SET SCHEMA "{home}"')
        cursor.execute(f"DROP SCHEMA {source}")


def _listed(tables: list[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, tables))


def _is_ours(table: str) -> bool:
    """A table of this version of the product or of another: they begin with the label of their package."""
    begins = tuple(f"{one.label}_" for one in apps.get_app_configs())
    return table.startswith(("django_", f"{SOMETIMES}_", *begins))
