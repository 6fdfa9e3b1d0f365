"""Standing elsewhere: for a while the default database is another one, or this one as it was at one moment.

What is built, read or verified in such a block uses the same models, migrations and rules as always; most
migrations ask the default database, so building a site beside the one that works has to make it the default.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

Address = dict[str, Any]
"""A line of DATABASES, complete."""


def here() -> Address:
    """The address of the default database."""
    return dict(connections[DEFAULT_DB_ALIAS].settings_dict)


def is_sqlite(address: Address) -> bool:
    return str(address["ENGINE"]).endswith("sqlite3")


def with_options(address: Address, **options: Any) -> Address:
    return {**address, "OPTIONS": {**address.get("OPTIONS", {}), **options}}


@contextmanager
def standing_at(address: Address) -> Iterator[BaseDatabaseWrapper]:
    """In this thread the database at `address` is the default one until the block ends."""
    before = connections[DEFAULT_DB_ALIAS]
    other = load_backend(address["ENGINE"]).DatabaseWrapper(address, DEFAULT_DB_ALIAS)
    other.queries_log = deque(maxlen=1)  # with DEBUG every row that is written would be remembered
    connections[DEFAULT_DB_ALIAS] = other
    ContentType.objects.clear_cache()
    try:
        yield other
    finally:
        connections[DEFAULT_DB_ALIAS] = before
        ContentType.objects.clear_cache()
        other.close()


@contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """The default database as it is now, for reading, however much is written to it meanwhile.

    Nobody waits for it: SQLite reads beside a writer (WAL), PostgreSQL keeps the versions of rows.
    """
    address = here()
    if is_sqlite(address):
        address = with_options(address, transaction_mode="DEFERRED")
    with standing_at(address) as connection, transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT count(*) FROM django_migrations")  # the moment begins with what is read first
        yield connection
