"""Rows of a table as lines of JSON, the same on both databases, and back.

The first line names the table and its columns with their types, each further line is a row in the order of
the primary key. Dates, moments (UTC, microseconds), decimals and UUIDs are text, bytes Base64.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connection
from django.db.models import Field, Model

from ledger.canonical import moment
from reports.backups.encryption import Damaged

ROWS_AT_ONCE = 1000
PARAMETERS = 30_000
"""Fewer than either database takes in one statement."""
LEFT_OUT = {
    "django_session": "sessions: everybody signs in anew, and nobody does with a key found in a backup",
    "usersessions_usersession": "which browsers these sessions were in",
}
TYPES = {
    "text": ["CharField", "TextField", "SlugField", "FileField", "GenericIPAddressField"],
    "integer": ["AutoField", "BigAutoField", "IntegerField", "SmallIntegerField", "BigIntegerField"],
    "boolean": ["BooleanField"],
    "date": ["DateField"],
    "time": ["TimeField"],
    "moment": ["DateTimeField"],
    "uuid": ["UUIDField"],
    "decimal": ["DecimalField"],
    "float": ["FloatField"],
    "json": ["JSONField"],
    "bytes": ["BinaryField"],
}
TYPES["integer"] += ["PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField"]
NAMES = {field: name for name, fields in TYPES.items() for field in fields}
"""Django's word for a column -> ours; a field of another kind cannot be backed up before it is named here."""
AS_THEY_ARE = {"text", "integer", "boolean", "float"}
"""What JSON holds is what the database takes."""


def carried(apps: Apps) -> list[type[Model]]:
    """The models whose rows a backup holds, by table; links between models too."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    }
    return [found[name] for name in sorted(found)]


def lines(model: type[Model]) -> Iterator[bytes]:
    """The table of a model, its first line first; few rows are in memory at a time."""
    columns = _columns(model)
    yield _line({"table": model._meta.db_table, "columns": [[one.column, _type(one)] for one in columns]})
    rows = model._base_manager.order_by("pk").values_list(*(one.attname for one in columns))
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield _line(row)


def fill(model: type[Model], told: Iterable[bytes]) -> int:
    """Write such lines into the empty table of a model; how many rows. Raises Damaged for another table."""
    source = iter(told)
    columns = _columns(model)
    first = json.loads(next(source, b"{}"))
    named = [column for column, _ in first.get("columns", [])]
    if first.get("table") != model._meta.db_table or named != [one.column for one in columns]:
        raise Damaged(f"The backup’s table {first.get('table')} is not that of its own version.")
    order = {one.column: one for one in columns}
    readers = [_reader(order[name]) for name in named]
    count, at_once = 0, max(1, min(ROWS_AT_ONCE, PARAMETERS // max(1, len(named))))
    while batch := list(islice(source, at_once)):
        _insert(model._meta.db_table, named, [_values(line, readers) for line in batch])
        count += len(batch)
    return count


def _insert(table: str, columns: list[str], rows: list[list[Any]]) -> None:
    quote = connection.ops.quote_name
    places = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(map(quote, columns))
    statement = f"INSERT INTO {quote(table)} ({names}) VALUES {', '.join([places] * len(rows))}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in rows for value in row])


def _columns(model: type[Model]) -> list["Field[Any, Any]"]:
    """By name: in which order a table has them depends on its past."""
    kept = [one for one in model._meta.local_concrete_fields if not getattr(one, "generated", False)]
    return sorted(kept, key=lambda one: one.column or "")


def _type(field: "Field[Any, Any]") -> str:
    return NAMES[_target(field).get_internal_type()]


def _target(field: Any) -> Any:
    """What a foreign key holds is of the type of the key it points at."""
    while field.remote_field:
        field = field.target_field
    return field


def _line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return text.encode() + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    raise TypeError(f"A {type(value).__name__} has no place in a backup.")


def _values(line: bytes, readers: list[Callable[[Any], Any] | None]) -> list[Any]:
    return [
        reader(value) if reader and value is not None else value
        for value, reader in zip(json.loads(line), readers, strict=True)
    ]


def _reader(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """How a value of this column is made from what JSON holds; None where it is that already."""
    target = _target(field)
    if _type(field) in AS_THEY_ARE:
        return None
    return lambda value: target.get_db_prep_save(target.to_python(value), connection)
