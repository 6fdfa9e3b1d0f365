"""The history of a program from our workbook: hours and signatures that stand on paper.

A coordinator attests to the whole of it. Hours are counted and say that they are from paper; signatures say
who signed on the paper and who copied them, and nobody calls them observed.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import Consent, Sponsor, User
from accounts.refusals import Refusal
from accounts.spelling import fold
from apprenticeship.models import Apprentice
from competencies.imports import tables
from competencies.imports.outline import Malformed
from ojt_logs.imports.bringing import check_office
from ojt_logs.imports.cells import DayOrder, order_of, read_day, read_long_time, read_time
from ojt_logs.imports.columns import PERSON, TIME, Field, guess, header_of
from ojt_logs.imports.people import People
from ojt_logs.imports.places import Places
from ojt_logs.imports.reading import ROWS, minutes_of
from ojt_logs.imports.rows import Fate, FileRow, said_of
from ojt_logs.imports.signed import SIGNED, SignedRow, read_signed, record_signed
from ojt_logs.imports.uploads import LONGEST_NAME, MOST_ROWS
from ojt_logs.models import Authentication, HoursBatch, HoursEntry, Kind, Line
from ojt_logs.models.batches import Brought
from ojt_logs.models.lines import Source
from ojt_logs.models.rules import problems_of_new

MONTH = re.compile(r"(\d{4})-(\d{1,2})|(\d{1,2})/(\d{4})|([A-Za-z]{3,9})\.? (\d{4})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ROSTER = (*PERSON, Field("started_on", "Start date", ("start date", "started", "start")))
HOURS = (
    *PERSON,
    Field("date", "Day", ("day", "date")),
    Field("month", "Month", ("month",)),
    *TIME,
    Field("job_function", "Job function", ("job function", "function", "work process")),
    Field("competency", "Competency", ("competency", "code")),
    Field("course", "Course", ("course",)),
    Field("note", "Note", ("note", "notes")),
)
SHEETS: Mapping[str, Sequence[Field]] = {"roster": ROSTER, "hours": HOURS, "sign-offs": SIGNED}
"""Sheets of the workbook by their folded names, with what their columns mean."""


@dataclass(frozen=True)
class HistoryFile:
    """The workbook as it was uploaded: of each sheet the rows below its headings, by field."""

    name: str
    sha256: str
    sheets: Mapping[str, Sequence[tuple[int, Mapping[str, str]]]]


@dataclass(frozen=True)
class PaperRow(FileRow):
    """One row of one sheet. `month`: the total of a month."""

    sheet: str = ""
    line: Line | None = None
    month: bool = False

    def entry(self) -> HoursEntry:
        if self.apprentice is None or self.line is None:
            raise TypeError("This row is no entry.")
        return HoursEntry(apprentice=self.apprentice, carried_over=self.month, **vars(self.line))


@dataclass(frozen=True)
class History:
    """What stands in a workbook: its people, its hours and its signatures."""

    roster: Sequence[PaperRow]
    hours: Sequence[PaperRow]
    signed: Sequence[SignedRow] = ()

    @property
    def refused(self) -> list[PaperRow | SignedRow]:
        rows: list[PaperRow | SignedRow] = [*self.roster, *self.hours, *self.signed]
        return [row for row in rows if row.fate == Fate.REFUSED]

    @property
    def signatures(self) -> list[SignedRow]:
        """Those that would come in."""
        return [row for row in self.signed if row.fate == Fate.NEW]

    @property
    def new(self) -> list[PaperRow]:
        return [row for row in self.hours if row.fate == Fate.NEW]

    @property
    def there(self) -> list[PaperRow | SignedRow]:
        rows: list[PaperRow | SignedRow] = [*self.hours, *self.signed]
        return [row for row in rows if row.fate == Fate.THERE]

    @property
    def minutes(self) -> dict[Apprentice, int]:
        """Of the hours that would come in, by apprentice."""
        found: Counter[Apprentice] = Counter()
        for row in self.new:
            if row.apprentice and row.line:
                found[row.apprentice] += row.line.minutes
        return dict(found)


def read_file(data: bytes, *, name: str) -> HistoryFile:
    """The sheets of our workbook. Raises Malformed for what is none, or a larger one than is read at once."""
    short = " ".join(name.split())[-LONGEST_NAME:] or "the file"
    known: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    for sheet in tables.read(data, name=short):
        fields = SHEETS.get(fold(sheet.name))
        if fields:
            known[fold(sheet.name)] = list(_cells([(row.number, row.cells) for row in sheet.rows], fields))
    if "hours" not in known:
        raise Malformed(short, "has no sheet Hours. Fill in the workbook that this page offers")
    if sum(map(len, known.values())) > MOST_ROWS:
        raise Malformed(short, f"has more than {MOST_ROWS:,} rows. Divide it")
    return HistoryFile(short, hashlib.sha256(data).hexdigest(), known)


def _cells(
    rows: Sequence[tuple[int, tuple[str, ...]]], fields: Sequence[Field]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    header = header_of(rows, fields)
    columns = guess(header.cells, fields)
    for number, row in rows:
        if number > header.number:
            yield number, {name: row[at] if at < len(row) else "" for name, at in columns.items()}


def read_history(file: HistoryFile, *, sponsor: Sponsor, by: User, now: datetime) -> History:
    """Every row with what would become of it, in a constant number of queries. Raises NotAllowed, Refusal
    where days contradict each other."""
    check_office(sponsor, by)
    people = People(sponsor, by=by)
    hours = file.sheets.get("hours", ())
    try:
        dated = (*hours, *file.sheets.get("sign-offs", ()))
        order = order_of(cells.get("date", "") for _, cells in dated).order
    except ValueError as error:
        raise Refusal(str(error), code="days", field="file") from error
    roster = [_of_roster(number, cells, people, order) for number, cells in file.sheets.get("roster", ())]
    found = [_whose(number, cells, people, order, now) for number, cells in hours]
    places = Places(row.apprentice for row in found if row.apprentice)
    counts: Counter[str] = Counter()
    lines = [_line(row, places, file, counts) for row in found]
    signed = read_signed(file.sheets.get("sign-offs", ()), people, order, by=by, now=now)
    return History(roster, _beside_the_record(lines, file, sponsor=sponsor, now=now), signed)


def bring_history(
    file: HistoryFile,
    *,
    sponsor: Sponsor,
    by: User,
    now: datetime,
    authentication: Authentication,
    papers_at: str,
) -> HoursBatch | None:
    """Write the hours that are new, all or none, as `by` attests to them; None where nothing is.

    Raises Refusal where a row cannot come in, NotAllowed, ConsentNeeded.
    """
    Consent.objects.demand(by)
    with transaction.atomic():
        Sponsor.objects.select_for_update(no_key=True).get(pk=sponsor.pk)
        first = read_history(file, sponsor=sponsor, by=by, now=now)
        rows: list[PaperRow | SignedRow] = [*first.new, *first.signatures]
        people = {row.apprentice.user_id for row in rows if row.apprentice}
        list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
        history = read_history(file, sponsor=sponsor, by=by, now=now)
        if history.refused:
            row = history.refused[0]
            many = len(history.refused)
            raise Refusal(
                f"Nothing came in: {many} rows cannot. {row.sheet}, row {row.number}: {row.sentences}",
                code="rows_refused",
                field="file",
            )
        if not history.new and not history.signatures:
            return None
        signatures = record_signed(
            history.signatures, by=by, now=now, authentication=authentication, papers_at=papers_at
        )
        return HoursBatch.objects.attest(
            sponsor,
            [
                Brought(row.apprentice, row.line, row.number, row.month)
                for row in history.new
                if row.apprentice and row.line
            ],
            by=by,
            now=now,
            authentication=authentication,
            papers_at=papers_at,
            file_name=file.name,
            sha256=file.sha256,
            there=len(history.there),
            signatures=signatures,
        )


# ---- Rows


def _of_roster(number: int, cells: Mapping[str, str], people: People, order: DayOrder) -> PaperRow:
    """Who stands in the roster is registered, with the start that it states."""
    row = PaperRow(number, cells, sheet="Roster")
    try:
        text = cells.get("started_on", "").strip()
        start = read_day(text, order=order) if text else None
        who = people.find(cells, on=start)
    except ValueError as error:
        return said_of(row, error).refuse(person=f"{error} Enroll them first.")
    if start and start != who.started_on:
        return row.refuse(started_on=f"{who} is registered from {who.started_on}, not {start}.")
    return replace(row, apprentice=who, fate=Fate.THERE)


def _whose(number: int, cells: Mapping[str, str], people: People, order: DayOrder, now: datetime) -> PaperRow:
    row = PaperRow(number, cells, sheet="Hours")
    month, text = cells.get("month", "").strip(), cells.get("date", "").strip()
    if bool(month) == bool(text):
        return row.refuse(date="Fill in the day, or for the total of a month the month; one of the two.")
    try:
        day = last_day(month) if month else read_day(text, order=order)
        who = people.find(cells, on=day)
    except ValueError as error:
        return said_of(row, error).refuse(date=str(error))
    if month:
        day = min(day, who.ended_on or day, who.user.today(now))
    return replace(row, apprentice=who, line=Line(Kind.OJT, day, 0), month=bool(month))


def last_day(text: str) -> date:
    """The last day of a month written as 2026-09, 9/2026 or Sep 2026. ValueError with the remedy."""
    found = MONTH.fullmatch(text[:7] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else text)
    try:
        if not found:
            raise ValueError
        year = int(found[1] or found[4] or found[6])
        month = int(found[2] or found[3] or MONTHS.index(found[5][:3].lower()) + 1)
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is no month. Write it like 2026-09.") from None


def _line(row: PaperRow, places: Places, file: HistoryFile, counts: Counter[str]) -> PaperRow:
    if row.apprentice is None or row.line is None:
        return row
    place, problems = places.find(row.cells, row.apprentice.schedule_id)
    minutes, wrong = minutes_of(row.cells, hours=read_long_time if row.month else read_time)
    if problems | wrong:
        return row.refuse(**problems, **wrong)
    where = f"{file.name}, row {row.number}"
    taken = f"{where}, total of {row.line.date:%B %Y}" if row.month else where
    line = replace(
        row.line,
        kind=Kind.RI if "course" in place else Kind.OJT,
        minutes=minutes,
        note=row.cells.get("note", "").strip(),
        source=Source.PAPER,
        taken_from=taken,
        **place,
    )
    return replace(row, line=replace(line, client_uid=_name_of(row, line, counts)))


def _name_of(row: PaperRow, line: Line, counts: Counter[str]) -> UUID:
    """The same row of another file has the same name, so that it does not come in twice."""
    target = line.competency or line.job_function or line.course
    when = f"{line.date:%Y-%m}" if row.month else line.date.isoformat()
    place = str(target.lineage) if target else ""
    whose = str(row.apprentice.uid) if row.apprentice else ""
    said = "|".join(["paper", whose, when, str(line.minutes), place, line.note])
    counts[said] += 1
    return uuid5(ROWS, f"{counts[said]} {said}")


def _beside_the_record(
    rows: Sequence[PaperRow], file: HistoryFile, *, sponsor: Sponsor, now: datetime
) -> list[PaperRow]:
    before = HoursBatch.objects.rows_of(file.sha256, sponsor=sponsor)
    names = {row.line.client_uid for row in rows if row.line}
    known: set[tuple[Any, ...]] = set(
        HoursEntry.objects.everyone().filter(client_uid__in=names).values_list("apprentice_id", "client_uid")
    )
    sorted_out = [_against(row, before, known) for row in rows]
    fresh = [row for row in sorted_out if row.fate is Fate.NEW]
    found = problems_of_new([row.entry() for row in fresh], now=now)
    wrong = {row.number: problems for row, problems in zip(fresh, found, strict=True) if problems}
    return [
        row.refuse(**{name: " ".join(said) for name, said in wrong[row.number].items()})
        if row.number in wrong
        else row
        for row in sorted_out
    ]


def _against(row: PaperRow, before: Mapping[int, str], known: set[tuple[Any, ...]]) -> PaperRow:
    if row.fate is not Fate.NEW or row.apprentice is None or row.line is None:
        return row
    if row.number in before or (row.apprentice.pk, row.line.client_uid) in known:
        return replace(row, fate=Fate.THERE)
    return row
