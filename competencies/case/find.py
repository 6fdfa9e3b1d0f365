"""Which published document an identifier belongs to."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from competencies.exports.tree import DERIVED, Document, derived
from competencies.models import (
    Alignment,
    Competency,
    Course,
    Credential,
    CrossCuttingCompetency,
    Framework,
    FrameworkStatement,
    JobFunction,
    PerformanceStandard,
    RelatedInstructionTopic,
    WorkProcessSchedule,
)
from competencies.models.framework import FrameworkQuerySet
from competencies.models.schedule import ScheduleQuerySet


def with_scales(schedules: ScheduleQuerySet) -> ScheduleQuerySet:
    """The schedules with all that describes them from outside."""
    return schedules.select_related("occupation", "sponsor", "rating_scale").prefetch_related(
        "rating_scale__levels"
    )


def document_of(
    identifier: UUID, schedules: ScheduleQuerySet, frameworks: FrameworkQuerySet
) -> Document | None:
    """The document among these that the identifier, or the row it is derived from, belongs to.

    Three queries at most; whether the identifier itself is in it, its package tells.
    """
    rows = [identifier, *(derived(identifier, what) for what in DERIVED)]
    first, *others = _owners(rows)
    uids = {uid for (uid,) in first.union(*others)}
    schedule: Document | None = with_scales(schedules).filter(uid__in=uids).first()
    return schedule or frameworks.filter(uid__in=uids).order_by("-version").first()


def _owners(rows: list[UUID]) -> Iterator[QuerySet[Any, tuple[UUID]]]:
    """By table, the uids of the documents that these rows are or belong to."""
    yield WorkProcessSchedule.objects.filter(uid__in=rows).order_by().values_list("uid")
    yield Framework.objects.filter(uid__in=rows).order_by().values_list("uid")
    for model, owner in OWNERS:
        yield model.objects.filter(uid__in=rows).order_by().values_list(f"{owner}__uid")
    aligned = Alignment.objects.filter(uid__in=rows).values("statement")
    yield FrameworkStatement.objects.filter(lineage__in=aligned).order_by().values_list("framework__uid")


OWNERS = (
    (FrameworkStatement, "framework"),
    (JobFunction, "schedule"),
    (Competency, "job_function__schedule"),
    (PerformanceStandard, "competency__job_function__schedule"),
    (RelatedInstructionTopic, "job_function__schedule"),
    (Course, "schedule"),
    (Credential, "schedule"),
    (CrossCuttingCompetency, "schedule"),
)
