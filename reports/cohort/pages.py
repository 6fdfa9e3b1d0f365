"""Where the texts and pictures of a laid-out paper were drawn on its pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any

from pydyf import _to_bytes
from weasyprint import Document
from weasyprint.css.properties import INHERITED
from weasyprint.formatting_structure import boxes
from weasyprint.layout.inline import text_align

from reports.cohort.pieces import NO_BREAK_SPACE, Misfit


@dataclass(eq=False)
class Place:
    """A line of text or a picture that was drawn: part `part` of page `page` (both from 0).

    `line` and `block` hold a text that stands alone on its line; they are None for every other.
    """

    page: int
    box: Any
    line: Any = None
    block: Any = None
    margin: bool = False
    loose: bool = False
    part: int = 0
    lead: bytes = b""
    """What is written ahead of the text itself: its colour, where that was another before."""

    @cached_property
    def style(self) -> str:
        """Everything that decides how a text is shaped here; equal where any text looks the same."""
        return "\n".join(repr(self.box.style[name]) for name in sorted(INHERITED))

    @cached_property
    def room(self) -> "Room":
        """Of a text that stands alone. Raises Misfit where its line is set otherwise than by its width."""
        style = self.line.style
        if style["text_align_all"] == "justify" or style["direction"] != "ltr":
            raise Misfit("the text is justified, or not from left to right")
        nothing, width = SimpleNamespace(width=0, style=style), self.block.width
        share = text_align(None, nothing, width, last=True) / width
        y = number(self.box.position_y + self.box.baseline)
        return Room(self.block.content_box_x(), width, share, y)

    @cached_property
    def plain(self) -> bool:
        """Whether text stands here as it is written, but for white space that is closed up."""
        style = self.box.style
        closed_up = style["white_space"] in ("normal", "nowrap", "pre-line")
        return bool(closed_up and style["text_transform"] == "none" and style["hyphens"] == "manual")


@dataclass(frozen=True)
class Room:
    """Of a line: CSS pixels from the left, its width, the share of white space on the left, and its base."""

    x: float
    width: float
    share: float
    y: bytes


class Painted:
    """What painting a document says of each page: its operators, and the number of what is marked in them."""

    def __init__(self, document: Document) -> None:
        """Listen to the painting that comes."""
        self.document = document
        self.streams: list[Any] = []
        self.marks: list[dict[Any, int]] = []
        for page in document.pages:
            page.paint = partial(self._paint, page)

    def _paint(self, page: Any, stream: Any, scale: float) -> None:
        del page.paint
        page.paint(stream, scale)
        self.streams.append(stream)
        self.marks.append({box: said["mcid"] for box, said in stream._tags.items()})


class Pages:
    """The operators of each page in parts, every other one of which belongs to a place."""

    def __init__(self, painted: Painted) -> None:
        self.parts: list[list[bytes]] = []
        self.margins: list[Place] = []
        self.of_element: dict[int, list[Place]] = {}
        """By id of the HTML element, in reading order."""
        for number, page in enumerate(painted.document.pages):
            places = list(_places(page._page_box, Place(number, None)))
            found = {painted.marks[number][place.box]: place for place in places}
            self.parts.append(_cut(painted.streams[number].stream, found))
            for place in places:
                self._note(place)

    def _note(self, place: Place) -> None:
        if place.margin and isinstance(place.box, boxes.TextBox):
            self.margins.append(place)
        elif "::" not in place.box.element_tag:
            self.of_element.setdefault(id(place.box.element), []).append(place)


def _places(box: Any, inside: Place) -> Iterator[Place]:
    """All texts and pictures in `box`."""
    page, line, block, margin = inside.page, inside.line, inside.block, inside.margin
    loose = inside.loose or _takes_room_by_its_text(box)
    if isinstance(box, boxes.TextBox):
        alone = line is not None and list(line.children) == [box] and not loose
        yield Place(page, box, line if alone else None, block if alone else None, margin)
        return
    if isinstance(box, boxes.ReplacedBox):
        yield Place(page, box, margin=margin)
        return
    if isinstance(box, boxes.LineBox):
        line = box
    elif isinstance(box, boxes.BlockContainerBox):
        line, block, margin = None, box, margin or isinstance(box, boxes.MarginBox)
    for child in getattr(box, "children", ()):
        yield from _places(child, Place(page, None, line, block, margin, loose))


def _takes_room_by_its_text(box: Any) -> bool:
    """Whether the width of a box depends on what is in it."""
    if isinstance(box, boxes.TableBox):
        return bool(box.style["table_layout"] != "fixed")
    shrinks = isinstance(box, (boxes.InlineBlockBox, boxes.MarginBox)) or box.style["float"] != "none"
    return bool(shrinks and box.style["width"] == "auto")


def _cut(items: list[Any], found: dict[int, Place]) -> list[bytes]:
    """The operators in parts: between the places, and what is drawn in each (its marked content)."""
    parts, last, number = [], 0, None
    for at, item in enumerate(items):
        if isinstance(item, dict) and "MCID" in item:
            number, begin = item["MCID"], at + 2
            parts.append(joined(items[last:begin]))
        elif item == b"EMC" and number is not None:
            place, drawn = found[number], items[begin:at]
            place.part = len(parts)
            place.lead = joined(drawn[: drawn.index(b"BT")]) if b"BT" in drawn else b""
            parts.append(joined(drawn))
            last, number = at, None
    return [*parts, joined(items[last:])]


def joined(items: list[Any]) -> bytes:
    """Operators as WeasyPrint would write them."""
    return b"\n".join(_to_bytes(item) for item in items)


def number(value: float) -> bytes:
    """A number as WeasyPrint would write it."""
    return bytes(_to_bytes(float(value)))


def says(places: list[Place]) -> str:
    """What the lines say together, without the spaces at which they may have been broken."""
    return squeezed("".join(place.box.text for place in places))


def squeezed(text: str) -> str:
    return text.replace(" ", "").replace(NO_BREAK_SPACE, "")
