"""Outline -> the four-sheet workbook of the national library, and a fifth sheet for the rest."""

from decimal import Decimal
from io import BytesIO
from itertools import zip_longest

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from accounts.tables import LONGEST, UNWRITABLE
from competencies.imports import outline as o
from competencies.imports import workbook as reader
from competencies.imports.more import differences
from competencies.imports.sheets import filled
from competencies.imports.wages import Numbers, WageStep, numbers
from competencies.imports.words import spelled

Cell = str | int | float | None
Rows = list[list[Cell]]
APPROACHES = {"time": "Time-based", "competency": "Competency-based", "hybrid": "Hybrid", None: None}
MOST_SHARE = 150
"""Per cent up to which a number such as 0.5 is read as a share; above it the sign is written out."""


def write(outline: o.ScheduleOutline) -> bytes:
    """The workbook as .xlsx; `imports/workbook.py` reads the same outline from it."""
    sheets = tables(outline)
    every = dict(sheets)
    if more := _more(outline, sheets):
        every["More"] = [list(reader.MORE), *more]
    book = Workbook(write_only=True)
    for title, rows in every.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"  # a text is never a formula, whatever it begins with
                cell.font = Font(bold=not number)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cells.append(cell)
            sheet.append(cells)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def tables(outline: o.ScheduleOutline) -> dict[str, Rows]:
    """The rows of the four sheets, headings first."""
    return {
        "Details": _details(outline),
        "WorkProcesses": [
            list(reader.PROCESSES),
            *(row for one in outline.job_functions for row in _process(one)),
        ],
        "RelatedInstruction": [
            list(reader.COURSES),
            *(_course(number, one) for number, one in enumerate(outline.courses, start=1)),
        ],
        "WageSchedule": [
            list(reader.WAGES),
            *(_step(number, one) for number, one in enumerate(outline.wage_steps, start=1)),
        ],
    }


def _more(outline: o.ScheduleOutline, sheets: dict[str, Rows]) -> Rows:
    """What the four sheets do not say, long values cut into several rows."""
    if not (outline.job_functions or outline.courses):
        return []
    told = reader.read([filled(title, rows, file=title) for title, rows in sheets.items()], name="schedule")
    return [
        [place, key, piece]
        for place, key, value in differences(outline, told.outline)
        for piece in _pieces(value)
    ]


def _pieces(value: str) -> list[str]:
    """The value in as many cells as it takes; none of them begins or ends with a space."""
    if len(value) <= LONGEST:
        return [value]
    value = value.replace(" ", "\\u0020")
    return [value[start : start + LONGEST] for start in range(0, len(value), LONGEST)]


def _text(value: str) -> str | None:
    return UNWRITABLE.sub("", value)[:LONGEST] or None


def _hours(minutes: int | None) -> float | int | None:
    if minutes is None:
        return None
    return minutes // 60 if minutes % 60 == 0 else float(Decimal(minutes) / 60)


def _details(outline: o.ScheduleOutline) -> Rows:
    printed = dict(outline.registration)
    said: dict[str, Cell] = {
        **{column: _text(printed.get(column, "")) for column in reader.REGISTRATION},
        "Occupation Title": _text(outline.title),
        "Onet Code": outline.onet_code or None,
        "RAPIDS Code": outline.rapids_code or None,
        "Type": APPROACHES[outline.approach],
        "Term (in months)": outline.term_months,
        "Minimum OJT Hours": _hours(outline.minimum_ojt_minutes),
        "Maximum OJT Hours": _hours(outline.maximum_ojt_minutes),
        "Minimum RSI Hours": _hours(outline.minimum_ri_minutes),
        "Maximum RSI Hours": _hours(outline.maximum_ri_minutes),
        "Ratio of Apprentice to Journeyworker": _text(outline.ratio),
        "Probationary Period": _text(outline.probation),
    }
    others = {label: value for label, value in printed.items() if label not in reader.REGISTRATION}
    return [
        [*reader.DETAILS, *map(_text, others)],
        [*(said[column] for column in reader.DETAILS), *map(_text, others.values())],
    ]


def _process(node: o.FunctionOutline) -> Rows:
    """A row for each competency, or one where there are none."""
    rows: Rows = []
    for number, one in zip_longest(range(1, max(1, len(node.competencies)) + 1), node.competencies):
        answers = [*map(_text, one.answers[:5])] if one else []
        rows.append(
            [
                node.number,
                _text(node.title),
                _text(node.details) if number == 1 else None,
                _text(one.heading) if one else None,
                _hours(node.ojt_minutes_min),
                _hours(node.ojt_minutes_max),
                number if one else None,
                _text(one.title) if one else None,
                *answers,
                *[None] * (5 - len(answers)),
            ]
        )
    return rows


def _course(number: int, node: o.CourseOutline) -> list[Cell]:
    hours: Cell = _hours(node.ri_minutes)
    if node.ri_minutes is not None and node.ri_minutes_max is not None:
        hours = f"{spelled(node.ri_minutes)}-{spelled(node.ri_minutes_max)}"
    names = _text(node.title), _text(node.details), _text(node.code), _text(node.provider)
    return [number, *names, hours]


def _step(number: int, step: WageStep) -> list[Cell]:
    """Numbers in their columns; the words beside them where the numbers do not say the same."""
    title, condition, wage = step
    said = numbers(step)
    share: Cell = None
    if said.percent:
        percent = Decimal(said.percent)
        share = float(percent / 100) if percent <= MOST_SHARE else f"{said.percent} %"
    same = Numbers(said.months, said.ojt_minutes, said.ri_minutes, said.percent)
    return [
        number,
        _text(title),
        _hours(said.ojt_minutes),
        share,
        f"{said.months} months" if said.months is not None else None,
        _hours(said.ri_minutes),
        _text(condition) if condition != same.condition else None,
        _text(wage) if wage != same.wage else None,
    ]
