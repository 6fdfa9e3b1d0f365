"""Rows of a payroll file -> paid minutes by apprentice and period."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import Consent, Sponsor, User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ojt_logs.dates import monday_of
from ojt_logs.imports.bringing import check_office, check_plan, remember
from ojt_logs.imports.cells import DayOrder, order_of, read_day, read_long_time
from ojt_logs.imports.people import People, Unknown
from ojt_logs.imports.reading import Plan, sum_of
from ojt_logs.imports.rows import Fate, FileRow, Rows
from ojt_logs.imports.uploads import Upload
from ojt_logs.models.payroll import PaidHours, PayrollFile

LONGEST_PERIOD = 62
"""Days; what is longer is no pay period."""


@dataclass(frozen=True)
class PaidRow(FileRow):
    """One row: whose, which period, how many minutes."""

    period: tuple[date, date] | None = None
    minutes: int = 0


@dataclass(frozen=True)
class PaidReading(Rows[PaidRow]):
    """All rows of a payroll."""

    @property
    def sums(self) -> dict[tuple[Apprentice, date, date], int]:
        """Minutes by apprentice and period: a payroll has regular hours and overtime in rows of their own."""
        found: Counter[tuple[Apprentice, date, date]] = Counter()
        for row in self.new:
            if row.apprentice and row.period:
                found[(row.apprentice, *row.period)] += row.minutes
        return dict(found)


def read_paid(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User) -> PaidReading:
    """Every row with what would become of it, in a constant number of queries.

    Raises Refusal for columns that are missing and days that contradict each other, NotAllowed.
    """
    check_office(sponsor, by)
    check_plan(plan, day="ends_on")
    cells = list(upload.cells(plan.columns))
    days = (one.get(name, "") for _, one in cells for name in ("starts_on", "ends_on"))
    try:
        order = order_of(days, chosen=plan.day_order)
    except ValueError as error:
        raise Refusal(str(error), code="days", field="day_order") from error
    people = People(sponsor, by=by)
    return PaidReading([_row(number, one, people, order.order, plan) for number, one in cells], order)


def bring_paid(upload: Upload, plan: Plan, *, sponsor: Sponsor, by: User, now: datetime) -> PayrollFile:
    """Keep what was paid, all rows or none; a file that was read before is found again.

    Raises Refusal where a row cannot be read or none is about an apprentice, NotAllowed, ConsentNeeded.
    """
    Consent.objects.demand(by)
    with transaction.atomic():
        Sponsor.objects.select_for_update(no_key=True).get(pk=sponsor.pk)
        reading = read_paid(upload, plan, sponsor=sponsor, by=by)
        if before := PayrollFile.objects.filter(sponsor=sponsor, sha256=upload.sha256).first():
            return before
        if reading.refused:
            row = reading.refused[0]
            raise Refusal(f"Nothing was kept. Row {row.number}: {row.sentences}", code="rows_refused")
        if not reading.new:
            raise Refusal("No row of this file is about an apprentice of yours.", code="nobody", field="file")
        remember(upload, plan, sponsor=sponsor, by=by, now=now)
        file = PayrollFile.objects.create(
            sponsor=sponsor, file_name=upload.name, sha256=upload.sha256, by=by, at=now
        )
        PaidHours.objects.bulk_create(
            [
                PaidHours(file=file, apprentice=who, starts_on=first, ends_on=last, minutes=minutes)
                for (who, first, last), minutes in reading.sums.items()
            ],
            batch_size=100,
        )
    return file


def _row(number: int, cells: Mapping[str, str], people: People, order: DayOrder, plan: Plan) -> PaidRow:
    row = PaidRow(number, cells)
    period, problems = _period(cells, order)
    try:
        who = people.find(cells, on=period[1] if period else None)
    except Unknown as error:
        if plan.leave_out_strangers:
            return replace(row, fate=Fate.LEFT_OUT, note=str(error))
        return row.refuse(person=str(error))
    except ValueError as error:
        return row.refuse(person=str(error))
    minutes, wrong = sum_of(cells, hours=read_long_time)
    if problems | wrong:
        return replace(row, apprentice=who).refuse(**problems | wrong)
    return replace(row, apprentice=who, period=period, minutes=minutes)


def _period(cells: Mapping[str, str], order: DayOrder) -> tuple[tuple[date, date] | None, dict[str, str]]:
    """The pay period; of a row that names one day its week, Monday to Sunday."""
    try:
        last = read_day(cells.get("ends_on", ""), order=order)
        first = read_day(cells["starts_on"], order=order) if cells.get("starts_on", "").strip() else None
    except ValueError as error:
        return None, {"ends_on": str(error)}
    if first is None:
        return (monday_of(last), monday_of(last) + timedelta(days=6)), {}
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        return None, {"ends_on": f"From {first} to {last} is no pay period."}
    return (first, last), {}
