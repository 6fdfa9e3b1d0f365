"""A paper that was laid out, and what others are written into its pages."""

import logging
import re
from functools import cached_property
from html import unescape
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from reports import pdf
from reports.cohort.codes import Code
from reports.cohort.ink import Glyphs, Ink, Written
from reports.cohort.pages import Pages, Painted, Place, says, squeezed
from reports.cohort.pieces import OPENING, Misfit, Pieces, attributes, words
from reports.cohort.sheets import Sheets

log = logging.getLogger(__name__)

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LETTERS = " ".join(map(chr, [*range(33, 127), 0xB7, *range(0xC0, 0x100), 0x2013, 0x2019]))
"""In the fonts of a template beside what it prints itself. Other letters cost a set of fonts of their own."""
PLAIN = re.compile(r"https?://[A-Za-z0-9.:/_-]+")
"""An address that is written into a file as it is."""
TEMPLATES = 6
"""Ways of laying out that a cohort keeps; each takes about 26 MB."""


class Template:
    """A paper that was laid out as any other; `data` is its PDF. What `filled` needs is made at its call."""

    def __init__(self, html: str) -> None:
        self.pieces = Pieces(html)
        self.code: Code | None = None
        self._foot: list[list[Place]] = []
        self._lines: dict[int, list[list[Place]]] = {}
        self.document = pdf.layout(html)
        self.painted = Painted(self.document)
        self.data = pdf.join([self.document], finisher=self._keep)

    def _keep(self, document: Any, written: Any) -> None:
        self.painted.document = document
        self._written, self._objects = written, list(written.objects)

    def filled(self, pieces: Pieces) -> bytes:
        """The paper that consists of these pieces. Raises Misfit."""
        differences = self.pieces.differences(pieces)
        paper = Paper(self)
        for number, theirs in differences:
            if number % 2:
                paper.take_attributes(self.element(number), self.pieces.parts[number], theirs)
            else:
                paper.take_text(number, theirs)
        return paper.file()

    @cached_property
    def pages(self) -> Pages:
        return Pages(self.painted)

    @cached_property
    def ink(self) -> Ink:
        return Ink(self.painted)

    @cached_property
    def sheets(self) -> Sheets:
        return Sheets(self.painted, self._objects, self._written)

    @cached_property
    def elements(self) -> dict[int, Element]:
        """The element of each piece that opens one; empty where the parser saw others than are written."""
        parts = enumerate(self.pieces.parts)
        opening = {number: tag[1] for number, part in parts if number % 2 and (tag := OPENING.match(part))}
        root = self.document._html.etree_element
        found = [one for one in root.iter() if isinstance(one.tag, str)]
        if [one.tag for one in found] != list(opening.values()):
            return {}
        return dict(zip(opening, found, strict=True))

    @cached_property
    def outline(self) -> set[int]:
        """By id, elements whose words are in the outline of the file, too."""
        headings = [one for one in self.elements.values() if one.tag in HEADINGS]
        return {id(inner) for one in headings for inner in one.iter()}

    @cached_property
    def title_piece(self) -> int:
        """Number of the piece that is the title of the file; -1 where none is."""
        parts, title = self.pieces.parts, self.document.metadata.title
        opening = [number for number, one in self.elements.items() if one.tag == "title"]
        return next((number + 1 for number in opening if unescape(parts[number + 1]) == title), -1)

    def element(self, number: int) -> Element:
        """The element that this piece opens."""
        if number not in self.elements:
            raise Misfit("its elements are others than are written")
        return self.elements[number]

    def leaf(self, number: int) -> Element:
        """The element that holds this piece of text and nothing else."""
        element = self.element(number - 1)
        if self.pieces.parts[number + 1] != f"</{element.tag}>":
            raise Misfit("the text shares its element")
        if id(element) in self.outline:
            raise Misfit("a heading is another")
        return element

    def lines(self, number: int) -> list[list[Place]]:
        """Where this piece of text stands: its lines, on each page that repeats it."""
        if number not in self._lines:
            text, places = (
                words(self.pieces.parts[number]),
                self.pages.of_element.get(id(self.leaf(number)), []),
            )
            found = [list(group) for _, group in groupby(places, key=lambda place: place.page)]
            if not found or any(says(group) != squeezed(text) for group in found):
                raise Misfit("the text stands nowhere as it is")
            self._lines[number] = found
        return self._lines[number]

    def foot(self, text: str) -> list[list[Place]]:
        """Its lines in the margin of each page; `text` is the same at every call."""
        if self._foot:
            return self._foot
        found = []
        for _, group in groupby(self.pages.margins, key=lambda place: place.page):
            places = list(group)
            runs = [
                places[first:last]
                for first in range(len(places))
                for last in range(first + 1, len(places) + 1)
            ]
            found += [run for run in runs if says(run) == squeezed(text)]
        if len(found) != len(self.pages.parts):
            raise Misfit("the foot is not once on each page")
        self._foot = found
        return found

    def picture(self, place: Place, old: str, url: str) -> bytes:
        """The code that `url` names, drawn as the old one is."""
        self.code = self.code or Code(old, self.ink.picture(place))
        return self.code.drawn(url)

    @cached_property
    def letters(self) -> Glyphs:
        """The glyphs of LETTERS in every style in which text may be written."""
        styles = {place.style: place for places in self._writable() for place in places if place.line}
        found: Glyphs = {}
        for place in styles.values():
            for key, glyphs in self.ink.line(place, LETTERS).glyphs.items():
                found.setdefault(key, {}).update(glyphs)
        return found

    def _writable(self) -> list[list[Place]]:
        texts = [places for element, places in self.pages.of_element.items() if element not in self.outline]
        return [*texts, self.pages.margins]


