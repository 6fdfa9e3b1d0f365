"""The program summary: a page or two on everybody of a program, and what waits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import QuerySet, Sum

from apprenticeship.models import Apprentice, Program, StatusChange
from apprenticeship.models.apprentices import Status
from ojt_logs.board import Waiting, board_of
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.progress import Progress, progress
from reports.models import ReportRun
from reports.progress_report import Period

TITLE = "Program summary"
Rows = TypeVar("Rows", bound=QuerySet[Any])
MOST_APPRENTICES = 500
"""A row each, about 20 pages."""


@dataclass(frozen=True)
class Row:
    """One apprentice, with what waits for review at this moment."""

    progress: Progress
    status: str
    waiting: Sequence[Waiting]

    @property
    def apprentice(self) -> Apprentice:
        return self.progress.apprentice

    @property
    def status_word(self) -> str:
        return str(Status(self.status).label) if self.status else "–"

    @property
    def behind(self) -> bool:
        return self.status == Status.ACTIVE and self.progress.pace.behind


@dataclass(frozen=True)
class Summary:
    """A program as of the last day of the period; hours, signatures and moves are of the period."""

    program: Program
    scope: str
    """Whose, where not everybody's."""
    period: Period
    as_of: date
    rows: list[Row]
    ojt_minutes: int
    ri_minutes: int
    sign_offs: int
    changes: list[StatusChange]

    @property
    def by_status(self) -> list[tuple[str, int]]:
        """How many are in each status, those that nobody is in left out."""
        found = Counter(row.status for row in self.rows)
        return [(str(status.label), found[status]) for status in Status if found[status]]

    @property
    def current(self) -> int:
        return sum(row.status in (Status.ACTIVE, Status.SUSPENDED) for row in self.rows)

    @property
    def behind(self) -> list[Row]:
        return [row for row in self.rows if row.behind]

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.rows if row.waiting]

    @property
    def waiting_minutes(self) -> int:
        return sum(one.minutes for row in self.rows for one in row.waiting)

    @property
    def totals(self) -> tuple[int, int]:
        """Approved minutes of everybody, on the job and in class."""
        return (
            sum(row.progress.ojt.approved for row in self.rows),
            sum(row.progress.ri.approved for row in self.rows),
        )


def summary(run: ReportRun, period: Period, *, now: datetime, today: date) -> Summary:
    """Everybody whom `run` is about, registered by the last day, in a constant number of queries; what waits
    is what the one who asks may see."""
    program, people = run.program, run.people
    assert program  # noqa: S101  (the summary is of a program)
    as_of = period.last or today
    registered = people.filter(started_on__lte=as_of)
    found = progress(registered.order_by("user__name", "pk")[: MOST_APPRENTICES + 1], as_of=period.last)
    board = board_of(program, viewer=run.requested_by, now=now)
    waits = {row.apprentice.pk: row.waiting for row in board.rows}
    rows = [Row(one, _status(one, as_of), waits.get(pk, ())) for pk, one in found.items()]
    hours = _within(HoursEntry.objects.everyone(), "date", period, as_of).filter(
        apprentice__in=people, status="approved"
    )
    minutes = dict(hours.order_by().values_list("kind").annotate(Sum("minutes")))
    signed = SignOff.objects.everyone().standing().filter(apprentice__in=people, passed=True)
    moved = StatusChange.objects.filter(apprentice__in=people).select_related("apprentice__user")
    return Summary(
        program=program,
        scope=run.scope,
        period=period,
        as_of=as_of,
        rows=rows,
        ojt_minutes=minutes.get("ojt", 0),
        ri_minutes=minutes.get("ri", 0),
        sign_offs=_within(signed, "observed_to", period, as_of).count(),
        changes=list(_within(moved, "effective_on", period, as_of).order_by("-effective_on", "-pk")[:40]),
    )


def _status(one: Progress, as_of: date) -> str:
    return one.apprentice.status_on(as_of) or str(one.apprentice.status)


def _within(rows: Rows, column: str, period: Period, last: date) -> Rows:
    """Rows whose day lies in the period."""
    bounds = {f"{column}__lte": last} | ({f"{column}__gte": period.first} if period.first else {})
    return rows.filter(**bounds)
