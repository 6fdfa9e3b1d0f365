"""Bringing a file of hours in: all of its rows or none, and nothing twice."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Consent, Sponsor, User
from accounts.refusals import NotAllowed, Refusal
from ojt_logs.imports.reading import Plan, Reading, read
from ojt_logs.imports.uploads import Upload
from ojt_logs.models import HoursBatch
from ojt_logs.models.batches import Brought, RememberedColumns

OFFICE = "Hours are brought in by a coordinator of the whole sponsor."


@dataclass(frozen=True)
class Result:
    """What became of a file. `batch` is None where nothing was new, and in a dry run."""

    reading: Reading
    batch: HoursBatch | None = None


class RowsRefused(Refusal):
    """Rows of the file cannot come in, so that none did; `reading` says which and why."""

    def __init__(self, reading: Reading) -> None:
        first = reading.refused[0]
        super().__init__(
            f"Nothing came in: {len(reading.refused)} of {len(reading.rows)} rows cannot. "
            f"Row {first.number}: {first.sentences}",
            code="rows_refused",
            field="file",
        )
        self.reading = reading

    @property
    def each(self) -> list[dict[str, str | None]]:
        """Every cell that is refused: “rows.12.date”."""
        rows = self.reading.refused
        return [
            {"field": f"rows.{row.number}.{name}", "detail": why}
            for row in rows
            for name, why in row.problems.items()
        ]


def check_plan(plan: Plan, *, day: str = "date") -> None:
    """Raise Refusal where a column is missing without which nothing can be read."""
    if missing := plan.missing(day=day):
        raise Refusal(" ".join(missing), code="columns", field="columns")


def look(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User, now: datetime) -> Reading:
    """What would come in; nothing is written. Raises Refusal for columns that are missing or contradict."""
    check_office(sponsor, by)
    check_plan(plan)
    try:
        return read(upload, plan, sponsor=sponsor, by=by, now=now)
    except ValueError as error:
        raise Refusal(str(error), code="days", field="day_order") from error


def bring(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User, now: datetime) -> Result:
    """Write the rows that are new as entries that wait for review, and remember the columns.

    Two who bring files of one sponsor do so one after the other, so that the second finds what the first
    wrote. Raises RowsRefused, Refusal for the columns, NotAllowed, ConsentNeeded.
    """
    Consent.objects.demand(by)
    with transaction.atomic():
        Sponsor.objects.select_for_update(no_key=True).get(pk=sponsor.pk)
        reading = look(upload, plan, sponsor=sponsor, by=by, now=now)
        people = {row.apprentice.user_id for row in reading.new if row.apprentice}
        list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
        reading = look(upload, plan, sponsor=sponsor, by=by, now=now)
        if reading.refused:
            raise RowsRefused(reading)
        if not reading.new:
            return Result(reading)
        remember(upload, plan, sponsor=sponsor, by=by, now=now)
        batch = HoursBatch.objects.bring(
            sponsor,
            [
                Brought(row.apprentice, row.line, row.number)
                for row in reading.new
                if row.apprentice and row.line
            ],
            by=by,
            now=now,
            file_name=upload.name,
            sha256=upload.sha256,
            left_out=len(reading.left_out),
            there=len(reading.there),
        )
    return Result(reading, batch)


def remember(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User, now: datetime) -> None:
    """Keep what the columns mean for the next file with these headings."""
    meaning = {
        "columns": dict(plan.columns),
        "day_order": plan.day_order,
        "leave_out_strangers": plan.leave_out_strangers,
    }
    RememberedColumns.objects.remember(
        sponsor, kind=upload.kind, shape=upload.header.shape, meaning=meaning, by=by, now=now
    )


def plan_for(upload: Upload, *, sponsor: Sponsor) -> Plan:
    """How files with these headings were read last time; the first time, what their headings say."""
    known = RememberedColumns.objects.recall(sponsor, kind=upload.kind, shape=upload.header.shape)
    if known:
        return Plan(**known)
    return Plan(upload.guessed, leave_out_strangers="yes" if upload.kind == "payroll" else "")


def check_coordinates(by: User) -> None:
    """Raise NotAllowed for who coordinates no whole sponsor."""
    if not Sponsor.objects.managed_by(by).exists():
        raise NotAllowed(OFFICE, code="not_allowed")


def check_office(sponsor: Sponsor, by: User) -> None:
    """Raise NotAllowed for who does not coordinate this whole sponsor."""
    if not Sponsor.objects.managed_by(by).filter(pk=sponsor.pk).exists():
        raise NotAllowed(OFFICE, code="not_allowed")
