"""The four-sheet workbook of the national library of standards -> outline.

Sheets are told by name, by what their headings say, or by position: Details, WorkProcesses,
RelatedInstruction, WageSchedule. Columns are told by their headings. A row of WorkProcesses is one
competency of the work process that its title names; rows of one title are one work process.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from competencies.imports import outline as o
from competencies.imports.header import Notes, approach, headed
from competencies.imports.more import put_back
from competencies.imports.sheets import Row, Sheet
from competencies.imports.wages import Numbers, percent
from competencies.imports.words import Span, hours, letters, months, one_line

FORMAT = "workbook"

DETAILS = (
    *("Registration State", "National", "OA or SAA", "Sponsor Name", "Occupation Title", "Existing Title"),
    *("Onet Code", "RAPIDS Code", "Type", "Term (in months)", "Minimum OJT Hours", "Maximum OJT Hours"),
    *("Minimum RSI Hours", "Maximum RSI Hours", "Ratio of Apprentice to Journeyworker"),
    *("Probationary Period", "Registration Date", "Latest Registration Update"),
)
PROCESSES = (
    *(
        "Work Process Sort Order",
        "Work Process Title",
        "Work Process Description",
        "Work Process Sub Category",
    ),
    *("Minimum Hours", "Maximum Hours", "Skill Sort Order", "Skill Title"),
    *(f"Skill Answer Option {number}" for number in range(1, 6)),
)
COURSES = (
    *("Course Sort Order", "Course Name", "Course Description", "Course Code"),
    *("Related Training Organization", "Course Hours"),
)
WAGES = (
    *("Step Sort Order", "Step Level Title", "Step OJT Hours", "Step OJT Percentage", "Step Duration"),
    *("Step RSI Hours", "Step Condition", "Step Wage"),
)
MORE = ("Place", "Field", "Value")
SHEETS = {
    "Details": DETAILS,
    "WorkProcesses": PROCESSES,
    "RelatedInstruction": COURSES,
    "WageSchedule": WAGES,
    "More": MORE,
}
KEYS = {
    "Details": "Occupation Title",
    "WorkProcesses": "Work Process Title",
    "RelatedInstruction": "Course Name",
    "WageSchedule": "Step Level Title",
}
"""The column by which a sheet is told whatever its name is."""
REGISTRATION = (
    *("Registration State", "National", "OA or SAA", "Sponsor Name", "Existing Title"),
    *("Registration Date", "Latest Registration Update"),
)


def plain(heading: str) -> str:
    """A heading as it is compared: “Minimum RTI Hours ” and “minimum rsi hours” are the same column."""
    word = re.sub("[^a-z0-9]", "", heading.lower())
    word = re.sub("rti|rsi", "ri", word).replace("ojl", "ojt").replace("onetsoc", "onet")
    return word.replace("journeyperson", "journeyworker").replace("terminmonths", "term")


@dataclass
class Line:
    """A row by the names of its columns. `place` names it in findings."""

    sheet: str
    number: int
    cells: dict[str, str]
    others: dict[str, str]
    """What stands in columns that the workbook does not have, by their headings."""

    @property
    def place(self) -> str:
        return f"{self.sheet}, row {self.number}"

    def text(self, column: str) -> str:
        return self.cells.get(plain(column), "")

    def has_any(self, *columns: str) -> bool:
        return any(self.text(column) for column in columns)


def is_workbook(sheets: list[Sheet]) -> bool:
    """Whether any sheet has the columns of the workbook."""
    return any(_headings(sheet, kind) for sheet in sheets for kind in KEYS)


def read(sheets: list[Sheet], *, name: str) -> o.Reading:
    """The schedule in the sheets. Raises Malformed where there is no schedule in them."""
    notes = Notes()
    lines = {kind: list(_lines(sheets, kind)) for kind in SHEETS}
    functions = _functions(lines["WorkProcesses"], notes)
    outline = replace(
        _details(lines["Details"], notes),
        job_functions=functions,
        courses=tuple(
            _course(line, notes) for line in _sorted(lines["RelatedInstruction"], "Course Sort Order")
        ),
        wage_steps=tuple(
            _step(number, line, notes)
            for number, line in enumerate(_sorted(lines["WageSchedule"], "Step Sort Order"), start=1)
        ),
    )
    if not (outline.job_functions or outline.courses):
        raise o.Malformed(name, "has no work process and no course in it, so it is no schedule")
    rows = [
        (line.place, line.text("Place"), line.text("Field"), line.text("Value")) for line in lines["More"]
    ]
    return o.Reading(format=FORMAT, outline=put_back(outline, rows, notes), findings=tuple(notes.found))


def _lines(sheets: list[Sheet], kind: str) -> Iterator[Line]:
    """The rows under the headings of the first sheet of this kind; one of that name goes before others."""
    for sheet in sorted(sheets, key=lambda one: plain(one.name) != plain(kind)):
        if header := _headings(sheet, kind):
            yield from _under(sheet, header, kind)
            return


def _headings(sheet: Sheet, kind: str) -> Row | None:
    """The row of headings among the first ten: it has the key column of the kind, or three others."""
    wanted = {plain(column) for column in SHEETS[kind]}
    for row in islice(sheet.rows, 10):
        names = [plain(cell) for cell in row.cells]
        if kind == "More":
            if names[:3] == [plain(one) for one in MORE]:
                return row
        elif plain(KEYS[kind]) in names or len(wanted.intersection(names)) >= 3:
            return row
    return None


def _under(sheet: Sheet, header: Row, kind: str) -> Iterator[Line]:
    names = [plain(cell) for cell in header.cells]
    known = {plain(column) for columns in SHEETS.values() for column in columns}
    for row in sheet.rows:
        if row.number <= header.number:
            continue
        cells: dict[str, str] = {}
        others: dict[str, str] = {}
        for index, cell in enumerate(row.cells):
            name = names[index] if index < len(names) else ""
            if not cell or name in cells:
                continue
            if name in known:
                cells[name] = cell
            else:
                others[header.cells[index] if name else f"column {index + 1}"] = cell
        if cells or others:
            yield Line(sheet.name or kind, row.number, cells, others)


def _sorted(lines: list[Line], column: str) -> list[Line]:
    """In the order of the sort column; a row without a number stays behind the one above it."""
    keyed: list[tuple[float, Line]] = []
    last = 0.0
    for line in lines:
        text = line.text(column)
        last = float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,4})?", text) else last
        keyed.append((last, line))
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])]


def _details(lines: list[Line], notes: Notes) -> o.ScheduleOutline:
    filled = [line for line in lines if line.has_any("Occupation Title", "Onet Code", "RAPIDS Code", "Type")]
    line = (filled or lines or [Line("Details", 2, {}, {})])[0]
    if len(filled) > 1:
        more = ", ".join(f"“{other.text('Occupation Title')}” in row {other.number}" for other in filled[1:])
        notes.warn(line.place, f"There are several occupations: {more:.300}", "Only the first was read.")
    if not line.text("Occupation Title"):
        notes.warn(line.place, "No occupation title is given", "Write it in the form before it is stored.")
    minimum, maximum = _ends(line, "Minimum OJT Hours", "Maximum OJT Hours", notes)
    least, most = _ends(line, "Minimum RSI Hours", "Maximum RSI Hours", notes)
    probation = line.text("Probationary Period")
    return headed(
        title=one_line(line.text("Occupation Title")),
        onet=line.text("Onet Code"),
        rapids=line.text("RAPIDS Code"),
        findings=notes,
        onet_place=f"{line.place}, Onet Code",
        rapids_place=f"{line.place}, RAPIDS Code",
        approach=approach(line.text("Type"), place=f"{line.place}, Type", notes=notes),
        term_months=_months(line, "Term (in months)", notes),
        minimum_ojt_minutes=minimum,
        maximum_ojt_minutes=maximum,
        minimum_ri_minutes=least,
        maximum_ri_minutes=most,
        ratio=one_line(line.text("Ratio of Apprentice to Journeyworker")),
        probation=f"{probation} months" if re.fullmatch(r"\d{1,2}(\.\d)?", probation) else probation,
        registration=(
            *((column, line.text(column)) for column in REGISTRATION if line.text(column)),
            *line.others.items(),
        ),
    )


def _months(line: Line, column: str, notes: Notes) -> int | None:
    text = line.text(column)
    found = months(text) if text else None
    if text and found is None:
        notes.warn(f"{line.place}, {column}", f"“{text:.40}” is no number of months", "It was left open.")
    return found


def _span(line: Line, column: str, notes: Notes) -> Span | None:
    text = line.text(column)
    found = hours(text) if text else None
    if text and found is None:
        notes.warn(f"{line.place}, {column}", f"“{text:.40}” is no number of hours", "It was left open.")
    return found


def _ends(line: Line, low: str, high: str, notes: Notes) -> tuple[int | None, int | None]:
    """Both ends of a range that stands in two columns. A range the wrong way round is turned, and said."""
    first, second = _span(line, low, notes), _span(line, high, notes)
    least = first.least if first else None
    most = second.most if second else (first.most if first and first.is_range else None)
    if least is not None and most is not None and least > most:
        notes.warn(
            line.place, f"{low} {line.text(low)} is above {high} {line.text(high)}", "They were exchanged."
        )
        return most, least
    return least, most


@dataclass
class Process:
    """The rows of one work process."""

    title: str
    first: Line
    lines: list[Line] = field(default_factory=list)


def _functions(lines: list[Line], notes: Notes) -> tuple[o.FunctionOutline, ...]:
    processes: dict[str, Process] = {}
    last: Process | None = None
    for line in _sorted(lines, "Work Process Sort Order"):
        title = one_line(line.text("Work Process Title")) or (last.title if last else "")
        if not title:
            notes.warn(line.place, "The row names no work process", "It was left out.")
            continue
        last = processes.setdefault(title.lower(), Process(title, line))
        last.lines.append(line)
    return tuple(_function(number, one, notes) for number, one in enumerate(processes.values(), start=1))


def _function(number: int, process: Process, notes: Notes) -> o.FunctionOutline:
    spans = {pair: None for line in process.lines if any(pair := _hour_texts(line))}
    if len(spans) > 1:
        said = "; ".join(f"{low or '-'} to {high or '-'}" for low, high in spans)
        notes.warn(
            process.first.place, f"“{process.title}” has different hours: {said:.200}", "The first were kept."
        )
    stated = next((line for line in process.lines if any(_hour_texts(line))), process.first)
    least, most = _ends(stated, "Minimum Hours", "Maximum Hours", notes)
    skills = [line for line in process.lines if line.text("Skill Title")]
    return o.FunctionOutline(
        number=number,
        title=process.title,
        details=_details_of(process, skills),
        ojt_minutes_min=least,
        ojt_minutes_max=most,
        competencies=tuple(
            _competency(letter, line)
            for letter, line in zip(letters(), _sorted(skills, "Skill Sort Order"), strict=False)
        ),
    )


def _hour_texts(line: Line) -> tuple[str, str]:
    return line.text("Minimum Hours"), line.text("Maximum Hours")


def _details_of(process: Process, skills: list[Line]) -> str:
    """The descriptions of the rows, each once, and what stands in columns that nobody knows."""
    said = [line.text("Work Process Description") for line in process.lines]
    for line in process.lines:
        if line not in skills:
            sub = line.text("Work Process Sub Category")
            said.extend([f"Work Process Sub Category: {sub}"] if sub else [])
            said.extend(f"{heading}: {value}" for heading, value in line.others.items())
    return "\n".join(dict.fromkeys(text for text in said if text))


def _competency(letter: str, line: Line) -> o.CompetencyOutline:
    return o.CompetencyOutline(
        letter=letter,
        title=line.text("Skill Title"),
        heading=one_line(line.text("Work Process Sub Category")),
        answers=tuple(text for number in range(1, 6) if (text := line.text(f"Skill Answer Option {number}"))),
        details="\n".join(f"{heading}: {value}" for heading, value in line.others.items()),
    )


def _course(line: Line, notes: Notes) -> o.CourseOutline:
    span = _span(line, "Course Hours", notes)
    name, code = one_line(line.text("Course Name")), one_line(line.text("Course Code"))
    if not name:
        notes.warn(line.place, "The course has no name", f"It is called “{code or 'Course'}”.")
    others = [f"{heading}: {value}" for heading, value in line.others.items()]
    return o.CourseOutline(
        title=name or code or "Course",
        code=code,
        ri_minutes=span.least if span else None,
        ri_minutes_max=span.most if span and span.is_range else None,
        provider=one_line(line.text("Related Training Organization")),
        details="\n".join(text for text in (line.text("Course Description"), *others) if text),
    )


def _step(number: int, line: Line, notes: Notes) -> tuple[str, str, str]:
    ojt, ri = _span(line, "Step OJT Hours", notes), _span(line, "Step RSI Hours", notes)
    share, duration = line.text("Step OJT Percentage"), line.text("Step Duration")
    if share and not percent(share):
        notes.warn(f"{line.place}, Step OJT Percentage", f"“{share:.40}” is no per cent", "It was left out.")
    length = months(duration) if duration else None
    said = Numbers(
        months=length,
        ojt_minutes=ojt.most if ojt else None,
        ri_minutes=ri.most if ri else None,
        percent=percent(share),
    )
    condition = " + ".join(filter(None, ["" if length is not None else one_line(duration), said.condition]))
    title = one_line(line.text("Step Level Title")) or f"Step {number}"
    return title, line.text("Step Condition") or condition, line.text("Step Wage") or said.wage
