"""Bringing standards documents in: all of them or none, and nothing twice."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from competencies.crosswalk import suggest_all
from competencies.imports import outline as o
from competencies.imports.outline_json import read
from competencies.imports.save import save_scale
from competencies.models import Framework, WorkProcessSchedule
from competencies.versions import bring_in, bring_in_framework


@transaction.atomic
def load(documents: Iterable[tuple[str, bytes]], *, now: datetime) -> list[str]:
    """Load (name, JSON) documents in one transaction and say for each what happened.

    What schedules and frameworks have in common is suggested anew.
    Raises Malformed, with the place, for the first document that cannot be stored.
    """
    outlines = [(name, read(data, name=name)) for name, data in documents]
    said = [f"{name}: {_bring(outline, now=now)}" for name, outline in outlines]
    suggest_all()
    return said


def _bring(
    outline: o.ScheduleOutline | o.FrameworkOutline | tuple[o.ScaleOutline, ...], *, now: datetime
) -> str:
    if isinstance(outline, tuple):
        scales = [save_scale(scale) for scale in outline]
        return f"rating scales {' and '.join(scale.name for scale in scales)} are there"
    document: WorkProcessSchedule | Framework
    if isinstance(outline, o.ScheduleOutline):
        document, new = bring_in(outline, now=now)
    else:
        document, new = bring_in_framework(outline, now=now)
    if not new:
        return f"nothing changed, {document} is loaded already"
    return f"{document} is loaded"
