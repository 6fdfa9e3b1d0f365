"""The letters of the pages: Source Sans from its wheel, cut down to what pages use, as woff2.

A static files finder, so that collectstatic, the development server and tests all get the fonts without a
step of their own. The files are made once, under VAR_DIR, in a folder named for what goes into them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from fontTools import subset

WEIGHTS = {"400": "Regular", "600": "Semibold", "700": "Bold"}
# Latin with the letters of European names, typographic punctuation, and the few signs pages use.
LETTERS = (
    "20-7E A0-17F 2010-2015 2018-201E 2020-2022 2026 2030 2032-2033 2039-203A "
    "20AC 2122 2190-2193 2212 2260 2264-2265"
)
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "case"]


class SubsetFonts(BaseFinder):
    """Finds `fonts/source-sans-<weight>.woff2`, making it first where it does not exist yet."""

    def __init__(self, app_names: object = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=folder())

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        weight = next((weight for weight in WEIGHTS if path == name_of(weight)), None)
        if weight is None:
            return [] if find_all else None
        found = str(font(weight))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for weight in WEIGHTS:
            font(weight)
            yield name_of(weight), self.storage


def name_of(weight: str) -> str:
    return f"fonts/source-sans-{weight}.woff2"


def folder() -> Path:
    """Another folder for another font version or another choice of letters: nothing old is ever served."""
    recipe = f"{version('font-source-sans-pro')} {version('fonttools')} {LETTERS} {FEATURES}"
    return Path(settings.VAR_DIR) / "static" / hashlib.sha256(recipe.encode()).hexdigest()[:12]


def font(weight: str) -> Path:
    """The woff2 file of a weight; written beside its name and renamed, so that two processes may race."""
    target = folder() / name_of(weight)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    _cut(WEIGHTS[weight], Path(draft))
    os.chmod(draft, 0o644)
    os.replace(draft, target)
    return target


def _cut(style: str, target: Path) -> None:
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, desubroutinize=True)
    source = files("font_source_sans_pro") / "files" / f"SourceSansPro-{style}.ttf"
    whole = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(LETTERS))
    cutter.subset(whole)
    subset.save_font(whole, str(target), options)
