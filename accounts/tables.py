"""What a list says in columns, and the same list as a file: CSV or XLSX.

A `Table` stands next to its list: a heading, a value and a kind for every column. Nothing a person typed is
ever read as a formula by a spreadsheet, numbers are numbers and days are days. Times worked are whole minutes
and, in a column beside them, decimal hours. Moments are in the zone that their heading names.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Word in the address, and the media type of the file."""

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no spreadsheet file can hold: control characters and halves of characters."""
UNSEEN = re.compile("^[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""What stands before a text and is not seen: some programs read on after it as if it were not there."""
LONGEST = 32_767
"""Characters of a cell in a spreadsheet."""
ROWS_AT_ONCE = 500
LONGEST_SHEET = 1_048_575
"""Rows of a sheet beside its headings; what is more stands on a sheet of its own."""

Value = str | int | Decimal | date | datetime | None


class Kind(Enum):
    """How the value of a column is written: number format of XLSX and usual width in characters."""

    TEXT = ("@", 24)
    NUMBER = ("#,##0", 12)
    HOURS = ("#,##0.00", 12)
    DAY = ("yyyy-mm-dd", 12)
    MOMENT = ("yyyy-mm-dd hh:mm", 18)

    @property
    def pattern(self) -> str:
        return self.value[0]

    @property
    def width(self) -> int:
        return self.value[1]


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it says of a row, and for readers of a workbook what that means.

    `value` gives text, a number, a day or a moment by `kind`; of HOURS it gives minutes. None is an empty
    cell, a truth "yes" or "no".
    """

    heading: str
    value: Callable[[Any], object]
    kind: Kind = Kind.TEXT
    width: int = 0
    about: str = ""


def number(heading: str, value: Callable[[Any], object], about: str = "") -> Column:
    return Column(heading, value, Kind.NUMBER, about=about)


def day(heading: str, value: Callable[[Any], object], about: str = "") -> Column:
    return Column(heading, value, Kind.DAY, about=about)


def moment(heading: str, value: Callable[[Any], object], about: str = "") -> Column:
    return Column(heading, value, Kind.MOMENT, about=about)


def duration(heading: str, value: Callable[[Any], object], about: str = "") -> tuple[Column, Column]:
    """Two columns of one number of minutes: as it is, and as decimal hours."""
    return (
        Column(f"{heading} (minutes)", value, Kind.NUMBER, about=about),
        Column(f"{heading} (hours)", value, Kind.HOURS, about="The same in decimal hours."),
    )


@dataclass(frozen=True)
class Table:
    """A list in columns. `title` names sheet and file; `about` says to readers what one row is."""

    title: str
    columns: Sequence[Column]
    about: str = ""

    def headings(self, zone: ZoneInfo) -> list[str]:
        return [
            f"{one.heading} ({zone.key})" if one.kind is Kind.MOMENT else one.heading for one in self.columns
        ]

    def cells(self, row: Any, zone: ZoneInfo) -> list[Value]:
        return [cell_of(column, row, zone) for column in self.columns]


def cell_of(column: Column, row: Any, zone: ZoneInfo) -> Value:
    """What `column` says of `row`: text, a number, a day, a moment in `zone`, or nothing."""
    value = column.value(row)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.kind is Kind.HOURS and isinstance(value, int):
        return (Decimal(value) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if column.kind is not Kind.TEXT and isinstance(value, int | Decimal | date):
        return value
    return UNWRITABLE.sub("", str(value))[:LONGEST]


def is_hostile(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula."""
    return text.startswith(BEGINS_FORMULA) or UNSEEN.sub("", text).startswith(BEGINS_FORMULA)


# ---- CSV


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(table: Table, rows: Iterable[Any], *, zone: ZoneInfo) -> Iterator[bytes]:
    """The file piece by piece: UTF-8 with the mark by which spreadsheets know it, CRLF, headings first."""
    writer = csv.writer(_Echo())
    yield "\ufeff".encode() + _encoded(writer.writerow(table.headings(zone)))
    for row in rows:
        yield _encoded(writer.writerow([_plain(cell) for cell in table.cells(row, zone)]))


