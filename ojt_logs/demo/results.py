"""The results of the demo's classes, which their instructor records on the last day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apprenticeship.models import Class
from ojt_logs.demo.stage import Stage
from ojt_logs.demo.work import Act
from ojt_logs.models import Authentication, CourseResult
from ojt_logs.models.course_results import Outcome


def acts_of_classes(stage: Stage) -> Iterator[Act]:
    """One act for each class that has an end, and results in the plan."""
    for facts, (taught, _) in zip(stage.plan["classes"], stage.classes, strict=True):
        if taught.ends_on and facts.get("results"):
            yield stage.at(taught.ends_on, "15:40"), partial(_record, stage, taught, facts["results"])


def _record(stage: Stage, taught: Class, results: list[dict[str, Any]], at: datetime) -> None:
    CourseResult.objects.record(
        taught,
        by=taught.instructor,
        now=at,
        authentication=Authentication("password", at - timedelta(minutes=2)),
        completed_on=at.astimezone(stage.zone).date(),
        outcomes=[
            Outcome(stage.apprentices[one["name"]], one["passed"], one["grade"], one.get("note", ""))
            for one in results
        ],
    )
