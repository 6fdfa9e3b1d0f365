"""A week as a grid: a row a subject, a column a day, saved together or not at all."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.durations import format_minutes, parse_minutes
from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.dates import days_of_week
from ojt_logs.forms.subjects import Subject, Subjects
from ojt_logs.models import HoursEntry, Line, Source
from ojt_logs.models.rules import fills_day, problems
from ojt_logs.weeks import stamps, unseen

MOST_ROWS = 24
WEEK = timedelta(days=7)
SUNDAY = timedelta(days=6)
"""From Monday."""
NOTHING = "Nothing to save yet. Write the time under a day."
NO_SUBJECT = "Choose what this row is about."
TWICE = "This subject has a row above. Write each subject once: add the time there, or choose another one."
CHANGED = (
    "This week was changed elsewhere after you opened it, so nothing was saved. What you typed stands below; "
    "compare it with the week, and save again if it is right."
)


@dataclass
class Cell:
    """The time of one subject on one day, as typed; `entry` is the draft behind it."""

    name: str
    day: date
    text: str = ""
    entry: HoursEntry | None = None
    several: int = 0
    """Minutes of several drafts of this subject and day: they are changed on the page of the day."""
    minutes: int | None = None
    errors: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Understand what is typed, or say beside it what cannot be."""
        if not self.text.strip():
            self.minutes = None
            return
        try:
            self.minutes = parse_minutes(self.text)
        except ValueError as problem:
            self.errors.append(str(problem))

    @property
    def shown_minutes(self) -> int:
        return self.several + (self.minutes or 0)

    @property
    def room(self) -> int:
        """Minus the minutes that the day is relieved of; 0 where it only takes more."""
        return min(0, (self.minutes or 0) - (self.entry.minutes if self.entry else 0))


@dataclass
class Row:
    number: int
    about: str
    subject: Subject | None
    cells: list[Cell]
    repeats: bool = False
    """A row above has its subject: nothing is behind its cells, and the grid is not saved."""
    errors: list[str] = field(default_factory=list)

    @property
    def is_typed(self) -> bool:
        return any(cell.text.strip() for cell in self.cells)

    @property
    def minutes(self) -> int:
        return sum(cell.shown_minutes for cell in self.cells)


