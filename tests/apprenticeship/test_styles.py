"""The one stylesheet of our pages is made of all that is written for them, and anew when that changes."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from machine.programs import ROOT

pytestmark = pytest.mark.once  # no database is concerned


@pytest.fixture
def own(settings: Any, tmp_path: Path) -> Path:
    """A copy of what is written, that a test may change."""
    shutil.copytree(ROOT / "static", tmp_path / "static")
    settings.BASE_DIR = tmp_path
    settings.VAR_DIR = tmp_path / "var"
    settings.STATICFILES_FINDERS = ["apprenticeship.styles.Stylesheet"]
    settings.STATIC_ROOT = str(tmp_path / "collected")
    return tmp_path


def stylesheet() -> str:
    return Path(str(finders.find("journeybook.css"))).read_text()


def collected(own: Path) -> str:
    """What is served after collectstatic, an hour after all that was done before."""
    for path in (*(own / "var").rglob("*.css"), *(own / "collected").rglob("*.css")):
        os.utime(path, (path.stat().st_mtime - 3600,) * 2)
    call_command("collectstatic", "--no-input", verbosity=0)
    return (own / "collected" / "journeybook.css").read_text()


def test_stylesheet_has_bootstrap_the_theme_and_then_the_rules_of_some_pages_for_these_alone() -> None:
    text = stylesheet()
    places = [text.index(words) for words in ("Bootstrap", "--paper:", ":where(.apprentice-pages) {")]
    assert places == sorted(places)
    names = re.findall(r"^:where\(\.([\w-]+)-pages\) {$", text, flags=re.MULTILINE)
    assert set(names) == {path.stem for path in (ROOT / "static" / "pages").glob("*.css")}
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("name", ["theme", "pages/signing"])
def test_stylesheet_changes_when_what_is_written_does(own: Path, name: str) -> None:
    before = stylesheet()
    (own / "static" / f"{name}.css").write_text(".other { color: red; }\n")
    assert ".other" in stylesheet()
    (own / "static" / f"{name}.css").write_text((ROOT / "static" / f"{name}.css").read_text())
    assert stylesheet() == before


def test_collecting_after_going_back_a_version_takes_the_older_stylesheet(own: Path) -> None:
    theme = own / "static" / "theme.css"
    before, words = collected(own), theme.read_text()
    theme.write_text(".other { color: red; }\n")
    assert ".other" in collected(own)
    theme.write_text(words)
    assert collected(own) == before


def test_pages_name_rules_that_there_are() -> None:
    said = [
        name
        for path in (ROOT / "templates").rglob("*.html")
        for block in re.findall(r"{% block pages %}(.*?){% endblock %}", path.read_text())
        for name in block.split()
    ]
    assert set(said) == {f"{path.stem}-pages" for path in (ROOT / "static" / "pages").glob("*.css")}
