"""The work process schedule on paper: blank, or with what was signed for one apprentice.

Layout: the Appendix A schedules of registration agencies. Without ratio, wages, probation
and selection it is titled “Work process schedule”. What the source leaves blank stays blank.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accounts.durations import format_hours, format_span
from apprenticeship.models import Apprentice, Program
from competencies.models import (
    Approach,
    Competency,
    Course,
    JobFunction,
    PerformanceStandard,
    RatingScale,
    WorkProcessSchedule,
)
from competencies.models.instruction import TopicKind
from ojt_logs.models import SignOff
from ojt_logs.progress import CompetencyProgress, Progress, progress_of
from reports import signatures

TITLE = "Work process schedule"
TOPICS = {
    TopicKind.SKILL: "Skills",
    TopicKind.KNOWLEDGE: "Knowledge and understanding",
    TopicKind.TOOL: "Tools and technologies",
}


@dataclass(frozen=True)
class Line:
    """One row to sign: a performance standard, or a competency that lists none."""

    text: str
    needs_review: bool
    demonstrations: int
    signed: list[SignOff]

    @property
    def rows(self) -> list[SignOff | None]:
        """A line for each demonstration, signed or blank: room to sign by hand, and the same room for all."""
        return [*self.signed, *[None] * (max(1, self.demonstrations) - len(self.signed))]


@dataclass(frozen=True)
class Outcome:
    """A competency with its rows; `told` is “4 of 5 signed” once something is."""

    competency: Competency
    standards: list[Line]
    itself: Line | None
    told: str

    @property
    def nature(self) -> str:
        words = [self.competency.get_level_display(), "required" if self.competency.required else "optional"]
        return ", ".join(word for word in words if word).capitalize()


Hours = tuple[str, int | None]
"""A heading of the outline by hours, and minutes; None where none are stated."""
APPROVED = "Approved hours"


@dataclass(frozen=True)
class Work:
    """A job function with its competencies and its related instruction."""

    function: JobFunction
    nature: str
    outcomes: list[Outcome]
    topics: list[tuple[str, list[str]]]

    @property
    def ojt(self) -> str:
        return self.function.ojt_words or "–"

    @property
    def ri(self) -> str:
        return self.function.ri_words or "–"


@dataclass(frozen=True)
class Process:
    """A row of the outline by hours; `over`: minutes above the maximum of a hybrid program."""

    work: Work
    hours: list[Hours]
    over: int


@dataclass(frozen=True)
class Paper:
    """Everything the template prints."""

    schedule: WorkProcessSchedule
    program: Program | None
    apprentice: Apprentice | None
    as_of: date | None
    works: list[Work]
    signers: list[signatures.Signer]
    mentors: str
    found: Progress | None

    @property
    def scale(self) -> RatingScale | None:
        """The scale that signatures are given on; None where nobody has chosen one."""
        holder = self.apprentice or self.program
        return holder.scale if holder else self.schedule.rating_scale

    @property
    def pass_words(self) -> str:
        """“Pass is 3 or 4.”, from the scale's levels."""
        passing = [level.mark for level in self.scale.rising if level.passing] if self.scale else []
        return f"Pass is {' or '.join(passing)}." if passing else ""

    @property
    def levels(self) -> str:
        levels = self.scale.rising if self.scale else []
        return " · ".join(f"{level.mark} {level.label}" for level in levels)

    @property
    def approach(self) -> str | None:
        return self.program.approach if self.program else self.schedule.approach

    @property
    def approaches(self) -> list[tuple[str, bool]]:
        """Each approach, and whether it is the chosen one; a national framework chooses none."""
        return [(str(one.label), one == self.approach) for one in Approach]

    @property
    def codes(self) -> str:
        """Both codes as registered: the program's, else the schedule's, else the occupation's."""
        places = [self.program, self.schedule, self.schedule.occupation]
        onet = next((place.onet_code for place in places if place and place.onet_code), "–")
        rapids = next((place.rapids_code for place in places if place and place.rapids_code), "–")
        return f"O*NET {onet} · RAPIDS {rapids}"

    @property
    def sponsor(self) -> str:
        owner = self.program.sponsor if self.program else self.schedule.sponsor
        return owner.name if owner else ""

    @property
    def term(self) -> str:
        """Months, on-the-job and class hours, as far as they are stated."""
        labels, program, schedule = settings.PAPER_LABELS, self.program, self.schedule
        ojt = program.ojt_required(schedule) if program else schedule.minimum_ojt_minutes
        months = program.term_months if program else schedule.term_months
        most = None if program else schedule.maximum_ojt_minutes
        work = format_hours(ojt) if ojt else format_span(None, most)
        ri = program.ri_required(schedule) if program else schedule.minimum_ri_minutes
        words = [
            f"{months} months" if months else "",
            f"{work} of {labels['ojt']}" if work else "",
            f"{format_hours(ri)} of {labels['ri']}" if ri else "",
        ]
        return "; ".join(word for word in words if word)

    @property
    def courses(self) -> list[Course]:
        return list(self.schedule.courses.all())

    @property
    def has_outcomes(self) -> bool:
        """Whether there is anything to rate; a time-based schedule may list no competencies."""
        return any(work.outcomes for work in self.works) or bool(self.blank_functions)

    @property
    def has_hours(self) -> bool:
        return any(work.function.ojt_words for work in self.works)

    @property
    def by_hours(self) -> bool:
        """Whether hours complete it: then the outline by hours comes first."""
        return self.approach in (Approach.TIME, Approach.HYBRID) and self.has_hours

    @property
    def outline(self) -> list[Process]:
        """Each work process with the hours that are asked, and of one apprentice those approved."""
        worked = {one.function.lineage: one for one in self.found.functions} if self.found else {}
        found = []
        for work in self.works:
            one = worked.get(work.function.lineage)
            stated = [(heading, getattr(work.function, column)) for heading, column in self._asked]
            approved = [(APPROVED, one.ojt.approved)] if one else []
            over = one.minutes_over if one and self.approach == Approach.HYBRID else 0
            found.append(Process(work, [*stated, *approved], over))
        return found

    @property
    def _asked(self) -> list[tuple[str, str]]:
        """Headings of what is asked, with the column of the job function that states it."""
        if self.approach == Approach.TIME:
            return [("Approximate hours", "ojt_minutes_max")]
        spans = [("Minimum hours", "ojt_minutes_min"), ("Maximum hours", "ojt_minutes_max")]
        rows = [work.function for work in self.works]
        return [span for span in spans if any(getattr(row, span[1]) is not None for row in rows)]

    @property
    def hours_headings(self) -> list[str]:
        return [heading for heading, _ in self.hours_total]

    @property
    def hours_total(self) -> list[Hours]:
        """What the work processes add up to, and all that is approved."""
        rows = [work.function for work in self.works]
        stated = [(heading, _added(rows, column)) for heading, column in self._asked]
        return [*stated, *([(APPROVED, self.found.ojt.approved)] if self.found else [])]

    @property
    def other_work(self) -> list[Hours]:
        """Approved work in no job function; empty without any."""
        if not self.found or not self.found.other_work.approved:
            return []
        blanks: list[Hours] = [(heading, None) for heading in self.hours_headings[:-1]]
        return [*blanks, (APPROVED, self.found.other_work.approved)]

    @property
    def has_tasks(self) -> bool:
        return any(work.function.tasks for work in self.works)

    @property
    def rated(self) -> bool:
        """Whether there is a rating to write; a framework, whose scale comes later, leaves room for one."""
        return self.scale.has_ratings if self.scale else self.program is None

    @property
    def whole(self) -> bool:
        """Whether competencies themselves are signed throughout."""
        return not any(outcome.standards for work in self.works for outcome in work.outcomes)

    @property
    def course_columns(self) -> int:
        return 2 + bool(self.has_codes) + bool(self.course_total)

    @property
    def total(self) -> str:
        """What the hours of the job functions add up to, as a range."""
        rows = [work.function for work in self.works]
        return format_span(_added(rows, "ojt_minutes_min"), _added(rows, "ojt_minutes_max"))

    @property
    def has_ri_hours(self) -> bool:
        return any(work.function.ri_words for work in self.works)

    @property
    def course_total(self) -> int:
        """Minutes of all courses; 0 where the source states none."""
        return sum(course.ri_minutes or 0 for course in self.courses)

    @property
    def has_codes(self) -> bool:
        """Whether any course bears a code; a column of blanks is not printed."""
        return any(course.code for course in self.courses)

    @property
    def blank_functions(self) -> range:
        """Empty job functions for local additions, as the source prints them; not on a signed paper."""
        return range(0 if self.apprentice else self.schedule.blank_job_functions)


