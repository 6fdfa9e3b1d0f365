"""Everything of a program in one workbook: a sheet a thing, and one that explains them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils.html import strip_tags

from accounts.numbers import count_of
from accounts.tables import ROWS_AT_ONCE, Book, Column, Table, day, moment
from accounts.templatetags.journeybook import when
from apprenticeship.models import Apprentice, Class, Mentorship, StatusChange
from apprenticeship.tables import PROGRAM
from ojt_logs import tables
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.progress import Progress, progress
from reports.documents import file_name
from reports.models import ReportRun

AT_ONCE = 50
"""So many people's progress is in memory at a time."""

Step = Callable[[int], None]
"""Is told the per cent of sheets that are done, before the next."""

MENTORS = Table(
    "Mentors",
    (
        tables.PERSON,
        Column("Mentor", lambda row: row.mentor.name),
        day("From", lambda row: row.starts_on),
        day("To", lambda row: row.ends_on, "Empty: without an end."),
    ),
    "One assignment of a mentor to an apprentice.",
)
CLASSES = Table(
    "Classes",
    (
        Column("Code", lambda row: row[0].course.code, width=12),
        Column("Course", lambda row: row[0].course.title, width=40),
        Column("Instructor", lambda row: row[0].instructor.name),
        day("From", lambda row: row[0].starts_on),
        day("To", lambda row: row[0].ends_on, "Empty: without an end."),
        Column("Apprentice", lambda row: row[1] and row[1].user.name),
    ),
    "One apprentice on the roster of a class; a class without a roster has one row.",
)
STATUS_CHANGES = Table(
    "Status changes",
    (
        tables.PERSON,
        Column("Status", lambda row: row.get_status_display(), width=12),
        day("From", lambda row: row.effective_on),
        Column("Reason", lambda row: row.reason, width=50),
        Column("Decided by", lambda row: row.by and row.by.name),
        moment("Written", lambda row: row.at),
    ),
    "One change of a registration's status; the first is the registration.",
)


@dataclass(frozen=True)
class Line:
    """One line of the sheet that explains the others."""

    subject: str
    words: object
    column: str = ""


README = Table(
    "README",
    (
        Column("Subject", lambda line: line.subject, width=28),
        Column("Column", lambda line: line.column, width=28),
        Column("Explained", lambda line: line.words, width=100),
    ),
)


GROWING = (
    (tables.HOURS_OF_PROGRAM, "hours"),
    (tables.SIGN_OFFS_OF_PROGRAM, "sign_offs"),
    (MENTORS, "mentors"),
    (CLASSES, "classes"),
    (STATUS_CHANGES, "status_changes"),
)
"""The sheets after those of progress, and the method that reads the rows of each."""
PROGRESS: dict[str, tuple[Table, Callable[[Progress], list[Any]]]] = {
    "Apprentices": (tables.APPRENTICES, lambda one: [one]),
    "Progress by job function": (tables.FUNCTIONS, tables.Part.functions_of),
    "Competencies": (tables.COMPETENCIES, tables.Part.competencies_of),
    "Related instruction": (tables.COURSES, tables.Part.courses_of),
}
"""The sheets that are written of everybody's progress, read once."""


