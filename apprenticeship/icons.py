"""The pictures by which a phone shows the installed site: our own mark as PNG, drawn with the static files.

A static files finder beside that of the fonts, and made the same way: once, under VAR_DIR, in a folder named
for what goes into them. Phones ask for PNG; the SVG of the mark stays the only drawing in the repository.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import resvg_py
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

MARK = "favicon.svg"


@dataclass(frozen=True)
class Icon:
    """One picture: "any" has the round corners of the mark; of others the phone cuts the corners itself."""

    name: str
    side: int
    purpose: str = "any"

    @property
    def path(self) -> str:
        return f"icons/{self.name}.png"

    @property
    def sizes(self) -> str:
        return f"{self.side}x{self.side}"


ICONS = (
    Icon("journeybook-192", 192),
    Icon("journeybook-512", 512),
    Icon("journeybook-maskable-512", 512, "maskable"),
    Icon("apple-touch-icon", 180, "apple"),
)


class AppIcons(BaseFinder):
    """Finds `icons/<name>.png`, drawing it first where it does not exist yet."""

    def __init__(self, app_names: object = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=folder())

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        icon = next((one for one in ICONS if one.path == path), None)
        if icon is None:
            return [] if find_all else None
        found = str(picture(icon))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for icon in ICONS:
            picture(icon)
            yield icon.path, self.storage


def folder() -> Path:
    """Another folder for another mark: nothing old is ever served."""
    recipe = f"{version('resvg-py')} {_mark()} {ICONS}"
    return Path(settings.VAR_DIR) / "static" / hashlib.sha256(recipe.encode()).hexdigest()[:12]


def picture(icon: Icon) -> Path:
    """The PNG file; written beside its name and renamed, so that two processes may race."""
    target = folder() / icon.path
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(bytes(resvg_py.svg_to_bytes(svg_string=drawing(icon), width=icon.side)))
    os.chmod(draft, 0o644)
    os.replace(draft, target)
    return target


def drawing(icon: Icon) -> str:
    """The mark as SVG, its ground square where the phone cuts the corners.

    The book keeps within the middle 80 %, which no mask cuts (W3C, Web application manifest, safe zone).
    """
    return _mark() if icon.purpose == "any" else re.sub(r' rx="[0-9]+"', "", _mark(), count=1)


def _mark() -> str:
    return (settings.BASE_DIR / "static" / MARK).read_text()
