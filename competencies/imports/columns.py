"""What the columns of a table of a Word document are, told by the words of its header."""

import re
from dataclasses import dataclass

from competencies.imports.paper import Cell, TableRow
from competencies.imports.words import hours

ROLES: tuple[tuple[str, str], ...] = (
    ("least", r"min(?:imum|\.)?(?: (?:ojl|ojt))?(?: (?:hours|hrs\.?))?"),
    ("most", r"max(?:imum|\.)?(?: (?:ojl|ojt))?(?: (?:hours|hrs\.?))?"),
    ("mark", r"date(?: completed)?|completion date|(?:trainer|mentor|supervisor)?'?s? ?initials?|[0-9]|n/?a"),
    (
        "mark",
        r".*level (?:achieved|attained).*|rating.*|sign[- ]?off.*|verified.*",
    ),
    ("core", r"core ?(?:/|or) ?optional|core|required ?(?:/|or) ?optional"),
    ("required", r"required"),
    ("optional", r"optional"),
    ("level", r"level|skill level|basic.*advanced"),
    ("ojt", r"oj[tl](?: hours)?|on[- ]the[- ]job(?: training| learning)?(?: hours)?"),
    ("ri", r"r[ts]?i(?: hours)?"),
    (
        "hours",
        r"(?:approx(?:imate|\.)?|estimated|contact|clock|total|course|class|instruction)?(?: number of)? ?"
        r"(?:hours|hrs\.?|time)(?: ?\(.*\)| range)?",
    ),
    ("item", r"item|no\.?|#|number|code|letter"),
    ("course_code", r"course (?:number|code|no\.?|#)"),
    ("objectives", r".*(?:objectives?|outcomes?|content).*"),
    ("provider", r"(?:related )?(?:instruction )?(?:provider|organization|school|institution).*"),
    ("competency", r".*competenc.*"),
    ("percent", r"(?:%|percent).*"),
    ("wage", r".*\b(?:wage|rate|pay)s?\b.*"),
    ("period", r"(?:time |wage |pay )?(?:period|step|interval)s?(?: (?:of|#).*)?"),
    (
        "title",
        r"(?:course |class |topic )?(?:title|name)|courses?|topics?(?: area)?|subjects?|units?|modules?",
    ),
    ("title", r"related (?:technical )?instruction.*|(?:course )?descriptions?"),
    (
        "process",
        r".*(?:work process|job task|job function|on-the-job (?:learning|training) outline|major duties).*",
    ),
    ("process", r"(?:job |work |major |list of )?(?:tasks?|skills?|duties)(?: .{0,30})?"),
)
PATTERNS = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in ROLES)
LONGEST_HEADING = 90
GENERIC = re.compile(
    r"(?:(?:technical|core|job|occupational|behaviou?ral|list of|required|key)[ /]*)*(?:functions?[ /]*)?"
    r"competenc(?:y|ies)(?:/skills?|/tasks?| statements?| list)?(?: \(.*\))?",
    re.IGNORECASE,
)
"""A heading of competencies that names no job function of its own."""
RATING = re.compile(r"[0-9]|n/?a", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The columns of a table: the role of each by where it begins in the grid."""

    roles: dict[int, str]
    heading: str
    """What the header says above the titles, e.g. “Competencies Year One”."""
    marks: tuple[str, ...] = ()

    def has(self, *roles: str) -> bool:
        return any(role in self.roles.values() for role in roles)

    def of(self, row: TableRow, *roles: str) -> list[Cell]:
        """The filled cells of a row that stand under one of the roles."""
        return [cell for cell in row.filled if self.role(cell) in roles]

    def role(self, cell: Cell) -> str:
        """The role of the column that the cell begins in, or of the nearest one that begins before it."""
        starts = [start for start in self.roles if start <= cell.start]
        return self.roles[max(starts)] if starts else ""

    @property
    def are_competencies(self) -> bool:
        """Whether the table presents its rows as competencies."""
        return self.has("mark", "competency") and not self.has("wage", "percent", "period")

    @property
    def are_wages(self) -> bool:
        return self.has("wage", "percent") and not self.has("mark")

    @property
    def are_courses(self) -> bool:
        return self.has("course_code", "objectives", "provider") and not self.has("mark", "least", "most")

    @property
    def names_function(self) -> bool:
        """Whether the heading above the competencies names what they belong to."""
        return bool(self.heading) and not GENERIC.fullmatch(self.heading)


def role_of(text: str) -> str:
    """What a column with this heading holds, "" where the words are those of no heading."""
    text = text.strip(" :*")
    if not text or len(text) > LONGEST_HEADING:
        return ""
    return next((role for role, pattern in PATTERNS if pattern.fullmatch(text)), "")


def columns_of(row: TableRow) -> Columns | None:
    """The columns, where this row is a header: every cell of it is a heading, none a number of hours."""
    cells = row.filled
    roles = {cell.start: role_of(cell.text) for cell in cells}
    if len(cells) < 2 or not all(roles.values()):
        return None
    if 0 < sum(bool(RATING.fullmatch(cell.text)) for cell in cells) < 3:
        return None
    found = set(roles.values())
    if found <= {"mark"} or not (found & {"competency", "process", "title", "period", "item", "objectives"}):
        return None
    if "mark" not in found and any(hours(cell.text) for cell in cells):
        return None
    named = [cell.text for cell in cells if roles[cell.start] in ("competency", "process")]
    marks = tuple(cell.text for cell in cells if roles[cell.start] == "mark")
    return Columns(roles, named[0].strip(" :*") if named else "", marks)


def is_dated(columns: Columns) -> bool:
    """Whether a competency is marked with a date and initials, and with no number."""
    words = " ".join(columns.marks).lower()
    return "initial" in words and not any(RATING.fullmatch(mark) for mark in columns.marks)


def is_header(text: str) -> bool:
    """Whether a line of text is a header that stands above its table: headings apart by tabs or colons."""
    parts = [part for part in re.split(r"[\t:]+", text.strip()) if part.strip()]
    return len(parts) > 1 and all(role_of(part) for part in parts)
