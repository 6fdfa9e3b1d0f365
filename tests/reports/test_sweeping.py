"""Files that nothing names are found and taken away when asked; whatever a row names stays."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apprenticeship.storages import kept
from reports.backups import restoring
from tests.cast import Cast
from tests.reports.building import built
from tests.s3 import Service
from tests.test_buckets import attached, bucket, report

__all__ = ["bucket"]

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

LONG_AGO = (timezone.now() - timedelta(days=2)).timestamp()
LEFT = "evidence/2026/00000000-0000-4000-8000-000000000000.jpg"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    """Other tests leave files behind."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def swept(*words: str) -> list[str]:
    said = StringIO()
    call_command("sweep_files", *words, stdout=said)
    return said.getvalue().splitlines()


def aged(media: Path) -> None:
    for path in media.rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))


def test_what_no_row_names_is_told_and_only_then_taken_away(cast: Cast, own_folder: Path) -> None:
    row, run = attached(cast), built(report(cast))
    earlier = run.kept_as.replace(f".{run.attempt}.", ".7.")
    strange = "reports/not-a-report.pdf"
    for name in (LEFT, earlier, strange):
        kept().put(name, b"left over")
    there = sorted(kept().names())
    assert swept() == ["Nothing."], "what is younger than a day may still get its row"
    aged(own_folder)
    told = [
        *sorted([LEFT, earlier, strange]),
        "3 files that nothing names, left where they are; --delete takes them away.",
    ]
    assert swept() == told
    assert sorted(kept().names()) == there
    assert swept("--delete")[-1] == "3 files that nothing names, taken away."
    assert sorted(kept().names()) == sorted([str(row.file.name), run.kept_as])
    assert swept("--delete") == ["Nothing."]


def test_nothing_is_swept_beside_a_restore_or_from_a_database_that_holds_nobody(own_folder: Path) -> None:
    kept().put(LEFT, b"of a site whose database is not back yet")
    aged(own_folder)
    with pytest.raises(CommandError, match="Restore it first"):
        swept("--delete")
    with restoring.only_one(), pytest.raises(CommandError, match="Another restore is under way"):
        swept("--delete")
    assert list(kept().names()) == [LEFT]


def test_files_in_a_bucket_are_swept_as_well(
    cast: Cast, bucket: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = attached(cast)
    kept().put(LEFT, b"left over")
    strange = f"site/{row.file.name}".replace("evidence/", "evidence//")
    bucket.client.put_object(Bucket=bucket.bucket, Key=strange, Body=b"of somebody else")
    assert swept("--delete") == ["Nothing."]
    monkeypatch.setattr("reports.sweeping.YOUNG", timedelta(days=-1))
    assert swept("--delete")[0] == LEFT
    assert bucket.keys() == sorted([strange, f"site/{row.file.name}", "sites/other.txt"])
    bucket.program.kill()
    bucket.program.wait()
    with pytest.raises(CommandError, match="The files cannot be looked at"):
        swept()
