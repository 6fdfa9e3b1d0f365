"""The whole record taken away, and checked without the site by the program that goes along."""

import ast
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refusal
from ledger import chain, checkpoints, signatures, triggers
from ledger.models import Entry
from ojt_logs.models import Evidence
from reports import verify_record
from reports.models import ReportRun
from reports.take_away import PROGRAM, WholeRecord
from reports.tasks import build
from tests.cast import NOW, Cast
from tests.ojt_logs.test_files import photo
from tests.pdf.papers import run_of
from tests.reports.building import file_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """Hours with a photo, a signature, a checkpoint, and more hours after it."""
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    data = photo()
    said = {"by": cast.ana_user, "now": NOW, "file": BytesIO(data), "size": len(data), "name": "desk.jpg"}
    Evidence.objects.attach(entry, **said)
    cast.sign(cast.ana, "2g")
    checkpoints.sign(at=NOW)
    cast.approved(cast.ana, cast.ojt("1a", minutes=30))
    return cast


def taken(cast: Cast, folder: Path, *, by: User | None = None) -> Path:
    """The ZIP as `by` (Ana) takes it away, with a page in place of the papers."""
    path = folder / "record.zip"
    path.write_bytes(WholeRecord(cast.ana, reader=by or cast.ana_user, now=NOW).zip(b"%PDF-1.7"))
    return path


