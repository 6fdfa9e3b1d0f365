"""The letters of the pages: Source Sans from its wheel, cut down to what pages use, as woff2."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from io import BytesIO

from fontTools import subset

from apprenticeship.made import Made

FONTS = {
    "fonts/source-sans-400.woff2": "Regular",
    "fonts/source-sans-600.woff2": "Semibold",
    "fonts/source-sans-700.woff2": "Bold",
}
# Latin with the letters of European names, typographic punctuation, and the few signs pages use.
LETTERS = (
    "20-7E A0-17F 2010-2015 2018-201E 2020-2022 2026 2030 2032-2033 2039-203A "
    "20AC 2122 2190-2193 2212 2260 2264-2265"
)
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "case"]


class SubsetFonts(Made):
    """Finds `fonts/source-sans-<weight>.woff2`."""

    names = tuple(FONTS)

    def recipe(self) -> str:
        return f"{version('font-source-sans-pro')} {version('fonttools')} {LETTERS} {FEATURES}"

    def make(self, name: str) -> bytes:
        options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, desubroutinize=True)
        source = files("font_source_sans_pro") / "files" / f"SourceSansPro-{FONTS[name]}.ttf"
        whole = subset.load_font(str(source), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=subset.parse_unicodes(LETTERS))
        cutter.subset(whole)
        cut = BytesIO()
        subset.save_font(whole, cut, options)
        return cut.getvalue()
