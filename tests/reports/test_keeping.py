"""The backup of each night: taken once, kept for days and months, and missed where it is too old."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.refusals import Refusal
from reports.backups import keeping, reading
from reports.health import examine
from reports.tasks import back_up
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "backups"


def told(*, now: datetime) -> str:
    return examine(now=now)["backup"].word


def test_site_without_a_folder_takes_none_and_says_so(settings: Any) -> None:
    settings.BACKUP_DIR = ""
    assert keeping.keep_one(now=NOW) is None
    assert told(now=NOW) == "off"


def test_each_night_takes_one_and_a_second_message_none(folder: Path, client: Client) -> None:
    assert told(now=NOW) == "too old"
    assert client.get("/readyz").json()["parts"]["backup"] == "too old"
    back_up()
    (path,) = folder.glob("*.backup")
    with reading.opened(path) as opened:
        opened.check()
    now = timezone.now()
    assert keeping.keep_one(now=now + timedelta(hours=1)) is None
    assert keeping.keep_one(now=now + timedelta(hours=24)) is not None
    old = keeping.age(now=now + timedelta(hours=49))
    assert old
    assert timedelta(hours=24, minutes=59) < old < timedelta(hours=25, minutes=1)
    assert (told(now=now + timedelta(hours=49)), told(now=now + timedelta(hours=51))) == ("ok", "too old")


def test_backup_of_which_nothing_came_is_missed_and_leaves_nothing(folder: Path, settings: Any) -> None:
    settings.BACKUP_PASSPHRASE = "short"
    with pytest.raises(Refusal, match="12 characters"):
        keeping.keep_one(now=NOW)
    back_up()  # says so in the log
    assert told(now=NOW) == "too old"
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_newest_of_each_day_and_of_each_month_is_kept(folder: Path, settings: Any) -> None:
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS = 3, 2
    folder.mkdir()
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for days in range(1, 70):
        for hours in (0, 6):
            at = noon - timedelta(days=days, hours=hours)
            (folder / at.strftime(keeping.NAME)).touch()
    (folder / "journeybook-by-hand.backup").touch()
    (folder / ".journeybook-2026-11-19T120000Z.backup.77.part").touch()
    keeping.keep_one(now=noon)
    kept = sorted(path.name for path in folder.iterdir())
    stamps = ["2026-10-31T120000Z", "2026-11-18T120000Z", "2026-11-19T120000Z", "2026-11-20T120000Z"]
    expected = [*(f"journeybook-{stamp}.backup" for stamp in stamps), "journeybook-by-hand.backup"]
    assert kept == [".lock", *expected]
