"""The transcript: on-the-job training, related instruction and competencies of one apprentice on one day.

29 CFR 29.5(b)(13): who transfers takes a transcript of both along. It is no certificate, which only the
registration agency issues.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Max, Min

from apprenticeship.models import Apprentice
from competencies.models.scales import span
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.progress import CompetencyProgress, CourseProgress, Progress, progress_of
from reports import signatures

TITLE = "Transcript"


@dataclass(frozen=True)
class Outcome:
    """A competency that counts, or of which something is signed."""

    progress: CompetencyProgress
    signed: list[SignOff]

    @property
    def achieved_on(self) -> date | None:
        """The day on which the last standard it needed was shown."""
        return max(row.observed_to for row in self.signed) if self.progress.achieved and self.signed else None

    @property
    def rating(self) -> str:
        """The ratings that stand: “3”, or “3 to 4, n/a”."""
        return span(row.rating.value for row in self.signed if row.rating)

    @property
    def initials(self) -> str:
        return ", ".join(sorted({row.signer_initials for row in self.signed}))


@dataclass(frozen=True)
class Instruction:
    """A course with the days of the first and last approved class."""

    progress: CourseProgress
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Transcript:
    """Everything the template prints."""

    progress: Progress

    @property
    def apprentice(self) -> Apprentice:
        return self.progress.apprentice

    @cached_property
    def standing(self) -> list[SignOff]:
        return signatures.standing(self.apprentice, last=self.progress.as_of)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        found = signatures.by_requirement(self.standing)
        every = (one for function in self.progress.functions for one in function.competencies)
        outcomes = [Outcome(one, list(_printed(one, found))) for one in every]
        return [one for one in outcomes if one.progress.counts or one.signed]

    @property
    def signers(self) -> list[signatures.Signer]:
        passes = [one.result for one in self.progress.courses if one.passed and one.result]
        return signatures.signers([*(row for one in self.outcomes for row in one.signed), *passes])

    @property
    def instruction(self) -> list[Instruction]:
        rows = HoursEntry.objects.everyone().filter(
            apprentice=self.apprentice, kind="ri", status="approved", date__lte=self.progress.as_of
        )
        columns = rows.order_by().values_list("course__lineage").annotate(Min("date"), Max("date"))
        days = {lineage: (first, last) for lineage, first, last in columns}
        return [
            Instruction(one, *days.get(one.course.lineage, (None, None))) for one in self.progress.courses
        ]


def transcript(apprentice: Apprentice, *, as_of: date | None) -> Transcript:
    return Transcript(progress_of(apprentice, as_of=as_of))


def _printed(one: CompetencyProgress, found: dict) -> Iterable[SignOff]:
    for standard in one.standards:
        rows = signatures.printed(found.get(standard.lineage, []), required=standard.required_demonstrations)
        yield from (row for row in rows if row.passed or standard.not_applicable)
