"""The crosswalk as CASE gives it out: what the words of a framework and of the public schedules suggest.

What a sponsor or a school confirmed or rejected is its own and is told nowhere here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from competencies.models import (
    Alignment,
    Competency,
    CrossCuttingCompetency,
    Framework,
    RelatedInstructionTopic,
    WorkProcessSchedule,
)


@dataclass(frozen=True)
class Target:
    """A row of a public schedule."""

    uid: UUID
    text: str


def suggested(framework: Framework) -> list[tuple[Alignment, Target]]:
    """The sure suggestions for the statements of a framework, each with its target in the newest public
    schedule that has it. Four queries.

    Related instruction and cross-cutting competencies are told of schedules that share a competency.
    """
    visitor = AnonymousUser()
    rows = Alignment.objects.visible_to(visitor).filter(sponsor=None, confident=True)
    rows = rows.filter(statement__in=framework.statements.values("lineage"))
    found = list(rows.order_by("statement", "-score", "target"))
    targets = _targets({row.target for row in found}) if found else {}
    return [(row, targets[row.target]) for row in found if row.target in targets]


def _targets(lineages: set[UUID]) -> Mapping[UUID, Target]:
    newest = WorkProcessSchedule.objects.visible_to(AnonymousUser()).newest()
    competencies = Competency.objects.filter(lineage__in=lineages, job_function__schedule__in=newest)
    rows = list(competencies.select_related("job_function"))
    found = {row.lineage: Target(row.uid, row.title) for row in rows}
    for row in _beside({row.job_function.schedule_id for row in rows}):
        text = row.text if isinstance(row, RelatedInstructionTopic) else row.title
        found.setdefault(row.lineage, Target(row.uid, text))
    return found


def _beside(schedules: set[int]) -> Iterator[RelatedInstructionTopic | CrossCuttingCompetency]:
    topics = RelatedInstructionTopic.objects.filter(job_function__schedule__in=schedules)
    yield from topics.select_related("job_function").order_by("pk")
    skills = CrossCuttingCompetency.objects.filter(schedule__in=schedules)
    yield from skills.select_related("schedule").order_by("pk")
