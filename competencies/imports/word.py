"""Registration papers in Word -> outline: Appendix A in its three layouts, and national frameworks.

Read from top to bottom: headings say what follows, headers say what the columns of a table are. What is
printed and has no place of its own is kept in the notes of the schedule.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from competencies import codes
from competencies.imports import outline as o
from competencies.imports.checks import SUFFIXES
from competencies.imports.columns import Columns, columns_of, is_dated, is_header
from competencies.imports.drafts import CompetencyDraft, Draft, unnumbered
from competencies.imports.front import Front, title_in
from competencies.imports.header import Notes, headed
from competencies.imports.more import put_back
from competencies.imports.package import Package
from competencies.imports.paper import Block, Cell, Paragraph, Table, TableRow, blocks
from competencies.imports.scales import DATED, before_levels, legend, levels_of
from competencies.imports.sections import OJL, RI, is_boilerplate, section_of
from competencies.imports.words import Span, hours, one_line, spelled

FORMAT = "word"
REST = "customXml/journeybook.xml"
"""The part of a document of ours that keeps what its pages have no words for."""
NUMBERS = r"[\d,]*\.?\d+(?:\s*(?:[-–—]|to)\s*[\d,]*\.?\d+)?"
TOTAL = re.compile(
    rf"(?P<what>[^.]*(?:\b|sub-?)totals?\b[^.\d]*?)\W*(?P<hours>{NUMBERS})?\s*(?:hours|hrs\.?)?\s*",
    re.IGNORECASE,
)
PARTIAL = re.compile(r"sub-?\s*total", re.IGNORECASE)
LEADER = re.compile(
    rf"(?P<title>.*?[^\s.…–—-])(?:\s*\t\s*|\s*\.{{3,}}\s*|\s*…+\s*|\s{{3,}}|\s+[-–—]\s+)(?P<hours>{NUMBERS})\s*(?:hours|hrs\.?)?\s*",
    re.IGNORECASE,
)
"""A line that ends in its hours, behind tabs, dots or a dash."""
JOB_FUNCTION = re.compile(
    r"(?:(?:major )?job function|work process|function|duty)\s*(?:\d{1,2}|[A-Z])\s*[:.)–—-]\s*(?P<title>.+)",
    re.IGNORECASE,
)
CORE = re.compile(r"\s*[(\[]\s*(core|optional|required)\s*[)\]]\s*", re.IGNORECASE)
PROVIDER = re.compile(
    r"(?:related (?:technical )?instruction )?provider(?: name)?\s*:\s*(?P<name>.+)", re.IGNORECASE
)
STRETCH = re.compile(
    r"(?:(?:first|second|third|fourth|fifth|\d(?:st|nd|rd|th)) )?"
    r"(?:year|level|semester|trimester|quarter|term|period|phase)s?"
    r"(?: (?:[1-9]|I{1,3}|IV|V|one|two|three|four|five))?(?: \(.{1,30}\))?:?",
    re.IGNORECASE,
)
"""A row that only says when the courses below it are taken."""
BARE = re.compile(r"(?:[A-Z]{1,2}|\d{1,2}(?:\.\d{1,2})*)[.)]?", re.IGNORECASE)
"""A cell that only numbers its row."""
LONGEST_TITLE = 250
PROSE = {"probation", "selection"}
"""Sections of the front page that a table ends."""


def read(data: bytes, *, name: str) -> o.Reading:
    """The schedule in a .docx. Raises Malformed where there is none in it."""
    reading = _reading(data, name=name)
    package = Package(data, name)
    if REST not in package:
        return reading
    outline = with_rest(reading.outline, package.xml(REST).text or "")
    return replace(reading, outline=outline) if outline else reading


def outline_of(data: bytes, *, name: str) -> o.ScheduleOutline:
    """What stands on the pages alone."""
    return _reading(data, name=name).outline


def with_rest(outline: o.ScheduleOutline, text: str) -> o.ScheduleOutline | None:
    """With what went along in a file of ours; None where the pages were changed since."""
    notes = Notes()
    try:
        rest = json.loads(text)
        rows = [("the file", *map(str, row)) for row in rest["rows"] if len(row) == 3]
        same = rest["read"] == o.content_hash(outline)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    whole = put_back(outline, rows, notes) if same else outline  # type: ignore[arg-type]
    return None if notes.found or not same else whole


def _reading(data: bytes, *, name: str) -> o.Reading:
    found = blocks(data, name=name)
    reader = Reader(title_in(_lines(found)))
    for number, block in enumerate(found):
        reader.block(block, number)
    if not reader.draft.functions:
        raise o.Malformed(
            name,
            "has no work process with hours or competencies in a form that is known here, so it is no "
            "schedule: a letter or a bulletin about one, perhaps",
        )
    return reader.reading()


def _lines(found: Iterable[Block]) -> Iterator[str]:
    for block in found:
        if isinstance(block, Paragraph):
            yield block.line
        else:
            for row in block.rows:
                for cell in row.cells:
                    yield from (paragraph.line for paragraph in cell.paragraphs)


class Reader:
    """What was read so far, and what the next line belongs to."""

    def __init__(self, title: str) -> None:
        self.notes = Notes()
        self.front = Front(title, self.notes)
        self.draft = Draft()
        self.section = ""
        self.tables = 0
        self.generic = ""
        self.provider = ""
        self.layout: set[str] = set()
        self.dated = False
        self.marks: tuple[str, ...] = ()
        self.ojt_total: tuple[int, int] | None = None
        self.ri_total: int | None = None
        self.counted = 0
        self.others: list[str] = []

    # ---- lines ----

    def block(self, block: Block, number: int) -> None:
        if isinstance(block, Table):
            self.tables += 1
            self._table(block)
        elif block.line:
            self.line(block, f"paragraph {number + 1}")

    def line(self, paragraph: Paragraph, place: str, *, in_table: bool = False) -> None:
        """One line of text outside the rows of a schedule."""
        line = paragraph.line
        heading = section_of(line)
        if heading:
            self.section, rest = heading
            self.draft.heading = ""
            if rest:
                self.front.say(self.section, rest)
        elif self.front.take(line) or is_boilerplate(line) or is_header(paragraph.text):
            return
        elif found := JOB_FUNCTION.fullmatch(line):
            self._begin(found["title"], (None, None))
            self.section = OJL
        elif self.section == RI:
            self._ri_line(paragraph, place, in_table=in_table)
        elif self.section == OJL:
            self._ojl_line(paragraph, place)
        elif (in_table and self.section in PROSE) or not self.front.say(self.section, line):
            self.others.append(line)

    def _ojl_line(self, paragraph: Paragraph, place: str) -> None:
        line, tabbed = paragraph.line, LEADER.fullmatch(paragraph.text.strip())
        if total := TOTAL.fullmatch(line):
            self._ojt_total(line, [span for span in [hours(total["hours"] or "")] if span], place)
        elif tabbed and (span := hours(tabbed["hours"])):
            self.layout.add("hours")
            self._begin(one_line(tabbed["title"]), (span.least, span.most))
        elif self.draft.function and paragraph.listed and "table" not in self.layout:
            self.draft.function.tasks.append(unnumbered(line))
        else:
            self.others.append(line)

    def _ri_line(self, paragraph: Paragraph, place: str, *, in_table: bool) -> None:
        line, tabbed = paragraph.line, LEADER.fullmatch(paragraph.text.strip())
        if total := TOTAL.fullmatch(line):
            self._ri_total(line, hours(total["hours"] or ""), place)
        elif provider := PROVIDER.fullmatch(line):
            self.provider = one_line(provider["name"])
            self.others.append(line)
        elif tabbed and (span := hours(tabbed["hours"])):
            self.draft.course(unnumbered(one_line(tabbed["title"])), span, provider=self.provider)
        elif paragraph.listed and not in_table:
            self.draft.course(line, None, provider=self.provider)
        elif len(line) <= 100 and not line.endswith((".", ":")) and "hours" not in line.lower():
            self.draft.heading = line
        else:
            self.others.append(line)

    # ---- tables ----

    def _table(self, table: Table) -> None:
        columns: Columns | None = None
        for number, row in enumerate(table.rows, start=1):
            place = f"table {self.tables}, row {number}"
            if not row.filled:
                continue
            if header := columns_of(row):
                columns = header
                self._header(header)
            elif columns is None and self._is_text(row, table):
                self._text(row, place)
            else:
                self._row(row, columns, table, place)

    def _is_text(self, row: TableRow, table: Table) -> bool:
        """Whether a row above every header is mere text: outside the schedule, or one cell over all."""
        if self.section not in (OJL, RI, "wages"):
            return True
        return len(row.cells) == 1 and (
            table.width > 1 or self.section != RI or len(row.cells[0].paragraphs) > 1
        )

    def _text(self, row: TableRow, place: str) -> None:
        """The lines of the cells; short cells side by side are one line (boxes to tick, a label)."""
        if len(row.filled) > 1 and all(len(cell.paragraphs) == 1 for cell in row.filled):
            words = [cell.text for cell in row.filled]
            label = words[0].rstrip(" :")
            joined = (
                f"{label}: {' '.join(words[1:])}"
                if section_of(label) or label[-1:].isalnum()
                else " ".join(words)
            )
            self.line(Paragraph(joined), place, in_table=True)
            return
        for cell in row.filled:
            for paragraph in cell.paragraphs:
                self.line(paragraph, place, in_table=True)

    def _header(self, columns: Columns) -> None:
        if columns.are_wages:
            self.section = "wages"
        elif columns.are_courses or (self.section == RI and not columns.are_competencies):
            self.section = RI
        else:
            self.section = OJL
            self._ojl_header(columns)

    def _ojl_header(self, columns: Columns) -> None:
        self.layout.add("table")
        self.layout.update(role for role in ("least", "most", "hours", "mark") if columns.has(role))
        self.dated = self.dated or is_dated(columns)
        self.marks = self.marks or columns.marks
        if not columns.are_competencies:
            return
        if columns.names_function:
            named = JOB_FUNCTION.fullmatch(columns.heading)
            self._begin(named["title"] if named else columns.heading, (None, None))
        elif columns.heading != self.generic:
            started = self.draft.function and not self.draft.function.competencies
            self.draft.function = self.draft.function if started else None
            self.generic = columns.heading

    def _row(self, row: TableRow, columns: Columns | None, table: Table, place: str) -> None:
        if self.section == "wages":
            self._wage_row(row, columns)
        elif self.section == RI:
            self._ri_row(row, columns, table, place)
        else:
            self._ojl_row(row, columns, table, place)

    def _wage_row(self, row: TableRow, columns: Columns | None) -> None:
        words = [cell.text for cell in row.filled]
        if len(words) == 1:
            self.front.wage(words[0])
            return
        wages = [cell for cell in row.filled[1:] if "%" in cell.text or "$" in cell.text]
        if columns:
            wages = columns.of(row, "wage", "percent")
        rest = [cell.text for cell in row.filled[1:] if cell not in wages]
        shown = [
            f"{one.text} %"
            if columns and columns.role(one) == "percent" and "%" not in one.text
            else one.text
            for one in wages
            if one is not row.filled[0]
        ]
        self.front.steps.append((words[0], ", ".join(rest), ", ".join(shown)))

    # ---- work processes ----

    def _begin(self, title: str, ojt: tuple[int | None, int | None]) -> None:
        title = unnumbered(title)
        mark = CORE.search(title)
        named = JOB_FUNCTION.fullmatch(title)
        title = CORE.sub(" ", named["title"] if named else title).strip()
        function = self.draft.begin(title, ojt=ojt)
        function.core = not mark or mark[1].lower() != "optional"

    def _hours(self, row: TableRow, columns: Columns | None) -> list[tuple[Cell, Span]]:
        """The cells of a row that hold hours on the job, in their order."""
        cells = columns.of(row, "least", "most", "hours", "ojt") if columns else row.filled[1:]
        return [(cell, span) for cell in cells if (span := hours(cell.text))]

    def _ojl_row(self, row: TableRow, columns: Columns | None, table: Table, place: str) -> None:
        spans = self._hours(row, columns)
        apart = columns.of(row, "mark", "core", "required", "optional", "level", "ri") if columns else []
        words = [cell for cell in row.filled if cell not in apart and cell not in [one for one, _ in spans]]
        if not words:
            return
        cell = self._titled(words, columns)
        line, *below = cell.lines
        below += _beside(cell, words)
        if TOTAL.fullmatch(line):
            found = TOTAL.fullmatch(line)
            inside = hours(found["hours"] or "") if found else None
            self._ojt_total(line, [span for _, span in spans] or ([inside] if inside else []), place)
        elif spans:
            self.layout.add("hours")
            self._begin(line, self._ends(spans, columns))
            self._tasks(below)
        elif columns and columns.are_competencies:
            spanning = len(row.cells) == 1 or (
                len(row.cells) < table.width and cell.span > 1 and len(row.filled) == 1
            )
            self._competency_row(row, [line, *below], columns, place, spanning=spanning)
        elif self.draft.function:
            self._tasks([line, *below])
        else:
            self._text(row, place)

    def _titled(self, words: list[Cell], columns: Columns | None) -> Cell:
        """The cell that names what the row is about: by its column, else the longest."""
        for roles in (("process", "competency"), ("title",)):
            if under := [one for one in words if columns and columns.role(one) in roles]:
                return under[0]
        return max(words, key=lambda one: len(one.text))

    def _ends(self, spans: list[tuple[Cell, Span]], columns: Columns | None) -> tuple[int | None, int | None]:
        """Least and most minutes: by the columns, or the two ends of what one column prints."""
        roles = {columns.role(cell): span for cell, span in spans} if columns else {}
        if "least" in roles or "most" in roles:
            least, most = roles.get("least"), roles.get("most")
            ends = [
                least.least if least else None,
                most.most if most else (least.most if least and least.is_range else None),
            ]
            if None not in ends and ends[0] > ends[1]:  # type: ignore[operator]
                self.notes.warn(
                    f"table {self.tables}", "The minimum hours are above the maximum", "They were exchanged."
                )
                ends.reverse()
            return ends[0], ends[1]
        if len(spans) > 1:
            both = sorted((spans[0][1].least, spans[1][1].most))
            return both[0], both[1]
        return spans[0][1].least, spans[0][1].most

    def _tasks(self, lines: Iterable[str]) -> None:
        function = self.draft.function
        if function:
            function.tasks.extend(map(unnumbered, lines))

    def _competency_row(
        self, row: TableRow, lines: list[str], columns: Columns, place: str, *, spanning: bool
    ) -> None:
        """`spanning`: one cell over the whole width, which is no competency."""
        line, *below = lines
        text = " ".join(lines)
        function = JOB_FUNCTION.fullmatch(line)
        if (
            section_of(line)
            or is_boilerplate(line)
            or (spanning and (levels_of(text) or len(text) > LONGEST_TITLE))
        ):
            for one in lines:
                self.line(Paragraph(one), place, in_table=True)
        elif function or (spanning and columns.has("mark")):
            self._begin(function["title"] if function else line, (None, None))
            self._tasks(below)
        else:
            if self.draft.function is None:
                self._begin(self.generic or "Competencies", (None, None))
            self._competency(row, lines, columns)

    def _competency(self, row: TableRow, lines: list[str], columns: Columns) -> None:
        function = self.draft.function
        title, *details = lines
        mark = CORE.search(title)
        said = " ".join(one.text for one in columns.of(row, "core")).lower()
        optional = (
            bool(columns.of(row, "optional"))
            or "optional" in said
            or bool(mark and mark[1].lower() == "optional")
        )
        level = " ".join(one.text for one in columns.of(row, "level")).lower()
        known = [one for one in ("basic", "intermediate", "advanced") if one in level]
        competency = CompetencyDraft(
            unnumbered(CORE.sub(" ", title).strip()),
            details=details,
            required=not optional,
            level=known[0] if len(known) == 1 else "",
        )
        if function:
            function.competencies.append(competency)

    def _ojt_total(self, line: str, spans: list[Span], place: str) -> None:
        if not spans:
            self.others.append(line)
            return
        least = sum(one.ojt[0] or 0 for one in self.draft.functions)
        most = sum(one.ojt[1] or one.ojt[0] or 0 for one in self.draft.functions)
        stated = (spans[0].least, spans[-1].most)
        if not PARTIAL.search(line):
            self.ojt_total = stated
        for word, number, sum_of in zip(("least", "most"), stated, (least, most), strict=True):
            if word == "least" or stated[0] != stated[1]:
                total = o.Total(place=f"{place}, “{line:.40}”, {word}", stated=number, computed=sum_of)
                self.draft.totals.append(total)

    # ---- related instruction ----

    def _ri_row(self, row: TableRow, columns: Columns | None, table: Table, place: str) -> None:
        cells = row.filled
        timed = (
            columns.of(row, "hours", "least", "most", "ri")
            if columns and columns.has("hours", "least", "most", "ri")
            else cells[1:]
        )
        spans = [(cell, span) for cell in timed if (span := hours(cell.text))]
        named = [cell for cell in cells if cell not in [one for one, _ in spans]] or cells[:1]
        line = named[0].paragraphs[0].line
        if total := TOTAL.fullmatch(named[0].text):
            self._ri_total(named[0].text, spans[-1][1] if spans else hours(total["hours"] or ""), place)
        elif not spans and (
            (len(row.cells) == 1 and table.width > 1) or (len(cells) == 1 and STRETCH.fullmatch(line))
        ):
            for paragraph in named[0].paragraphs:
                self.line(paragraph, place, in_table=True)
        elif not spans and len(row.cells) == 1:
            for course in named[0].lines:
                self.draft.course(unnumbered(course), None, provider=self.provider)
        else:
            self._course(named, spans, columns)
            if not spans:
                self.notes.note(place, f"“{line:.60}” has no hours", "They were left open.")

    def _course(self, named: list[Cell], spans: list[tuple[Cell, Span]], columns: Columns | None) -> None:
        def under(*roles: str) -> list[Cell]:
            return [cell for cell in named if columns and columns.role(cell) in roles]

        coded = under("course_code", "item")
        titles = (
            under("title", "process", "competency") or [cell for cell in named if cell not in coded] or named
        )
        title, *details = titles[0].lines
        for cell in named:
            if cell not in coded and cell is not titles[0] and columns and columns.role(cell) != "provider":
                details.extend(cell.lines)
        ends = [span for _, span in spans]
        span = Span(ends[0].least, ends[-1].most) if ends and ends[0].least <= ends[-1].most else None
        code = coded[0].text if coded and titles[0] not in coded else ""
        provider = " ".join(cell.text for cell in under("provider")) or self.provider
        self.draft.course(
            unnumbered(title),
            span,
            details="\n".join(details),
            provider=provider,
            **({"code": code} if code else {}),
        )

    def _ri_total(self, line: str, span: Span | None, place: str) -> None:
        if span is None:
            self.others.append(line)
        elif self.draft.course_total(f"{place}, “{line:.60}”", span, partial=bool(PARTIAL.search(line))):
            self.ri_total = span.most
            self.counted = len(self.draft.courses)

    # ---- the whole ----

    def _courses(self) -> tuple[o.CourseOutline, ...]:
        """All courses; those that stand behind the total of related instruction are to be looked at."""
        courses = self.draft.courses
        behind = courses[self.counted :] if self.ri_total is not None else []
        if not behind:
            return tuple(courses)
        self.notes.warn(
            f"related instruction, “{behind[0].heading or behind[0].title:.80}”",
            f"{len(behind)} courses stand behind the total of {spelled(self.ri_total or 0)} hours, not in it",
            "They were kept, with their numbers as hours, and are marked for review.",
        )
        return (*courses[: self.counted], *(replace(one, needs_review=True) for one in behind))

    def reading(self) -> o.Reading:
        front, functions = self.front, self.draft.job_functions()
        scale = legend(self.others, self.notes, marks=self.marks) or (DATED if self.dated else None)
        printed = bool(scale and scale is not DATED)
        said = [before_levels(line) if printed else line for line in dict.fromkeys(self.others)]
        if self.marks and not scale:
            named = ", ".join(self.marks)
            self.notes.note(
                "rating scale", f"The columns {named:.80} have no words", "Choose a rating scale."
            )
        ojt, ri = front.ojt or self.ojt_total, front.ri
        approach = self._approach()
        outline = headed(
            title=front.title,
            onet=front.onet,
            rapids=front.rapids,
            findings=self.notes,
            approach=approach,
            term_months=front.term_months,
            minimum_ojt_minutes=ojt[0] if ojt else None,
            maximum_ojt_minutes=ojt[1] if ojt and ojt[0] != ojt[1] else None,
            minimum_ri_minutes=ri[0] if ri else self.ri_total,
            maximum_ri_minutes=ri[1] if ri and ri[0] != ri[1] else None,
            ratio=front.ratio,
            wage_note=front.text("wages"),
            wage_steps=tuple(front.steps),
            probation=front.text("probation"),
            selection=front.text("selection"),
            rating_scale=scale,
            notes="\n".join(filter(None, said)),
            job_functions=functions,
            courses=self._courses(),
        )
        if not front.title:
            self.notes.warn(
                "title", "No occupation title was found", "Write it in the form before it is stored."
            )
        return o.Reading(
            format=FORMAT, outline=outline, findings=tuple(self.notes.found), totals=tuple(self.draft.totals)
        )

    def _approach(self) -> str | None:
        """As ticked or written; else what the code's ending means; else what the columns are those of."""
        if self.front.approach:
            return self.front.approach
        code = codes.parse_rapids(self.front.rapids)
        if code and code.suffix in SUFFIXES:
            self.notes.note(
                "approach", "No approach is stated", f"{code} is the code of a {SUFFIXES[code.suffix]} one."
            )
            return SUFFIXES[code.suffix]
        layout = (
            "hybrid"
            if {"least", "most"} & self.layout
            else "time"
            if "hours" in self.layout
            else "competency"
        )
        self.notes.warn("approach", "No approach is stated", f"Its columns are those of a {layout} one.")
        return layout


def _beside(titled: Cell, words: list[Cell]) -> list[str]:
    """What the other cells of a row say, without the mere number of the row."""
    return [line for cell in words if cell is not titled for line in cell.lines if not BARE.fullmatch(line)]