def _plain(cell: Value) -> str | int | Decimal:
    if isinstance(cell, str):
        return f"'{cell}" if is_hostile(cell) else cell
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else cell


def _encoded(line: Any) -> bytes:
    return str(line).encode()


# ---- XLSX


class Book:
    """A workbook that is written sheet by sheet and row by row, in memory that does not grow with it."""

    def __init__(self, *, zone: ZoneInfo) -> None:
        self.zone = zone
        self._book = Workbook(write_only=True)
        self._titles: set[str] = set()

    def sheet(self, table: Table) -> "Sheet":
        """A sheet that rows are put on one by one, and that stands before those begun after it."""
        return Sheet(self, table)

    def add(self, table: Table, rows: Iterable[Any]) -> int:
        """A sheet with these rows, and further ones where they are too many; says how many rows."""
        count, sheet = 0, self.sheet(table)
        for row in rows:
            if count and count % LONGEST_SHEET == 0:
                sheet.close()
                sheet = self.sheet(table)
            sheet.put(row)
            count += 1
        sheet.close()
        return count

    def begin(self, title: str) -> Any:
        return self._book.create_sheet(self._title(title))

    def save(self, file: IO[bytes]) -> None:
        self._book.save(file)

    def _title(self, wanted: str) -> str:
        """A name that a sheet may have: no []:*?/\\, at most 31 characters, each once in a book."""
        clean = re.sub(r"[\[\]:*?/\\']", " ", UNWRITABLE.sub("", wanted)).strip()[:28] or "Sheet"
        title, again = clean, 2
        while title.casefold() in self._titles:
            title, again = f"{clean} {again}", again + 1
        self._titles.add(title.casefold())
        return title


class Sheet:
    """One table in a book, its headings frozen on top."""

    def __init__(self, book: Book, table: Table) -> None:
        self.table, self.zone = table, book.zone
        self.count = 0
        self._sheet = book.begin(table.title)
        self._sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, start=1):
            wide = max(column.width or column.kind.width, min(30, len(column.heading) + 2))
            self._sheet.column_dimensions[get_column_letter(place)].width = wide
        self._sheet.append([_heading(self._sheet, text) for text in table.headings(self.zone)])

    def put(self, row: Any) -> None:
        cells = zip(self.table.columns, self.table.cells(row, self.zone), strict=True)
        self._sheet.append([_cell(self._sheet, column, cell) for column, cell in cells])
        self.count += 1

    def close(self) -> None:
        """Let a reader filter all that was put on it."""
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.table.columns))}{self.count + 1}"


def _heading(sheet: Any, text: str) -> Cell:
    cell = _text_cell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, column: Column, value: Value) -> Cell | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _text_cell(sheet, value)
    cell: Cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # its stubs know no Decimal
    cell.number_format = column.kind.pattern
    return cell


def _text_cell(sheet: Any, text: str) -> Cell:
    """Text whatever it begins with; a spreadsheet also keeps it text when somebody edits the cell."""
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if is_hostile(text):
        cell.quotePrefix = True
    return cell


# ---- Answers


def file_name(table: Table, subject: str, on: date, ending: str) -> str:
    """Plain letters, so that every system keeps it: hours-ana-reyes-2026-11-20.csv."""
    words = [slugify(table.title), slugify(subject)[:80], on.isoformat()]
    return f"{'-'.join(word for word in words if word)}.{ending}"


def download(
    table: Table, rows: Iterable[Any], *, ending: str, subject: str, on: date, zone: ZoneInfo
) -> HttpResponseBase:
    """The list as a file to keep: `ending` is one of FORMATS. Rows are read while they are sent."""
    answer: HttpResponseBase
    if ending == "csv":
        answer = StreamingHttpResponse(_in_chunks(csv_lines(table, rows, zone=zone)))
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        book = Book(zone=zone)
        book.add(table, rows)
        book.save(file)
        file.seek(0)
        answer = FileResponse(file)
    answer["Content-Type"] = FORMATS[ending]
    answer["Content-Disposition"] = f'attachment; filename="{file_name(table, subject, on, ending)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _in_chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Many lines at once: a chunk for every row would be mostly overhead."""
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == ROWS_AT_ONCE:
            yield b"".join(chunk)
            chunk = []
    yield b"".join(chunk)
