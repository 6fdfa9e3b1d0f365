"""Reports built in the test itself, in a folder of its own; a site to back up, and a place for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import DeviceKey
from reports import tasks
from reports.backups import encryption, restoring, taking
from reports.backups.restoring import Place, Wish
from reports.cohort import Cohort
from tests.cast import NOW, Cast
from tests.sites import empty_place

PASSPHRASE = "correct horse battery staple"
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the files of reports are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "reports"


@pytest.fixture(autouse=True)
def no_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """No paper is written into what another test laid out."""
    monkeypatch.setattr(tasks, "ALIKE", Cohort())


@pytest.fixture
def lakeside(cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The site of the cast with some work on its record, a device key, and two kept files."""
    monkeypatch.setattr(encryption, "COST", 14)  # a passphrase is stretched for as long as need be, no longer
    settings.MEDIA_ROOT = tmp_path / "lakeside"
    settings.CHECKPOINT_DIR = str(tmp_path / "checkpoints")
    cast.approved(cast.ana, cast.ojt(note="Façade 日誌, “quotes” and \\ and 'apostrophes'"), cast.ri())
    cast.sign(cast.ana, "2g")
    DeviceKey.objects.of(cast.ana_user)
    for name, content in {"reports/one.pdf": b"%PDF" + bytes(range(256)), "evidence/2026/é.jpg": b""}.items():
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (settings.MEDIA_ROOT / "reports" / "half.pdf.77.part").write_bytes(b"half a report")
    return Place.of_settings()


@pytest.fixture
def backup(lakeside: Place, tmp_path: Path) -> Path:
    path = tmp_path / "site.backup"
    taking.take(path, now=NOW)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with empty_place(tmp_path / "elsewhere") as found:
        yield found


def put(path: Path, place: Place, **wish: Any) -> int:
    """Restore; how many heads were given up."""
    return restoring.restore(path, into=place, wish=Wish(**wish), now=LATER)[1]
