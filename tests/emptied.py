"""Empties the database after a transactional test, and leaves the triggers of the ledger as they were.

Django's flush deletes from every table, writes content types and permissions anew and migrates once
more: seconds, for the few rows that a test leaves. Here only tables that hold rows are emptied, and
content types and permissions, which belong to the code, stay.
"""

from functools import cache

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ledger import triggers

OF_THE_CODE = {"django_content_type", "auth_permission", "django_migrations"}
SAVED = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"


def empty_all() -> None:
    for connection in connections.all():
        _empty(connection)
        if triggers.described(connection) != _right.get(connection.alias):
            triggers.install(connection)
            _right[connection.alias] = triggers.described(connection)


_right: dict[str, object] = {}
"""What each database told of its triggers when all were as they should be: to ask that anew takes long."""


def _empty(connection: BaseDatabaseWrapper) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(_questions(connection)))
        filled = [connection.ops.quote_name(table) for (table,) in cursor.fetchall()]
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
            statements = [f"DELETE FROM {table}" for table in filled]
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute(SAVED)
            guards = [(name, sql) for table, name, sql in cursor.fetchall() if f'"{table}"' in filled]
            statements = [
                *(f'DROP TRIGGER "{name}"' for name, _ in guards),
                *(f"DELETE FROM {table}" for table in filled),
                *(sql for _, sql in guards),
            ]
        for statement in statements:
            cursor.execute(statement)


@cache
def _questions(connection: BaseDatabaseWrapper) -> list[str]:
    """For each table a query that answers with its name when it holds a row."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in sorted({*tables} - OF_THE_CODE)
    ]
