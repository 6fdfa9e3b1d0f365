"""Sites of earlier versions: their backups are restored as they were, migrated to this version, and whole."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from ojt_logs.models import HoursEntry, SignOff
from reports.backups import manifest, reading, restoring, schema, tables
from reports.backups.places import here, standing_at
from reports.backups.restoring import Place, Wish
from tests.cast import NOW
from tests.sites import empty_place

pytestmark = pytest.mark.django_db(transaction=True)
STORED = sorted((Path(__file__).parent.parent / "data" / "upgrades").glob("*.backup"))
"""One for each state from which a site may come; a release adds its own (docs/adding.md)."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with empty_place(tmp_path / "site") as found:
        yield found


def test_backups_of_earlier_states_are_stored() -> None:
    assert len(STORED) >= 2


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_site_of_an_earlier_version_comes_over_with_all_its_data(path: Path, place: Place) -> None:
    said, _ = restoring.restore(path, into=place, wish=Wish(), now=NOW)  # verifies the whole record
    with standing_at(place.address), reading.opened(path) as backup:
        assert manifest.migrations_here()
        for name in ("accounts_user", "ojt_logs_hoursentry", "ojt_logs_signoff", "ledger_payload"):
            assert kept(backup, name)
        assert User.objects.get(email="ana@example.org").name == "Ana Reyes"
        approved = HoursEntry.objects.everyone().filter(status="approved")
        assert approved.filter(note__startswith="Façade 日誌").count() == 1
        assert SignOff.objects.filter(signer_name="Marcus Webb").exists()
    assert said.rows > 500


def kept(backup: reading.Backup, name: str) -> bool:
    """Every value that a table held is in it now, in the columns that there still are."""
    before, rows_before = _table(backup.lines(name))
    model = next(one for one in tables.carried(_apps()) if one._meta.db_table == name)
    after, rows_after = _table(tables.lines(model))
    columns = sorted(before & after)
    assert len(columns) > 2
    now = {tuple(json.dumps(row[column]) for column in columns) for row in rows_after}
    return all(tuple(json.dumps(row[column]) for column in columns) in now for row in rows_before)


def _apps() -> Any:
    from django.apps import apps

    return apps


def _table(lines: Any) -> tuple[set[str], list[dict[str, Any]]]:
    first, *rest = map(json.loads, lines)
    names = [column for column, _ in first["columns"]]
    return set(names), [dict(zip(names, row, strict=True)) for row in rest]


def test_tables_made_at_once_are_those_that_all_migrations_make(place: Place, tmp_path: Path) -> None:
    """Those of a restored site, and those of every other test (tests/environment.py)."""
    of_the_tests = structure()
    with empty_place(tmp_path / "migrated") as other, standing_at(other.address):
        call_command("migrate", verbosity=0)
        migrated = structure()
    assert len(migrated) > 400
    assert {row for row in of_the_tests ^ migrated if row[:2] != WIDER} == set()
    with standing_at(place.address):
        schema.build(manifest.known_migrations())
        assert structure() == migrated
    assert here()["NAME"] != place.address["NAME"]


SQLITE = (
    "SELECT m.name, c.name, upper(c.type), c.'notnull', c.pk FROM sqlite_master m "
    "JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
    "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL",
    'SELECT m.name, f."from", f."table", f."to" FROM sqlite_master m '
    "JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
)
POSTGRESQL = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, "
    "identity_generation FROM information_schema.columns WHERE table_schema = current_schema()",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace",
)
NAMED_BY_ITSELF = re.compile(r"\w+_(uniq|key|pkey|[0-9a-f]{8}(_like|_fk\w*)?)\b")
"""Names that nobody chose hang on what a table was once called; migrations find these by their columns."""
WIDER = ("auth_group_permissions", "id")
"""A key of Django's own: migrations make it wider (bigint) than the model that stands in Django today."""
NOT_OF_MIGRATIONS = ("sqlite_", "django_cache")


def structure() -> set[tuple[str, ...]]:
    """Columns with their types, indexes, constraints and references of the default database."""
    found: set[tuple[str, ...]] = set()
    with connection.cursor() as cursor:
        for question in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
            cursor.execute(question)
            found |= {tuple(NAMED_BY_ITSELF.sub("named", str(word)) for word in row) for row in cursor}
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            found |= {(name, part) for name, sql in cursor.fetchall() for part in _checks(sql)}
    return {row for row in found if not row[0].startswith(NOT_OF_MIGRATIONS)}


def _checks(sql: str) -> list[str]:
    """The named constraints in the words of a table; in which order they stand depends on its past."""
    return [part.strip(" ,)") for part in sql.split(" CONSTRAINT ")[1:]]
