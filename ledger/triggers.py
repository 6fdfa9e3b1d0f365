"""What the database itself refuses: changes to rows that are on the record.

The rules stand in one setting, LEDGER_TRIGGERS, a list of plain dicts. Every dict names a `table`
and a `rule`; several dicts may name the same table, then each of them may refuse.

    {"table": "ledger_entry", "rule": "append_only"}
        No UPDATE and no DELETE.

    {"table": "ledger_payload", "rule": "erasable", "empties": ["body", "salt"], "stamp": "erased_at"}
        No DELETE. The only UPDATE: all columns of `empties` become '' and `stamp` gets its first value.

    {"table": "ledger_chain", "rule": "frozen", "may_change": ["head"], "counts_up": ["length"]}
    {"table": "competencies_competency", "rule": "frozen", "when": {"frozen": True}}
    {"table": "ojt_logs_hoursentry", "rule": "frozen",
     "when": {"status": ["approved", "superseded"]},
     "may_change": ["changed_at"],
     "moves": {"status": {"approved": ["submitted", "superseded"]}},
     "withholds": ["note"],
     "may_delete": {"status": ["draft"]}}
        Rows that are in the state `when` (as they were before the UPDATE; without `when`: all rows)
        keep every column, except those of `may_change`, which may change freely, of `moves`, which
        may change from a value to the values listed for it, of `counts_up`, which may grow by one, and
        of `withholds`: words for which a tombstone may be put (ledger.tombstones), and words for a
        tombstone again, nothing else. Words of `withholds` and of `erases` may become ERASED (ledger.
        tombstones), when a record is disposed of, and stay so. An UPDATE that changes nothing is no change.
        Rows in the state `when` cannot be deleted; with `may_delete` nothing can be deleted but rows in
        that state.

    {"table": "apprenticeship_class", "rule": "kept"}
        No DELETE: the record tells of the row, which may change.

A state is {column: value, or list of values}, all columns together; values are text, whole
numbers, True, False and None. Columns are database columns ("reviewer_id"). The columns that a
rule protects are read from the live table, so that a later column is protected until a rule
says otherwise. TRUNCATE (PostgreSQL) is refused for every table of the list.

Both databases answer a refused statement with IntegrityError. The bodies read OLD and NEW only.
Neither database alters a column that a trigger reads, and SQLite drops none: a migration that does
so begins with `migrations.RunPython(triggers.lifted, migrations.RunPython.noop)`. Triggers are
installed again after every migrate (ledger.apps), also those that SQLite loses when it rebuilds a
table. INSERT OR REPLACE on SQLite is refused where `PRAGMA recursive_triggers` is on.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ledger.tombstones import ERASED, SAYS

PREFIX = "ledger_guard_"
Rule = Mapping[str, Any]
KEYS = {
    "append_only": set[str](),
    "erasable": {"empties", "stamp"},
    "frozen": {"when", "may_change", "moves", "counts_up", "withholds", "erases", "may_delete"},
    "kept": set(),
}


class Guard(NamedTuple):
    """One trigger. Its name ends in a hash of what it does: another rule is another name."""

    table: str
    name: str


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the installed triggers those of the setting; does nothing when they are. Idempotent."""
    wanted, there = _statements(connection), set(described(connection))
    missing = wanted.keys() - installed(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for guard in (there - wanted.keys()) | missing:
            cursor.execute(_drop(connection, guard))
        if missing and connection.vendor == "postgresql":
            cursor.execute(REFUSE)
        for guard in missing:
            cursor.execute(wanted[guard])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take all of them off: for a migration that must, and for the flush between tests."""
    with connection.cursor() as cursor:
        for guard in described(connection):
            cursor.execute(_drop(connection, guard))


def lifted(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A RunPython operation: take them off for the rest of this migrate, which puts them back."""
    remove(schema_editor.connection)


def expected(connection: BaseDatabaseWrapper) -> set[Guard]:
    """The triggers that the setting asks for; rules about tables that do not exist are left out."""
    return set(_statements(connection))


def installed(connection: BaseDatabaseWrapper) -> set[Guard]:
    """The triggers that are there, switched on, and do what they should.

    A name is not enough: whoever may alter the database can put an empty trigger under it, empty the
    function that it calls, or let it sleep. One that the setting does not ask for counts as well.
    """
    there, wanted = described(connection), _statements(connection)
    asked_for = {guard: wanted[guard] for guard in there if guard in wanted}
    right = _as_told(connection, asked_for) if connection.vendor == "postgresql" else asked_for
    return {guard for guard, told in there.items() if guard not in wanted or told == right[guard]}


def described(connection: BaseDatabaseWrapper) -> dict[Guard, str]:
    """Every trigger under a name of ours with what the database tells of it, "" when it does not work."""
    ours = PREFIX.replace("_", r"\_") + "%"
    with connection.cursor() as cursor:
        cursor.execute(NAMED[connection.vendor], [ours] if connection.vendor == "sqlite" else [REFUSAL, ours])
        return {Guard(table, name): _without_table(told) for table, name, told in cursor.fetchall()}


def _without_table(told: str) -> str:
    """PostgreSQL's words for a trigger, but for the table: it and its twin are then told alike."""
    return re.sub(r"^(CREATE TRIGGER ledger_\w+ BEFORE \w+) ON \S+ ", r"\1 ", told)


def _as_told(connection: BaseDatabaseWrapper, wanted: Mapping[Guard, str]) -> dict[Guard, str]:
    """What PostgreSQL tells of triggers that do what they should: it is asked about an empty twin of each
    table, because it spells conditions its own way."""
    twins: dict[str, list[Guard]] = {}
    for guard in wanted:
        twins.setdefault(guard.table, []).append(guard)
    told: dict[Guard, str] = {}
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, guards in twins.items():
            cursor.execute(f'CREATE TEMPORARY TABLE ledger_twin (LIKE "{table}")')
            for guard in guards:
                cursor.execute(wanted[guard].replace(f' ON "{table}" ', " ON ledger_twin ", 1))
            cursor.execute(TOLD)
            told |= {Guard(table, name): _without_table(words) for name, words in cursor.fetchall()}
            cursor.execute("DROP TABLE ledger_twin")
    return told


REFUSAL = """
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = TG_ARGV[0],
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END """
REFUSE = f"CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $${REFUSAL}$$"
NAMED = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master "
    r"WHERE type = 'trigger' AND name LIKE %s ESCAPE '\'",
    "postgresql": "SELECT c.relname, t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') AND p.prosrc = %s "
    "AND p.proconfig IS NULL AND l.lanname = 'plpgsql' THEN pg_get_triggerdef(t.oid) ELSE '' END "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "JOIN pg_language l ON l.oid = p.prolang "
    r"WHERE t.tgname LIKE %s ESCAPE '\' AND pg_table_is_visible(c.oid)",
}
TOLD = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'pg_temp.ledger_twin'::regclass"
COLUMNS = {
    "sqlite": "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type = 'table' ORDER BY m.name, c.cid",
    "postgresql": "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
    "AND pg_table_is_visible(c.oid) ORDER BY c.relname, a.attnum",
}


