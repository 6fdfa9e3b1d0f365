"""Signatures that stand on paper, from the sheet Sign-offs of our workbook.

Each says who signed on the paper and with which initials; a coordinator copies it and attests to the copy.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from accounts.refusals import Refusal
from accounts.spelling import fold
from apprenticeship.models import Apprentice
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ojt_logs.imports.cells import DayOrder, read_day
from ojt_logs.imports.columns import PERSON, Field
from ojt_logs.imports.people import People
from ojt_logs.imports.rows import Fate, FileRow, said_of
from ojt_logs.models import Authentication, Method, Rating, SignOff
from ojt_logs.models.ratings import Origin, check

SIGNED = (
    *PERSON,
    Field("competency", "Competency", ("competency", "code", "competency code")),
    Field("standard", "Standard", ("standard", "performance standard")),
    Field("rating", "Rating", ("rating", "score", "level")),
    Field("date", "Day", ("day", "date", "signed on")),
    Field("initials", "Initials", ("initials",)),
    Field("signer", "Signed by", ("signed by", "signer", "journeyworker", "mentor")),
    Field("note", "Note", ("note", "notes", "reason")),
)
ANYWHERE = "the papers"
"""Stands for where they are while nobody has said it yet."""
LONGEST_INK = 120
LONGEST_NOTE = 500


@dataclass(frozen=True)
class SignedRow(FileRow):
    """One row: whose, which ratings, whose ink."""

    day: date = date.min
    ink: str = ""
    ratings: tuple[Rating, ...] = ()
    sheet: str = "Sign-offs"


class Requirements:
    """What may be rated, and on which scale, of every schedule that these apprentices are pinned to."""

    def __init__(self, people: Iterable[Apprentice]) -> None:
        schedules = {one.schedule_id for one in people}
        rows = Competency.objects.filter(job_function__schedule__in=schedules)
        self._competencies = {
            (one.job_function.schedule_id, fold(one.code)): one
            for one in rows.select_related("job_function").prefetch_related(
                "standards__competency__job_function"
            )
        }
        self._levels: dict[tuple[int, int], list[RatingLevel]] = {}

    def ratings(self, who: Apprentice, cells: Mapping[str, str]) -> tuple[Rating, ...]:
        """What the cells rate: one standard by its number, or all of the competency. Raises ValueError."""
        code = cells.get("competency", "").strip()
        found = self._competencies.get((who.schedule_id, fold(code)))
        if found is None:
            raise ValueError(f"Competency “{code[:20]}”: the program has none. Write its code, like 2g.")
        level, note = self._level(who, cells.get("rating", "").strip()), cells.get("note", "").strip()
        standards = list(found.standards.all())
        wanted = cells.get("standard", "").strip()
        if wanted:
            standards = [one for one in standards if str(one.position) == wanted]
            if not standards:
                raise ValueError(
                    f"{found.code} has no standard “{wanted[:20]}”. Write its number, or nothing."
                )
        targets: list[PerformanceStandard | Competency] = [*standards] or [found]
        return tuple(Rating(target, level, note[:LONGEST_NOTE]) for target in targets)

    def _level(self, who: Apprentice, text: str) -> RatingLevel:
        """The level by number or name; where there is one way to pass, it goes without saying."""
        key = (who.schedule_id, who.program_id)
        if key not in self._levels:
            scale = who.scale
            self._levels[key] = list(scale.levels.all()) if scale else []
        levels = self._levels[key]
        names = [one for one in levels if text and fold(text) in (one.mark, fold(one.label))]
        passing = [one for one in levels if one.passing]
        if names or (not text and len(passing) == 1):
            return (names or passing)[0]
        known = ", ".join(one.mark for one in levels)
        raise ValueError(f"Rating “{text[:20]}” is not on the scale ({known}).")


def read_signed(
    rows: Sequence[tuple[int, Mapping[str, str]]], people: People, order: DayOrder, *, by: User, now: datetime
) -> list[SignedRow]:
    """Every row with what would become of it."""
    whose = [_whose(number, cells, people, order) for number, cells in rows]
    known = Requirements(row.apprentice for row in whose if row.apprentice)
    rated = [_rated(row, known) for row in whose]
    return [_checked(row, by=by, now=now) for row in _beside_the_record(rated)]


def record_signed(
    rows: Sequence[SignedRow], *, by: User, now: datetime, authentication: Authentication, papers_at: str
) -> int:
    """Put the new ones on the record, those of one person, day and ink together; says how many rows of the
    paper. Call it in the transaction of the whole workbook."""
    heaps: dict[tuple[int, date, str], list[SignedRow]] = defaultdict(list)
    new = [row for row in rows if row.fate is Fate.NEW and row.apprentice]
    for row in new:
        if row.apprentice:
            heaps[(row.apprentice.pk, row.day, row.ink)].append(row)
    for (_, day, ink), heap in heaps.items():
        if heap[0].apprentice:
            SignOff.objects.record(
                heap[0].apprentice,
                by=by,
                now=now,
                authentication=authentication,
                method=Method.PAPER,
                observed_from=day,
                observed_to=day,
                ratings=[rating for row in heap for rating in row.ratings],
                origin=Origin(original_at=papers_at, ink=ink),
            )
    return len(new)


def _whose(number: int, cells: Mapping[str, str], people: People, order: DayOrder) -> SignedRow:
    row = SignedRow(number, cells)
    try:
        day = read_day(cells.get("date", ""), order=order)
        who = people.find(cells, on=day)
    except ValueError as error:
        return said_of(row, error).refuse(date=str(error))
    name, initials = cells.get("signer", "").strip(), cells.get("initials", "").strip()
    if not name:
        return row.refuse(signer="Write the name of whoever signed the paper.")
    ink = f"{name} ({initials})" if initials else name
    if len(ink) > LONGEST_INK:
        return row.refuse(signer="The name is too long.")
    return replace(row, apprentice=who, day=day, ink=ink)


def _rated(row: SignedRow, known: Requirements) -> SignedRow:
    if row.apprentice is None:
        return row
    try:
        return replace(row, ratings=known.ratings(row.apprentice, row.cells))
    except ValueError as error:
        return row.refuse(competency=str(error))


def _beside_the_record(rows: Sequence[SignedRow]) -> list[SignedRow]:
    """Rows of which every rating is on the record already, and rows that say the same twice."""
    people = {row.apprentice.pk for row in rows if row.apprentice}
    copied = SignOff.objects.everyone().standing().filter(apprentice__in=people, method=Method.PAPER)
    seen: set[tuple[int, UUID, date, str]] = {
        (one.apprentice_id, one.lineage, one.observed_to, one.ink)
        for one in copied.select_related("performance_standard", "competency")
    }
    told = []
    for row in rows:
        keys = {
            (row.apprentice.pk, one.target.lineage, row.day, row.ink) for one in row.ratings if row.apprentice
        }
        told.append(replace(row, fate=Fate.THERE) if keys and keys <= seen else row)
        seen |= keys
    return told


def _checked(row: SignedRow, *, by: User, now: datetime) -> SignedRow:
    if row.fate is not Fate.NEW or row.apprentice is None:
        return row
    origin = Origin(original_at=ANYWHERE, ink=row.ink)
    try:
        check(
            row.apprentice,
            by=by,
            now=now,
            method=Method.PAPER,
            first=row.day,
            last=row.day,
            ratings=row.ratings,
            origin=origin,
        )
    except Refusal as refusal:
        return row.refuse(**{refusal.field or "row": refusal.message})
    return row
