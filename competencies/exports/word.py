"""Outline -> Word: an Appendix A in the layout of its approach, to be edited and registered.

What stands on the page is for people; what it has no words for (levels, standards apart from their text, the
identity) goes with the file and is read back only while nobody has changed what stands on the page.
"""

import json
from collections.abc import Iterable, Sequence
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt
from docx.table import Table, _Row

from accounts.tables import UNWRITABLE
from competencies.imports import outline as o
from competencies.imports import word as reader
from competencies.imports.more import differences
from competencies.imports.words import spelled

BOXES = (("time", "Time-based"), ("competency", "Competency-based"), ("hybrid", "Hybrid"))
ATTACHED = "This schedule is attached to and a part of these Standards for the above identified occupation."


def write(outline: o.ScheduleOutline) -> bytes:
    """The document as .docx; `imports/word.py` reads the same outline from it while its text is unchanged."""
    document = docx.Document()
    _look(document)
    _front(document, outline)
    _work(document, outline)
    _instruction(document, outline)
    plain = _saved(document)
    try:
        told = reader.outline_of(plain, name="schedule")
    except o.Malformed:
        return plain
    rest = {"read": o.content_hash(told), "rows": differences(outline, told)}
    _attach(document, json.dumps(rest, ensure_ascii=True))
    return _saved(document)


def _saved(document: Document) -> bytes:
    data = BytesIO()
    document.save(data)
    return data.getvalue()


