"""The pictures of README and docs are there, small, shown, and of the pages as they are today."""

import json

import pytest
from PIL import Image

from machine.programs import ROOT
from tests.pictures import FOLDER, KEPT, LARGEST, SOURCES, sources

pytestmark = pytest.mark.once  # no database is concerned

REMEDY = "look whether the page looks otherwise now, type `make screenshots` and commit docs/pictures"


@pytest.mark.parametrize("name", KEPT)
def test_picture_shows_the_page_of_today(name: str) -> None:
    then, now = json.loads(SOURCES.read_text())[name], sources()[name]
    changed = sorted({path for path, _ in then.items() ^ now.items()})
    assert changed == [], f"docs/pictures/{name}.webp is older than these: {REMEDY}"


@pytest.mark.parametrize("name", KEPT)
def test_picture_depends_on_its_page_the_frame_around_it_and_the_style(name: str) -> None:
    assert {"templates/base.html", "static/theme.css", f"templates/{KEPT[name].template}"} <= sources()[
        name
    ].keys()


def test_pictures_are_small_and_each_is_shown_somewhere() -> None:
    files = {path.stem: path for path in FOLDER.glob("*.webp")}
    assert files.keys() == KEPT.keys()
    assert {name for name, path in files.items() if path.stat().st_size > LARGEST} == set()
    assert all(Image.open(path).width in (780, 1280) for path in files.values())
    text = "".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert {name for name in files if f"pictures/{name}.webp" not in text} == set()
