"""The four-sheet workbook in all its containers: the same schedule comes out of each."""

import csv
import zipfile
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook, load_workbook

from competencies.imports.outline import Malformed, Reading, ScheduleOutline, Severity
from competencies.imports.recognise import read
from tests.competencies.conftest import SOURCES

NURSE = "apprenticeship-standards-nurse-standard-template.xlsx"
TEMPLATE = "occupation-standards-template.xlsx"
HOUR = 60
Rows = list[list[object]]


def sample(name: str) -> Reading:
    (found,) = read((SOURCES / name).read_bytes(), name=name)
    return found


def rows_of(name: str) -> dict[str, Rows]:
    book = load_workbook(SOURCES / name, data_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def xlsx(sheets: dict[str, Rows]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def csv_text(rows: Rows) -> str:
    text = StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return text.getvalue()


def csvs(sheets: dict[str, Rows]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for title, rows in sheets.items():
            packed.writestr(f"Standards - {title}.csv", csv_text(rows))
    return data.getvalue()


def ods(sheets: dict[str, Rows]) -> bytes:
    """As LibreOffice writes it: numbers as values, repeated blank cells and rows as one element."""

    def cell(value: object) -> str:
        if value is None:
            return '<table:table-cell table:number-columns-repeated="1"/>'
        if isinstance(value, int | float):
            return (
                f'<table:table-cell office:value-type="float" office:value="{value}">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        return (
            f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p>'
            "</table:table-cell>"
        )

    tables = "".join(
        f'<table:table table:name="{title}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1048000">'
        + '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for title, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return data.getvalue()


def outline(data: bytes, name: str = "standards") -> ScheduleOutline:
    (found,) = read(data, name=name)
    return found.outline


def findings(data: bytes) -> list[str]:
    (found,) = read(data, name="standards")
    return [f"{one.severity} {one.place}: {one.message}. {one.done}" for one in found.findings]


def made(**changes: Rows) -> dict[str, Rows]:
    """A small workbook of a welder, with sheets exchanged."""
    return {
        "Details": [
            ["Occupation Title", "Onet Code", "RAPIDS Code", "Type", "Minimum OJT Hours", "Term (in months)"],
            ["Welder", "51-4121.06", "0622", "Time-based", 4000, 24],
        ],
        "WorkProcesses": [
            [
                "Work Process Sort Order",
                "Work Process Title",
                "Minimum Hours",
                "Maximum Hours",
                "Skill Title",
            ],
            [1, "Cutting", 1500, 1500, None],
            [2, "Welding", 2500, 2500, None],
        ],
        "RelatedInstruction": [["Course Name", "Course Hours"], ["Metallurgy", 12.5]],
        "WageSchedule": [["Step Level Title", "Step OJT Percentage"], ["Start", 0.5]],
    } | changes


def test_the_nurse_workbook_has_its_processes_skills_courses_and_steps() -> None:
    found = sample(NURSE).outline
    assert [(one.title, one.ojt_minutes_min, one.ojt_minutes_max) for one in found.job_functions] == [
        ("Nursing Process", None, 800 * HOUR),
        ("Health Team Responsibilities", None, 600 * HOUR),
        ("Cosmetic Procedures Role", None, 300 * HOUR),
        ("Intravenous (IV) Therapy", None, 300 * HOUR),
    ]
    assert [len(one.competencies) for one in found.job_functions] == [5, 14, 2, 2]
    assert (found.approach, found.rapids_code, found.maximum_ojt_minutes) == ("hybrid", "0837", 2000 * HOUR)
    assert len(found.courses) == 17 and found.courses[2].code == "PSYX 100"
    assert found.wage_steps[3] == ("Time Period 4: OJT Only Apprenticeship", "", "")
    assert ("Sponsor Name", "Montana Long Term Care Agencies") in found.registration


def test_the_template_with_blank_rows_to_1000_has_codes_dates_and_steps() -> None:
    found = sample(TEMPLATE).outline
    assert (found.title, found.occupation.rapids_code) == ("Human Resource Specialist", "0157")
    assert [one.title for one in found.job_functions] == ["Safety", "Basic Skills"]
    assert (found.ratio, found.probation, found.term_months) == ("5:1", "3 months", 12)
    assert ("Registration Date", "15/01/1987") in found.registration
    assert ("Latest Registration Update", "2022-10-20") in found.registration
    assert found.wage_steps[1] == (
        "Step 2",
        "6 months + 60 hours + 75 hours of related instruction",
        "25 %",
    )
    assert [one.ri_minutes for one in found.courses] == [1800, 2400, 3000, 3000]
    assert found.courses[0].provider == "Welders R Us"
    warned = [one.place for one in sample(TEMPLATE).findings if one.severity is Severity.WARNING]
    assert warned == ["competencies"], "competency-based, and names none"


@pytest.mark.parametrize("name", [NURSE, TEMPLATE])
@pytest.mark.parametrize("form", [xlsx, ods, csvs])
def test_every_container_gives_the_same_schedule(name: str, form: object) -> None:
    assert callable(form)
    assert outline(form(rows_of(name)), "renamed.bin") == sample(name).outline


def test_sheets_and_columns_are_found_in_any_order_and_under_other_names() -> None:
    plain = made()
    turned = {
        f"Tab {number}": [list(reversed(row)) for row in rows]
        for number, rows in enumerate(reversed(plain.values()), start=1)
    }
    assert outline(xlsx(turned)) == outline(xlsx(plain))


def test_rows_follow_their_sort_order_and_repeated_orders_keep_the_order_of_the_sheet() -> None:
    heads = ["Work Process Sort Order", "Work Process Title", "Skill Sort Order", "Skill Title"]
    rows: Rows = [heads, [2, "Welding", 2, "b"], [1, "Cutting", 7, "x"], [2, "Welding", 1, "a"]]
    found = outline(xlsx(made(WorkProcesses=[*rows, [1, "Cutting", 7, "y"], [None, None, 8, "z"]])))
    assert [(one.title, [each.title for each in one.competencies]) for one in found.job_functions] == [
        ("Cutting", ["x", "y", "z"]),
        ("Welding", ["a", "b"]),
    ]


def test_what_is_odd_is_named_with_its_row_and_column() -> None:
    heads = ["Work Process Title", "Minimum Hours", "Maximum Hours", "Tools"]
    rows: Rows = [
        heads,
        ["Cutting", "many", 100, "saw"],
        ["Welding", 900, 800, None],
        ["Welding", 5, 6, None],
    ]
    said = findings(xlsx(made(WorkProcesses=rows)))
    assert said[:3] == [
        "warning WorkProcesses, row 2, Minimum Hours: “many” is no number of hours. It was left open.",
        "warning WorkProcesses, row 3: “Welding” has different hours: 900 to 800; 5 to 6. "
        "The first were kept.",
        "warning WorkProcesses, row 3: Minimum Hours 900 is above Maximum Hours 800. They were exchanged.",
    ]
    cutting, welding = outline(xlsx(made(WorkProcesses=rows))).job_functions
    assert cutting.details == "Tools: saw"
    assert (welding.ojt_minutes_min, welding.ojt_minutes_max) == (800 * HOUR, 900 * HOUR)


def test_totals_probation_and_code_that_contradict_are_warnings_not_refusals() -> None:
    details: Rows = [
        [
            "Occupation Title",
            "RAPIDS Code",
            "Type",
            "Term (in months)",
            "Minimum OJT Hours",
            "Probationary Period",
        ],
        ["Welder", "0622CB", "Time-based", 24, 4500, 12],
    ]
    said = " ".join(findings(xlsx(made(Details=details))))
    assert "hours on the job, minimum: 4500 hours are stated, the parts add up to 4000" in said
    assert "probation: 12 months are above a quarter of the term, or a year" in said
    assert "The code 0622CB is that of a competency schedule, the document says time" in said


@pytest.mark.parametrize("code", [622, 622.0, "622", "0622", " 0622 "])
def test_a_code_that_lost_its_zero_is_the_same_code(code: object) -> None:
    details: Rows = [["Occupation Title", "RAPIDS Code", "Type"], ["Welder", code, "Time-based"]]
    assert outline(xlsx(made(Details=details))).rapids_code == "0622"


def test_one_sheet_as_csv_asks_for_the_title_that_it_cannot_have() -> None:
    (found,) = read(csv_text(made()["WorkProcesses"]).encode(), name="processes.csv")
    assert [one.title for one in found.outline.job_functions] == ["Cutting", "Welding"]
    assert found.outline.title == ""
    assert any("No occupation title" in one.message for one in found.findings)


def test_a_long_title_is_cut_and_kept_whole_beside_it() -> None:
    title = "Cut " * 100
    rows: Rows = [["Work Process Title", "Minimum Hours"], [title, 10]]
    (found,) = read(xlsx(made(WorkProcesses=rows)), name="long")
    (function,) = found.outline.job_functions
    assert len(function.title) == 300 and function.details == title.strip()
    assert any("there is room for 300" in one.message for one in found.findings)


def test_a_workbook_with_more_rows_than_any_schedule_is_refused() -> None:
    rows: Rows = [["Work Process Title"], *([f"Process {number}"] for number in range(20_001))]
    with pytest.raises(
        Malformed, match=r"more rows than are read here: over 20,000 on its sheet “WorkProcesses”"
    ):
        outline(xlsx(made(WorkProcesses=rows)))


def test_macros_in_a_workbook_are_neither_run_nor_kept() -> None:
    data = BytesIO(xlsx(made()))
    with zipfile.ZipFile(data, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    (found,) = read(data.getvalue(), name="macros.xlsm")
    assert found.findings[0].severity is Severity.NOTE and "neither run nor kept" in found.findings[0].done
