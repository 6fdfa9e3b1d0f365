"""Outline -> JSON: the reverse of `imports/outline_json.py`. What says nothing is left out."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import Any

from competencies.imports import outline as o
from competencies.imports.outline_json import FORMAT, HEADER_NUMBERS, HEADER_TEXTS
from competencies.imports.wages import WageStep, numbers

OVERVIEW_TEXTS = ("context", "purpose", "attitudes", "prerequisites")
TOPICS = {"skills": "skill", "knowledge": "knowledge", "tools": "tool"}
"""By the key in the document, the field of the outline."""


def write(outline: o.ScheduleOutline) -> bytes:
    """The schedule as a document that `imports/outline_json.py` reads back to the same outline."""
    document = {
        "format": FORMAT,
        "kind": "schedule",
        "lineage": str(outline.lineage) if outline.lineage else None,
        "title": outline.title,
        "occupation": _plain(outline.occupation),
        "source": _said(citation=outline.source, read_on=outline.source_read_on),
        "header": _header(outline),
        "overview": _overview(outline),
        "cross_cutting": _cross_cutting(outline),
        "job_functions": [_function(one) for one in outline.job_functions],
        "courses": [_plain(one) for one in outline.courses],
        **_mended(outline),
    }
    return json.dumps(_said(**document), ensure_ascii=False, indent=1, default=str).encode()


def summary(readings: Sequence[o.Reading], *, refusal: o.Malformed | None = None) -> dict[str, Any]:
    """What `import_schedule --json` and REST tell of a file: what was read and found, absent values None.

    Of several schedules in it the first is told. A refused file (no readings) has nothing but a finding with
    the severity "error".
    """
    reading = _with_others(*readings) if readings else None
    outline = reading.outline if reading else None
    refused = {"severity": "error", "place": None, "message": None, "done": None}
    if refusal:
        refused |= {"place": refusal.field, "message": refusal.message}
    return {
        "format": reading.format if reading else None,
        "occupation": {
            name: (getattr(outline, name) or None) if outline else None
            for name in ("title", "onet_code", "rapids_code")
        },
        "approach": outline.approach if outline else None,
        "job_functions": [_function_summary(one) for one in outline.job_functions] if outline else [],
        "courses": [_course_summary(one) for one in outline.courses] if outline else [],
        "wage_steps": [_step_summary(one) for one in outline.wage_steps] if outline else [],
        "findings": [_finding(one) for one in reading.findings] if reading else [refused],
    }


def _with_others(first: o.Reading, *others: o.Reading) -> o.Reading:
    """The first of several schedules in one file, with a finding that names the others."""
    if not others:
        return first
    named = "; ".join(one.outline.title for one in others)
    finding = o.Finding(
        severity=o.Severity.NOTE,
        place="the file",
        message=f"It holds {1 + len(others)} schedules; the others are: {named:.500}",
        done="Only the first is told here; all are stored.",
    )
    return replace(first, findings=(*first.findings, finding))


def _function_summary(node: o.FunctionOutline) -> dict[str, Any]:
    return {
        "number": node.number,
        "title": node.title,
        "ojt_minutes_min": node.ojt_minutes_min,
        "ojt_minutes_max": node.ojt_minutes_max,
        "competencies": [
            {"code": f"{node.number}{one.letter}", "title": one.title, "required": one.required}
            for one in node.competencies
        ],
    }


def _course_summary(node: o.CourseOutline) -> dict[str, Any]:
    most = node.ri_minutes if node.ri_minutes_max is None else node.ri_minutes_max
    return {
        "title": node.title,
        "code": node.code or None,
        "ri_minutes_min": node.ri_minutes,
        "ri_minutes_max": most,
    }


def _step_summary(step: WageStep) -> dict[str, Any]:
    said = numbers(step)
    title, condition, wage = step
    return {
        "title": title,
        "condition": condition or None,
        "wage": wage or None,
        "months": said.months,
        "ojt_minutes": said.ojt_minutes,
        "ri_minutes": said.ri_minutes,
        "percent": float(said.percent) if said.percent else None,
    }


def _finding(one: o.Finding) -> dict[str, Any]:
    return {
        "severity": one.severity.value,
        "place": one.place,
        "message": one.message,
        "done": one.done or None,
    }


def _said(**values: Any) -> dict[str, Any]:
    """Those of the values that say something. 0 and no say something, empty texts and lists do not."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _mended(node: o.Node) -> dict[str, Any]:
    repairs = [{"rule": line} for line in node.repair.split("\n") if line]
    return _said(repairs=repairs, needs_review=node.needs_review or None)


def _plain(node: Any, **given: Any) -> dict[str, Any]:
    """The fields of a node under their own names, without lineage; `given` ones instead of the node's."""
    own = {field.name: getattr(node, field.name) for field in fields(node)}
    mended = _mended(node) if isinstance(node, o.Node) else {}
    return _said(**own | {"lineage": None, "repair": None, "needs_review": None} | given) | mended


def _header(outline: o.ScheduleOutline) -> dict[str, Any]:
    scale = outline.rating_scale
    return _said(
        approach=outline.approach,
        **{name: getattr(outline, name) for name in (*HEADER_TEXTS, *HEADER_NUMBERS)},
        blank_job_functions=outline.blank_job_functions or None,
        wage_steps=[_said(step=a, condition=b, wage=c) for a, b, c in outline.wage_steps],
        registration=[{"label": label, "value": value} for label, value in outline.registration],
        rating_scale=_plain(scale, levels=[_level(one) for one in scale.levels]) if scale else None,
    )


def _level(node: o.LevelOutline) -> dict[str, Any]:
    if node.value is None:
        return {"not_applicable": True, **_plain(node, passing=None, needs_reason=None)}
    return _plain(node)


def _overview(outline: o.ScheduleOutline) -> dict[str, Any]:
    return _said(
        **{name: getattr(outline, name) for name in (*OVERVIEW_TEXTS, *o.LISTS)},
        workforce=[{"label": label, "figure": figure} for label, figure in outline.workforce],
        credentials=[_plain(one) for one in outline.credentials],
    )


def _cross_cutting(outline: o.ScheduleOutline) -> dict[str, Any]:
    groups = groupby(outline.cross_cutting, key=lambda one: (one.tier, one.tier_title))
    tiers = [{"tier": tier, "title": title, "competencies": _skills(rows)} for (tier, title), rows in groups]
    return _said(note=outline.cross_cutting_note, scale=dict(outline.cross_cutting_scale), tiers=tiers)


def _skills(rows: Iterable[o.CrossCuttingOutline]) -> list[dict[str, Any]]:
    return [_said(text=one.title, level=one.level) | _mended(one) for one in rows]


def _function(node: o.FunctionOutline) -> dict[str, Any]:
    topics = {key: [_plain(one) for one in getattr(node, field)] for key, field in TOPICS.items()}
    return _plain(
        node,
        details=None,
        tasks=[line for line in node.details.split("\n") if line.strip()],
        related_instruction=_said(**topics),
        competencies=[_competency(one) for one in node.competencies],
        **dict.fromkeys(TOPICS.values()),
    )


def _competency(node: o.CompetencyOutline) -> dict[str, Any]:
    return _plain(node, standards=None, performance_standards=[_plain(one) for one in node.standards])
