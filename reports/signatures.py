"""What papers print of an apprentice's sign-offs: who signed what, when, with which record id."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apprenticeship.models import Apprentice
from ojt_logs.models import CourseResult, SignOff


@dataclass(frozen=True)
class Signer:
    """A person as printed under the schedule, with the qualification kept at signing."""

    initials: str
    name: str
    qualification: str


def standing(apprentice: Apprentice, *, first: date | None = None, last: date | None = None) -> list[SignOff]:
    """Ratings that nobody withdrew, of work seen up to `last` (and after `first`), oldest first."""
    rows = SignOff.objects.everyone().standing().filter(apprentice=apprentice)
    if first:
        rows = rows.filter(observed_to__gte=first)
    if last:
        rows = rows.filter(observed_to__lte=last)
    related = ("performance_standard", "competency", "rating")
    return list(rows.select_related(*related).order_by("observed_to", "pk"))


def by_requirement(rows: Iterable[SignOff]) -> dict[uuid.UUID, list[SignOff]]:
    """The rows by lineage of what was rated."""
    found: dict[uuid.UUID, list[SignOff]] = defaultdict(list)
    for row in rows:
        found[row.lineage].append(row)
    return found


def printed(rows: list[SignOff], *, required: int) -> list[SignOff]:
    """The rows that a schedule prints about one requirement.

    The passing ones on as many different days as the standard asks for, newest of each day; where none
    passes, the newest rating. Later lower ratings undo no pass and are in the progress report. Where passes
    are too few and the last word is that it is not applicable, that.
    """
    passes = {row.observed_to: row for row in rows if row.passed}
    last = max(rows, key=lambda row: (row.signed_at, row.pk), default=None)
    if last and last.not_applicable and len(passes) < required:
        return [last]
    if passes:
        return [passes[day] for day in sorted(passes)[:required]]
    return rows[-1:]


def signers(rows: Iterable[SignOff | CourseResult]) -> list[Signer]:
    """Everybody who signed one of the rows, once for each qualification, by name."""
    found = {Signer(row.signer_initials, row.signer_name, row.signer_qualification) for row in rows}
    return sorted(found, key=lambda one: (one.name, one.qualification))
