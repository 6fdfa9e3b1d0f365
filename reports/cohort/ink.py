"""Text and pictures as WeasyPrint draws them, for places that are laid out already."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from weasyprint.draw.text import draw_first_line, draw_text
from weasyprint.layout.inline import iter_line_boxes
from weasyprint.layout.replaced import replacedbox_layout
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import FROM_UNITS, pango
from weasyprint.text.line_break import create_layout, line_size

from reports.cohort.pages import Painted, Place, joined, number
from reports.cohort.pieces import Misfit

CLOSE = 1e-4
"""CSS pixels that are no difference."""
PICTURE, SIDE = "check", 64
"""Name of the picture of a paper, which is drawn once, and its width and height: CSS pixels."""
MOST_KEPT = 50_000
"""Texts that are remembered as they were drawn."""

Glyphs = dict[int, dict[int, tuple[str, float]]]
"""By key of the font: glyphs, with the characters they stand for and their width in thousandths of an em."""


@dataclass(frozen=True)
class Drawn:
    """A line of text, wherever it stands: CSS pixels, and operators that follow the place."""

    width: float
    height: float
    baseline: float
    operators: bytes
    glyphs: Glyphs


@dataclass(frozen=True)
class Written:
    """What goes into one place, and the glyphs that it needs."""

    place: Place
    operators: bytes
    glyphs: Glyphs = field(default_factory=dict)


class Ink:
    """Draws with the fonts of one document, and leaves no trace in them."""

    def __init__(self, painted: Painted) -> None:
        """Raises Misfit for a document with letters that no font has."""
        self.fonts: dict[int, Any] = painted.document.fonts
        if any(font.missing for font in self.fonts.values()):
            raise Misfit("it has letters that no font has")
        self._stream = painted.streams[0]
        self._known: dict[tuple[str, str], Drawn] = {}
        self._layouts: dict[str, Any] = {}

    def write(self, places: list[Place], text: str) -> list[Written]:
        """The text in place of the lines that stand there. Raises Misfit where it takes other room."""
        first = places[0]
        if any(place.line is None or place.page != first.page for place in places):
            raise Misfit("the text shares its line or goes over a page")
        if not first.plain:
            raise Misfit("the text is not set as it is written")
        if len(places) == 1 and first.box.style["text_decoration_line"] == "none":
            return [self._line(first, text)]
        return list(self._lines(places, text))

    def picture(self, place: Place) -> bytes:
        """The picture that stands there, SIDE wide and high."""
        stream = self._new_stream()
        place.box.replacement.draw(stream, SIDE, SIDE, place.box.style)
        return joined(stream.stream)

    def show(self, place: Place) -> Written:
        """The picture of another paper in place of the one that stands there."""
        width, height, x, y = replacedbox_layout(place.box)
        stream = self._new_stream()
        with stream.stacked():
            stream.set_alpha(1)
            stream.transform(a=width / SIDE, d=height / SIDE, e=x, f=y)
            stream.draw_x_object(PICTURE)
        return Written(place, joined(stream.stream))

    def line(self, place: Place, text: str) -> Drawn:
        """The text on one line, in the style of a place."""
        known = self._known.get((place.style, text))
        if known:
            return known
        layout = self._layout(place)
        layout.set_text(text)
        first, more = layout.get_first_line()
        if more is not None:
            raise Misfit("the text has lines of its own")
        width, height = line_size(first, place.box.style)
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        box = place.box.copy_with_text(text)
        box.pango_layout = layout
        stream = self._new_stream()
        with self._listening() as glyphs:
            if draw_first_line(stream, box, "clip", "none", Matrix(d=-1)):
                raise Misfit("the text has pictures in it")
        drawn = Drawn(width, height, baseline, joined(stream.stream[1:]), glyphs)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[place.style, text] = drawn
        return drawn

    def _layout(self, place: Place) -> Any:
        """Pango's view of a style; making one takes longer than setting a text with it."""
        if place.style not in self._layouts:
            self._layouts[place.style] = create_layout("", place.box.style, None, None, 0)
        return self._layouts[place.style]

    def _line(self, place: Place, text: str) -> Written:
        drawn, box, room = self.line(place, text), place.box, place.room
        higher = max(abs(drawn.height - box.height), abs(drawn.baseline + box.margin_top - box.baseline))
        if drawn.width > room.width - CLOSE or higher > CLOSE:
            raise Misfit("the text takes other room")
        operators = [place.lead, b"BT"] if place.lead else [b"BT"]
        if drawn.operators:
            x = number(room.x + room.share * (room.width - drawn.width))
            operators += [b"1 0 0 -1 %b %b Tm" % (x, room.y), drawn.operators]
        return Written(place, b"\n".join([*operators, b"ET"]), drawn.glyphs)

    def _lines(self, places: list[Place], text: str) -> Iterator[Written]:
        """The text on as many lines as there are, broken and set by WeasyPrint."""
        block, first = places[0].block, places[0].line
        unbroken = first.copy_with_children([places[0].box.copy_with_text(text)])
        layout = SimpleNamespace(excluded_shapes=[], dictionaries={})
        broken = iter_line_boxes(layout, unbroken, first.position_y, 0, None, block, [], [], None, None)
        lines = [line for line, _ in broken]
        if len(lines) != len(places):
            raise Misfit("the text takes another number of lines")
        for place, line in zip(places, lines, strict=True):
            (box,) = line.children
            lower, higher = line.position_y - place.line.position_y, line.height - place.line.height
            if max(abs(lower), abs(higher)) > CLOSE:
                raise Misfit("the text takes other room")
            stream = self._new_stream()
            with self._listening() as glyphs:
                draw_text(stream, box, 0, "clip", "none")
            yield Written(place, joined(stream.stream), glyphs)

    def _new_stream(self) -> Stream:
        return self._stream.clone(tags=None)

    @contextmanager
    def _listening(self) -> Iterator[Glyphs]:
        """What is drawn within adds nothing to the fonts, and its glyphs are told afterwards."""
        before = {key: (font.to_unicode, font.widths) for key, font in self.fonts.items()}
        for font in self.fonts.values():
            font.to_unicode, font.widths = {}, dict(font.widths)
        found: Glyphs = {}
        try:
            yield found
            for key, font in self.fonts.items():
                if key not in before or font.missing:
                    raise Misfit("the text needs another font")
                if said := font.to_unicode:
                    found[key] = {glyph: (text, font.widths[glyph]) for glyph, text in said.items()}
        finally:
            for key in set(self.fonts) - set(before):
                del self.fonts[key]
            for key, (to_unicode, widths) in before.items():
                font = self.fonts[key]
                font.to_unicode, font.widths = to_unicode, widths
                font.missing.clear()
