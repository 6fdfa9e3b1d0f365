"""manage.py with words that mean nothing: a clear sentence, an exit status, no traceback, nothing written."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import ManagementUtility
from django.core.management import base as management

from accounts.models import ApiToken, Invitation, Sponsor
from competencies.models import WorkProcessSchedule
from tests.cast import Cast
from tests.test_refusals import everything

pytestmark = pytest.mark.django_db

REFUSED, MISUSED = 1, 2
"""Exit statuses: what was asked for cannot be done; the command was not written as `--help` says."""

ANA, ELI = "ana@example.org", "eli@example.org"
NESTED = b'{"format": ' + b"[" * 100_000
NUL = b'{"format": "journeybook-standard/1", "kind": "sch\\u0000edule"}'
HUGE = b"00000000-0000-4000-8000-000000000001 " + b"9" * 30 + b" abc 2026-11-20T18:00:00+00:00 1 abc\n"

CASES: dict[str, tuple[list[str], bytes, int, str]] = {
    "a token for nobody": (["create_token", ELI], b"", REFUSED, "Nobody with the e-mail address eli@"),
    "a token that signs": (["create_token", ANA, "--scope", "sign"], b"", MISUSED, "invalid choice: 'sign'"),
    "a token of no day": (["create_token", ANA, "--days", "0"], b"", REFUSED, "--days 1"),
    "a token for ever": (["create_token", ANA, "--days", "9" * 12], b"", REFUSED, "--days 1"),
    "a token of a long name": (["create_token", ANA, "--name", "x" * 81], b"", REFUSED, "80 characters"),
    "nobody invited": (["invite", "eli"], b"", REFUSED, "“eli” is not an e-mail address."),
    "a long address": (["invite", f"{'x' * 60}@{'y.' * 100}org"], b"", REFUSED, "254 characters"),
    "a role nowhere": (["invite", ELI, "--role", "mentor"], b"", REFUSED, "--sponsor and --role together"),
    "an unknown role": (["invite", ELI, "--role", "king"], b"", MISUSED, "invalid choice: 'king'"),
    "a long sponsor": (
        ["invite", ELI, "--role", "mentor", "--sponsor", "x" * 200], b"", REFUSED, "160 characters"
    ),
    "a name that turns": (["invite", ELI, "--name", "Eli\u202e"], b"", REFUSED, "an invisible character"),
    "a sponsor with a bell": (
        ["invite", ELI, "--role", "mentor", "--sponsor", "Lake\x07"], b"", REFUSED, "an invisible character"
    ),
    "a long name": (["invite", ELI, "--name", "x" * 121], b"", REFUSED, "120 characters"),
    "standards of no file": (["load_standards", "FILE.json"], b"", REFUSED, "No such file"),
    "standards of a folder": (["load_standards", "."], b"", REFUSED, "Is a directory"),
    "standards of no document": (["load_standards", "FILE"], b"\xff\xfe", REFUSED, "Nothing was loaded."),
    "standards without an end": (["load_standards", "FILE"], NESTED, REFUSED, "Nothing was loaded."),
    "standards with a NUL": (["load_standards", "FILE"], NUL, REFUSED, "Nothing was loaded."),
    "an unknown code": (["export_schedule", "9999", "--output", "x.pdf"], b"", REFUSED, "has the RAPIDS"),
    "no code at all": (["export_schedule", "coder", "--output", "x.pdf"], b"", REFUSED, "is no RAPIDS code"),
    "an unknown sponsor": (
        ["export_schedule", "1114", "--sponsor", "Nobody", "--output", "x.pdf"], b"", REFUSED, "“Nobody”"
    ),
    "no output": (["export_schedule", "1114"], b"", MISUSED, "required: --output"),
    "a demo of no day": (["load_demo", "--today", "2026-02-30"], b"", MISUSED, "--today"),
    "no checkpoint": (["verify_ledger", "--checkpoint", "nowhere"], b"", MISUSED, "can't open 'nowhere'"),
    "a binary checkpoint": (["verify_ledger", "--checkpoint", "FILE"], b"\xff\xfe\x00", REFUSED, "not whole"),
    "a torn checkpoint": (["verify_ledger", "--checkpoint", "FILE"], b"torn\n", REFUSED, "not whole"),
    "a huge checkpoint": (["verify_ledger", "--checkpoint", "FILE"], HUGE, REFUSED, "not whole"),
    "a backup of nowhere": (["restore", "nowhere"], b"", REFUSED, "No such file"),
    "a backup that is none": (["restore", "FILE", "--replace"], b"PK", REFUSED, "This is no backup"),
    "a backup in a file": (["backup", "FILE/x"], b"-", REFUSED, "There is no new backup"),
}  # fmt: skip


def manage(*words: str) -> int:
    """Run it as a shell would, in this process; its exit status."""
    try:
        ManagementUtility(["manage.py", *words]).execute()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own folder; a command must not close the connection that the test looks with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(management.connections, "close_all", lambda: None)


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_one_sentence_and_nothing_is_written(cast: Cast, capsys: Any, name: str) -> None:
    words, content, status, says = CASES[name]
    if content:
        Path("FILE").write_bytes(content)
    before = everything(), counts()
    capsys.readouterr()
    assert manage(*words) == status
    said = capsys.readouterr()
    assert says in said.err, said
    assert "Traceback" not in said.err
    assert (everything(), counts()) == before
    assert not Path("x.pdf").exists()


def counts() -> list[int]:
    return [model.objects.count() for model in (ApiToken, Invitation, Sponsor, WorkProcessSchedule)]


def test_a_schedule_is_not_written_where_nothing_can_be_written(cast: Cast, capsys: Any) -> None:
    Path("folder.pdf").mkdir()
    for target in ("nowhere/x.pdf", "folder.pdf"):
        assert manage("export_schedule", "1114", "--output", target) == REFUSED
        assert f"{target} cannot be written" in capsys.readouterr().err
    assert sorted(path.name for path in Path().rglob("*")) == ["folder.pdf"]


def test_the_demo_is_not_loaded_over_a_site_in_use(cast: Cast, capsys: Any) -> None:
    before = everything(), counts()
    assert manage("load_demo", "--even-without-debug") == 0
    assert "no demo is loaded" in capsys.readouterr().out
    assert (everything(), counts()) == before
