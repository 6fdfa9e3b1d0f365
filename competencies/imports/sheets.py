"""Bytes of a workbook -> its sheets as rows of plain values: xlsx, xlsm, ods, csv, several csv in a zip."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from itertools import islice
from xml.etree.ElementTree import Element

from openpyxl import load_workbook

from competencies.imports.outline import Malformed
from competencies.imports.package import Package, unbroken
from competencies.imports.words import clean

MOST_ROWS = 20_000
"""Rows with something in them, of one sheet."""
MOST_BLANK = 100_000
MOST_COLUMNS = 200
MOST_SHEETS = 50
MOST_PIECES = 400_000
"""Rows, cells and texts in one part of an xlsx; the template, with its formatted blank rows, has 27,000."""
PIECES = re.compile(rb"<(?:\w+:)?(?:row|c|si)[\s>/]")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

SPELLED = re.compile(r"(-?\d+)\.0+|(\d{4}-\d{2}-\d{2})[ T]00:00:00")
"""“837.0” and “2022-10-20 00:00:00”: how a number and a day look in a text."""


@dataclass(frozen=True)
class Row:
    """One row that says something. `number` counts from 1 as a spreadsheet shows it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: tuple[Row, ...]


def said(value: object) -> str:
    """A cell in words: 837.0 is "837", a day is 2022-10-20, 1:1 that became a time of day is "1:1"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value.hour}:{value.minute}"
    text = clean(value)
    return found[1] or found[2] if (found := SPELLED.fullmatch(text)) else text


Say = Callable[[object], str]
"""How a cell is put in words."""


def filled(name: str, rows: Iterable[Iterable[object]], *, file: str, say: Say = said) -> Sheet:
    """The rows that say something. Raises Malformed where there are too many."""
    found: list[Row] = []
    blank = 0
    for number, row in enumerate(rows, start=1):
        cells = [say(value) for value, _ in zip(row, range(MOST_COLUMNS), strict=False)]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            blank += 1
        elif len(found) == MOST_ROWS:
            raise Malformed(
                file, f"has more rows than are read here: over {MOST_ROWS:,} on its sheet “{name}”"
            )
        else:
            found.append(Row(number, tuple(cells)))
        if blank > MOST_BLANK:
            break
    return Sheet(name, tuple(found))


def from_xlsx(data: bytes, *, name: str, say: Say = said) -> list[Sheet]:
    package = Package(data, name)
    package.check_all()
    _count(package, name)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets[:MOST_SHEETS]
        for sheet in sheets:
            sheet.reset_dimensions()
        return [
            filled(sheet.title, sheet.iter_rows(values_only=True), file=name, say=say) for sheet in sheets
        ]
    except Malformed:
        raise
    except Exception as error:  # a damaged workbook makes the library raise nearly anything
        raise Malformed(name, "is damaged: it cannot be opened as a workbook") from error


def _count(package: Package, name: str) -> None:
    """Refuse what would take a library minutes before the first row could be asked for."""
    for part in package.sizes:
        if part.startswith("xl/") and part.endswith(".xml"):
            found = sum(1 for _ in islice(PIECES.finditer(package.read(part)), MOST_PIECES + 1))
            if found > MOST_PIECES:
                raise Malformed(name, "has more rows than are read here, or more cells")


def from_ods(data: bytes, *, name: str) -> list[Sheet]:
    body = Package(data, name).xml("content.xml").find(f"{OFFICE}body/{OFFICE}spreadsheet")
    if body is None:
        raise Malformed(name, "is damaged: there is no sheet in it")
    tables = body.findall(f"{TABLE}table")[:MOST_SHEETS]
    return [filled(table.get(f"{TABLE}name", ""), _ods_rows(table, name), file=name) for table in tables]


def _ods_rows(table: Element, name: str) -> Iterator[list[object]]:
    """Rows with repeated ones written out; a repeated blank row costs one step each up to the limit."""
    for row in table.iter(f"{TABLE}table-row"):
        cells = _ods_cells(row)
        times = _times(row, "rows")
        if not any(cell not in ("", None) for cell in cells):
            cells = []
        elif times > MOST_ROWS:
            raise Malformed(name, f"has more rows than are read here: over {MOST_ROWS:,} on one sheet")
        if times > MOST_BLANK:
            return
        for _ in range(times):
            yield cells


def _ods_cells(row: Element) -> list[object]:
    cells: list[object] = []
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        times = min(_times(cell, "columns"), MOST_COLUMNS - len(cells))
        cells.extend([_ods_value(cell)] * max(times, 0))
    return cells


def _times(node: Element, of: str) -> int:
    text = node.get(f"{TABLE}number-{of}-repeated", "1")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 1


def _ods_value(cell: Element) -> object:
    kind, value = cell.get(f"{OFFICE}value-type", ""), cell.get(f"{OFFICE}value", "")
    if kind in ("float", "percentage", "currency") and re.fullmatch(
        r"-?[0-9.]{1,20}(E[+-]?[0-9]{1,2})?", value
    ):
        return float(value)
    if kind == "date":
        return cell.get(f"{OFFICE}date-value", "")[:10]
    return "\n".join(_paragraph(one) for one in cell.findall(f"{TEXT}p"))


def _paragraph(node: Element) -> str:
    """The text of a paragraph with its spaces, tabs and breaks, which are elements of their own."""
    words = [node.text or ""]
    for child in node:
        if child.tag == f"{TEXT}line-break":
            words.append("\n")
        elif child.tag in (f"{TEXT}s", f"{TEXT}tab"):
            words.append(" ")
        elif child.tag != f"{OFFICE}annotation":
            words.append(_paragraph(child))
        words.append(child.tail or "")
    return "".join(words)


def from_csv(text: str, *, sheet: str, name: str) -> Sheet:
    """One sheet. The separator is the one that its first line has most of: comma, semicolon or tab."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    try:
        return filled(sheet, csv.reader(StringIO(text, newline=""), delimiter=separator), file=name)
    except csv.Error as error:
        raise Malformed(name, f"cannot be read as CSV: {error}") from error


def from_csvs(data: bytes, *, name: str) -> list[Sheet]:
    """The sheets of a workbook that was saved as one CSV each, in a zip."""
    package = Package(data, name)
    parts = [
        part for part in package.sizes if part.lower().endswith(".csv") and not part.startswith("__MACOSX")
    ]
    texts = {part: decoded(package.read(part), name=name) for part in parts[:MOST_SHEETS]}
    return [from_csv(text, sheet=_stem(part), name=name) for part, text in texts.items()]


def _stem(part: str) -> str:
    """“Standards - WorkProcesses.csv” is the sheet WorkProcesses."""
    return re.split(r"[/\\]", part)[-1].rsplit(".", 1)[0].rsplit(" - ", 1)[-1]


def decoded(data: bytes, *, name: str) -> str:
    """Text in UTF-8, UTF-16 with its mark, or as Windows writes it. Raises Malformed for what is no text."""
    if b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(name, "is no text")
    if unbroken(data, b"\n", b"\r"):
        raise Malformed(name, "has half a million letters in one line, which no table has")
    for encoding in ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed(name, "is no text in a usual encoding")
