"""The pictures by which a phone shows the installed site: our own mark as PNG, drawn with the static files.

Phones ask for PNG; the SVG of the mark stays the only drawing in the repository.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version

import resvg_py
from django.conf import settings

from apprenticeship.made import Made

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


class AppIcons(Made):
    """Finds `icons/<name>.png`."""

    names = tuple(icon.path for icon in ICONS)

    def recipe(self) -> str:
        return f"{version('resvg-py')} {_mark()} {ICONS}"

    def make(self, name: str) -> bytes:
        (icon,) = [one for one in ICONS if one.path == name]
        return bytes(resvg_py.svg_to_bytes(svg_string=drawing(icon), width=icon.side))


def drawing(icon: Icon) -> str:
    """The mark as SVG, its ground square where the phone cuts the corners.

    The book keeps within the middle 80 %, which no mask cuts (W3C, Web application manifest, safe zone).
    """
    return _mark() if icon.purpose == "any" else re.sub(r' rx="[0-9]+"', "", _mark(), count=1)


def _mark() -> str:
    return (settings.BASE_DIR / "static" / MARK).read_text()
