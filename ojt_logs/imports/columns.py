"""Which column of a file means what: guessed from its headings once, corrected by a person, remembered."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.spelling import fold

LONGEST_HEADER = 15
"""Rows looked through for the headings: exports begin with the name of the firm and the period."""


@dataclass(frozen=True)
class Field:
    """What a column may mean. `names`: headings that are known to mean it, folded."""

    name: str
    label: str
    names: tuple[str, ...]
    about: str = ""


PERSON = (
    Field(
        "email",
        "E-mail",
        ("email", "e-mail", "e mail", "email address", "e-mail address", "work email", "apprentice email"),
    ),
    Field(
        "number",
        "Registration number",
        ("registration number", "registration no", "rapids number", "apprentice number", "apprentice id"),
    ),
    Field(
        "name",
        "Name",
        (
            "name",
            "apprentice",
            "employee",
            "employee name",
            "worker",
            "full name",
            "apprentice name",
            "person",
        ),
    ),
    Field("first_name", "First name", ("first name", "first", "given name", "employee first name")),
    Field("last_name", "Last name", ("last name", "last", "surname", "family name", "employee last name")),
    Field("program", "Program", ("program", "programme"), "For people who are in several."),
)
"""How a person is found: by every one of these that a row fills in."""

TIME = (
    Field(
        "hours",
        "Time in hours",
        ("hours", "time", "hours worked", "total hours", "reg hours", "regular hours", "duration", "hrs"),
        "8, 7:30, 7.5 or 450 min.",
    ),
    Field("minutes", "Time in minutes", ("minutes", "min", "mins", "time (minutes)", "minutes worked")),
)

HOURS = (
    *PERSON,
    Field("date", "Day", ("date", "day", "work date", "date worked", "workday", "punch date", "pay date")),
    *TIME,
    Field(
        "job_function",
        "Job function",
        ("job function", "function", "work process", "process", "job", "department", "cost center", "task"),
        "By number or title. Without one it is other supervised work.",
    ),
    Field("competency", "Competency", ("competency", "competency code", "skill"), "By code, like 2g."),
    Field(
        "course",
        "Course",
        ("course", "course code", "class", "related instruction", "course title"),
        "By code or title. The row is then class time.",
    ),
    Field("note", "Note", ("note", "notes", "comment", "comments", "remarks", "description")),
    Field(
        "row_id",
        "Number of the row",
        ("id", "row id", "entry id", "record id", "transaction id", "timecard id", "punch id", "entry"),
        "As the other system numbers it, so that nothing comes in twice.",
    ),
)

PAID = (
    *PERSON,
    Field(
        "starts_on",
        "Period from",
        ("from", "period start", "period begin", "pay period start", "start", "start date", "period from"),
    ),
    Field(
        "ends_on",
        "Period to",
        (
            "to",
            "period end",
            "pay period end",
            "end",
            "end date",
            "period ending",
            "period to",
            "date",
            "day",
        ),
        "The last day, or the day where a row is one day.",
    ),
    *TIME,
)


@dataclass(frozen=True)
class Header:
    """The row of a sheet that holds the headings: its number as a spreadsheet counts, and its cells."""

    number: int
    cells: tuple[str, ...]

    @property
    def shape(self) -> str:
        """The same for two files with the same headings in the same order."""
        return hashlib.sha256(json.dumps([fold(cell) for cell in self.cells]).encode()).hexdigest()


Columns = Mapping[str, int]
"""The place of the column, from 0, that a field of the list stands in."""


def header_of(rows: Sequence[tuple[int, tuple[str, ...]]], fields: Sequence[Field]) -> Header:
    """The row among the first ones in which most headings are known; the first row where none is."""
    best = max(rows[:LONGEST_HEADER], key=lambda row: (len(guess(row[1], fields)), -row[0]))
    return Header(*best)


def guess(cells: Sequence[str], fields: Sequence[Field]) -> dict[str, int]:
    """The columns whose headings are known, each for one field."""
    plain = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for field in fields:
        known = [name for name in field.names if name in plain]
        if known and (place := plain.index(known[0])) not in found.values():
            found[field.name] = place
    return found


def _plain(cell: str) -> str:
    return re.sub(r"[\s_*:#]+", " ", fold(cell)).strip()
