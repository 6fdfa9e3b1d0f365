"""The tables of a site as some migrations leave them, made at once.

To apply every migration to an empty database takes half a minute, mostly for tables that later ones alter.
Nothing is in them yet, so the tables are made as the last of these migrations leaves them, and the migrations
are written down as applied. A test holds the result against a database that went through all of them.
"""

from collections.abc import Iterable

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from reports.backups.encryption import Damaged
from reports.backups.manifest import MigrationName


def build(migrations: Iterable[MigrationName]) -> Apps:
    """Make the tables in the empty default database; returns the models as these migrations know them."""
    applied = set(migrations)
    apps = apps_after(applied)
    with connection.schema_editor() as editor:
        for model in apps.get_models(include_auto_created=False):
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    note_applied(applied)
    return apps


def note_applied(migrations: Iterable[MigrationName]) -> None:
    """Write down in the default database that it has had these migrations."""
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    rows = [recorder.Migration(app=app, name=name) for app, name in sorted(migrations)]
    recorder.migration_qs.bulk_create(rows)


def apps_after(applied: set[MigrationName]) -> Apps:
    """The models of the moment after these migrations. Raises Damaged when one of them needs another."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    if strangers := applied - set(graph.nodes):
        raise Damaged(f"Migrations of this backup are unknown: {sorted(strangers)[:3]}.")
    needed = {parent.key for key in applied for parent in graph.node_map[key].parents}
    if not needed <= applied:
        raise Damaged(f"Migrations of this backup miss others: {sorted(needed - applied)[:3]}.")
    last = [key for key in applied if not any(child.key in applied for child in graph.node_map[key].children)]
    return graph.make_state(nodes=sorted(last)).apps


def count_on(models: Iterable[type[Model]]) -> None:
    """Let new rows be numbered after those that are there."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
