"""Where a schedule contradicts itself, and what does not fit its place: findings, no changes of meaning."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from competencies import codes
from competencies.imports import outline as o
from competencies.imports.header import Notes
from competencies.imports.words import NUMBER, months, one_line, spelled
from competencies.models import Competency, Course, JobFunction, Occupation, WorkProcessSchedule

YEAR = 12
RECOMMENDED = 144 * 60
"""Minutes of related instruction a year (29 CFR 29.5(b)(4)): recommended, not required."""
SUFFIXES = {"CB": "competency", "HY": "hybrid"}
PROBATION_HOURS = re.compile(
    rf"{NUMBER}\s*(?:clock\s*|working\s*|work\s*|OJ[LT]\s*)?(?:hours?|hrs?)\b", re.IGNORECASE
)
PROBATION_TIME = re.compile(rf"{NUMBER}\s*[- ]?(?:years?|months?)\b", re.IGNORECASE)


def checked(reading: o.Reading) -> o.Reading:
    """The reading with its texts cut to their places, its totals compared, and what contradicts named."""
    notes = Notes()
    outline = _fitted(reading.outline, notes)
    known = {(one.stated, one.computed) for one in reading.totals}
    header = [one for one in _totals(outline) if (one.stated, one.computed) not in known]
    totals = (*reading.totals, *header)
    for total in totals:
        if total.stated != total.computed:
            notes.warn(
                total.place,
                f"{spelled(total.stated)} hours are stated, the parts add up to {spelled(total.computed)}",
                "Both were kept as printed.",
            )
    _probation(outline, notes)
    _codes(outline, notes)
    _competencies(outline, notes)
    _instruction(outline, notes)
    return replace(reading, outline=outline, findings=(*reading.findings, *notes.found), totals=totals)


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum of what is stated; None where nothing is, or something is missing."""
    found = list(values)
    return sum(one for one in found if one is not None) if found and None not in found else None


def _totals(outline: o.ScheduleOutline) -> list[o.Total]:
    """The header's hours beside the sums of the parts, wherever both are stated."""
    functions, courses = outline.job_functions, outline.courses
    least = _sum(one.ojt_minutes_min for one in functions)
    most = _sum(one.ojt_minutes_max for one in functions)
    taught = _sum(one.ri_minutes for one in courses)
    taught_most = _sum(
        one.ri_minutes if one.ri_minutes_max is None else one.ri_minutes_max for one in courses
    )
    pairs = [
        ("hours on the job, minimum", outline.minimum_ojt_minutes, least),
        ("hours on the job, maximum", outline.maximum_ojt_minutes, most),
        ("related instruction, minimum", outline.minimum_ri_minutes, _within(outline, taught, taught_most)),
        ("related instruction, maximum", outline.maximum_ri_minutes, taught_most),
    ]
    return [
        o.Total(place=place, stated=stated, computed=computed)
        for place, stated, computed in pairs
        if stated is not None and computed is not None
    ]


def _within(outline: o.ScheduleOutline, least: int | None, most: int | None) -> int | None:
    """The sum of courses that state ranges: what the header states, where that lies between their ends."""
    stated = outline.minimum_ri_minutes
    if stated is None or least is None or most is None or outline.maximum_ri_minutes is not None:
        return least
    return stated if least <= stated <= most else least


def _probation(outline: o.ScheduleOutline, notes: Notes) -> None:
    """29 CFR 29.5(b)(8): at most a quarter of the program or a year, whichever is shorter."""
    term = outline.minimum_ojt_minutes or outline.maximum_ojt_minutes
    stated = [round(float(one.replace(",", "")) * 60) for one in PROBATION_HOURS.findall(outline.probation)]
    if stated and term and max(stated) * 4 > term:
        notes.warn(
            "probation",
            f"{spelled(max(stated))} hours are above a quarter of the {spelled(term)} hours of the term",
            "It was kept as printed; 29 CFR 29.5(b)(8) allows a quarter, or a year.",
        )
    lengths = [months(one[0]) for one in re.finditer(PROBATION_TIME, outline.probation)]
    longest = max((one for one in lengths if one is not None), default=0)
    if longest > YEAR or (outline.term_months and longest * 4 > outline.term_months):
        notes.warn(
            "probation",
            f"{longest} months are above a quarter of the term, or a year",
            "It was kept as printed; 29 CFR 29.5(b)(8) allows the shorter of the two.",
        )