@dataclass(frozen=True)
class _Dialect:
    """The three spellings in which the two databases differ."""

    differs: str
    equals: str
    literal: Callable[[object], str]


def _text(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


DIALECTS = {
    "sqlite": _Dialect("IS NOT", "IS", lambda value: _text(int(value) if isinstance(value, bool) else value)),
    "postgresql": _Dialect("IS DISTINCT FROM", "IS NOT DISTINCT FROM", _text),
}


@dataclass(frozen=True)
class _Table:
    """One rule on one table, turned into conditions; `columns` are those of the live table."""

    rule: Rule
    columns: Sequence[str]
    dialect: _Dialect

    @property
    def name(self) -> str:
        return str(self.rule["table"])

    def refused(self) -> Iterator[tuple[str, str]]:
        """(operation, condition under which it is refused)."""
        if self.rule["rule"] == "append_only":
            yield from (("UPDATE", "1 = 1"), ("DELETE", "1 = 1"))
        elif self.rule["rule"] == "erasable":
            yield from (("UPDATE", self._other_than_erasure()), ("DELETE", "1 = 1"))
        elif self.rule["rule"] == "kept":
            yield ("DELETE", "1 = 1")
        else:
            yield from (("UPDATE", self._frozen_change()), ("DELETE", self._frozen_removal()))

    def _other_than_erasure(self) -> str:
        stamp, empties = self._column(self.rule["stamp"]), list(self.rule["empties"])
        kept = [
            self._changed(column) for column in self.columns if column not in [*empties, self.rule["stamp"]]
        ]
        words = [f"NEW.{self._column(column)} <> ''" for column in empties]
        return " OR ".join([*kept, *words, f"OLD.{stamp} IS NOT NULL", f"NEW.{stamp} IS NULL"])

    def _frozen_change(self) -> str:
        free, moves = self._list("may_change"), self.rule.get("moves", {})
        counters, held = self._list("counts_up"), self._list("withholds")
        erased = self._list("erases")
        changing = {*free, *moves, *counters, *held, *erased}
        kept = [column for column in self.columns if column not in changing]
        refused = [self._changed(column) for column in kept]
        refused += [
            f"({self._changed(column)} AND NOT {self._moved(column, moves[column])})" for column in moves
        ]
        refused += [self._miscounted(self._column(column)) for column in counters]
        refused += [self._misheld(column) for column in held]
        refused += [f"({self._changed(column)} AND NOT ({self._erased(column)}))" for column in erased]
        return f"({self._state(self.rule.get('when', {}))}) AND ({' OR '.join(refused) or '1 = 0'})"

    def _frozen_removal(self) -> str:
        if "may_delete" in self.rule:
            return f"NOT ({self._state(self.rule['may_delete'])})"
        return self._state(self.rule.get("when", {}))

    def _moved(self, column: str, moves: Mapping[str, Iterable[object]]) -> str:
        allowed = [
            f"({self._is('OLD', column, [old])} AND {self._is('NEW', column, new)})"
            for old, new in moves.items()
        ]
        return f"({' OR '.join(allowed) or '1 = 0'})"

    def _miscounted(self, column: str) -> str:
        return f"(NEW.{column} <> OLD.{column} AND NEW.{column} <> OLD.{column} + 1)"

    def _misheld(self, column: str) -> str:
        name = self._column(column)
        before, after = (f"substr({row}.{name}, 1, {len(SAYS)}) = '{SAYS}'" for row in ("OLD", "NEW"))
        stands = f"OLD.{name} NOT IN ('', '{ERASED}') AND NEW.{name} <> ''"
        either = f"({before}) <> ({after}) AND {stands} OR {self._erased(column)}"
        return f"({self._changed(column)} AND NOT ({either}))"

    def _erased(self, column: str) -> str:
        name = self._column(column)
        return f"OLD.{name} <> '' AND NEW.{name} = '{ERASED}'"

    def _state(self, state: Mapping[str, object]) -> str:
        listed = {column: value if isinstance(value, list) else [value] for column, value in state.items()}
        return " AND ".join(self._is("OLD", column, values) for column, values in listed.items()) or "1 = 1"

    def _is(self, row: str, column: str, values: Iterable[object]) -> str:
        name = self._column(column)
        tests = [f"{row}.{name} {self.dialect.equals} {self.dialect.literal(value)}" for value in values]
        return f"({' OR '.join(tests) or '1 = 0'})"

    def _changed(self, column: str) -> str:
        return f"OLD.{self._column(column)} {self.dialect.differs} NEW.{self._column(column)}"

    def _list(self, key: str) -> list[str]:
        listed = [str(column) for column in self.rule.get(key, [])]
        for column in listed:
            self._column(column)
        return listed

    def _column(self, column: str) -> str:
        if column not in self.columns:
            raise ImproperlyConfigured(f"LEDGER_TRIGGERS: {self.name} has no column {column!r}.")
        return f'"{column}"'


def _statements(connection: BaseDatabaseWrapper) -> dict[Guard, str]:
    columns = _columns(connection)
    dialect = DIALECTS[connection.vendor]
    statements: dict[Guard, str] = {}
    for rule in settings.LEDGER_TRIGGERS:
        _check(rule)
        if rule["table"] in columns:
            table = _Table(rule, columns[rule["table"]], dialect)
            statements.update(_create(connection, table.name, *refused) for refused in table.refused())
            if connection.vendor == "postgresql":
                statements.update([_create(connection, table.name, "TRUNCATE", "")])
    return statements


def _check(rule: Rule) -> None:
    known = KEYS.get(rule.get("rule", ""))
    if known is None or "table" not in rule:
        raise ImproperlyConfigured(
            f"LEDGER_TRIGGERS: {rule!r} needs a table and one of the rules {sorted(KEYS)}."
        )
    if strange := rule.keys() - known - {"table", "rule"}:
        raise ImproperlyConfigured(
            f"LEDGER_TRIGGERS: {rule['table']} has the unknown words {sorted(strange)}."
        )


def _columns(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """Table -> its columns in order, generated ones left out: they follow from the others."""
    tables: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        for table, column in cursor.fetchall():
            tables.setdefault(table, []).append(column)
    return tables


def _create(connection: BaseDatabaseWrapper, table: str, operation: str, condition: str) -> tuple[Guard, str]:
    of_what = sha256(f"{table} {operation} {condition}".encode()).hexdigest()[:16]
    guard = Guard(table, f"{PREFIX}{operation.lower()}_{of_what}")
    text = f"{table} is on the record: this {operation} is refused"
    head = f'CREATE TRIGGER "{guard.name}" BEFORE {operation} ON "{table}"'
    each = f"FOR EACH ROW WHEN ({condition})" if condition else "FOR EACH STATEMENT"
    if connection.vendor == "sqlite":
        return guard, f"{head} {each} BEGIN SELECT RAISE(ABORT, '{text}'); END"
    return guard, f"{head} {each} EXECUTE FUNCTION ledger_refuse('{text}')"


def _drop(connection: BaseDatabaseWrapper, guard: Guard) -> str:
    on_table = f' ON "{guard.table}"' if connection.vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{guard.name}"{on_table}'
