"""What stands in the place of a version's rows in the next published version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from competencies.exports.tree import Document
from competencies.models import (
    IN_FORCE,
    Competency,
    Course,
    CrossCuttingCompetency,
    Framework,
    JobFunction,
    PerformanceStandard,
    RelatedInstructionTopic,
    WorkProcessSchedule,
)


@dataclass(frozen=True)
class Successor:
    """The document or row of the next version with the same lineage, and when that version came to be."""

    collection: str
    uid: UUID
    title: str
    changed: datetime


def successors(document: Document, *, reader: User | AnonymousUser) -> Mapping[UUID, Successor]:
    """By lineage: the next version of the same owner that is in force and that `reader` may see, and its
    rows. Seven queries at most."""
    following = _next(document, reader=reader)
    if following is None or following.published_at is None:
        return {}
    changed = following.published_at
    found = {following.lineage: Successor("CFDocuments", following.uid, following.title, changed)}
    rows = _rows(following) if isinstance(following, WorkProcessSchedule) else _statements(following)
    return found | {lineage: Successor("CFItems", uid, text, changed) for lineage, uid, text in rows}


def _next(document: Document, *, reader: User | AnonymousUser) -> Document | None:
    same = {"lineage": document.lineage, "status__in": IN_FORCE, "version__gt": document.version}
    if isinstance(document, Framework):
        return Framework.objects.visible_to(reader).filter(**same).order_by("version").first()
    mine = WorkProcessSchedule.objects.visible_to(reader).filter(**same, sponsor=document.sponsor_id)
    return mine.order_by("version").first()


def _rows(schedule: WorkProcessSchedule) -> list[tuple[UUID, UUID, str]]:
    """Lineage, uid and words of every row that has a lineage."""
    functions = JobFunction.objects.filter(schedule=schedule).values_list("lineage", "uid", "title")
    courses = Course.objects.filter(schedule=schedule).values_list("lineage", "uid", "title")
    competencies = Competency.objects.filter(job_function__schedule=schedule)
    standards = PerformanceStandard.objects.filter(competency__job_function__schedule=schedule)
    topics = RelatedInstructionTopic.objects.filter(job_function__schedule=schedule)
    skills = CrossCuttingCompetency.objects.filter(schedule=schedule).select_related("schedule")
    return [
        *functions,
        *competencies.values_list("lineage", "uid", "title"),
        *standards.values_list("lineage", "uid", "text"),
        *courses,
        *((row.lineage, row.uid, row.text) for row in topics.select_related("job_function")),
        *((row.lineage, row.uid, row.title) for row in skills),
    ]


def _statements(framework: Framework) -> list[tuple[UUID, UUID, str]]:
    return list(framework.statements.values_list("lineage", "uid", "text"))
