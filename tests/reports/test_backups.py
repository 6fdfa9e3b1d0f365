"""A site in one file: taken while people work, read back, refused unless every byte of it is right."""

import resource
import threading
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.refusals import Refusal
from ojt_logs.models import HoursEntry
from reports.backups import manifest, reading, taking
from reports.backups.places import standing_at
from reports.backups.restoring import Place
from tests.cast import NOW, TODAY, Cast
from tests.reports.conftest import LATER, PASSPHRASE, put
from tests.sites import killed_at, refused_in_a_child

pytestmark = pytest.mark.django_db(transaction=True)


def test_backup_taken_while_apprentices_log_hours_is_one_moment(
    cast: Cast, lakeside: Place, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, enough, count = threading.Event(), threading.Event(), [0]

    def work() -> None:
        days = iter(TODAY - timedelta(days=number) for number in range(2, 200))
        try:
            while not enough.is_set():
                cast.approved(cast.ben, cast.ojt(day=next(days)))
                count[0] += 1
                if count[0] == 2:
                    begun.set()
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(60)

    def slowly(line: str) -> None:  # so that something happens between one table and the next
        if line.startswith(("ledger_chain", "ojt_logs_hoursentry", "ledger_payload")):
            target = count[0] + 2
            while worker.is_alive() and count[0] < target:
                threading.Event().wait(0.01)

    path = tmp_path / "site.backup"
    taking.take(path, now=NOW, tell=slowly)
    enough.set()
    worker.join(60)
    put(path, place)  # verifies chains, rows and totals against each other
    with standing_at(place.address):
        kept = HoursEntry.objects.everyone().filter(apprentice=cast.ben).count()
    assert 2 <= kept < count[0] - 3


def test_backup_that_is_killed_leaves_the_one_before(lakeside: Place, backup: Path) -> None:
    before = backup.read_bytes()
    for step in ("ledger_entry", "files", "Reading it back"):
        assert killed_at(step, lambda tell: taking.take(backup, now=LATER, tell=tell))
        assert backup.read_bytes() == before
    taking.take(backup, now=LATER)
    assert backup.read_bytes() != before


def test_backup_that_finds_no_space_leaves_nothing(lakeside: Place, backup: Path) -> None:
    before, there = backup.read_bytes(), sorted(backup.parent.iterdir())

    def no_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        call_command("backup", str(backup))

    said = refused_in_a_child(no_space)
    assert said.startswith("There is no new backup: [Errno 27]")
    assert backup.read_bytes() == before
    assert sorted(backup.parent.iterdir()) == there


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "encrypted"])
def test_backup_of_which_one_byte_is_another_or_the_end_is_missing_is_refused(
    passphrase: str, lakeside: Place, tmp_path: Path, settings: Any
) -> None:
    path = tmp_path / "one.backup"
    taking.take(path, now=NOW, passphrase=passphrase)
    whole = path.read_bytes()
    size = len(whole)
    spoiled = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, size, size // 60)]
    spoiled += [whole[:-1] + bytes([whole[-1] ^ 1])]
    spoiled += [whole[:length] for length in (0, 1, 60, size // 2, size - 1)]
    spoiled += [whole + b"\0", whole + b"\n", whole[:-1] + f"%{whole[-1]:02X}".encode()]
    for content in spoiled:
        path.write_bytes(content)
        with pytest.raises(Refusal) as refused, reading.opened(path, passphrase=passphrase) as opened:
            opened.check()
        assert refused.value.code in {"damaged", "wrong_passphrase", "seal"}


def test_encrypted_backup_shows_nothing_and_opens_with_its_passphrase_alone(
    lakeside: Place, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.backup"
    taking.take(path, now=NOW, passphrase=PASSPHRASE)
    assert not zipfile.is_zipfile(path)
    assert b"tables/" not in path.read_bytes()
    for wrong, code in {"": "passphrase", "another passphrase": "wrong_passphrase"}.items():
        with pytest.raises(Refusal) as refused, reading.opened(path, passphrase=wrong):
            pass
        assert refused.value.code == code
    with reading.opened(path, passphrase=PASSPHRASE) as opened:
        opened.check()


def test_backup_is_a_zip_that_any_tool_reads_without_keys_of_the_site(backup: Path, settings: Any) -> None:
    with zipfile.ZipFile(backup) as whole:
        assert whole.testzip() is None
        names = whole.namelist()
        lines = b"".join(whole.read(name) for name in names)
    assert {"manifest.json", "files.tar", "checkpoints.txt", "tables/accounts_user.jsonl"} <= set(names)
    assert not any("session" in name for name in names)
    for secret in (settings.LEDGER_KEY, settings.SECRET_KEY) if hasattr(settings, "LEDGER_KEY") else ():
        assert secret.encode() not in lines
    assert all(key.encode() not in lines for key in settings.LEDGER_KEYS.values())


def test_site_without_all_migrations_is_not_backed_up(
    lakeside: Place, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(manifest, "known_migrations", lambda: {("ojt_logs", "9999_more")})
    with pytest.raises(CommandError, match=r"run `manage\.py migrate` first"):
        call_command("backup", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_commands_say_what_they_did(lakeside: Place, tmp_path: Path) -> None:
    (tmp_path / "pass").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "short").write_text("short\n")
    path, said = tmp_path / "site.backup", StringIO()
    call_command("backup", str(path), passphrase_file=tmp_path / "pass", stdout=said)
    assert "2 files" in said.getvalue()
    assert "read back and whole.\n" in said.getvalue()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="There is a site in this place already"):
        call_command("restore", str(path), passphrase_file=tmp_path / "pass", stderr=StringIO())
    with pytest.raises(CommandError, match="needs 12 characters at least"):
        call_command("backup", str(path), passphrase_file=tmp_path / "short")
    with pytest.raises(CommandError, match="No such file"):
        call_command("restore", str(tmp_path / "nowhere"))
