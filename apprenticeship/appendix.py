"""What an Appendix A needs from a program, and what contradicts itself in it. 29 CFR 29.5(b)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from accounts.durations import format_hours
from apprenticeship.models import Program, WageStep
from competencies.models import Approach, JobFunction


@dataclass(frozen=True)
class Needed:
    """Something that is not stated yet: what, and where it comes from."""

    what: str
    place: str


def missing(program: Program) -> list[Needed]:
    """What has to be stated before a schedule is an Appendix A, in the order in which it is printed."""
    return [*_term(program), *_conditions(program), *_outline(program)]


def _term(program: Program) -> Iterator[Needed]:
    needs_hours = program.approach in (Approach.TIME, Approach.HYBRID)
    if needs_hours and program.ojt_required(program.schedule) is None:
        yield Needed("the hours of the term", "program")


def _conditions(program: Program) -> Iterator[Needed]:
    steps = list(program.wage_steps.all())
    if program.ratio_apprentices is None:
        yield Needed("the ratio of apprentices to journeyworkers", "form")
    if not steps:
        yield Needed("the wage schedule", "form")
    if steps and program.journeyworker_wage_cents is None and any(step.cents is None for step in steps):
        yield Needed("the journeyworker wage, of which the wage steps are per cent", "form")
    if program.probation_months is None and program.probation_minutes is None:
        yield Needed("the probationary period", "form")
    if not program.selection_procedure.strip():
        yield Needed("the selection procedures", "form")


def _outline(program: Program) -> Iterator[Needed]:
    functions = list(program.schedule.job_functions.prefetch_related("topics"))
    if program.approach == Approach.TIME and any(one.ojt_minutes_max is None for one in functions):
        yield Needed("the approximate hours of every work process", "schedule")
    if program.approach == Approach.HYBRID and any(
        one.ojt_minutes_min is None and one.ojt_minutes_max is None for one in functions
    ):
        yield Needed("the hours of every work process", "schedule")
    if not program.schedule.courses.all() and not any(one.topics.all() for one in functions):
        yield Needed("the related instruction outline", "schedule")


def contradictions(program: Program) -> list[str]:
    """What is stated twice and differs, one sentence each; registered documents often do, so it is told and
    nothing is corrected."""
    functions = list(program.schedule.job_functions.all())
    return [
        *_hours_beside_term(program, functions),
        *_instruction_beside_courses(program),
        *_falling_wages(list(program.wage_steps.all()), program.journeyworker_wage_cents),
    ]


def _hours_beside_term(program: Program, functions: list[JobFunction]) -> Iterator[str]:
    term = program.ojt_required(program.schedule)
    least = sum(one.ojt_minutes_min or 0 for one in functions)
    most = sum(one.ojt_minutes_max or one.ojt_minutes_min or 0 for one in functions)
    if term is None or not most or least <= term <= most:
        return
    told = format_hours(most) if least == most else f"{format_hours(least)} to {format_hours(most)}"
    yield f"The work processes add up to {told}, the term says {format_hours(term)}."


def _instruction_beside_courses(program: Program) -> Iterator[str]:
    stated = program.ri_required(program.schedule)
    courses = sum(course.ri_minutes or 0 for course in program.schedule.courses.all())
    if stated and courses and courses != stated:
        yield f"The courses add up to {format_hours(courses)}, the term says {format_hours(stated)}."


def _falling_wages(steps: list[WageStep], journeyworker: int | None) -> Iterator[str]:
    for lower, higher in pairwise(steps):
        before, after = lower.cents_an_hour(journeyworker), higher.cents_an_hour(journeyworker)
        if before is not None and after is not None and after <= before:
            yield f"Wage step {higher.number} pays no more than step {lower.number}."
