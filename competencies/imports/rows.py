"""Rows -> outline: the reverse of save.py, lineage included. What is published is hashed through this."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

from django.db.models import Model, Prefetch

from competencies.imports import outline as o
from competencies.models import (
    Framework,
    FrameworkStatement,
    JobFunction,
    RatingScale,
    TopicKind,
    WorkProcessSchedule,
)
from competencies.models.scales import rank

T = TypeVar("T")


def plain(form: type[T], row: Model, **given: Any) -> T:
    """An outline of type `form` with every field that is not `given` read from the row."""
    names = [field.name for field in fields(form) if field.name not in given]  # type: ignore[arg-type]
    return form(**{name: _frozen(getattr(row, name)) for name in names}, **given)


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def schedule_outline(schedule: WorkProcessSchedule) -> o.ScheduleOutline:
    """Everything a schedule says, in a constant number of queries."""
    functions = schedule.job_functions.order_by("number").prefetch_related(
        "topics", Prefetch("competencies__standards"), "competencies"
    )
    scale = schedule.rating_scale
    return plain(
        o.ScheduleOutline,
        schedule,
        occupation=plain(o.OccupationOutline, schedule.occupation),
        rating_scale=scale_outline(scale) if scale else None,
        cross_cutting_scale=tuple(sorted(schedule.cross_cutting_scale.items())),
        job_functions=tuple(_function(row) for row in functions),
        courses=tuple(plain(o.CourseOutline, row) for row in schedule.courses.all()),
        credentials=tuple(plain(o.CredentialOutline, row) for row in schedule.credentials.all()),
        cross_cutting=tuple(plain(o.CrossCuttingOutline, row) for row in schedule.cross_cutting.all()),
    )


def _function(row: JobFunction) -> o.FunctionOutline:
    topics = {
        kind: tuple(
            plain(o.TopicOutline, topic)
            for topic in sorted(row.topics.all(), key=lambda topic: topic.position)
            if topic.kind == kind
        )
        for kind in TopicKind.values
    }
    competencies = tuple(
        plain(
            o.CompetencyOutline,
            competency,
            standards=tuple(plain(o.StandardOutline, standard) for standard in competency.standards.all()),
        )
        for competency in row.competencies.all()
    )
    return plain(o.FunctionOutline, row, competencies=competencies, **topics)


def scale_outline(scale: RatingScale) -> o.ScaleOutline:
    """A rating scale with its levels, highest first."""
    rows = sorted(scale.levels.all(), key=lambda one: rank(one.value), reverse=True)
    levels = tuple(plain(o.LevelOutline, level) for level in rows)
    return plain(o.ScaleOutline, scale, levels=levels)


def framework_outline(framework: Framework) -> o.FrameworkOutline:
    """The tree of a framework, read in one query."""
    rows = list(framework.statements.order_by("position"))
    return plain(o.FrameworkOutline, framework, statements=_branches(rows, None))


def _branches(rows: Iterable[FrameworkStatement], parent: int | None) -> tuple[o.StatementOutline, ...]:
    return tuple(
        plain(o.StatementOutline, row, children=_branches(rows, row.pk))
        for row in rows
        if row.parent_id == parent
    )
