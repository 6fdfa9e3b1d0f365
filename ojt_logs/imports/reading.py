"""Rows of a table -> hours entries that could be written, each with what stands against it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from accounts.models import Sponsor, User
from ojt_logs.imports.cells import DayOrder, order_of, read_day, read_time, read_whole_minutes
from ojt_logs.imports.columns import Columns
from ojt_logs.imports.people import People, Unknown
from ojt_logs.imports.places import Places
from ojt_logs.imports.rows import Fate, FileRow, Rows
from ojt_logs.imports.uploads import Upload
from ojt_logs.models import HoursBatch, HoursEntry, Kind, Line
from ojt_logs.models.lines import Source
from ojt_logs.models.rules import problems_of_new

ROWS = UUID("5f0a5a0e-6c3b-4b8e-9d6e-0f5b6f1c9a77")
"""Names rows of files: the same row has the same `client_uid` whichever file it stands in."""
LONGEST_NOTE = 1000


@dataclass(frozen=True)
class Plan:
    """How a file is to be read: its columns, the order of day and month, and who may be left out."""

    columns: Columns
    day_order: str = ""
    leave_out_strangers: str = ""
    """“yes” where rows of people who are no apprentices here are passed over, as in a payroll of all."""

    def missing(self, *, day: str) -> list[str]:
        """Sentences about columns without which nothing can be read; `day` is the field of the day."""
        named = self.columns.keys()
        found = []
        if not {"email", "number", "name"} & named and not {"first_name", "last_name"} <= named:
            found.append("Say which column names the apprentice: e-mail, registration number or name.")
        if day not in named:
            found.append("Say which column holds the day.")
        if not {"hours", "minutes"} & named:
            found.append("Say which column holds the time worked.")
        return found


@dataclass(frozen=True)
class Row(FileRow):
    """One row of hours, with the entry that it would become."""

    line: Line | None = None

    def entry(self) -> HoursEntry:
        """The entry as it would be written. Only of a row without problems."""
        if self.apprentice is None or self.line is None:
            raise TypeError("This row is no entry.")
        return HoursEntry(apprentice=self.apprentice, **vars(self.line))


@dataclass(frozen=True)
class Reading(Rows[Row]):
    """All rows of a file of hours."""

    @property
    def minutes(self) -> int:
        """Of the rows that would come in."""
        return sum(row.line.minutes for row in self.new if row.line)

    @property
    def people(self) -> list[str]:
        """Whose hours would come in, by name."""
        return sorted({str(row.apprentice) for row in self.new})


def read(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User, now: datetime) -> Reading:
    """Every row with what would become of it. A constant number of queries, whatever the number of rows.

    Raises ValueError where the days of the file contradict each other.
    """
    cells = list(upload.cells(plan.columns))
    order = order_of((one.get("date", "") for _, one in cells), chosen=plan.day_order)
    people = People(sponsor, by=by)
    found = [_person(number, one, people, order.order, plan) for number, one in cells]
    places = Places(row.apprentice for row in found if row.apprentice)
    counts: Counter[str] = Counter()
    rows = [_line(row, places, upload, counts) for row in found]
    return Reading(_against_the_record(rows, upload, sponsor=sponsor, now=now), order)


def _person(number: int, cells: dict[str, str], people: People, order: DayOrder, plan: Plan) -> Row:
    row = Row(number, cells)
    try:
        day: date | None = read_day(cells.get("date", ""), order=order)
        problems = {}
    except ValueError as error:
        day, problems = None, {"date": str(error)}
    try:
        who = people.find(cells, on=day)
    except Unknown as error:
        if plan.leave_out_strangers:
            return replace(row, fate=Fate.LEFT_OUT, note=str(error))
        return row.refuse(**problems, person=str(error))
    except ValueError as error:
        return row.refuse(**problems, person=str(error))
    if day is None:
        return replace(row, apprentice=who).refuse(**problems)
    return replace(row, apprentice=who, line=Line(Kind.OJT, day, 0))


def _line(row: Row, places: Places, upload: Upload, counts: Counter[str]) -> Row:
    """The row with what its cells say of time, place and note."""
    if row.apprentice is None or row.line is None:
        return row
    place, problems = places.find(row.cells, row.apprentice.schedule_id)
    if place.keys() >= {"course", "job_function"}:
        problems["course"] = "The row names work and a course. Leave one of them empty."
    minutes, wrong = minutes_of(row.cells)
    note = row.cells.get("note", "").strip()
    if len(note) > LONGEST_NOTE:
        wrong |= {"note": f"The note is longer than {LONGEST_NOTE:,} characters."}
    if problems | wrong:
        return row.refuse(**problems | wrong)
    line = replace(
        row.line,
        kind=Kind.RI if "course" in place else Kind.OJT,
        minutes=minutes,
        note=note,
        source=Source.IMPORTED,
        taken_from=f"{upload.name}, row {row.number}",
        **place,
    )
    return replace(row, line=replace(line, client_uid=_name_of(row, line, counts)))


def minutes_of(
    cells: Mapping[str, str], *, hours: Callable[[str], int] = read_time
) -> tuple[int, dict[str, str]]:
    """The time of a row, which may not be nothing; see `sum_of`."""
    total, problems = sum_of(cells, hours=hours)
    if not total and not problems:
        problems = {"hours": "The time is missing, or nothing. Leave the row out, or fill it in."}
    return total, problems


def sum_of(cells: Mapping[str, str], *, hours: Callable[[str], int]) -> tuple[int, dict[str, str]]:
    """The minutes of a row, its cell of hours read by `hours`; where it fills in hours and minutes, they are
    added: 7 and 30."""
    total = 0
    for name, read_cell in (("hours", hours), ("minutes", read_whole_minutes)):
        text = cells.get(name, "").strip()
        try:
            total += read_cell(text) if text else 0
        except ValueError as error:
            return 0, {name: str(error)}
    return total, {}


def _name_of(row: Row, line: Line, counts: Counter[str]) -> UUID:
    """What a row is known by: the other system's number, else what it says and which of equals it is."""
    if row_id := row.cells.get("row_id", "").strip():
        return uuid5(ROWS, f"row {row_id}")
    target = line.competency or line.job_function or line.course
    place = str(target.lineage) if target else ""
    said = "|".join([str(row.apprentice), line.date.isoformat(), str(line.minutes), place, line.note])
    counts[said] += 1
    return uuid5(ROWS, f"{counts[said]} {said}")


