"""A site that is put back: row for row, in the place of another or of none, all of it or nothing."""

import io
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from accounts.models import DeviceKey, Sponsor
from accounts.refusals import Refusal
from ledger import checkpoints, restores, triggers
from ledger.models import Entry
from ojt_logs.models import Evidence, HoursEntry
from reports.backups import manifest, restoring, sites, taking
from reports.backups.places import standing_at
from reports.backups.restoring import Place, Wish
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.test_files import photo
from tests.reports.conftest import LATER, PASSPHRASE, put
from tests.sites import LEDGER, empty_place, files, killed_at, rows

pytestmark = pytest.mark.django_db(transaction=True)


def differing(one: Place, other: Place) -> set[str]:
    before, after = rows(one), rows(other)
    assert before.keys() == after.keys()
    assert len(before) > 80
    return {name for name in before if before[name] != after[name]}


def test_site_comes_back_row_for_row_and_file_for_file(
    cast: Cast, lakeside: Place, backup: Path, place: Place
) -> None:
    assert put(backup, place) == 0
    assert differing(lakeside, place) == LEDGER
    assert files(place) == files(lakeside)
    assert len(files(place)) == 2
    with standing_at(place.address):
        assert DeviceKey.objects.get().user == cast.ana_user
        assert Sponsor.objects.create(name="New").pk > cast.harbor.pk
        with pytest.raises(IntegrityError):
            Entry.objects.update(act="nothing")
        told = restores.latest()
    assert told
    assert told[1]["taken_at"] == "2026-11-20T18:00:00.000000Z"
    assert "sealed" not in str(told)


def test_site_with_photos_comes_back_on_a_machine_that_has_none_of_its_files(
    cast: Cast, lakeside: Place, place: Place, tmp_path: Path
) -> None:
    """The record is verified with the files of the backup before they are in their place."""
    cast.program.change(by=cast.nora, now=NOW, takes_files=True)
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    Evidence.objects.attach(
        draft, by=cast.ana_user, now=NOW, file=io.BytesIO(photo()), size=999, name="Charts.jpg"
    )
    HoursEntry.objects.filter(pk=draft.pk).move("submit", by=cast.ana_user, now=NOW)
    taking.take(tmp_path / "photos.backup", now=NOW)
    kept_before = files(lakeside)
    for name in list(lakeside.files.names()):
        lakeside.files.delete(name)
    put(tmp_path / "photos.backup", place)
    assert files(place) == kept_before


@pytest.mark.postgresql
def test_site_moves_to_sqlite_and_back_and_is_the_same(
    lakeside: Place, backup: Path, place: Place, tmp_path: Path
) -> None:
    with empty_place(tmp_path / "small", kind="sqlite") as small:
        put(backup, small)
        assert differing(lakeside, small) == LEDGER
        with standing_at(small.address), pytest.MonkeyPatch.context() as patch:
            patch.setattr(taking, "kept", lambda: small.files)
            taking.take(tmp_path / "second.backup", now=LATER, passphrase=PASSPHRASE)
        put(tmp_path / "second.backup", place, passphrase=PASSPHRASE)
        assert differing(small, place) == LEDGER
        assert files(lakeside) == files(small) == files(place)


def test_restore_over_a_site_names_what_it_gives_up(
    cast: Cast, lakeside: Place, backup: Path, place: Place
) -> None:
    put(backup, place)
    with standing_at(place.address):
        cast.approved(cast.ana, cast.ojt(day=TODAY - timedelta(days=1)))
        checkpoint = checkpoints.take(at=NOW + timedelta(hours=1))
    place.files.put("reports/one.pdf", b"another")
    place.files.put("reports/later.pdf", b"later")
    with pytest.raises(Refusal, match="There is a site in this place already"):
        put(backup, place)
    assert put(backup, place, replace=True) == 4  # submitted, approved, the checkpoint, the restore before
    assert files(place) == files(lakeside)
    with standing_at(place.address):
        call_command("verify_ledger", checkpoint=checkpoint.open(), stdout=(said := StringIO()))
        assert HoursEntry.objects.everyone().filter(apprentice=cast.ana).count() == 2
    assert "given up when the site was restored" in said.getvalue()
    assert "The record is whole." in said.getvalue()


STEPS = ("Files", "ojt_logs_signoff", "Verifying", "Changing places")


@pytest.mark.parametrize("step", STEPS)
def test_restore_that_is_killed_leaves_the_old_site(
    step: str, cast: Cast, lakeside: Place, backup: Path, place: Place
) -> None:
    old_rows, old_files = rows(lakeside), files(lakeside)
    cast.approved(cast.ben)
    newer = rows(lakeside)
    assert newer != old_rows
    wish = Wish(replace=True)

    def act(tell: Callable[[str], object]) -> object:
        return restoring.restore(backup, into=lakeside, wish=wish, now=LATER, tell=tell)

    assert killed_at(step, act)
    assert rows(lakeside) == newer
    assert files(lakeside) == old_files


def test_restore_that_is_killed_after_the_change_has_every_file_of_the_new_site(
    lakeside: Place, backup: Path, place: Place
) -> None:
    wish = Wish(replace=True)
    place.files.put("reports/older.pdf", b"of the old site")

    def act(tell: Callable[[str], object]) -> object:
        return restoring.restore(backup, into=place, wish=wish, now=LATER, tell=tell)

    assert killed_at("Clearing up", act)
    assert differing(lakeside, place) == LEDGER
    assert files(lakeside).items() <= files(place).items()
    put(backup, place, replace=True)
    assert files(place) == files(lakeside)
    assert not place.files.stage.exists()


def test_backup_of_a_site_with_single_sign_on_says_what_is_to_be_set(lakeside: Place) -> None:
    with pytest.raises(Refusal, match="Set the SSO_ settings as they were there"):
        manifest.demand_known([*manifest.known_migrations(), ("socialaccount", "0001_initial")])
    assert sites._is_ours("socialaccount_socialaccount") and not sites._is_ours("somebody_elses")


def test_backup_of_a_site_with_another_key_or_of_a_newer_version_is_refused(
    backup: Path, place: Place, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = manifest.known_migrations()
    newest = max(name for name in known if name[0] == "ojt_logs")
    monkeypatch.setattr(manifest, "known_migrations", lambda: known - {newest})
    with pytest.raises(Refusal, match=f"of a newer Journeybook: ojt_logs.{newest[1]}"):
        put(backup, place)
    settings.LEDGER_KEYS = {"1": "another key of a site " * 3}
    with pytest.raises(Refusal, match="Set LEDGER_KEY, LEDGER_KEY_ID and LEDGER_OLD_KEYS"):
        put(backup, place)
    assert files(place) == {}


def test_record_that_is_not_whole_is_not_restored_unless_one_says_so(
    cast: Cast, lakeside: Place, place: Place, tmp_path: Path
) -> None:
    triggers.remove(connection)
    HoursEntry.objects.everyone().filter(status="approved").update(minutes=481)
    path = tmp_path / "bad.backup"
    taking.take(path, now=NOW)
    with pytest.raises(Refusal, match="The record in this backup is not whole"):
        put(path, place)
    assert not Path(str(place.address["NAME"])).exists() or connection.vendor == "postgresql"
    put(path, place, even_if_not_whole=True)
