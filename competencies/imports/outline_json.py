"""JSON -> outline: the documents in fixtures/standards. Each file explains itself under "about".

Every key must be known and of its kind; anything else refuses the whole file and names the place. A text
is a plain string, or an object with "text" and what was repaired in it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from competencies.imports import outline as o
from competencies.imports.place import Place
from competencies.models import Approach, Level, StatementKind, Timing

FORMAT = "journeybook-standard/1"


def read(data: bytes, *, name: str) -> o.ScheduleOutline | o.FrameworkOutline | tuple[o.ScaleOutline, ...]:
    """The outline in a JSON document called `name`. Raises Malformed; nothing is ever half read."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise o.Malformed(name, f"is not JSON: {error}") from error
    except RecursionError as error:
        raise o.Malformed(name, "is nested too deeply to be a standards document") from error
    place = Place(value, name)
    if place.text("format") != FORMAT:
        raise o.Malformed(f"{name}.format", f"{FORMAT} is expected")
    kind = place.choice("kind", ["schedule", "framework", "scales"])
    readers: dict[str, Callable[[Place], Any]] = {
        "schedule": _schedule,
        "framework": _framework,
        "scales": lambda top: top.each("scales", _scale),
    }
    found = readers[kind or "schedule"](place)
    place.close()
    return found


def _lineage(place: Place) -> UUID | None:
    try:
        return UUID(text) if (text := place.blank("lineage")) else None
    except ValueError as error:
        raise o.Malformed(f"{place.path}.lineage", "is not a UUID") from error


def _source(place: Place) -> dict[str, Any]:
    source = place.inner_or_empty("source")
    found = {"source": source.blank("citation"), "source_read_on": source.day("read_on")}
    source.close()
    return found


def _schedule(place: Place) -> o.ScheduleOutline:
    occupation = _occupation(place.inner("occupation"))
    header = _header(place.inner_or_empty("header"))
    functions = place.each("job_functions", _function)
    _once(place, "job function", (function.number for function in functions))
    return o.ScheduleOutline(
        lineage=_lineage(place),
        title=place.text("title"),
        occupation=occupation,
        onet_code=occupation.onet_code,
        rapids_code=header.pop("rapids_code") or occupation.rapids_code,
        job_functions=functions,
        courses=place.each("courses", _course),
        **_source(place),
        **_overview(place.inner_or_empty("overview")),
        **_cross_cutting(place.inner_or_empty("cross_cutting")),
        **header,
        **place.mended(),
    )


def _once(place: Place, what: str, keys: Iterable[object]) -> None:
    """Refuse a number or letter that is given twice: rows are known by it."""
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        raise o.Malformed(place.path, f"{what} {twice[0]} is there twice")


def _occupation(place: Place) -> o.OccupationOutline:
    found = o.OccupationOutline(
        title=place.text("title"),
        onet_code=place.blank("onet_code"),
        onet_taxonomy=place.blank("onet_taxonomy"),
        rapids_code=place.blank("rapids_code"),
    )
    place.close()
    return found


def _overview(place: Place) -> dict[str, Any]:
    found = {
        **{name: place.blank(name) for name in ("context", "purpose", "attitudes", "prerequisites")},
        **{name: place.each(name, _line) for name in o.LISTS},
        "workforce": place.each("workforce", lambda row: (row.text("label"), row.blank("figure"))),
        "credentials": place.each("credentials", _credential),
    }
    place.close()
    return found


def _line(place: Place) -> str:
    return place.text("text")


def _credential(place: Place) -> o.CredentialOutline:
    return o.CredentialOutline(
        name=place.text("name"),
        abbreviation=place.blank("abbreviation"),
        awarding_body=place.blank("awarding_body"),
        timing=place.choice("timing", Timing.values),
        **place.mended(),
    )


SCALE_KEYS = ("highest", "lowest", "name", "zero_means")


def _cross_cutting(place: Place) -> dict[str, Any]:
    if not place.value:
        return {}
    scale = place.inner_or_empty("scale")
    rows: list[o.CrossCuttingOutline] = []
    place.each("tiers", lambda tier: rows.extend(_tier(tier)))
    found = {
        "cross_cutting_note": place.blank("note"),
        "cross_cutting_scale": tuple(
            (key, scale.take(key, str, int)) for key in SCALE_KEYS if key in scale.value
        ),
        "cross_cutting": tuple(rows),
    }
    scale.close()
    place.close()
    return found


def _tier(place: Place) -> tuple[o.CrossCuttingOutline, ...]:
    """The rows of one list of the grid; what was mended in its heading is kept with its first row."""
    number, title = place.take("tier", int), place.text("title")

    def skill(row: Place) -> o.CrossCuttingOutline:
        level = row.number("level")
        return o.CrossCuttingOutline(
            tier=number, tier_title=title, title=row.text("text"), level=level, **row.mended()
        )

    first, *others = place.each("competencies", skill)
    about = place.mended()
    repair = "\n".join(filter(None, [about["repair"], first.repair]))
    review = first.needs_review or about["needs_review"]
    return (replace(first, repair=repair, needs_review=review), *others)