def check(place: Path, *arguments: str) -> tuple[int, str]:
    """Run the program as somebody does who has Python and nothing else."""
    command = [sys.executable, "-I", str(PROGRAM), str(place), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_ana_takes_her_record_away_and_it_verifies_without_the_site(worked: Cast, tmp_path: Path) -> None:
    path = taken(worked, tmp_path)
    key = next(iter(signatures.public_keys().values()))
    kept = tmp_path / "mailed.txt"
    kept.write_text("\n".join(checkpoints.lines(at=NOW)))
    status, told = check(path, "--key", key, "--checkpoints", str(kept))
    assert (status, told.splitlines()[-1]) == (0, "Everything agrees."), told
    assert "1 of your own" in told
    assert chain.head_of(worked.ana.uid) in told
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked" / PROGRAM.name
    alone = subprocess.run([sys.executable, "-I", str(unpacked)], capture_output=True, text=True, timeout=60)
    assert alone.returncode == 0 and key in alone.stdout


Told = dict[str, Any]


def reword(told: Told) -> None:
    told["entries"][2]["body"] = told["entries"][2]["body"].replace("{", '{"x":1,', 1)


def reword_and_digest(told: Told) -> None:
    entry = told["entries"][2]
    entry["body"] = "{}"
    entry["payload"] = verify_record.sha256((entry["salt"] + "{}").encode())


ALTERATIONS: dict[str, Callable[[Told], None]] = {
    "the words of an entry": reword,
    "the words with their digest": reword_and_digest,
    "who did it": lambda told: told["entries"][1].update(actor=None),
    "an entry taken out": lambda told: told["entries"].pop(2),
    "the last entries cut off": lambda told: told["entries"].__delitem__(slice(-2, None)),
    "two entries swapped": lambda told: told["entries"].insert(1, told["entries"].pop(2)),
    "cut off, and the statement with it": lambda told: told["statement"].update(
        length=len(told["entries"]) - 1, last=told["entries"].pop()["digest"]
    ),
    "another person's": lambda told: told.update(subject="00000000-0000-0000-0000-000000000001"),
    "a checkpoint": lambda told: told.update(
        checkpoints=[line.replace(" 1", " 2", 1) for line in told["checkpoints"]]
    ),
    "whose record it is called": lambda told: told.update(name="Ben Ortiz"),
    "who somebody is": lambda told: told.update(people=dict.fromkeys(told["people"], "Lena Fox")),
    "the checkpoints left out": lambda told: told.update(checkpoints=[]),
    "what the site found": lambda told: told.update(findings=[{"entry": 1, "damage": "", "problem": "x"}]),
    "words said to be erased": lambda told: told["entries"][2].update(
        body=None, salt=None, left_out="erased"
    ),
    "words moved into the salt": lambda told: told["entries"][2].update(
        salt=told["entries"][2]["salt"] + told["entries"][2]["body"], body=""
    ),
    "a signature of something else": lambda told: told["statement"].update(of="checkpoint"),
    "a signature": lambda told: told["signature"].update(value="0" * 128),
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_whatever_is_altered_in_the_record_is_told(worked: Cast, tmp_path: Path, what: str) -> None:
    path = taken(worked, tmp_path)
    _rewrite(path, what=ALTERATIONS[what])
    status, told = check(path)
    assert status == 1 and "NOT RIGHT" in told


def _rewrite(path: Path, *, what: Callable[[Told], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(files["record.json"])
    what(told)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (files | {"record.json": json.dumps(told).encode()}).items():
            archive.writestr(name, data)


def test_an_altered_file_and_another_key_are_told(worked: Cast, tmp_path: Path) -> None:
    path = taken(worked, tmp_path)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert check(path, "--key", stranger)[0] == 1
    with zipfile.ZipFile(path, "a") as archive:
        (name,) = [one for one in archive.namelist() if one.startswith("files/")]
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(name, b"another picture")
    assert f"the file {name} is not the one that was signed" in check(path)[1]


def test_what_is_said_twice_or_was_added_is_told(worked: Cast, tmp_path: Path) -> None:
    path = taken(worked, tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    twice = files["record.json"].replace(b"{", b'{"name": "Ben Ortiz", ', 1)
    altered = {
        "record.json says one thing twice": files | {"record.json": twice},
        "the file files/new.jpg is not of this record": files | {"files/new.jpg": b"a picture"},
        "the file verify_record.py is not the one": files | {PROGRAM.name: b"print('Everything agrees.')"},
    }
    for told, some in altered.items():
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in some.items():
                archive.writestr(name, data)
        status, words = check(path)
        assert status == 1 and f"NOT RIGHT: {told}" in words


def test_a_checkpoint_of_an_earlier_version_is_compared_by_its_head(worked: Cast, tmp_path: Path) -> None:
    path, kept = taken(worked, tmp_path), tmp_path / "old.txt"
    (line,) = [one for one in checkpoints.lines(at=NOW) if one.startswith(str(worked.ana.uid))]
    words = line.split()[:6]
    for head, expected in ((words[2], 0), ("0" * 64, 1)):
        kept.write_text(" ".join([*words[:2], head, *words[3:]]))
        assert check(path, "--checkpoints", str(kept))[0] == expected


def test_a_record_that_the_site_itself_found_not_whole_does_not_agree(worked: Cast, tmp_path: Path) -> None:
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ojt_logs_hoursentry SET minutes = 61")
    status, told = check(taken(worked, tmp_path))
    assert (status, told.splitlines()[-1][:36]) == (1, "This is what the site gave out, and ")


def test_mentor_gets_no_words_about_pay_and_registration_and_it_still_verifies(
    worked: Cast, tmp_path: Path
) -> None:
    path = taken(worked, tmp_path, by=worked.marcus)
    told = json.loads(zipfile.ZipFile(path).read("record.json"))
    left = {entry["act"] for entry in told["entries"] if entry["body"] is None}
    assert "apprentice.register" in left and not {act for act in left if act.startswith("hours.")}
    assert all(entry["salt"] is None for entry in told["entries"] if entry["body"] is None)
    status, words = check(path)
    assert status == 0 and "(not for the reader); their digests verify" in words


def test_erased_words_are_told_as_erased(worked: Cast, tmp_path: Path) -> None:
    spoiled = Entry.objects.filter(chain__subject=worked.ana.uid, act="hours.submit").first()
    assert spoiled
    chain.erase(spoiled, by=worked.nora.uid, at=NOW, reason="A patient's name")
    status, words = check(taken(worked, tmp_path))
    assert status == 0 and "1 entries without their words (erased)" in words


@pytest.mark.once
@pytest.mark.usefixtures("folder")
def test_a_worker_builds_it_with_all_papers_and_the_record_tells_of_it(worked: Cast, client: Client) -> None:
    client.force_login(worked.ana_user)
    asked = client.post(reverse("report-start"), {"document": "record", "apprentice": str(worked.ana.uid)})
    run = ReportRun.objects.everyone().get()
    assert asked["Location"] == reverse("report", args=[run.uid])
    claimed = ReportRun.objects.claim(run.pk, now=NOW)
    assert claimed
    build(claimed, now=NOW)
    run.refresh_from_db()
    assert run.file_name == "record-ana-reyes-2026-11-20.zip"
    archive = zipfile.ZipFile(file_of(run))
    assert {"record.json", "record.pdf", "verify_record.py", "README.txt"} < set(archive.namelist())
    assert archive.read("record.pdf").startswith(b"%PDF")
    assert check(file_of(run))[0] == 0
    last = Entry.objects.filter(chain__subject=worked.ana.uid).latest("sequence")
    assert (last.act, last.payload.content and last.payload.content["document"]) == (
        "report.export",
        "record",
    )


def test_a_whole_record_is_of_one_person(cast: Cast) -> None:
    for what in ({"program": cast.program}, {"program": cast.program, "for_each": True}):
        with pytest.raises(Refusal) as refused:
            run_of(cast, document="record", **what)
        assert refused.value.code == "about_one_person"


VECTORS = [  # RFC 8032, section 7.1
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_its_arithmetic_is_that_of_the_standard(key: str, message: str, signature: str) -> None:
    one, two, three = (bytes.fromhex(word) for word in (key, message, signature))
    assert verify_record.signed(one, two, three)
    assert not verify_record.signed(one, two + b"x", three)


def test_it_agrees_with_the_library_about_random_signatures() -> None:
    rng = random.Random(1)
    for _ in range(8):
        secret = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        key, message = secret.public_key().public_bytes_raw(), rng.randbytes(rng.randrange(100))
        signature = bytearray(secret.sign(message))
        assert verify_record.signed(key, message, bytes(signature))
        signature[rng.randrange(64)] ^= 1 << rng.randrange(8)
        assert not verify_record.signed(key, message, bytes(signature))


def test_it_is_one_file_for_python_3_9_that_needs_nothing_else() -> None:
    tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 9))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names
