"""Hours from a file over REST and by the command: a result a row, the same rules as on the page."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from ojt_logs.models import HoursBatch, HoursEntry
from tests.api.client import Rest
from tests.cast import CANARY, Cast
from tests.ojt_logs.test_imports import ANA, BEN, table

pytestmark = pytest.mark.django_db
STRANGER = ["chen@example.org", "2026-11-19", "8", "", "", "", ""]


def send(cast: Cast, rest: Rest, data: bytes, *, key: str = "", **words: str) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"sponsor": str(cast.lakeside.uid), "file": SimpleUploadedFile("payroll.csv", data), **words}
    answer = rest.client.post("/api/v1/hours-files/", body, headers=headers)
    return answer.status_code, answer.json()


@pytest.fixture
def nora(cast: Cast) -> Rest:
    return Rest(cast.nora, scopes=["write"])


def test_a_dry_run_gives_a_result_a_row_and_writes_nothing(cast: Cast, nora: Rest) -> None:
    status, told = send(cast, nora, table(ANA, STRANGER), dry_run="true")
    assert (status, told["batch"], told["new"], told["refused"]) == (200, None, 1, 1)
    assert [row["result"] for row in told["rows"]] == ["new", "refused"]
    assert told["rows"][0] == {
        "row": 2,
        "result": "new",
        "apprentice": str(cast.ana.uid),
        "date": "2026-11-19",
        "minutes": 480,
        "errors": {},
        "note": None,
    }
    assert "Nobody registered here" in told["rows"][1]["errors"]["person"]
    assert not HoursEntry.objects.exists()


def test_rows_come_in_once_however_often_they_are_sent(cast: Cast, nora: Rest) -> None:
    status, told = send(cast, nora, table(ANA, BEN), key="one")
    assert (status, told["new"]) == (201, 2)
    assert send(cast, nora, table(ANA, BEN), key="one")[1] == told
    status, again = send(cast, nora, table(ANA, BEN), key="two")
    assert (status, again["batch"], again["there"]) == (200, None, 2)
    assert HoursBatch.objects.get().uid.hex == told["batch"].replace("-", "")


def test_a_refused_file_names_every_cell_and_may_be_sent_again(cast: Cast, nora: Rest) -> None:
    status, told = send(cast, nora, table(ANA, STRANGER, [*BEN[:2], "soon", *BEN[3:]]), key="one")
    assert (status, told["code"]) == (400, "rows_refused")
    assert [one["field"] for one in told["errors"]] == ["rows.3.person", "rows.4.hours"]
    assert CANARY not in json.dumps(told)
    status, _ = send(cast, nora, table(ANA), key="one")
    assert status == 201


def test_columns_are_named_by_their_headings(cast: Cast, nora: Rest) -> None:
    data = table(["Ana Reyes", "19/11/2026", "480"], headings=["Who", "When", "Much"])
    columns = json.dumps({"name": "who", "date": "when", "minutes": "much"})
    assert send(cast, nora, data, columns=columns)[0] == 201
    for wrong in ('{"name": "nobody"}', '{"salary": "much"}', "[1]"):
        assert send(cast, nora, data, columns=wrong)[0] == 400


@pytest.mark.parametrize("who", ["marcus", "ana_user", "ruth", "olga"])
def test_nobody_else_brings_hours_in(cast: Cast, who: str) -> None:
    status, _ = send(cast, Rest(getattr(cast, who), scopes=["write"]), table(ANA))
    assert status in (400, 403)
    assert not HoursEntry.objects.exists()


def test_what_is_no_table_is_told_beside_the_file(cast: Cast, nora: Rest) -> None:
    status, told = send(cast, nora, b"MZ" + b"\x00" * 99)
    assert (status, told["field"]) == (400, "file")


def command(path: Path, *words: str) -> str:
    told = StringIO()
    call_command("import_hours", str(path), "--by", "nora@example.org", *words, stdout=told)
    return told.getvalue()


def test_the_command_tells_what_would_come_in_then_brings_it(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "payroll.csv"
    path.write_bytes(table(ANA, BEN))
    assert "2 entries would come in" in command(path, "--dry-run")
    assert not HoursEntry.objects.exists()
    assert json.loads(command(path, "--json"))["new"] == 2
    assert "0 entries would come in, 2 were there before" in command(path)
    assert HoursEntry.objects.count() == 2


def test_the_command_names_each_row_that_cannot_come_in(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "payroll.csv"
    path.write_bytes(table(ANA, STRANGER))
    with pytest.raises(CommandError, match="1 of 2 rows cannot"):
        command(path)
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("import_hours", str(path), "--by", "nobody@example.org")
    assert not HoursEntry.objects.exists()