class GridForm:
    """Everything typed for one week. `data`: what was sent, None for the page as it is opened.

    Cells are found by subject and day, so that the same grid sent twice writes nothing twice.
    """

    def __init__(
        self,
        apprentice: Apprentice,
        monday: date,
        *,
        subjects: Subjects,
        entries: Sequence[HoursEntry],
        now: datetime,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.apprentice, self.monday, self.subjects = apprentice, monday, subjects
        self.days = list(days_of_week(monday))
        self.drafts = [one for one in entries if one.status == "draft" and not one.corrects_id]
        self.fixed = [one for one in entries if one not in self.drafts and fills_day(one)]
        self.closed = _closed(apprentice, self.days, now=now)
        self.is_sent, self.errors = data is not None, list[str]()
        self.copied = bool(data and data.get("copied"))
        self.nonce = _uuid(data.get("nonce", "")) if data else uuid.uuid4()
        self.seen_then = data.get("seen") if data is not None else None
        tokens = _tokens(data) if data is not None else self._usual_tokens()
        self.rows: list[Row] = []
        for number, token in enumerate(tokens):
            self.rows.append(self._row(number, token, data))

    @property
    def seen(self) -> str:
        """The drafts as they are now, for the page to send back."""
        known = self.seen_then
        return stamps(self.drafts) if known is None or CHANGED in self.errors else known

    @property
    def totals(self) -> list[tuple[date, int, str]]:
        """Each day with its minutes, of the record and as typed, and why it takes none."""
        minutes: dict[date, int] = defaultdict(int)
        for entry in self.fixed:
            minutes[entry.date] += entry.minutes
        for cell in self._cells():
            minutes[cell.day] += cell.shown_minutes
        return [(day, minutes[day], self.closed.get(day, "")) for day in self.days]

    @property
    def fixed_minutes(self) -> list[int]:
        """Minutes a day that are on the record already."""
        return [sum(one.minutes for one in self.fixed if one.date == day) for day in self.days]

    @property
    def minutes(self) -> int:
        return sum(minutes for _, minutes, _ in self.totals)

    def add_row(self) -> None:
        """One more row to choose a subject for."""
        if len(self.rows) < MOST_ROWS:
            self.rows.append(self._row(len(self.rows), "", None))

    def copy(self, before: Sequence[HoursEntry]) -> int:
        """Write the entries of the week before into the days that are open and empty; how many cells."""
        taken = {one.date for one in [*self.fixed, *self.drafts]}
        wanted = {
            key: minutes
            for key, minutes in last_week(self.subjects, before).items()
            if key[1] not in taken and key[1] not in self.closed
        }
        for token in dict.fromkeys(token for token, _ in wanted):
            if token not in {row.about for row in self.rows}:
                self._take_empty_row(token)
        for row in self.rows:
            for cell in row.cells:
                if (row.about, cell.day) in wanted and not cell.text and not row.repeats:
                    cell.text = format_minutes(wanted[row.about, cell.day])
                    cell.read()
        self.copied = bool(wanted)
        return len(wanted)

    def save(self, *, by: User, now: datetime, before: Sequence[HoursEntry] = ()) -> bool:
        """Write every cell or none; False when one is refused and says why, or none is written.

        What makes room in a day comes first. `before`: the week before, to say of what is copied from there.
        """
        for row in self.rows:
            if row.repeats:
                row.errors.append(TWICE)
            elif row.is_typed and not row.subject:
                row.errors.append(NO_SUBJECT)
        changed = [(row, cell) for row in self.rows for cell in row.cells if self._differs(cell)]
        if not changed and not any(row.errors for row in self.rows):
            self.errors.append(NOTHING)
        elif self._overtaken([cell for _, cell in changed]):
            self.errors.append(CHANGED)
        if self.errors or any(row.errors for row in self.rows) or any(one.errors for one in self._cells()):
            return False
        copies = last_week(self.subjects, before) if self.copied else {}
        with transaction.atomic():
            ordered = sorted(changed, key=lambda pair: pair[1].room)
            written = [self._write(row, cell, copies, by=by, now=now) for row, cell in ordered]
            transaction.set_rollback(not all(written))
        return all(written)

    def _overtaken(self, cells: Sequence[Cell]) -> bool:
        """Whether these cells would overwrite, delete or bring back what another page did meanwhile."""
        if not self.is_sent or self.seen_then is None:
            return False
        there = {one.uid.hex for one in self.drafts}
        gone = any(stamp.split(":")[0] not in there for stamp in self.seen_then.split())
        return gone or any(cell.entry and unseen(cell.entry, self.seen_then) for cell in cells)

    def _differs(self, cell: Cell) -> bool:
        before = cell.entry.minutes if cell.entry else None
        return bool(cell.errors) or cell.minutes != before

    def _write(
        self, row: Row, cell: Cell, copies: Mapping[tuple[str, date], int], *, by: User, now: datetime
    ) -> bool:
        try:
            if cell.entry and cell.minutes is None:
                cell.entry.remove(by=by)
            elif cell.entry:
                cell.entry.change(by=by, now=now, minutes=cell.minutes)
            elif row.subject:
                is_copy = copies.get((row.about, cell.day)) == cell.minutes
                key = uuid.uuid5(self.nonce, f"{row.about} {cell.day}")
                line = _line(row.subject, cell, key, is_copy=is_copy)
                HoursEntry.objects.log(self.apprentice, by=by, now=now, lines=[line])
        except ValidationError as problem:
            cell.errors.extend(problem.messages)
            return False
        return True

    def _cells(self) -> Iterator[Cell]:
        return (cell for row in self.rows for cell in row.cells)

    def _take_empty_row(self, token: str) -> None:
        empty = next((row for row in self.rows if not row.about and not row.is_typed), None)
        number = empty.number if empty else len(self.rows)
        row = self._row(number, token, None)
        if empty:
            self.rows[number] = row
        else:
            self.rows.append(row)

    def _usual_tokens(self) -> list[str]:
        """What is drafted this week, what was done lately, and one row to choose for."""
        drafted = [self.subjects.of(entry) for entry in self.drafts]
        shown = [subject.token for subject in [*drafted, *self.subjects.recent()] if subject]
        return [*dict.fromkeys(shown), ""][:MOST_ROWS]

    def _row(self, number: int, token: str, data: Mapping[str, Any] | None) -> Row:
        subject = self.subjects.get(token)
        repeats = bool(subject) and token in {row.about for row in self.rows}
        own = None if repeats else subject
        cells = [self._cell(f"row-{number}-{at}", day, own, data) for at, day in enumerate(self.days)]
        return Row(number, token if subject else "", subject, cells, repeats)

    def _cell(self, name: str, day: date, subject: Subject | None, data: Mapping[str, Any] | None) -> Cell:
        own = [one for one in self.drafts if one.date == day and subject and self.subjects.of(one) == subject]
        if len(own) > 1:
            return Cell(name, day, several=sum(one.minutes for one in own))
        cell = Cell(name, day, entry=own[0] if own else None)
        if data is not None and day not in self.closed:
            cell.text = str(data.get(name, ""))
        elif cell.entry:
            cell.text = format_minutes(cell.entry.minutes)
        cell.read()
        return cell


def last_week(subjects: Subjects, entries: Sequence[HoursEntry]) -> dict[tuple[str, date], int]:
    """Minutes of these entries by subject and the same day a week later."""
    found: dict[tuple[str, date], int] = defaultdict(int)
    for entry in entries:
        subject = subjects.of(entry) if fills_day(entry) else None
        if subject:
            found[subject.token, entry.date + WEEK] += entry.minutes
    return dict(found)


def _tokens(data: Mapping[str, Any]) -> list[str]:
    try:
        number = max(0, min(MOST_ROWS, int(data.get("rows", 0))))
    except ValueError:
        number = 0
    return [str(data.get(f"row-{at}-about", "")) for at in range(number)]


def _closed(apprentice: Apprentice, days: Sequence[date], *, now: datetime) -> dict[date, str]:
    """Days that take no hours, with the sentence that says why."""
    senses = (HoursEntry(apprentice=apprentice, kind="ojt", date=day, minutes=1) for day in days)
    found = {one.date: problems(one, now=now, taken=0).get("date", []) for one in senses}
    return {day: " ".join(sentences) for day, sentences in found.items() if sentences}


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def _line(subject: Subject, cell: Cell, key: uuid.UUID, *, is_copy: bool) -> Line:
    copied: dict[str, Any] = {"source": Source.COPIED, "copied_from": cell.day - WEEK} if is_copy else {}
    said: dict[str, Any] = subject.fields | copied
    return Line(date=cell.day, minutes=cell.minutes or 0, client_uid=key, **said)
