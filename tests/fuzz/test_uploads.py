"""Every door for files refuses what means harm in a moment, in little memory and in words.

The files are made here, and each is taken in a process of its own, which tells what that cost.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.fuzz.bombs import BOMBS
from tests.fuzz.taken import doors

SECONDS, MEGABYTES = 2, 150
REFUSALS = {"Malformed", "Refusal", "ValueError"}
HARMLESS = {
    ("picture.xlsx", "photo"): "a picture, whatever it is called",
    ("paper.docx", "photo"): "a PDF, whatever it is called",
    ("paper.docx", "letter"): "a PDF, whatever it is called",
    ("both.jpg", "photo"): "the picture is written anew, what hangs on it stays behind",
    ("both.pdf", "photo"): "the pages are written anew, what hangs on them stays behind",
    ("both.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
    ("circling.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
    ("packed.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
    ("many-pages.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
    ("endless.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
    ("no.pdf", "letter"): "kept as it came, given back as a file to keep and never shown",
}
QUICK = (
    *("blank.xlsx", "long-text.xlsx", "laughs.xlsx", "outside.ods", "million-rows.xlsx", "lying.zip"),
    *("paths.zip", "link.zip", "deep.json", "commas.csv", "huge.png", "wide.png", "both.jpg", "circling.pdf"),
)
"""Those of the gate: one of each kind. The drill sends all."""


def taken(outside: dict[str, str], *names: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.fuzz.taken", *names]
    done = subprocess.run(command, env=outside, capture_output=True, text=True, timeout=280, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_no_door_takes_what_means_harm_or_long_or_much(outside: dict[str, str]) -> None:
    rows = taken(outside, *QUICK)
    assert len(rows) == len(QUICK) * len(doors())
    assert [row for row in rows if wrong(row)] == []


def wrong(row: dict[str, Any]) -> bool:
    """Whether a door did not refuse a file, or not in words, or not in time, or with too much memory."""
    if row["seconds"] >= SECONDS or row["megabytes"] >= MEGABYTES:
        return True
    if (row["file"], row["door"]) in HARMLESS:
        return row["kind"] not in REFUSALS | {"taken"}
    return row["kind"] not in REFUSALS or not row["words"]


@pytest.mark.parametrize("name", QUICK)
def test_the_files_are_small_when_they_are_sent(name: str) -> None:
    assert len(BOMBS[name]()) < 20_000_000
