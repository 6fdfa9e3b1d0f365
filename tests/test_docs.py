"""docs/ builds without a warning, its drawing shows the models of today, it names nothing that is gone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from accounts.glossary import terms
from docs.diagram import FILE, draw, read
from machine.programs import ROOT
from tests.run import sphinx

pytestmark = pytest.mark.once  # no database is concerned

DOCS = sorted((ROOT / "docs").glob("*.md"))
READ = [*DOCS, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]


def test_drawing_shows_the_models_of_today() -> None:
    assert FILE.read_text() == draw(read()), (
        "the models have changed: type `make docs` and commit docs/model.svg"
    )


def test_no_box_of_the_drawing_lies_on_another() -> None:
    boxes = list(read().boxes.values())
    for box in boxes:
        below = [other for other in boxes if other.x == box.x and other.y > box.y]
        assert all(other.y > box.y + box.height for other in below)
    assert len(boxes) > 25


def test_pages_build_without_a_warning_and_explain_every_word(tmp_path: Path) -> None:
    command = [sys.executable, *sphinx(tmp_path)[1:]]
    built = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert (built.returncode, built.stderr) == (0, "")
    assert {path.stem for path in DOCS} <= {path.stem for path in tmp_path.glob("*.html")}
    glossary = (tmp_path / "glossary.html").read_text()
    assert [key for key in terms() if f'id="{key}"' not in glossary] == []
    assert (tmp_path / "_images" / "model.svg").exists()


@pytest.mark.parametrize("paper", READ, ids=lambda paper: paper.name)
def test_page_names_only_commands_and_files_that_are_there(paper: Path) -> None:
    text = paper.read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert commands - get_commands().keys() == set()
    places = set(re.findall(r"[\s(`]((?:[a-z][a-z_]*/)+[a-z_]+\.(?:py|toml|md|css|webp|svg))", text))
    assert [one for one in places if not any((top / one).exists() for top in (ROOT, paper.parent))] == []
    targets = set(re.findall(r"`make ([a-z]+)", text))
    assert targets <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