def _added(rows: list[JobFunction], column: str) -> int | None:
    """The sum of a column of minutes; None where a row states none."""
    minutes = [getattr(row, column) for row in rows]
    return None if None in minutes else sum(minutes)


def blank(schedule: WorkProcessSchedule, *, program: Program | None = None) -> Paper:
    """The schedule with nothing signed, as registered for `program` or as published."""
    elected = _elected(program)
    works = [_work(function, elected, {}, {}) for function in _functions(schedule)]
    return Paper(schedule, program, None, None, works, [], "", None)


def signed(apprentice: Apprentice, *, as_of: date | None, today: date) -> Paper:
    """The schedule of one apprentice with what was signed up to `as_of` (today when None)."""
    rows = signatures.standing(apprentice, last=as_of)
    found = progress_of(apprentice, as_of=as_of)
    told = _told(found)
    by_requirement = signatures.by_requirement(rows)
    elected = {one.function.lineage for one in found.functions if one.why == "elected"}
    works = [_work(function, elected, by_requirement, told) for function in _functions(apprentice.schedule)]
    printed = [row for work in works for row in _rows_of(work)]
    mentors = ", ".join(mentor.name for mentor in apprentice.mentors(on=as_of or today))
    return Paper(
        apprentice.schedule,
        apprentice.program,
        apprentice,
        as_of or today,
        works,
        signatures.signers(printed),
        mentors,
        found,
    )


