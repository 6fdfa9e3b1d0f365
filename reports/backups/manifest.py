"""What a backup says of itself."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.refusals import Refusal
from reports.backups.encryption import Damaged

FORMAT = 1
NAME = "manifest.json"
FILES, FILE_LIST, CHECKPOINTS = "files.tar", "files.jsonl", "checkpoints.txt"
MigrationName = tuple[str, str]
SOMETIMES = "socialaccount"
"""Has tables where single sign-on is, or was, set up alone."""


@cache
def product_version() -> str:
    said = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(said["project"]["version"])


@dataclass(frozen=True)
class Part:
    """One member of the ZIP: how many rows, files or lines, and the SHA-256 of what it holds."""

    count: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Everything that has to be known before a row is read."""

    taken_at: str
    """UTC, ISO 8601."""
    database: str
    migrations: list[MigrationName]
    """What the tables are the result of."""
    tables: dict[str, Part] = field(default_factory=dict)
    others: dict[str, Part] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    product: str = field(default_factory=product_version)
    format: int = FORMAT

    def written(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @property
    def rows(self) -> int:
        return sum(part.count for part in self.tables.values())


def read(data: bytes) -> Manifest:
    """The manifest of a file whose every byte was checked. Raises Refusal."""
    said: dict[str, Any] = json.loads(data)
    if said["format"] != FORMAT:
        raise Refusal(
            f"This backup has format {said['format']} of Journeybook {said['product']}, and this version "
            f"reads format {FORMAT}: install the version that wrote it, or a newer one.",
            code="newer",
        )
    for name in ("tables", "others"):
        said[name] = {key: Part(**part) for key, part in said[name].items()}
    said["migrations"] = [(app, name) for app, name in said["migrations"]]
    try:
        return Manifest(**said)
    except TypeError:
        raise Damaged("The manifest of this backup says what this version does not know.") from None


def migrations_here() -> list[MigrationName]:
    """The migrations of the default database. Raises Refusal when they are not those of the product."""
    if missing := missing_here():
        raise Refusal(
            f"{len(missing)} migrations are not applied: run `manage.py migrate` first.", code="migrations"
        )
    return sorted(known_migrations())


def missing_here() -> set[MigrationName]:
    """What this version of the product brings and the default database has not had."""
    return set(known_migrations()) - set(MigrationRecorder(connection).applied_migrations())


def demand_known(migrations: Iterable[MigrationName]) -> None:
    """Raise Refusal when the backup comes from a version of the product that is newer than this one."""
    unknown = sorted(set(migrations) - set(known_migrations()))
    if {app for app, _ in unknown} == {SOMETIMES}:
        raise Refusal(
            "This backup is of a site with single sign-on, which is not set up here. Set the SSO_ settings "
            "as they were there (docs/deploy.md), then restore.",
            code="sso",
        )
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
        raise Refusal(
            f"This backup is of a newer Journeybook: {names} is not known here. Install that version, then "
            "restore.",
            code="newer",
        )


@cache
def known_migrations() -> frozenset[MigrationName]:
    """What this version of the product brings; read from the disk once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
