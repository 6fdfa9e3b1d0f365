"""Appendix A of a program's standards: work process schedule and related instruction outline.

Its blocks stand in the order of the agencies' own form: approach, term, ratio, wages, probation, selection,
the outline of the work, the outline of the instruction. The outline of the work has three layouts, one an
approach: approximate hours of each process; minimum and maximum hours, then competencies; competencies alone.
"""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from accounts.dates import long_day
from accounts.durations import format_hours
from accounts.numbers import count_of
from apprenticeship.models import Program, WageStep
from reports.schedule import Paper, Work

TITLE = "Appendix A"


@dataclass(frozen=True)
class Wage:
    """One step as printed."""

    number: int
    condition: str
    percent: str
    dollars: str


@dataclass(frozen=True)
class AppendixA:
    """The blank schedule of a program with what its registration states."""

    paper: Paper
    program: Program

    @property
    def works(self) -> list[Work]:
        return self.paper.works

    @property
    def ratio(self) -> str:
        program = self.program
        if program.ratio_apprentices is None or program.ratio_journeyworkers is None:
            return ""
        apprentices = count_of(program.ratio_apprentices, "apprentice")
        journeyworkers = count_of(program.ratio_journeyworkers, "journeyworker")
        where = f", {program.ratio_note.strip().rstrip('.')}" if program.ratio_note.strip() else ""
        return f"{apprentices} to {journeyworkers}{where}."

    @property
    def journeyworker_wage(self) -> str:
        """“$31.50 an hour, as of November 1, 2026”, or "" where it is not stated."""
        program = self.program
        if program.journeyworker_wage_cents is None:
            return ""
        day = program.journeyworker_wage_on
        return (
            f"{_dollars(program.journeyworker_wage_cents)} an hour{f', as of {long_day(day)}' if day else ''}"
        )

    @cached_property
    def wages(self) -> list[Wage]:
        full = self.program.journeyworker_wage_cents
        return [_wage(step, full) for step in self.program.wage_steps.all()]

    @property
    def probation(self) -> str:
        program = self.program
        words = []
        if program.probation_months is not None:
            words.append(count_of(program.probation_months, "month"))
        if program.probation_minutes is not None:
            words.append(f"{format_hours(program.probation_minutes)} of {settings.PAPER_LABELS['ojt']}")
        return f"{' and '.join(words)}." if words else ""

    @property
    def with_topics(self) -> list[Work]:
        return [work for work in self.works if work.topics]


def _wage(step: WageStep, full: int | None) -> Wage:
    cents = step.cents_an_hour(full)
    return Wage(
        number=step.number,
        condition=_condition(step),
        percent="" if step.percent is None else f"{step.percent.normalize():f} %",
        dollars="" if cents is None else _dollars(cents),
    )


def _condition(step: WageStep) -> str:
    """“from 6 months and 1,000 h of on-the-job learning”; the first step: “from the start”."""
    words = []
    if step.from_months:
        words.append(count_of(step.from_months, "month"))
    if step.from_minutes:
        words.append(f"{format_hours(step.from_minutes)} of {settings.PAPER_LABELS['ojt']}")
    if step.from_competencies:
        number = step.from_competencies
        words.append(f"{number} {'competency' if number == 1 else 'competencies'}")
    return f"from {' and '.join(words)}" if words else "from the start"


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"
