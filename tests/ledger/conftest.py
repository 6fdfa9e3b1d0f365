"""The pen that an intruder with a database password holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from ledger import triggers

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def sql() -> Sql:
    """Run one raw statement, as somebody who got past the application would."""

    def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def intruder(db: None, sql: Sql) -> Sql:
    """The same with the triggers taken off, inside the transaction that the test rolls back."""
    triggers.remove(connection)
    return sql