def _attach(document: Document, text: str) -> None:
    """Keep `text` in the package, as a part of its own that Word leaves alone."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").encode()
    body = b'<?xml version="1.0" encoding="UTF-8"?><journeybook>' + escaped + b"</journeybook>"
    part = Part(PackURI(f"/{reader.REST}"), "application/xml", body, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)


def _look(document: Document) -> None:
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(2)
    document.styles["Normal"].font.size = Pt(10.5)


def _say(document: Document, text: str) -> None:
    for line in text.split("\n"):
        if line.strip():
            document.add_paragraph(UNWRITABLE.sub("", line))


def _heading(document: Document, text: str) -> None:
    document.add_heading(text, level=1)


def _codes(outline: o.ScheduleOutline) -> str:
    onet = f"O*NET-SOC CODE: {outline.onet_code}" if outline.onet_code else ""
    rapids = f"RAPIDS CODE: {outline.rapids_code}" if outline.rapids_code else ""
    return "\t".join(filter(None, [onet, rapids]))


def _front(document: Document, outline: o.ScheduleOutline) -> None:
    """The common front page; a paper that lacks what registration asks for is no Appendix A."""
    whole = outline.ratio and outline.wage_steps and outline.probation and outline.selection
    for line in (
        "Appendix A" if whole else "",
        "WORK PROCESS SCHEDULE",
        "AND",
        "RELATED INSTRUCTION OUTLINE",
    ):
        _say(document, line)
    document.add_paragraph(f"OCCUPATION TITLE: {UNWRITABLE.sub('', outline.title)}")
    _say(document, _codes(outline))
    if whole:
        _say(document, ATTACHED)
    _heading(document, "APPRENTICESHIP APPROACH")
    boxes = (f"{'☒' if key == outline.approach else '☐'} {name}" for key, name in BOXES)
    document.add_paragraph("\t".join(boxes))
    for heading, text in (
        ("TERM OF APPRENTICESHIP", _term(outline)),
        ("RATIO OF APPRENTICES TO JOURNEYWORKERS", outline.ratio),
    ):
        if text:
            _heading(document, heading)
            _say(document, text)
    if outline.wage_steps or outline.wage_note:
        _heading(document, "APPRENTICE WAGE SCHEDULE")
        _say(document, outline.wage_note)
        _table(document, ("Period", "Condition", "Wage"), outline.wage_steps)
    for heading, text in (
        ("PROBATIONARY PERIOD", outline.probation),
        ("SELECTION PROCEDURES", outline.selection),
    ):
        if text:
            _heading(document, heading)
            _say(document, text)


def _term(outline: o.ScheduleOutline) -> str:
    """One sentence, of what is stated."""
    parts = [
        f" is {outline.term_months} months" if outline.term_months else "",
        _of(" with an OJL attainment of {} hours", outline.minimum_ojt_minutes, outline.maximum_ojt_minutes),
        _of(
            ", supplemented by {} hours of related instruction",
            outline.minimum_ri_minutes,
            outline.maximum_ri_minutes,
        ),
    ]
    return f"The term of the apprenticeship{''.join(parts)}." if any(parts) else ""


def _of(words: str, least: int | None, most: int | None) -> str:
    return words.format(_span(least, most)) if least is not None or most is not None else ""


def _span(least: int | None, most: int | None) -> str:
    """“800”, “10–15”, "" for minutes."""
    if least is None or most is None or least == most:
        stated = most if least is None else least
        return "" if stated is None else spelled(stated)
    return f"{spelled(least)}–{spelled(most)}"


def _work(document: Document, outline: o.ScheduleOutline) -> None:
    document.add_page_break()
    _heading(document, "ON-THE-JOB LEARNING OUTLINE")
    _say(document, f"OCCUPATION TITLE: {outline.title}")
    _say(document, _codes(outline))
    if outline.approach == "competency" or not any(_timed(one) for one in outline.job_functions):
        _competencies(document, outline)
    elif outline.approach == "time":
        _processes(document, outline, ("Work Process Schedule", "Approximate Hours"))
    else:
        _processes(document, outline, ("On-the-Job Learning Outline", "Minimum Hours", "Maximum Hours"))


def _timed(node: o.FunctionOutline) -> bool:
    return node.ojt_minutes_min is not None or node.ojt_minutes_max is not None


def _processes(document: Document, outline: o.ScheduleOutline, header: Sequence[str]) -> None:
    table = _table(document, header, [])
    for node in outline.job_functions:
        ends = (node.ojt_minutes_min, node.ojt_minutes_max)
        hours = [_span(*ends)] if len(header) == 2 else [_span(end, end) for end in ends]
        _row(table, [node.title, *hours])
        tasks = [
            *node.details.split("\n"),
            *(f"{node.number}{one.letter} {one.title}" for one in node.competencies),
        ]
        _row(table, ["", *[""] * (len(header) - 1)], bullets=tasks)
    totals = [sum(one.ojt_minutes_min or 0 for one in outline.job_functions)]
    if len(header) == 3:
        totals.append(sum(one.ojt_minutes_max or 0 for one in outline.job_functions))
    _row(table, ["TOTAL HOURS", *(spelled(total) if total else "" for total in totals)])


def _competencies(document: Document, outline: o.ScheduleOutline) -> None:
    """A table for each job function, with a column for the rating, or for date and initials."""
    scale = outline.rating_scale
    rated = scale is not None and len(scale.levels) > 1
    if scale and rated:
        for level in scale.levels:
            _say(document, f"{level.mark.upper()} – {level.label}")
    marks = ("Performance Level Achieved",) if rated else ("Date Completed", "Initials")
    for node in outline.job_functions:
        optional = "" if node.core else " (Optional)"
        document.add_heading(
            f"Job Function {node.number}: {UNWRITABLE.sub('', node.title)}{optional}", level=2
        )
        for task in filter(str.strip, node.details.split("\n")):
            document.add_paragraph(UNWRITABLE.sub("", task), style="List Bullet")
        table = _table(document, ("Competencies", "Core or Optional", *marks), [])
        for one in node.competencies:
            lines = [f"{one.letter.upper()}. {one.title}", "Core" if one.required else "Optional"]
            _row(table, [*lines, *[""] * len(marks)], bullets=[standard.text for standard in one.standards])


def _instruction(document: Document, outline: o.ScheduleOutline) -> None:
    topics = [(one.title, [*one.skill, *one.knowledge, *one.tool]) for one in outline.job_functions]
    if not outline.courses and not any(found for _, found in topics):
        return
    document.add_page_break()
    _heading(document, "RELATED INSTRUCTION OUTLINE")
    _say(document, f"OCCUPATION TITLE: {outline.title}")
    _say(document, _codes(outline))
    if outline.courses:
        _courses(document, outline.courses)
    for title, found in topics:
        if found:
            document.add_heading(f"What is taught for: {UNWRITABLE.sub('', title)}", level=2)
            for topic in found:
                document.add_paragraph(UNWRITABLE.sub("", topic.text), style="List Bullet")


def _courses(document: Document, courses: Iterable[o.CourseOutline]) -> None:
    table = _table(document, ("Course Number", "Title", "Contact Hours"), [])
    heading, total = "", 0
    for one in courses:
        if one.heading and one.heading != heading:
            cells = _row(table, [one.heading, "", ""]).cells
            cells[0].merge(cells[2])
        heading = one.heading
        _row(
            table,
            [one.code, one.title, _span(one.ri_minutes, one.ri_minutes_max or one.ri_minutes)],
            bullets=one.details.split("\n"),
            under=1,
        )
        total += one.ri_minutes or 0
    if total:
        _row(table, ["TOTAL RELATED INSTRUCTION HOURS", "", spelled(total)])


def _table(document: Document, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose header is repeated on every page."""
    table = document.add_table(rows=0, cols=len(header))
    table.style = "Table Grid"
    top = _row(table, header)
    top._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in top.cells:
        cell.paragraphs[0].runs[0].bold = True
    for row in rows:
        _row(table, row)
    return table


def _row(table: Table, texts: Sequence[str], *, bullets: Iterable[str] = (), under: int = 0) -> _Row:
    """A row that no page break parts; `bullets` stand below the text of the cell `under`."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].add_run(UNWRITABLE.sub("", text))
    for bullet in bullets:
        if bullet.strip():
            row.cells[under].add_paragraph(UNWRITABLE.sub("", bullet), style="List Bullet")
    return row
