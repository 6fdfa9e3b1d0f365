"""A migrated site with the cast of the tests, made once and copied for every run: that takes a second."""

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from machine.needs import PYTHON
from machine.programs import ROOT, Programs, main, say, step
from tests.servers import temporary_folder

if TYPE_CHECKING:
    from tests.cast import Cast

KEPT = ROOT / ".run" / "drill"
MADE_FROM = (
    "*/migrations/*.py",
    "ledger/*.py",
    "apprenticeship/record_rules.py",
    "tests/cast.py",
    "drill/base.py",
    "fixtures/standards/*.json",
)
KEYS, PEOPLE = "keys.json", "people.json"


def copy(database: str, folder: Path) -> None:
    """Lay the site of this database into `folder`, which is there and empty."""
    step(["cp", "-a", f"{ready(database)}/.", str(folder)], remedy="the site to begin from is not there")


def ready(database: str) -> Path:
    """Where the site to begin from is; it is made when there is none of today's models."""
    kept = KEPT / f"{database}-{_digest()}"
    if not kept.exists():
        say(f"Making a site on {database} to begin from ...")
        _make(database, kept)
    return kept


def _digest() -> str:
    """Of all that decides what is in it."""
    files = sorted(path for pattern in MADE_FROM for path in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _make(database: str, kept: Path) -> None:
    folder = temporary_folder()
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"{database}-*"):
        shutil.rmtree(old)
    try:
        subprocess.run([PYTHON, "-m", "drill.base", database, str(folder)], check=True)
        step(["cp", "-a", str(folder), str(kept)], remedy="the site to begin from could not be kept")
    finally:
        shutil.rmtree(folder)


def build(database: str, folder: Path) -> None:
    """A site in `folder`: its secrets, its database, and who is who in it."""
    from drill.ground import Ground

    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "LEDGER_KEY")}
    (folder / KEYS).write_text(json.dumps(keys))
    with Programs() as programs:
        ground = Ground(programs, folder, database=database, seconds=600)
        ground.set_up()
        (folder / PEOPLE).write_text(json.dumps(_populate()))
        from django.db import connections

        connections.close_all()


def _populate() -> dict[str, int]:
    from django.core.management import call_command
    from django.db import transaction

    from tests.cast import build_cast

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with transaction.atomic():
        cast = build_cast()
    return {one.name: getattr(cast, one.name).pk for one in fields(cast)}


def people(folder: Path) -> "Cast":
    """The cast as rows of the database that this process is connected to."""
    from typing import get_type_hints

    from tests.cast import Cast

    known = json.loads((folder / PEOPLE).read_text())
    kinds = get_type_hints(Cast)
    return Cast(**{name: kinds[name]._base_manager.get(pk=pk) for name, pk in known.items()})


if __name__ == "__main__":
    database_name, place = sys.argv[1:]
    sys.exit(main(lambda: build(database_name, Path(place))))
