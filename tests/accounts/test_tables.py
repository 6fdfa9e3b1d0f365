"""Lists as files: what a spreadsheet finds in them."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace as Row
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponseBase
from openpyxl import load_workbook

from accounts import tables
from accounts.tables import Book, Column, Table, day, download, duration, moment, number

CHICAGO = ZoneInfo("America/Chicago")
HOSTILE = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\n=1",
    " =1+1",
    "＝1",
    '=HYPERLINK("http://x","y")',
    "#N/A",
    "{=1}",
]
TABLE = Table(
    "Hours: all/of [them]",
    (
        Column("Note", lambda row: row.note),
        number("Count", lambda row: row.count),
        *duration("Time", lambda row: row.minutes),
        day("Day", lambda row: row.day),
        moment("Signed", lambda row: row.at),
    ),
)


def row(**changed: object) -> Row:
    usual = {
        "note": "Ten charts",
        "count": -3,
        "minutes": 450,
        "day": date(2026, 11, 20),
        "at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
    }
    return Row(**usual | changed)


def answer(ending: str, *rows: Row) -> HttpResponseBase:
    return download(TABLE, rows, ending=ending, subject="Ana Reyes", on=date(2026, 11, 20), zone=CHICAGO)


def content(response: HttpResponseBase) -> bytes:
    return b"".join(response)  # type: ignore[arg-type]


def csv_of(*rows: Row) -> list[list[str]]:
    text = content(answer("csv", *rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def sheet_of(*rows: Row) -> Any:
    return load_workbook(io.BytesIO(content(answer("xlsx", *rows)))).worksheets[0]


def test_numbers_days_and_moments_are_what_they_are() -> None:
    sheet = sheet_of(row())
    assert [cell.value for cell in sheet[1]] == [
        "Note",
        "Count",
        "Time (minutes)",
        "Time (hours)",
        "Day",
        "Signed (America/Chicago)",
    ]
    assert [cell.value for cell in sheet[2]][:4] == ["Ten charts", -3, 450, 7.5]
    assert [f"{cell.value:%Y-%m-%d %H:%M}" for cell in sheet[2][4:]] == [
        "2026-11-20 00:00",
        "2026-11-20 12:00",
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "d"]
    assert sheet.freeze_panes == "A2" and sheet.title == "Hours  all of  them"


def test_the_same_stands_in_the_csv_file() -> None:
    head, line = csv_of(row())
    assert head[3:] == ["Time (hours)", "Day", "Signed (America/Chicago)"]
    assert line == ["Ten charts", "-3", "450", "7.50", "2026-11-20", "2026-11-20 12:00"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_person_typed_is_a_formula(text: str) -> None:
    cell = sheet_of(row(note=text))["A2"]
    assert cell.data_type == "s" and cell.value == text
    (_, line) = csv_of(row(note=text))
    assert line[0].lstrip()[:1] not in set("=+-@＝") and line[0].endswith(text)


def test_the_heading_is_no_formula_either() -> None:
    table = Table("=1", (Column("=1+1", lambda row: row),))
    book, file = Book(zone=CHICAGO), io.BytesIO()
    book.add(table, ["x"])
    book.add(table, [])
    book.save(file)
    read = load_workbook(file)
    assert read.sheetnames == ["=1", "=1 2"]
    assert read.worksheets[0]["A1"].data_type == "s"


def test_letters_of_all_languages_quotes_and_lines_survive() -> None:
    text = 'Zoë said: "1,5 h",\nthen “нет” and 🩺'
    assert csv_of(row(note=text))[1][0] == text
    assert sheet_of(row(note=text))["A2"].value == text
    assert content(answer("csv")).startswith(b"\xef\xbb\xbfNote,")


def test_what_no_file_can_hold_is_left_out() -> None:
    text = "a\x00b\x07c\ud800d" + "e" * 40_000
    assert csv_of(row(note=text))[1][0][:5] == "abcde"
    assert len(sheet_of(row(note=text))["A2"].value) == tables.LONGEST


def test_nothing_is_an_empty_cell_and_truth_a_word() -> None:
    sheet = sheet_of(row(note=None, count=None, at=None), row(note=True))
    assert [cell.value for cell in sheet[2]][:2] == [None, None] and sheet["F2"].value is None
    assert sheet["A3"].value == "yes"
    assert csv_of(row(note=False))[1][0] == "no"


def test_the_name_of_the_file_says_list_subject_and_day() -> None:
    said = 'attachment; filename="hours-allof-them-ana-reyes-2026-11-20.csv"'
    assert answer("csv")["Content-Disposition"] == said


def test_a_long_list_is_sent_in_pieces_while_it_is_read() -> None:
    read = []

    def rows() -> Iterator[Row]:
        for place in range(3 * tables.ROWS_AT_ONCE):
            read.append(place)
            yield row()

    pieces = iter(download(TABLE, rows(), ending="csv", subject="", on=date(2026, 1, 1), zone=CHICAGO))
    next(pieces)
    assert len(read) < tables.ROWS_AT_ONCE + 1
