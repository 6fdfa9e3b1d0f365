"""A Word document as what stands on its pages: paragraphs and tables, in order, content controls included.

Deleted text, field codes and the hints of empty content controls are left out; boxes that are ticked read ☒.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from competencies.imports.outline import Malformed
from competencies.imports.package import Package
from competencies.imports.words import one_line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
THROUGH = {f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")} | {
    f"{MC}AlternateContent",
    f"{MC}Choice",
}
"""Elements that only wrap what stands on the page."""
UNSEEN = {
    f"{W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "txbxContent", "pPr", "rPr", "sdtPr")
} | {f"{MC}Fallback"}
SYMBOLS = {
    "F0FE": "☒",
    "F0FD": "☒",
    "F078": "☒",
    "F052": "☒",
    "F0FC": "☒",
    "F0A8": "☐",
    "F06F": "☐",
    "F0A3": "☐",
    "F071": "☐",
}
HINT = re.compile(r"(?:click|tap|choose|enter)\b.{0,60}(?:text|item|date|here)", re.IGNORECASE)
RUNS_ON = re.compile(
    r".*\b(?:and|or|of|the|a|an|for|to|with|in|on|by|from|at)|.*[,:&(/–—-]|(?:\d{1,2}|[A-Z])[.)]?",
    re.IGNORECASE,
)
"""A line that is no end: it stops at a small word or a sign, or is a number alone."""
DEEPEST = 40
MOST_BLOCKS = 20_000


@dataclass(frozen=True)
class Paragraph:
    """A line of text, with its tabs; `listed` where Word numbers it or puts a bullet before it."""

    text: str
    listed: bool = False

    @property
    def line(self) -> str:
        return one_line(self.text.replace("\t", " "))


@dataclass(frozen=True)
class Cell:
    """A cell, how many columns of the grid it takes, and in which it begins."""

    paragraphs: tuple[Paragraph, ...]
    start: int
    span: int

    @property
    def text(self) -> str:
        return " ".join(paragraph.line for paragraph in self.paragraphs if paragraph.line)

    @property
    def lines(self) -> list[str]:
        """Its lines as they are meant: a break inside a paragraph ends one, unless its sentence runs on."""
        return [line for paragraph in self.paragraphs for line in _meant(paragraph.text)]


@dataclass(frozen=True)
class TableRow:
    cells: tuple[Cell, ...]

    @property
    def filled(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.text]


@dataclass(frozen=True)
class Table:
    rows: tuple[TableRow, ...]

    @property
    def width(self) -> int:
        """The most cells that a row of it has."""
        return max((len(row.cells) for row in self.rows), default=0)


Block = Paragraph | Table


def _meant(text: str) -> list[str]:
    """The lines between breaks; what was broken only to fit a column is one again."""
    lines = [line for part in text.split("\n") if (line := one_line(part.replace("\t", " ")))]
    if len(lines) > 1 and "".join(lines).isupper():
        return [" ".join(lines)]
    found: list[str] = []
    for line in lines:
        if found and (RUNS_ON.fullmatch(found[-1]) or line[0].islower() or line[0] == "("):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def blocks(data: bytes, *, name: str) -> list[Block]:
    """Everything on the pages. Raises Malformed for a document that is damaged or far too long."""
    body = Package(data, name).xml("word/document.xml").find(f"{W}body")
    if body is None:
        raise Malformed(name, "is damaged: there is no text in it")
    found: list[Block] = []
    for block in _blocks(body, 0):
        found.append(block)
        if len(found) > MOST_BLOCKS:
            raise Malformed(name, "is far longer than any schedule")
    return found


def _blocks(parent: Element, depth: int) -> Iterator[Block]:
    if depth > DEEPEST:
        return
    for node in parent:
        if node.tag == f"{W}p":
            yield Paragraph(_words(node), node.find(f"{W}pPr/{W}numPr") is not None)
            for box in _boxes(node):
                yield from _blocks(box, depth + 1)
        elif node.tag == f"{W}tbl":
            yield from _tables(node, depth)
        elif node.tag in THROUGH and not _is_hint(node):
            yield from _blocks(node, depth + 1)


def _boxes(paragraph: Element) -> Iterator[Element]:
    """The text boxes that hang on a paragraph, each once."""
    for node in paragraph:
        if node.tag == f"{W}txbxContent":
            yield node
        elif node.tag != f"{MC}Fallback":
            yield from _boxes(node)


def _is_hint(control: Element) -> bool:
    """Whether a content control shows only the hint what to type there."""
    if control.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
        return False
    content = control.find(f"{W}sdtContent")
    return content is not None and bool(HINT.search(_words(content)))


def _words(node: Element, depth: int = 0) -> str:
    parts: list[str] = []
    for child in node:
        if child.tag in UNSEEN or depth > DEEPEST or (child.tag == f"{W}sdt" and _is_hint(child)):
            continue
        parts.append(_mark(child) or _words(child, depth + 1))
    return "".join(parts)


def _mark(node: Element) -> str:
    """What a leaf of the text stands for, "" for everything else."""
    if node.tag == f"{W}t":
        return node.text or ""
    if node.tag == f"{W}tab":
        return "\t"
    if node.tag in (f"{W}br", f"{W}cr"):
        return "\n"
    if node.tag == f"{W}noBreakHyphen":
        return "-"
    if node.tag == f"{W}sym":
        return SYMBOLS.get(node.get(f"{W}char", "").upper(), "")
    if node.tag == f"{W}checkBox":
        state = node.find(f"{W}checked")
        state = node.find(f"{W}default") if state is None else state
        return "☒" if state is not None and state.get(f"{W}val", "1") not in ("0", "false") else "☐"
    return ""


def _tables(node: Element, depth: int) -> Iterator[Block]:
    """The table; where a cell holds another table, the outer one is mere layout and is taken apart there."""
    rows: list[TableRow] = []
    for row in _inside(node, f"{W}tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        cells = list(_inside(row, f"{W}tc"))
        if any(cell.find(f".//{W}tbl") is not None for cell in cells):
            if rows:
                yield Table(tuple(rows))
                rows = []
            for cell in cells:
                yield from _blocks(cell, depth + 1)
        else:
            rows.append(_row(row, cells))
    if rows:
        yield Table(tuple(rows))


def _inside(parent: Element, tag: str) -> Iterator[Element]:
    for node in parent:
        if node.tag == tag:
            yield node
        elif node.tag in THROUGH:
            yield from _inside(node, tag)


def _row(row: Element, nodes: list[Element]) -> TableRow:
    start = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
    cells: list[Cell] = []
    for node in nodes:
        span = _number(node.find(f"{W}tcPr/{W}gridSpan"), 1)
        found = (block for block in _blocks(node, 1) if isinstance(block, Paragraph))
        cells.append(Cell(tuple(one for one in found if one.line), start, span))
        start += span
    return TableRow(tuple(cells))


def _number(node: Element | None, default: int) -> int:
    text = node.get(f"{W}val", "") if node is not None else ""
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else default
