"""What a draft must say before it is final, by its approach (29 CFR 29.5(b)(2)), and what it contradicts."""

from collections.abc import Iterator

from competencies.imports import outline as o
from competencies.imports.checks import checked
from competencies.imports.words import spelled

LEAST_TERM = 2000 * 60
"""Minutes on the job of the shortest time-based term."""


def errors(outline: o.ScheduleOutline) -> list[o.Finding]:
    """What stands in the way of a final version; each says where and the remedy."""
    return [
        o.Finding(severity=o.Severity.WARNING, place=place, message=message)
        for place, message in (*_whatever(outline), *RULES[outline.approach](outline))
    ]


def warnings(outline: o.ScheduleOutline) -> list[o.Finding]:
    """Contradictions and rare figures that a person accepts with a reason."""
    found = checked(o.Reading(format="draft", outline=outline)).findings
    return [one for one in found if one.place not in {error.place for error in errors(outline)}]


Told = Iterator[tuple[str, str]]


def _whatever(outline: o.ScheduleOutline) -> Told:
    if not outline.job_functions:
        yield "job functions", "There is none. Add what is learned."
    if outline.approach is None:
        yield "approach", "Choose how the apprenticeship is completed: by time, by competency, or both."


def _by_time(outline: o.ScheduleOutline) -> Told:
    bare = [str(one.number) for one in outline.job_functions if one.ojt_minutes_min is None]
    if bare:
        yield "hours on the job", f"Write the approximate hours of job function {', '.join(bare)}."
        return
    together = sum(one.ojt_minutes_min or 0 for one in outline.job_functions)
    term = outline.minimum_ojt_minutes
    if term is not None and term != together:
        yield (
            "hours on the job",
            f"The job functions add up to {spelled(together)} hours, the term is {spelled(term)}. "
            "Make them the same.",
        )
    if max(term or 0, together) < LEAST_TERM:
        yield "hours on the job", "A time-based term has at least 2,000 hours."


def _by_competency(outline: o.ScheduleOutline) -> Told:
    if not any(one.competencies for one in outline.job_functions):
        yield "competencies", "There is none. Add at least one, or choose the time-based approach."
    scale = outline.rating_scale
    if scale is None:
        yield "rating scale", "Choose how competencies are rated."
    elif not any(level.passing for level in scale.levels):
        yield "rating scale", "No level of this scale passes. Choose another one."


def _hybrid(outline: o.ScheduleOutline) -> Told:
    yield from _by_competency(outline)
    if outline.minimum_ojt_minutes is None:
        yield "hours on the job", "Write the least hours of the whole term."


RULES = {
    None: lambda outline: (),
    "time": _by_time,
    "competency": _by_competency,
    "hybrid": _hybrid,
}
