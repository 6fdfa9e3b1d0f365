"""No way of the ORM changes or deletes what the record keeps: every table of the record, column by column.

Columns are read from the models, so that a new one is tried from its first day. What a rule lets pass
(apprenticeship/record_rules.py) is an act, which has a method and an entry of its own.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from ledger import checkpoints, triggers
from tests import test_access as access
from tests.access import in_anas_place
from tests.browser.test_every_page import fill
from tests.cast import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

TABLES = {str(rule["table"]) for rule in settings.LEDGER_TRIGGERS}
OPEN = ("may_change", "withholds", "erases", "empties", "moves", "counts_up")
"""Keys of a rule that name columns which an act may change."""
NOBODYS_NUMBER = 987654321


@pytest.fixture
def filled(cast: Cast) -> Iterator[Cast]:
    with time_machine.travel(NOW, tick=False):
        theirs = in_anas_place(cast)
        access.fill(theirs)
        access.arguments(theirs)
        fill(cast)
        checkpoints.take(at=NOW)
        for table in sorted(TABLES):
            if not model_of(table)._base_manager.exists():
                insert(model_of(table))
        yield cast


def model_of(table: str) -> type[models.Model]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}[table]


def insert(model: type[models.Model]) -> None:
    """A row of a kind that nothing here has made, as plain SQL could write it."""
    said: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.has_default() or field.null:
            continue
        if isinstance(field, models.ForeignKey):
            said[field.attname] = field.related_model._base_manager.order_by("-pk").first().pk
        elif field.choices:
            said[field.name] = field.choices[-1][0]
        else:
            said[field.name] = NOW if isinstance(field, models.DateTimeField) else another(field, None)
    model._base_manager.bulk_create([model(**said)])


def rows_of(rule: dict[str, Any]) -> "models.QuerySet[Any]":
    """Those that this rule keeps."""
    rows = model_of(rule["table"])._base_manager.all()
    for name, value in rule.get("when", {}).items():
        rows = rows.filter(**{f"{name}__in": value if isinstance(value, list) else [value]})
    return rows.order_by("pk")


def closed(rule: dict[str, Any]) -> list["models.Field[Any, Any]"]:
    """The columns that nothing may change in these rows."""
    named = {name for key in OPEN for name in rule.get(key, [])} | {rule.get("stamp")}
    if rule["rule"] == "kept":
        return []
    fields = model_of(rule["table"])._meta.concrete_fields
    return [one for one in fields if not one.primary_key and one.column not in named]


def another(field: "models.Field[Any, Any]", value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(field, models.ForeignKey):
        return NOBODYS_NUMBER
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateField):
        return (value or NOW) + timedelta(days=1)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(field, models.DecimalField):
        return (value or 0) + 1
    if isinstance(field, models.JSONField):
        return {"another": value}
    return f"{value or ''}x"[-(field.max_length or 100) :]


def passes(act: Callable[[], Any]) -> bool:
    """Whether the database let it through; it is undone."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


Act = Callable[[], Any]


def changes() -> Iterator[tuple[str, Act]]:
    """Every closed column of a row of each rule, by each way of the ORM."""
    for rule in settings.LEDGER_TRIGGERS:
        row = rows_of(rule).first()
        for field in closed(rule) if row else []:
            yield from ((f"{way} {field}", act) for way, act in ways_to_change(row, field))


def ways_to_change(row: models.Model, field: "models.Field[Any, Any]") -> Iterator[tuple[str, Act]]:
    rows = type(row)._base_manager
    changed = rows.get(pk=row.pk)
    setattr(changed, field.attname, another(field, getattr(row, field.attname)))
    said = {field.attname: getattr(changed, field.attname)}
    clash = {"update_fields": [field.name], "unique_fields": [type(row)._meta.pk.name]}
    yield "update", lambda: rows.filter(pk=row.pk).update(**said)
    yield "bulk_update", lambda: rows.bulk_update([changed], [field.name])
    yield "save", lambda: models.Model.save(changed, update_fields=[field.name])
    yield "upsert", lambda: rows.bulk_create([changed], update_conflicts=True, **clash)


def test_no_column_of_the_record_can_be_changed_by_any_way_of_the_orm(filled: Cast) -> None:
    tried = {name: passes(act) for name, act in changes()}
    assert [name for name, through in tried.items() if through] == []
    assert len(tried) > 1000


def test_it_is_the_rules_that_refuse(filled: Cast) -> None:
    """Without them most of it goes through; the rest meets other constraints as well."""
    triggers.remove(connection)
    tried = [passes(act) for _, act in changes()]
    assert sum(tried) > len(tried) / 2


def test_no_row_of_the_record_can_be_deleted_by_any_way_of_the_orm(filled: Cast) -> None:
    wrong = []
    for rule in settings.LEDGER_TRIGGERS:
        row = rows_of(rule).exclude(**_may_go(rule)).first()
        if row is None:
            continue
        rows = type(row)._base_manager.filter(pk=row.pk)
        ways = {
            "delete": lambda one=row: models.Model.delete(one),
            "queryset": lambda some=rows: some.delete(),
            "raw": lambda some=rows: some._raw_delete("default"),
        }
        wrong += [f"{way} {rule['table']}" for way, act in ways.items() if passes(act)]
    assert wrong == []


def _may_go(rule: dict[str, Any]) -> dict[str, Any]:
    may = rule.get("may_delete")
    return {f"{name}__in": values for name, values in may.items() if values != [None]} if may else {"pk": 0}


def test_every_table_of_the_record_is_tried(filled: Cast) -> None:
    empty = {table for table in TABLES if not model_of(table)._base_manager.exists()}
    assert empty == set()
