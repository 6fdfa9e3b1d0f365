"""The few pictures that README and docs show: docs/pictures/*.webp, and from what each was taken.

`make screenshots` takes them with all the others, `python -m tests.pictures` them alone. sources.json holds a
digest of every template, style sheet and file of the demo that a picture shows, so that a test can tell when
one no longer is what a visitor would see.
"""

import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from machine.programs import ROOT, main, say
from tests.screenshots import Picture, browser, pictures, signed_in, site

FOLDER = ROOT / "docs" / "pictures"
SOURCES = FOLDER / "sources.json"
LARGEST = 150_000
"""Bytes of a picture."""
PHONE, DESK = (390, 844), (1280, 880)


@dataclass(frozen=True)
class Kept:
    """A page of tests.screenshots that is kept: of whom, which, in what window, made by which template."""

    person: str
    page: str
    window: tuple[int, int]
    template: str


KEPT = {
    "board": Kept("nora", "program", DESK, "ojt_logs/program.html"),
    "week": Kept("ana", "week", PHONE, "ojt_logs/week.html"),
    "progress": Kept("ana", "progress", PHONE, "ojt_logs/progress.html"),
    "review": Kept("marcus", "review-week", PHONE, "ojt_logs/review_week.html"),
    "sign": Kept("marcus", "sign-read", PHONE, "ojt_logs/sign_competency_confirm.html"),
}


def keep(chrome: Browser, address: str, wanted: dict[str, list[Picture]]) -> Iterator[str]:
    """Take and compress what is kept; yields its names."""
    FOLDER.mkdir(exist_ok=True)
    for name, kept in KEPT.items():
        (picture,) = [one for one in wanted[kept.person] if one.name == kept.page]
        width, height = kept.window
        page = signed_in(chrome, address, kept.person, scale=1 if width > 800 else 2)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(picture.path)
        picture.act(page)
        page.wait_for_load_state("networkidle")
        shot = Image.open(io.BytesIO(page.screenshot()))
        shot.convert("RGB").save(FOLDER / f"{name}.webp", quality=80, method=6)
        page.context.close()
        yield name
    SOURCES.write_text(json.dumps(sources(), indent=1) + "\n")


def sources() -> dict[str, dict[str, str]]:
    """For each picture the files it shows, with a digest of each."""
    return {name: {_name(path): _digest(path) for path in _files(kept)} for name, kept in KEPT.items()}


def _files(kept: Kept) -> list[Path]:
    templates = _closure(ROOT / "templates" / kept.template)
    said = [re.findall(r"{% block pages %}([\w -]+){% endblock %}", path.read_text()) for path in templates]
    names = {name.removesuffix("-pages") for blocks in said for block in blocks for name in block.split()}
    styles = {ROOT / "static" / "theme.css", *(ROOT / "static" / "pages" / f"{name}.css" for name in names)}
    return sorted({*templates, *styles, *(ROOT / "fixtures" / "demo").iterdir()})


def _closure(template: Path) -> set[Path]:
    """A template and all that it extends or includes."""
    found: set[Path] = set()
    open_ones = [template]
    while open_ones:
        path = open_ones.pop()
        if path in found or not path.exists():
            continue
        found.add(path)
        names = re.findall(r"{% (?:extends|include) \"([\w./]+)(?:#\w+)?\"", path.read_text())
        open_ones += [ROOT / "templates" / name for name in names]
    return found


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _digest(path: Path) -> str:
    """Of the words; how lines are broken and indented shows on no picture."""
    return hashlib.sha256(" ".join(path.read_text().split()).encode()).hexdigest()[:16]


def take() -> None:
    with site() as address, browser() as chrome:
        for name in keep(chrome, address, pictures()):
            say(f"docs/pictures/{name}.webp")


if __name__ == "__main__":
    sys.exit(main(take))