def _elected(program: Program | None) -> set[uuid.UUID]:
    return {function.lineage for function in program.elected_functions.all()} if program else set()


def _told(found: Progress) -> dict[uuid.UUID, str]:
    """By lineage of the competency, “4 of 5 signed, 1 n/a”, where anything is."""
    every = [one for function in found.functions for one in function.competencies]
    return {one.competency.lineage: words for one in every if (words := _signed_words(one))}


def _signed_words(one: CompetencyProgress) -> str:
    met = f"{one.standards_met} of {one.standards_total} signed" if one.standards_met else ""
    aside = f"{one.standards_not_applicable} n/a" if one.standards_not_applicable else ""
    return ", ".join(filter(None, [met, aside]))


def _functions(schedule: WorkProcessSchedule) -> list[JobFunction]:
    tree = ("competencies__standards", "topics")
    return list(schedule.job_functions.order_by("number").prefetch_related(*tree))


def _work(
    function: JobFunction,
    elected: set[uuid.UUID],
    signed_rows: dict[uuid.UUID, list[SignOff]],
    told: dict[uuid.UUID, str],
) -> Work:
    nature = "Core" if function.core else "Optional"
    if not function.core and function.lineage in elected:
        nature = "Optional, elected"
    outcomes = [
        _outcome(competency, signed_rows, told.get(competency.lineage, ""))
        for competency in sorted(function.competencies.all(), key=lambda one: one.position)
    ]
    topics = [
        (title, [topic.text for topic in function.topics.all() if topic.kind == kind])
        for kind, title in TOPICS.items()
    ]
    return Work(function, nature, outcomes, [topic for topic in topics if topic[1]])


def _outcome(competency: Competency, signed_rows: dict[uuid.UUID, list[SignOff]], told: str) -> Outcome:
    standards = sorted(competency.standards.all(), key=lambda one: one.position)
    lines = [
        _line(one, one.text, one.required_demonstrations, signed_rows.get(one.lineage, []))
        for one in standards
    ]
    itself = None
    if not lines:
        itself = _line(competency, competency.title, 1, signed_rows.get(competency.lineage, []))
    return Outcome(competency, lines, itself, told if lines else "")


def _line(row: PerformanceStandard | Competency, text: str, required: int, found: list[SignOff]) -> Line:
    return Line(text, row.needs_review, required, signatures.printed(found, required=required))


def _rows_of(work: Work) -> Iterator[SignOff]:
    for outcome in work.outcomes:
        for line in [*outcome.standards, *filter(None, [outcome.itself])]:
            yield from line.signed
