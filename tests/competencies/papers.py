"""Registration papers made for tests, in the layouts of the Department of Labor, slips included."""

from collections.abc import Sequence
from io import BytesIO

import docx
from docx.document import Document
from docx.table import Table

Cells = Sequence[str]


def saved(document: Document) -> bytes:
    data = BytesIO()
    document.save(data)
    return data.getvalue()


def table(document: Document, rows: Sequence[Cells], *, columns: int = 0) -> Table:
    """A table; a row with fewer cells than the others has one cell over the rest of the width."""
    width = columns or max(len(row) for row in rows)
    made = document.add_table(rows=len(rows), cols=width)
    for line, row in zip(made.rows, rows, strict=True):
        cells = line.cells
        if len(row) < width:
            cells[len(row) - 1].merge(cells[-1])
        for cell, text in zip(line.cells, row, strict=False):
            first, *others = text.split("\n")
            cell.paragraphs[0].text = first
            for other in others:
                cell.add_paragraph(other, style="List Bullet")
    return made


def front(document: Document, title: str, codes: str, boxes: str, term: str, **texts: str) -> None:
    """The common front page of an Appendix A."""
    for line in (
        "Appendix A",
        "WORK PROCESS SCHEDULE",
        "AND",
        "RELATED INSTRUCTION OUTLINE",
        f"OCCUPATION TITLE: {title}",
        codes,
        "This schedule is attached to and a part of these Standards for the above identified occupation.",
        "APPRENTICESHIP APPROACH",
        boxes,
        "TERM OF APPRENTICESHIP",
        term,
        "RATIO OF APPRENTICES TO JOURNEYWORKERS",
        texts.get("ratio", "The apprentice to journeyworker ratio is: 1 Apprentice to 2 Journeyworkers."),
    ):
        document.add_paragraph(line)


def hybrid() -> bytes:
    """Heating and cooling: processes by letter with minimum and maximum, one table; a total too high."""
    document = docx.Document()
    front(
        document,
        "HVAC TECHNICIAN",
        "O*NET-SOC CODE: 49-9021.00\tRAPIDS CODE: 0637HY",
        "☐ Time-based\t☐ Competency-based\t☒ Hybrid",
        "The term of the apprenticeship is 2 years with an OJL attainment of 4,000 – 4,500 hours, "
        "supplemented by the minimum required 288 hours of related instruction.",
    )
    document.add_paragraph("APPRENTICE WAGE SCHEDULE")
    document.add_paragraph("The current journeyworker wage is $30.00 per hour.")
    table(
        document,
        [
            ("Period", "% of Journeyworker wage", "Competencies", "Wage (Hourly)", "Description"),
            ("1", "50%", "A, B", "$15.00", "First year"),
            ("2", "70%", "C, D", "$21.00", "Second year"),
        ],
    )
    document.add_paragraph("PROBATIONARY PERIOD")
    document.add_paragraph("Every applicant selected will serve a probationary period of 1,200 hours.")
    document.add_paragraph("SELECTION PROCEDURES")
    document.add_paragraph("Applicants are interviewed by the sponsor.")
    table(
        document,
        [
            ("Job Description: Installs and repairs heating and cooling systems.",),
            ("O*NET-SOC CODE: 49-9021.00    RAPIDS CODE: 0637HY",),
            ("On-the-Job Learning Outline", "Minimum Hours", "Maximum Hours"),
            ("A. Install refrigeration systems\nCut and join tubing\nSet condensers", "1,000", "1,200"),
            ("B. Test electrical circuits", "1,200", "1,300"),
            ("Measure voltage\nTrace a fault", "", ""),
            ("On-the-Job Learning Outline", "Minimum Hours", "Maximum Hours"),
            ("C. Repair heating systems\nClean burners", "1,000", "1,000"),
            ("Maintain records", "812.5", "1000"),
            ("TOTAL", "4,000", "4,500"),
        ],
    )
    document.add_paragraph("RELATED INSTRUCTION OUTLINE")
    document.add_paragraph("Provider: Lakeside Technical College")
    table(
        document,
        [
            ("Course Number", "Title", "Learning Objectives", "Contact Hours"),
            ("HVA 101", "Refrigeration I", "Explain the cycle\nRead gauges", "144"),
            ("HVA 102", "Electricity", "Apply Ohm's law", "120–144"),
            ("TOTAL", "", "", "288"),
        ],
    )
    return saved(document)


def framework() -> bytes:
    """Cloud engineer: a national framework with a legend 0 to 4, core and optional, ranges of hours."""
    document = docx.Document()
    for line in (
        "National Occupational Framework",
        "Occupation Title: Junior Cloud Engineer",
        "O*NET-SOC Code: 15-1244.00  RAPIDS Code: 3048CB",
        "A junior cloud engineer keeps services in the cloud running.",
        "Work Process Schedule",
        "4 – Competent (performs all elements independently)",
        "3 – Satisfactory (minimal assistance)",
        "2 – Significant assistance needed",
        "1 – Attempted unsuccessfully",
        "0 – No exposure (note the reason)",
    ):
        document.add_paragraph(line)
    header = ("Competencies", "Core or Optional", "Performance Level Achieved (0-4)")
    document.add_paragraph("Job Function 1: Operates cloud services")
    table(
        document,
        [
            header,
            ("A. Deploys virtual machines", "Core", ""),
            ("B. Monitors cost", "Optional", ""),
            header,
            ("C. Restores from a backup", "Core", ""),
        ],
    )
    document.add_paragraph("Job Function 2: Secures accounts")
    table(document, [header, ("A. Applies least privilege", "Core", "")])
    document.add_paragraph("Related Instruction Outline")
    table(
        document,
        [
            ("Topic", "Hours", "Sample Learning Objectives"),
            ("Networking basics", "10–15", "Explain an address\nDraw a network"),
            ("Cloud security", "20", "Name three risks"),
        ],
    )
    return saved(document)