HEADER_TEXTS = (
    *("job_title", "company_contact", "required_certifications", "rapids_code"),
    *("ratio", "wage_note", "probation", "selection", "notes"),
)
HEADER_NUMBERS = (
    *("minimum_ojt_minutes", "maximum_ojt_minutes", "minimum_ri_minutes", "maximum_ri_minutes"),
    "term_months",
)


def _header(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {
        **{name: place.blank(name) for name in HEADER_TEXTS},
        "approach": place.choice("approach", Approach.values) or None,
        **{name: place.number(name) for name in HEADER_NUMBERS},
        "wage_steps": place.each("wage_steps", _wage_step),
        "registration": place.each("registration", lambda row: (row.text("label"), row.blank("value"))),
        "blank_job_functions": place.number("blank_job_functions") or 0,
        "rating_scale": None,
    }
    if place.take("rating_scale", dict, default=None):
        scale = place.inner("rating_scale")
        found["rating_scale"] = _scale(scale)
        scale.close()
    place.close()
    return found


def _wage_step(place: Place) -> tuple[str, str, str]:
    return place.text("step"), place.blank("condition"), place.blank("wage")


def _function(place: Place) -> o.FunctionOutline:
    topics = place.inner_or_empty("related_instruction")
    competencies = place.each("competencies", _competency)
    _once(place, "competency", (competency.letter for competency in competencies))
    found = o.FunctionOutline(
        number=place.take("number", int),
        title=place.text("title"),
        details="\n".join(place.each("tasks", _line)),
        core=place.take("core", bool),
        ojt_minutes_min=place.number("ojt_minutes_min"),
        ojt_minutes_max=place.number("ojt_minutes_max"),
        ri_minutes_min=place.number("ri_minutes_min"),
        ri_minutes_max=place.number("ri_minutes_max"),
        skill=topics.each("skills", _topic),
        knowledge=topics.each("knowledge", _topic),
        tool=topics.each("tools", _topic),
        competencies=competencies,
        **place.mended(),
    )
    topics.close()
    return found


def _topic(place: Place) -> o.TopicOutline:
    return o.TopicOutline(text=place.text("text"), **place.mended())


def _competency(place: Place) -> o.CompetencyOutline:
    return o.CompetencyOutline(
        letter=place.text("letter"),
        title=place.text("title"),
        heading=place.blank("heading"),
        details=place.blank("details"),
        answers=place.each("answers", _line),
        level=place.choice("level", Level.values),
        required=place.take("required", bool),
        standards=place.each("performance_standards", _standard),
        **place.mended(),
    )


def _standard(place: Place) -> o.StandardOutline:
    return o.StandardOutline(
        text=place.text("text"),
        required_demonstrations=place.take("required_demonstrations", int, default=1),
        **place.mended(),
    )


def _course(place: Place) -> o.CourseOutline:
    return o.CourseOutline(
        heading=place.blank("heading"),
        code=place.blank("code"),
        title=place.text("title"),
        ri_minutes=place.number("ri_minutes"),
        ri_minutes_max=place.number("ri_minutes_max"),
        provider=place.blank("provider"),
        details=place.blank("details"),
        required=place.take("required", bool, default=True),
        **place.mended(),
    )


def _scale(place: Place) -> o.ScaleOutline:
    levels = place.each("levels", _level)
    _once(place, "rating", (level.value for level in levels))
    return o.ScaleOutline(
        name=place.text("name"),
        chosen_by_sponsor=place.take("chosen_by_sponsor", bool, default=False),
        source=place.blank("source"),
        levels=levels,
    )


def _level(place: Place) -> o.LevelOutline:
    if place.take("not_applicable", bool, default=False):
        return o.LevelOutline(
            value=None,
            label=place.text("label"),
            short_label=place.text("short_label"),
            description=place.blank("description"),
            needs_reason=True,
        )
    return o.LevelOutline(
        value=place.take("value", int),
        label=place.text("label"),
        short_label=place.text("short_label"),
        description=place.blank("description"),
        passing=place.take("passing", bool, default=False),
        needs_reason=place.take("needs_reason", bool, default=False),
    )


def _framework(place: Place) -> o.FrameworkOutline:
    counted_on = place.day("counted_on")

    def branch(kind: str, below: str) -> Callable[[Place], o.StatementOutline]:
        child = {"subdomains": StatementKind.SUBDOMAIN, "statements": StatementKind.STATEMENT}[below]
        read_child = leaf if child == StatementKind.STATEMENT else branch(child, "statements")
        return lambda node: o.StatementOutline(
            kind=kind, text=node.text("title"), children=node.each(below, read_child), **node.mended()
        )

    def leaf(node: Place) -> o.StatementOutline:
        count = node.number("resource_count")
        return o.StatementOutline(
            kind=StatementKind.STATEMENT,
            text=node.text("text"),
            resource_count=count,
            counted_on=None if count is None else counted_on,
            **node.mended(),
        )

    return o.FrameworkOutline(
        lineage=_lineage(place),
        title=place.text("title"),
        publisher=place.blank("publisher"),
        note=place.blank("note"),
        statements=place.each("domains", branch(StatementKind.DOMAIN, "subdomains")),
        **_source(place),
        **place.mended(),
    )
