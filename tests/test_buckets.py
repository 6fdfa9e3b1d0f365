"""Files in a bucket: what holds of a folder holds of it, against a server that speaks S3 over HTTP."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import DeviceKey
from apprenticeship.buckets import Bucket
from apprenticeship.storages import Folder, kept
from ojt_logs import erasing, record
from ojt_logs.models import Evidence
from reports import health
from reports.backups import restoring, taking
from reports.backups.restoring import Place, Wish
from reports.models import ReportRun
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import signed_in
from tests.ojt_logs.test_files import photo
from tests.reports.building import built
from tests.reports.conftest import LATER
from tests.s3 import Service, service
from tests.sites import LEDGER, empty_place, files, killed_at, rows

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bucket(settings: Any, tmp_path: Path) -> Iterator[Service]:
    """The site keeps its files there. Something of somebody else lies beside them."""
    with service() as found:
        found.client.put_object(Bucket=found.bucket, Key="sites/other.txt", Body=b"not ours")
        settings.CHECKPOINT_DIR = str(tmp_path / "checkpoints")
        settings.MEDIA_ROOT = tmp_path / "nothing-comes-here"
        settings.STORAGES = {**settings.STORAGES, "default": storage(found)}
        yield found
        assert "sites/other.txt" in (found.keys() if found.program.poll() is None else ["sites/other.txt"])
    assert not settings.MEDIA_ROOT.exists()


def storage(found: Service) -> dict[str, Any]:
    return {"BACKEND": "apprenticeship.buckets.Bucket", "OPTIONS": {"url": found.url}}


def attached(cast: Cast) -> Evidence:
    """A photo of an entry that is on the record."""
    cast.program.change(by=cast.nora, now=NOW, takes_files=True)
    (draft,) = cast.log(cast.ana, cast.ojt())
    data = photo()
    row = Evidence.objects.attach(
        draft, by=cast.ana_user, now=NOW, file=io.BytesIO(data), size=len(data), name="Charts.jpg"
    )
    draft.refresh_from_db()
    draft.move("submit", by=cast.ana_user, now=NOW)
    draft.refresh_from_db()
    draft.move("approve", by=cast.marcus, now=NOW)
    return row


def report(cast: Cast, **what: Any) -> ReportRun:
    said = {"document": "hours", "apprentice": cast.ana} | what
    return ReportRun.objects.start(by=cast.nora, now=timezone.now(), **said)


def fetched(client: Client, row: Evidence | ReportRun) -> tuple[int, bytes]:
    name = "evidence" if isinstance(row, Evidence) else "report-file"
    answer = client.get(reverse(name, args=[row.uid]))
    return answer.status_code, b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]


def test_photo_and_report_are_kept_in_the_bucket_and_handed_out(cast: Cast, bucket: Service) -> None:
    row, run = attached(cast), built(report(cast))
    assert run.state == "done", run.reason
    assert bucket.keys() == [f"site/{row.file.name}", f"site/{run.kept_as}", "sites/other.txt"]
    nora = signed_in(cast.nora)
    status, data = fetched(nora, row)
    assert (status, len(data)) == (200, row.size)
    status, data = fetched(nora, run)
    assert (status, len(data), data[:5]) == (200, run.bytes, b"%PDF-")
    assert list(record.compare_one(cast.ana)) == []


def test_photo_goes_along_when_the_record_is_taken_away(cast: Cast, bucket: Service) -> None:
    row = attached(cast)
    _, data = fetched(signed_in(cast.nora), built(report(cast, document="record")))
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert f"files/{row.uid}-Charts.jpg" in names


def test_what_was_exchanged_or_lost_in_the_bucket_is_found_and_not_handed_out(
    cast: Cast, bucket: Service
) -> None:
    row, run, nora = attached(cast), built(report(cast)), signed_in(cast.nora)
    for key in (row.file.name, run.kept_as):
        bucket.client.put_object(Bucket=bucket.bucket, Key=f"site/{key}", Body=b"%PDF- another")
    assert [one.problem for one in record.compare_one(cast.ana)] == [
        "its file is not the one that was attached"
    ]
    assert [fetched(nora, one)[0] for one in (row, run)] == [409, 409]
    for key in (row.file.name, run.kept_as):
        bucket.client.delete_object(Bucket=bucket.bucket, Key=f"site/{key}")
    assert [one.problem for one in record.compare_one(cast.ana)] == ["its file is gone"]
    assert [fetched(nora, one)[0] for one in (row, run)] == [409, 409]


def test_while_the_service_is_away_people_are_told_and_nothing_is_half_written(
    cast: Cast, bucket: Service
) -> None:
    row, done, waiting = attached(cast), built(report(cast)), report(cast, document="transcript")
    assert health.examine(now=NOW)["files"] == health.OK
    bucket.end()
    assert health.examine(now=NOW)["files"].word == "unreachable"
    nora = signed_in(cast.nora)
    assert [fetched(nora, one)[0] for one in (row, done)] == [409, 409]
    assert [one.problem for one in record.compare_one(cast.ana)] == ["its file cannot be read just now"]
    assert built(waiting).state == "failed"
    assert "Try again" in waiting.reason
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=30))
    with pytest.raises(OSError):
        Evidence.objects.attach(
            draft, by=cast.ana_user, now=NOW, file=io.BytesIO(photo()), size=999, name="Second.jpg"
        )
    assert Evidence.objects.count() == 1


def test_forgetting_a_record_empties_the_bucket(cast: Cast, bucket: Service) -> None:
    attached(cast)
    built(report(cast))
    with transaction.atomic():
        erasing.erase_record(cast.ana, by=cast.nora.uid, now=NOW)
    assert bucket.keys() == ["sites/other.txt"]


def test_worker_and_web_of_two_machines_share_nothing_but_the_bucket(
    cast: Cast, bucket: Service, outside: dict[str, str], tmp_path: Path
) -> None:
    run = report(cast)
    (tmp_path / "worker").mkdir()
    there = outside | {"STORAGE_URL": bucket.url, "VAR_DIR": str(tmp_path / "worker")}
    work = "import django; django.setup(); from reports.tasks import render; render('interactive')"
    subprocess.run([sys.executable, "-c", work], env=there, check=True, timeout=120)
    run.refresh_from_db()
    assert run.state == "done", run.reason
    assert fetched(signed_in(cast.nora), run)[0] == 200
    assert not [path for path in (tmp_path / "worker").rglob("*") if path.suffix == ".pdf"]


def site(cast: Cast) -> Place:
    """The site of this process, with some work on its record."""
    attached(cast)
    DeviceKey.objects.of(cast.ana_user)
    built(report(cast))
    return Place.of_settings()


def test_site_moves_from_a_bucket_to_a_folder_and_into_another_bucket(
    cast: Cast, bucket: Service, tmp_path: Path
) -> None:
    here = site(cast)
    taking.take(tmp_path / "one.backup", now=NOW)
    with empty_place(tmp_path / "there") as there, service() as other:
        assert isinstance(there.files, Folder)
        restoring.restore(tmp_path / "one.backup", into=there, wish=Wish(), now=LATER)
        there = replace(there, files=Bucket(other.url))
        restoring.restore(tmp_path / "one.backup", into=there, wish=Wish(replace=True), now=LATER)
        assert len(files(there)) == 2
        assert files(here) == files(there)
        before, after = rows(here), rows(there)
        assert {name for name in before if before[name] != after[name]} == LEDGER


def test_restore_into_a_bucket_that_is_killed_leaves_every_file_and_is_taken_up_again(
    cast: Cast, bucket: Service, tmp_path: Path
) -> None:
    here = site(cast)
    taking.take(tmp_path / "one.backup", now=NOW)
    theirs = files(here)
    kept().put("reports/later.pdf", b"later")
    kept().delete(sorted(theirs)[0])
    before = files(here)

    def act(tell: Any) -> object:
        wish = Wish(replace=True)
        return restoring.restore(tmp_path / "one.backup", into=here, wish=wish, now=LATER, tell=tell)

    assert killed_at("Changing places", act)
    assert files(here) == before | theirs
    act(str)
    assert files(here) == theirs


@pytest.mark.parametrize("url", ["s3://host", "http://key:secret@host/bucket", "s3:///bucket"])
def test_address_that_names_no_bucket_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL must look like s3://KEY:SECRET@HOST/BUCKET"):
        Bucket(url)


def test_site_without_the_setting_keeps_files_in_its_folder() -> None:
    told = "from django.conf import settings; print(settings.STORAGES['default']['BACKEND'])"
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "apprenticeship.settings", "STORAGE_URL": ""}
    done = subprocess.run([sys.executable, "-c", told], env=own, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "apprenticeship.storages.Folder"