class Paper:
    """Another paper while it is written into the pages of a template."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.title: str = template.document.metadata.title or ""
        self.link = template.sheets.link
        self.written: list[Written] = []
        self.url, self.picture = "", b""

    def take_text(self, number: int, theirs: str) -> None:
        if number == self.template.title_piece and theirs:
            self.title = unescape(theirs)
            return
        text = words(theirs)
        for places in self.template.lines(number):
            self.written += self.template.ink.write(places, text)

    def take_attributes(self, element: Element, mine: str, theirs: str) -> None:
        old, new = attributes(mine), attributes(theirs)
        for name in [name for name in old if old[name] != new[name]]:
            if name == "data-foot":
                self._take_foot(old[name], new[name])
            elif name == "src":
                self._take_picture(element, old[name], new[name])
            else:
                self._take_link(old[name], new[name])

    def _take_foot(self, old: str, new: str) -> None:
        if words(new) != new:
            raise Misfit("the foot has lines of its own")
        for places in self.template.foot(old):
            self.written += self.template.ink.write(places, new)

    def _take_picture(self, element: Element, old: str, url: str) -> None:
        if self.picture and self.url != url:
            raise Misfit("it has several pictures")
        places = self.template.pages.of_element.get(id(element))
        if not places:
            raise Misfit("the picture stands nowhere")
        self.url, self.picture = url, self.picture or self.template.picture(places[0], old, url)
        self.written += [self.template.ink.show(place) for place in places]

    def _take_link(self, old: str, new: str) -> None:
        if old != self.template.sheets.link or not PLAIN.fullmatch(new) or self.link not in (old, new):
            raise Misfit("a link that is not the address of the check")
        self.link = new

    def file(self) -> bytes:
        """The finished PDF."""
        parts = [list(page) for page in self.template.pages.parts]
        for one in self.written:
            parts[one.place.page][one.place.part] = one.operators
        return self.template.sheets.file(
            [b"\n".join(filter(None, page)) for page in parts],
            title=self.title,
            link=self.link,
            picture=self.picture,
            base=self.template.letters,
            glyphs=[one.glyphs for one in self.written],
        )


class Cohort:
    """Papers of one kind, with the newest templates of them. For one thread."""

    def __init__(self) -> None:
        self.templates: list[Template] = []

    def render(self, html: str) -> bytes:
        """The paper as PDF. Raises PdfError, as pdf.layout does."""
        pieces = Pieces(html)
        for template in reversed(self.templates):
            try:
                data = template.filled(pieces)
            except Misfit as misfit:
                log.debug("laid out by itself: %s", misfit)
            except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
                log.exception("a template could not be filled")
            else:
                self._keep(template)
                return data
        template = Template(html)
        self._keep(template)
        return template.data

    def _keep(self, template: Template) -> None:
        """As the newest."""
        others = [one for one in self.templates if one is not template]
        self.templates = [*others, template][-TEMPLATES:]