# ---- Against the record


def _against_the_record(rows: Sequence[Row], upload: Upload, *, sponsor: Sponsor, now: datetime) -> list[Row]:
    """Rows that are on the record already, that repeat each other, or that make no sense beside others."""
    before = HoursBatch.objects.rows_of(upload.sha256, sponsor=sponsor)
    known = _known(rows)
    seen: set[tuple[int, UUID]] = set()
    sorted_out = [_against(row, known, before, seen) for row in rows]
    fresh = [row for row in sorted_out if row.fate is Fate.NEW]
    found = problems_of_new([row.entry() for row in fresh], now=now)
    wrong = {row.number: problems for row, problems in zip(fresh, found, strict=True) if problems}
    return [_refused(row, wrong[row.number]) if row.number in wrong else row for row in sorted_out]


def _refused(row: Row, problems: Mapping[str, Sequence[str]]) -> Row:
    return row.refuse(**{name: " ".join(sentences) for name, sentences in problems.items()})


def _known(rows: Sequence[Row]) -> dict[tuple[int, UUID], HoursEntry]:
    """The entries that were written from rows with the same name, by apprentice and name, in one query."""
    names = {row.line.client_uid for row in rows if row.line and row.line.client_uid}
    found = HoursEntry.objects.everyone().filter(client_uid__in=names)
    columns = found.only("apprentice", "client_uid", "date", "minutes")
    return {(one.apprentice_id, one.client_uid): one for one in columns if one.client_uid}


def _against(
    row: Row,
    known: Mapping[tuple[int, UUID], HoursEntry],
    before: Mapping[int, str],
    seen: set[tuple[int, UUID]],
) -> Row:
    if row.fate is not Fate.NEW or row.apprentice is None or row.line is None or row.line.client_uid is None:
        return row
    key = (row.apprentice.pk, row.line.client_uid)
    if row.number in before:
        return replace(row, fate=Fate.THERE, note=f"Came in with this file on {before[row.number]}.")
    if key in seen:
        return row.refuse(row_id="Another row has the same number.")
    seen.add(key)
    if entry := known.get(key):
        same = (entry.date, entry.minutes) == (row.line.date, row.line.minutes)
        note = "" if same else "It says something else now: the record is left as it is. Log a correction."
        return replace(row, fate=Fate.THERE, note=note)
    return row
