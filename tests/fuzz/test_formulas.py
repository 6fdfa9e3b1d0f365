"""No export says a formula: thirty texts in every column of every list that is given as a file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from accounts.tables import BEGINS_FORMULA, UNWRITABLE, Kind, Table, download
from competencies.exports import workbook as schedule_book
from competencies.imports import outline as o
from tests.cast import OURS, TODAY
from tests.fuzz.payloads import FORMULAS

LEFT = (".migrations", ".management", "accounts.saml")
"""The last is loaded where single sign-on with SAML is set up alone."""
CHICAGO = ZoneInfo("America/Chicago")


def tables() -> Iterator[tuple[str, Table]]:
    """Every table of a module of ours, by name; a new one is found by itself."""
    seen = set()
    for package in sorted(OURS):
        root = import_module(package)
        for found in walk_packages(root.__path__, f"{package}."):
            if any(part in found.name for part in LEFT):
                continue
            for name, value in vars(import_module(found.name)).items():
                if isinstance(value, Table) and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{found.name}.{name}", value


TABLES = dict(tables())


def file_of(table: Table, ending: str) -> bytes:
    """The file with a payload in every cell, row by row, whatever the column is meant for."""
    said = [replace(column, value=lambda row: row) for column in table.columns]
    answer = download(
        replace(table, columns=said), FORMULAS, ending=ending, subject="x", on=TODAY, zone=CHICAGO
    )
    return b"".join(answer)  # type: ignore[arg-type]


def test_every_list_that_is_a_file_is_found() -> None:
    assert len(TABLES) > 20 and {"HOURS", "TOKENS", "LIBRARY", "REPORTS"} <= {
        name.rpartition(".")[2] for name in TABLES
    }


@pytest.mark.parametrize("name", TABLES)
def test_nothing_in_a_workbook_is_a_formula(name: str) -> None:
    table = TABLES[name]
    sheet = load_workbook(io.BytesIO(file_of(table, "xlsx"))).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == len(FORMULAS)
    for row, payload in zip(rows, FORMULAS, strict=True):
        assert len(row) == len(table.columns)
        for cell in row:
            assert cell.data_type in ("s", "inlineStr") and not cell.value.startswith("<"), (name, payload)
            assert cell.value.replace("\r", "") == UNWRITABLE.sub("", payload).replace("\r", "")


@pytest.mark.parametrize("name", TABLES)
def test_nothing_in_a_csv_file_is_a_formula_by_any_comma(name: str) -> None:
    text = file_of(TABLES[name], "csv").decode("utf-8-sig")
    _, *lines = csv.reader(io.StringIO(text, newline=""))
    assert len(lines) == len(FORMULAS)
    for cells, payload in zip(lines, FORMULAS, strict=True):
        for cell in cells:
            first = cell.lstrip(INVISIBLE)[:1]
            assert first not in BEGINS_FORMULA, (name, payload, cell)
            assert cell.endswith(UNWRITABLE.sub("", payload))


INVISIBLE = " \t\r\n\u00a0\u3000\ufeff\u200b"
"""Written here by hand, and not taken from what is tested."""


def test_a_number_stays_a_number_beside_them() -> None:
    for table in TABLES.values():
        found = {column.kind: column for column in table.columns}
        for kind, said in ((Kind.NUMBER, [-90, 5]), (Kind.HOURS, [-1.5, 0.08])):
            if kind not in found:
                continue
            one = replace(table, columns=[replace(found[kind], value=lambda row: row)])
            answer = download(one, [-90, 5], ending="xlsx", subject="", on=TODAY, zone=CHICAGO)
            sheet = load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]  # type: ignore[arg-type]
            assert [row[0].value for row in sheet.iter_rows(min_row=2)] == said


@pytest.mark.parametrize("payload", FORMULAS)
def test_nothing_in_a_schedules_own_workbook_is_a_formula(payload: str) -> None:
    competency = o.CompetencyOutline(
        letter="a", title=payload, details=payload, standards=(o.StandardOutline(text=payload),)
    )
    function = o.FunctionOutline(number=1, title=payload, details=payload, competencies=(competency,))
    course = o.CourseOutline(title=payload, code=payload, ri_minutes=60)
    data = schedule_book.write(
        o.ScheduleOutline(
            title=payload,
            occupation=o.OccupationOutline(title=payload),
            notes=payload,
            ratio=payload,
            registration=((payload, payload),),
            job_functions=(function,),
            courses=(course,),
        )
    )
    for sheet in load_workbook(io.BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}, (sheet.title, payload)
            assert not any(isinstance(cell.value, str) and cell.data_type == "f" for cell in row)