def rated() -> bytes:
    """Welder: items by number with columns 4, 3, 2, 1 and N/A, and a table of behavior of its own."""
    document = docx.Document()
    front(
        document,
        "WELDER, COMBINATION",
        "O*NET-SOC CODE: 51-4121.06\tRAPIDS CODE: 0622CB",
        "☐ Time-based\t☒ Competency-based\t☐ Hybrid",
        "The term of the apprenticeship is three years, approximated within 6,000 hours.",
    )
    document.add_paragraph("ON-THE-JOB LEARNING OUTLINE")
    scale = ("4", "3", "2", "1", "N/A")
    blank = ("",) * 5
    table(
        document,
        [
            ("Item", "Technical Competencies", *scale),
            ("1", "Reads weld symbols", *blank),
            ("2", "Makes a fillet weld in the flat position", *blank),
            ("Date Completed: ________   Supervisor/Trainer: ________",),
        ],
    )
    table(
        document,
        [("Item", "Behavioral Competencies", *scale), ("1", "Arrives on time", *blank)],
    )
    document.add_paragraph("RELATED INSTRUCTION OUTLINE")
    table(document, [("Course", "Hours"), ("Blueprint reading", "48"), ("Metallurgy", "96")])
    return saved(document)


def broken() -> bytes:
    """Carpenter: cells with breaks inside one paragraph, for tasks and to fit the column."""
    document = docx.Document()
    front(
        document,
        "CARPENTER",
        "O*NET-SOC CODE: 47-2031.00\tRAPIDS CODE: 0067",
        "☒ Time-based\t☐ Competency-based\t☐ Hybrid",
        "The term of the apprenticeship is 2 years with an OJL attainment of 4,000 hours.",
    )
    document.add_paragraph("ON-THE-JOB LEARNING OUTLINE")
    rows = [
        ("Work Process", "Approximate Hours"),
        ("A. Frame walls|Lay out plates|Nail studs", "1,000"),
        ("B. Install doors,|windows and|trim|Hang a door", "1,000"),
        ("READ PLANS AND|SPECIFICATIONS", "1,000"),
        ("4.|Roof|Cut rafters", "1,000"),
        ("", ""),
    ]
    made = table(document, rows)
    made.rows[5].cells[0].paragraphs[0].text = "Set trusses|(with a crane)"
    document.add_paragraph("RELATED INSTRUCTION OUTLINE")
    courses = [
        ("Course", "Hours"),
        ("Year 1", ""),
        ("Carpentry I|Name the tools|Read a tape", "144"),
        ("Safety|at heights", "10"),
    ]
    for grid in (made, table(document, courses)):
        for cell in (cell for row in grid.rows for cell in row.cells):
            cell.paragraphs[0].text = cell.text.replace("|", "\n")
    return saved(document)


def described() -> bytes:
    """Fiber technician: a column of objectives beside the competencies, longer than these."""
    document = docx.Document()
    front(
        document,
        "FIBER TECHNICIAN",
        "O*NET-SOC CODE: 49-2022.00\tRAPIDS CODE: 2012CB",
        "☐ Time-based\t☒ Competency-based\t☐ Hybrid",
        "The term of the apprenticeship is one year.",
    )
    document.add_paragraph("ON-THE-JOB LEARNING OUTLINE")
    why = "Explain why a splice is cleaned, cleaved and measured before it is closed"
    rows = [
        ("No.", "Competencies", "Learning Objectives", "Date Completed", "Initials"),
        ("1.", "Splices fiber", why, "", ""),
        ("2.", "Tests a link", "Read a trace", "", ""),
    ]
    table(document, rows)
    return saved(document)


def legend(text: str, *, beside: Sequence[Cells] = ()) -> bytes:
    """Welder: numbered competencies under a legend that is one paragraph, or a table of its own."""
    document = docx.Document()
    front(
        document,
        "WELDER",
        "O*NET-SOC CODE: 51-4121.06\tRAPIDS CODE: 0622CB",
        "☐ Time-based\t☒ Competency-based\t☐ Hybrid",
        "The term of the apprenticeship is three years.",
    )
    document.add_paragraph("ON-THE-JOB LEARNING OUTLINE")
    if beside:
        table(document, beside)
    document.add_paragraph(text)
    marks = ("Technical Competencies", "4", "3", "2", "1")
    numbered = ("1 - Reads weld symbols", "2 - Makes a fillet weld", "3 - Grinds a joint")
    table(document, [marks, *((one, "", "", "", "") for one in numbered)])
    return saved(document)


def letter() -> bytes:
    document = docx.Document()
    for line in (
        "Dear Ms. Nora,",
        "Your work process schedule for Welder, O*NET-SOC CODE: 51-4121.06, RAPIDS CODE: 0622CB, came.",
        "Please send Appendix A again by December 1.",
    ):
        document.add_paragraph(line)
    return saved(document)


def bulletin() -> bytes:
    """A bulletin names an occupation and its codes, and has a table, but no schedule."""
    document = docx.Document()
    table(
        document, [("BULLETIN 2023-50", "Date: December 20, 2022"), ("Distribution:", "A-541 Headquarters")]
    )
    for line in (
        "Subject: New National Occupational Framework for Junior Cloud Engineer",
        "Occupation Title: Junior Cloud Engineer",
        "O*NET-SOC Code: 15-1244.00",
        "RAPIDS Code: 3048CB",
        "Type of Training: Competency-based",
        "Action: Office of Apprenticeship staff should familiarize themselves with this bulletin.",
    ):
        document.add_paragraph(line)
    return saved(document)