def _codes(outline: o.ScheduleOutline, notes: Notes) -> None:
    code = codes.parse_rapids(outline.rapids_code)
    meant = SUFFIXES.get(code.suffix) if code else None
    if meant and outline.approach and meant != outline.approach:
        notes.warn(
            "approach",
            f"The code {code} is that of a {meant} schedule, the document says {outline.approach}",
            "Both were kept as printed.",
        )


def _competencies(outline: o.ScheduleOutline, notes: Notes) -> None:
    if outline.approach == "competency" and not any(one.competencies for one in outline.job_functions):
        notes.warn(
            "competencies",
            "The approach is competency-based, and there is no competency in the document",
            "Add them in the draft, or choose another approach.",
        )


def _instruction(outline: o.ScheduleOutline, notes: Notes) -> None:
    stated = outline.minimum_ri_minutes or _sum(one.ri_minutes for one in outline.courses)
    if stated is None or not outline.term_months:
        return
    wanted = RECOMMENDED * outline.term_months // YEAR
    if stated < wanted:
        notes.note(
            "related instruction",
            f"{spelled(stated)} hours are fewer than the {spelled(wanted)} that are recommended for the term "
            "(144 a year)",
        )


LIMITS: dict[type, tuple[type, tuple[str, ...]]] = {
    o.ScheduleOutline: (WorkProcessSchedule, ("title", "ratio", "job_title", "company_contact")),
    o.OccupationOutline: (Occupation, ("title",)),
    o.FunctionOutline: (JobFunction, ("title",)),
    o.CompetencyOutline: (Competency, ("heading",)),
    o.CourseOutline: (Course, ("title", "heading", "code", "provider")),
}
KEEPS = {
    o.ScheduleOutline: "notes",
    o.FunctionOutline: "details",
    o.CompetencyOutline: "details",
    o.CourseOutline: "details",
}
"""Where a text that is too long for its place is kept whole."""


def _fitted(outline: o.ScheduleOutline, notes: Notes) -> o.ScheduleOutline:
    functions = tuple(
        replace(
            _cut(one, f"job function {one.number}", notes),
            competencies=tuple(
                _cut(each, f"competency {one.number}{each.letter}", notes) for each in one.competencies
            ),
        )
        for one in outline.job_functions
    )
    courses = tuple(_cut(one, f"course “{one.title:.60}”", notes) for one in outline.courses)
    occupation = _cut(outline.occupation, "occupation", notes)
    whole = replace(outline, job_functions=functions, courses=courses, occupation=occupation)
    return _cut(whole, "schedule", notes)


def _cut(node: Any, place: str, notes: Notes) -> Any:
    """The node with texts that are longer than their columns cut, and kept whole in its details."""
    model, names = LIMITS[type(node)]
    changes: dict[str, str] = {}
    keep = KEEPS.get(type(node), "")
    for name in names:
        text, most = getattr(node, name), model._meta.get_field(name).max_length  # type: ignore[attr-defined]
        if len(text) > most:
            changes[name] = text[: most - 1].rstrip() + "…"
            if keep:
                changes[keep] = "\n".join(
                    filter(None, [changes.get(keep, getattr(node, keep)), one_line(text)])
                )
            notes.warn(
                f"{place}, {name}",
                f"The text has {len(text)} characters, there is room for {most}",
                f"It was cut{' and kept whole in the ' + keep if keep else ''}.",
            )
    return replace(node, **changes) if changes else node
