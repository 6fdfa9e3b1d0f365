"""The database itself refuses to change the record, whoever asks and in whatever way."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from ledger import chain, checkpoints, triggers
from ledger.models import Chain, Checkpoint, Entry, Payload
from tests.ledger.conftest import Sql
from tests.ledger.histories import NORA, NOW, record

ANA = UUID(int=1)


@pytest.fixture
def history(db: None) -> list[Entry]:
    entries = record(ANA, acts=3, rng=random.Random(0))
    checkpoints.sign(at=NOW)
    return entries


def refused(sql: Sql, statement: str, *parameters: Any) -> bool:
    """True when the database refuses the statement with IntegrityError."""
    try:
        with transaction.atomic():
            sql(statement, *parameters)
    except IntegrityError as error:
        assert "is on the record" in str(error)
        return True
    return False


def test_what_is_installed_is_what_the_setting_lists(db: None) -> None:
    assert triggers.installed(connection) == triggers.expected(connection)


def test_every_table_of_the_setting_exists_and_is_guarded(db: None) -> None:
    listed = {rule["table"] for rule in settings.LEDGER_TRIGGERS}
    assert listed >= {"ledger_chain", "ledger_entry", "ledger_payload", "ledger_checkpoint"}
    assert {guard.table for guard in triggers.installed(connection)} == listed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET act = 'hours.return' WHERE sequence = 2",
        "UPDATE ledger_entry SET act = act",
        "UPDATE ledger_entry SET id = id + 1000",
        "DELETE FROM ledger_entry WHERE sequence = 3",
        "UPDATE ledger_checkpoint SET length = 2",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_payload SET body = '{}'",
        "UPDATE ledger_payload SET salt = ''",
        "UPDATE ledger_payload SET body = '', salt = ''",
        "UPDATE ledger_payload SET erased_at = '2026-01-01 00:00:00'",
        "UPDATE ledger_payload SET body = '', salt = '', erased_at = '2026-01-01', entry_id = entry_id + 9",
        "DELETE FROM ledger_payload",
        "UPDATE ledger_chain SET length = length - 1",
        "UPDATE ledger_chain SET length = length + 2",
        "UPDATE ledger_chain SET subject = '00000000000000000000000000000009'",
        "DELETE FROM ledger_chain",
    ],
)
def test_raw_sql_cannot_change_the_ledger(statement: str, history: list[Entry], sql: Sql) -> None:
    assert refused(sql, statement)


@pytest.mark.parametrize("model", [Chain, Entry, Payload, Checkpoint])
def test_no_way_of_the_orm_changes_the_ledger(model: type[models.Model], history: list[Entry]) -> None:
    rows = model._default_manager.order_by("pk")
    field = {Chain: "subject", Entry: "act", Payload: "body", Checkpoint: "head"}[model]
    row = rows[0]
    value = UUID(int=9) if model is Chain else "changed"
    setattr(row, field, value)
    for attempt in (
        lambda: rows.update(**{field: value}),
        lambda: rows.bulk_update([row], [field]),
        lambda: row.save(),
        lambda: rows._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert list(chain.verify()) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("table", sorted({str(rule["table"]) for rule in settings.LEDGER_TRIGGERS}))
def test_no_table_of_the_record_can_be_truncated(table: str, db: None, sql: Sql) -> None:
    assert refused(sql, f"TRUNCATE {table} CASCADE")


@pytest.mark.sqlite
def test_insert_or_replace_cannot_overwrite_an_entry(history: list[Entry], sql: Sql) -> None:
    sql("PRAGMA recursive_triggers = ON")
    columns = "chain_id, sequence, at, act, payload_digest, previous, key_id, digest"
    replace = f"INSERT OR REPLACE INTO ledger_entry ({columns}) SELECT {columns} FROM ledger_entry"
    assert refused(sql, f"{replace} WHERE sequence = 2")


def test_words_can_be_emptied_once_by_the_act_of_erasure(history: list[Entry], sql: Sql) -> None:
    chain.erase(history[0], by=NORA, at=NOW, reason="A patient's name")
    assert refused(sql, "UPDATE ledger_payload SET erased_at = '2030-01-01' WHERE body = ''")
    assert refused(sql, "UPDATE ledger_payload SET body = 'back', erased_at = NULL WHERE body = ''")


HOURS = {
    "table": "scratch_hours",
    "rule": "frozen",
    "when": {"status": ["approved", "superseded"]},
    "may_change": ["shade"],
    "moves": {"status": {"approved": ["submitted", "superseded"]}},
    "may_delete": {"status": ["draft"]},
}


@pytest.fixture
def scratch(db: None, sql: Sql, settings: Any) -> Iterator[Sql]:
    """A small table of hours under a rule of its own, gone with the transaction of the test."""
    sql(
        "CREATE TABLE scratch_hours (id integer PRIMARY KEY, status varchar(10) NOT NULL, minutes integer, "
        "note text, shade text, locked boolean NOT NULL DEFAULT FALSE)"
    )
    settings.LEDGER_TRIGGERS = [*settings.LEDGER_TRIGGERS, HOURS]
    triggers.install(connection)
    for number, status in enumerate(("draft", "submitted", "approved", "superseded")):
        sql("INSERT INTO scratch_hours (id, status, minutes) VALUES (%s, %s, 450)", number, status)
    yield sql


@pytest.mark.parametrize("status", ["approved", "superseded"])
@pytest.mark.parametrize(
    "change",
    [
        "minutes = 460",
        "minutes = NULL",
        "note = 'later'",
        "id = 77",
        "locked = TRUE",
        "status = 'draft'",
        "status = 'returned'",
        "status = 'submitted', minutes = 460",
    ],
)
def test_approved_hours_keep_every_column(status: str, change: str, scratch: Sql) -> None:
    assert refused(scratch, f"UPDATE scratch_hours SET {change} WHERE status = %s", status)


@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("draft", "minutes = NULL, note = 'x', id = 9, status = 'submitted'"),
        ("submitted", "minutes = 30, status = 'approved'"),
        ("approved", "status = 'submitted'"),
        ("approved", "status = 'superseded', shade = 'grey'"),
        ("approved", "minutes = 450, note = NULL, status = 'approved'"),
        ("superseded", "shade = 'grey'"),
    ],
)
def test_what_the_rule_allows_goes_through(status: str, change: str, scratch: Sql) -> None:
    assert not refused(scratch, f"UPDATE scratch_hours SET {change} WHERE status = %s", status)


def test_superseded_hours_stay_superseded(scratch: Sql) -> None:
    assert refused(scratch, "UPDATE scratch_hours SET status = 'approved' WHERE status = 'superseded'")
    assert refused(scratch, "UPDATE scratch_hours SET status = 'submitted' WHERE status = 'superseded'")


def test_only_drafts_can_be_deleted(scratch: Sql) -> None:
    for status in ("submitted", "approved", "superseded"):
        assert refused(scratch, "DELETE FROM scratch_hours WHERE status = %s", status)
    assert not refused(scratch, "DELETE FROM scratch_hours WHERE status = 'draft'")


def test_a_row_is_frozen_by_a_flag_and_cannot_be_thawed(scratch: Sql, settings: Any) -> None:
    settings.LEDGER_TRIGGERS = [{"table": "scratch_hours", "rule": "frozen", "when": {"locked": True}}]
    triggers.remove(connection)
    triggers.install(connection)
    assert not refused(scratch, "UPDATE scratch_hours SET locked = TRUE WHERE status = 'draft'")
    assert refused(scratch, "UPDATE scratch_hours SET locked = FALSE WHERE status = 'draft'")
    assert refused(scratch, "DELETE FROM scratch_hours WHERE status = 'draft'")
    assert not refused(scratch, "DELETE FROM scratch_hours WHERE status = 'approved'")


def test_a_later_column_is_protected_by_default(scratch: Sql) -> None:
    scratch("ALTER TABLE scratch_hours ADD COLUMN wage integer")
    triggers.install(connection)
    assert refused(scratch, "UPDATE scratch_hours SET wage = 1 WHERE status = 'approved'")
    assert triggers.installed(connection) == triggers.expected(connection)


def test_installing_twice_changes_nothing_and_removing_takes_all(db: None) -> None:
    before = triggers.installed(connection)
    triggers.install(connection)
    assert triggers.installed(connection) == before
    triggers.remove(connection)
    assert triggers.installed(connection) == set()
    triggers.install(connection)
    assert triggers.installed(connection) == before


@pytest.mark.postgresql
def test_a_trigger_switched_off_is_not_installed(db: None, sql: Sql) -> None:
    sql("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
    missing = triggers.expected(connection) - triggers.installed(connection)
    assert {guard.table for guard in missing} == {"ledger_entry"}
    triggers.install(connection)
    assert triggers.installed(connection) == triggers.expected(connection)


def _named(operation: str) -> triggers.Guard:
    """The trigger that guards the entries of the ledger against `operation`."""
    guards = triggers.expected(connection)
    return next(one for one in guards if one.table == "ledger_entry" and f"_{operation}_" in one.name)


def _found_and_put_right(sql: Sql, *hollow: triggers.Guard) -> bool:
    """Whether these, and no others, are told as missing, and stand again after the next migrate."""
    missing = triggers.expected(connection) - triggers.installed(connection)
    triggers.install(connection)
    whole = triggers.installed(connection) == triggers.expected(connection)
    return missing == set(hollow) and whole and refused(sql, "DELETE FROM ledger_entry")


@pytest.mark.sqlite
def test_an_empty_trigger_under_the_name_of_one_is_found(history: list[Entry], sql: Sql) -> None:
    delete = _named("delete")
    sql(f'DROP TRIGGER "{delete.name}"')
    sql(f'CREATE TRIGGER "{delete.name}" BEFORE DELETE ON ledger_entry BEGIN SELECT 1; END')
    assert _found_and_put_right(sql, delete)


@pytest.mark.postgresql
@pytest.mark.parametrize("when", ["WHEN (OLD.sequence < 0)", ""])
def test_a_trigger_under_the_name_of_one_that_refuses_less_is_found(
    when: str, history: list[Entry], sql: Sql
) -> None:
    delete = _named("delete")
    sql(f'DROP TRIGGER "{delete.name}" ON ledger_entry')
    sql("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$")
    does = "ledger_refuse('no')" if when else "nothing()"
    begin = f'CREATE TRIGGER "{delete.name}" BEFORE DELETE ON ledger_entry FOR EACH ROW'
    sql(f"{begin} {when} EXECUTE FUNCTION {does}")
    assert _found_and_put_right(sql, delete)


@pytest.mark.postgresql
def test_an_emptied_function_of_the_triggers_is_found(history: list[Entry], sql: Sql) -> None:
    sql(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN OLD; END $$"
    )
    assert _found_and_put_right(sql, *triggers.expected(connection))


@pytest.mark.postgresql
def test_a_trigger_that_wakes_on_a_replica_only_is_found(history: list[Entry], sql: Sql) -> None:
    delete = _named("delete")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f'ALTER TABLE ledger_entry ENABLE REPLICA TRIGGER "{delete.name}"')
    assert _found_and_put_right(sql, delete)


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"table": "ledger_entry", "rule": "frozn"}, "frozn"),
        ({"rule": "append_only"}, "needs a table"),
        ({"table": "ledger_entry", "rule": "append_only", "when": {}}, "unknown words"),
        ({"table": "ledger_entry", "rule": "frozen", "when": {"status": "x"}}, "no column 'status'"),
        ({"table": "ledger_entry", "rule": "frozen", "may_change": ["acts"]}, "no column 'acts'"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(
    rule: dict[str, Any], names: str, db: None, settings: Any
) -> None:
    settings.LEDGER_TRIGGERS = [rule]
    with pytest.raises(ImproperlyConfigured, match=names):
        triggers.install(connection)


def test_a_rule_about_a_table_to_come_waits(db: None, settings: Any) -> None:
    settings.LEDGER_TRIGGERS = [{"table": "not_yet_there", "rule": "append_only"}]
    assert triggers.expected(connection) == set()


@pytest.fixture
def rebuilt(transactional_db: None, settings: Any) -> Iterator[type[models.Model]]:
    """A table that a later migration alters, outside any transaction as SQLite wants it."""
    with isolate_apps("ledger"):

        class Badge(models.Model):  # noqa: DJ008
            title = models.CharField(max_length=20)
            colour = models.CharField(max_length=20, default="blue")

            class Meta:
                app_label = "ledger"
                db_table = "scratch_badge"

        with connection.schema_editor() as editor:
            editor.create_model(Badge)
        settings.LEDGER_TRIGGERS = [
            *settings.LEDGER_TRIGGERS,
            {"table": "scratch_badge", "rule": "append_only"},
        ]
        Badge._default_manager.create(title="CCS")
        call_command("migrate", verbosity=0)
        yield Badge
        triggers.remove(connection)
        with connection.schema_editor() as editor:
            editor.delete_model(Badge)


@pytest.mark.sqlite
def test_a_table_rebuilt_by_a_migration_gets_its_triggers_back(rebuilt: type[models.Model], sql: Sql) -> None:
    change = "UPDATE scratch_badge SET title = 'CPC'"
    assert refused(sql, change)
    _widen(rebuilt)
    assert "scratch_badge" not in {guard.table for guard in triggers.installed(connection)}
    call_command("migrate", verbosity=0)
    assert refused(sql, change)


def _widen(model: type[models.Model]) -> None:
    new = models.CharField(max_length=200)
    new.set_attributes_from_name("title")
    new.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, _column(model, "title"), new, strict=True)


def _column(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def test_a_migration_that_lifts_the_triggers_may_drop_a_column(rebuilt: type[models.Model], sql: Sql) -> None:
    with connection.schema_editor() as editor:
        triggers.lifted(None, editor)
        editor.remove_field(rebuilt, _column(rebuilt, "colour"))
    assert triggers.installed(connection) == set()
    call_command("migrate", verbosity=0)
    assert refused(sql, "UPDATE scratch_badge SET title = 'CPC'")
    assert triggers.installed(connection) == triggers.expected(connection)