class Everything:
    """The workbook that `run` asks for, for the person who asked: only whose record they read is in it."""

    def __init__(self, run: ReportRun, *, now: datetime) -> None:
        assert run.program  # noqa: S101  (a workbook is of a program)
        self.now, self.run, self.program, self.reader = now, run, run.program, run.requested_by
        self.people = Apprentice.objects.record_visible_to(self.reader).filter(pk__in=run.people.values("pk"))
        self.counts: dict[str, int] = {}
        self.about: list[UUID] = []

    @property
    def file_name(self) -> str:
        day = self.now.astimezone(ZoneInfo(self.reader.time_zone)).date()
        return file_name("everything of", self.run.about, day, ending="xlsx")

    def write(self, *, step: Step) -> Book:
        """The whole book, ready to be saved; `about` names then whose records it tells."""
        book = Book(zone=ZoneInfo(self.reader.time_zone))
        readme = book.sheet(README)
        self.counts[PROGRAM.title] = book.add(PROGRAM, [self.program])
        self._write_progress(book)
        for place, (table, rows) in enumerate(GROWING, start=1):
            step(100 * place // (len(GROWING) + 1))
            self.counts[table.title] = book.add(table, getattr(self, rows)())
        for line in self._explained():
            readme.put(line)
        readme.close()
        return book

    def _write_progress(self, book: Book) -> None:
        sheets = [(book.sheet(table), rows_of) for table, rows_of in PROGRESS.values()]
        for one in self._progress():
            self.about.append(one.apprentice.uid)
            for sheet, rows_of in sheets:
                for row in rows_of(one):
                    sheet.put(row)
        for sheet, _ in sheets:
            sheet.close()
            self.counts[sheet.table.title] = sheet.count

    def _explained(self) -> Iterator[Line]:
        """The lines of the README: what, when, for whom, as of, units, each sheet and its columns."""
        made = strip_tags(when(self.now, self.reader.time_zone))
        yield Line("What this is", f"Everything of the program {self.program} of {self.program.sponsor}.")
        if self.run.scope:
            yield Line("Who is in it", f"Only {self.run.scope}, in every sheet.")
        yield Line("Made", made)
        yield Line("For", f"{self.reader.name}: what this person may read, and nobody's drafts.")
        yield Line("As of", f"{made}. Progress is as it stood then.")
        yield Line(
            "Times", "Whole minutes, and beside them the same as decimal hours. Only approved hours count."
        )
        yield Line("Days", "Calendar days. Moments are in the time zone that their heading names.")
        every = [PROGRAM, *(table for table, _ in PROGRESS.values()), *(table for table, _ in GROWING)]
        for table in every:
            yield Line(table.title, f"{count_of(self.counts[table.title], 'row')}. {table.about}")
        for table in every:
            for column in table.columns:
                if column.about:
                    yield Line(table.title, column.about, column.heading)

    # ---- Rows, each sheet's in the order of names

    def _progress(self) -> Iterator[Progress]:
        """Everybody's, a bounded number of people in memory."""
        named = self.people.select_related("employer").order_by("user__name", "pk")
        people = named.iterator(chunk_size=AT_ONCE)
        while some := list(islice(people, AT_ONCE)):
            yield from progress(some).values()

    def hours(self) -> Iterator[HoursEntry]:
        rows = HoursEntry.objects.on_record_for(self.reader).filter(apprentice__in=self.people)
        ordered = rows.select_related(*tables.HOURS_RELATED).order_by("apprentice__user__name", "date", "pk")
        return ordered.iterator(chunk_size=ROWS_AT_ONCE)

    def sign_offs(self) -> Iterator[SignOff]:
        rows = SignOff.objects.visible_to(self.reader).filter(apprentice__in=self.people).with_fate()
        related = rows.select_related(*tables.SIGN_OFF_RELATED)
        return related.order_by("apprentice__user__name", "signed_at", "pk").iterator(chunk_size=ROWS_AT_ONCE)

    def mentors(self) -> Iterator[Mentorship]:
        rows = Mentorship.objects.filter(apprentice__in=self.people)
        related = rows.select_related("apprentice__user", "mentor")
        return related.order_by("apprentice__user__name", "starts_on", "pk").iterator(chunk_size=ROWS_AT_ONCE)

    def classes(self) -> Iterator[tuple[Class, Apprentice | None]]:
        """Each class with everybody on its roster whom the reader may see."""
        roster = Prefetch("roster", self.people.select_related("user").order_by("user__name", "pk"))
        classes = self.program.classes.select_related("course", "instructor").prefetch_related(roster)
        if self.run.employer:
            classes = classes.filter(roster__in=self.people).distinct()
        for one in classes.order_by("starts_on", "pk"):
            yield from ((one, person) for person in one.roster.all() or [None])

    def status_changes(self) -> Iterator[StatusChange]:
        rows = StatusChange.objects.filter(apprentice__in=self.people).select_related(
            "apprentice__user", "by"
        )
        return rows.order_by("apprentice__user__name", "effective_on", "pk").iterator(chunk_size=ROWS_AT_ONCE)
