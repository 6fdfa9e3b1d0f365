"""What the matcher suggests between published documents, stored for people to decide about."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q

from competencies.crosswalk import targets_of
from competencies.matching import Line, Match, Part, matches
from competencies.models import (
    Alignment,
    AlignmentStatus,
    Competency,
    Framework,
    FrameworkStatement,
    StatementKind,
    WorkProcessSchedule,
)

Document = WorkProcessSchedule | Framework


def lines_of(statements: Iterable[FrameworkStatement]) -> list[Line]:
    """What the matcher compares: statements by their words, a sub-domain by its title, a domain by the titles
    under it, which say what it is about (“Other” does not)."""
    rows = list(statements)
    under: dict[int | None, list[str]] = defaultdict(list)
    for row in rows:
        if row.kind == StatementKind.SUBDOMAIN:
            under[row.parent_id].append(row.text)
    texts = {
        row.pk: ", ".join(under[row.pk]) if row.kind == StatementKind.DOMAIN else row.text for row in rows
    }
    return [
        Line(row.lineage, texts[row.pk], heading=row.kind != StatementKind.STATEMENT)
        for row in rows
        if texts[row.pk]
    ]


def suggestions(schedule: WorkProcessSchedule, framework: Framework) -> list[Match]:
    """What the matcher finds between the two; keys are lineages."""
    parts = [Part(target.kind, target.lineage, target.text) for target in targets_of(schedule)]
    return matches(parts, lines_of(framework.statements.order_by("position")))


@transaction.atomic
def suggest(schedule: WorkProcessSchedule, framework: Framework) -> int:
    """Store what the matcher finds between two published versions, and how many those are.

    The same documents again change nothing. A suggestion that it no longer makes between them goes;
    decisions stay. What a sponsor's copy shares with the public schedule is suggested there, for everybody
    alike. Raises ValueError for a draft.
    """
    if not (schedule.frozen and framework.frozen):
        raise ValueError("Only published documents are aligned.")
    Framework.objects.select_for_update(no_key=True).get(pk=framework.pk)  # one at a time stores
    public = _public_targets(schedule) if schedule.sponsor_id else set()
    found = [match for match in suggestions(schedule, framework) if match.part.key not in public]
    rows = [
        Alignment(
            statement=match.line.key,
            target=match.part.key,
            target_kind=match.part.kind,
            kind=match.kind,
            status=AlignmentStatus.SUGGESTED,
            score=match.score,
            confident=match.confident,
        )
        for match in found
    ]
    between = Alignment.objects.filter(
        sponsor=None,
        statement__in=framework.statements.values("lineage"),
        target__in={target.lineage for target in targets_of(schedule)} - public,
    )
    kept = {(row.statement, row.target): row for row in between}
    for row in rows:
        _store(row, kept.pop((row.statement, row.target), None))
    between.filter(pk__in=[row.pk for row in kept.values()]).delete()
    return len(rows)


def _public_targets(schedule: WorkProcessSchedule) -> set[UUID]:
    """Lineages of what stands in public schedules that have something in common with a sponsor's."""
    functions = schedule.job_functions.values("lineage")
    competencies = Competency.objects.filter(job_function__schedule=schedule).values("lineage")
    alike = (
        Q(lineage=schedule.lineage)
        | Q(job_functions__lineage__in=functions)
        | Q(job_functions__competencies__lineage__in=competencies)
    )
    shared = WorkProcessSchedule.objects.filter(alike, sponsor=None, frozen=True).values("pk")
    public = WorkProcessSchedule.objects.filter(pk__in=shared)
    return {target.lineage for version in public for target in targets_of(version)}


def _store(row: Alignment, before: Alignment | None) -> None:
    says = ("target_kind", "kind", "score", "confident")
    if before is None:
        row.save(force_insert=True)
    elif any(getattr(before, name) != getattr(row, name) for name in says):
        row.pk, row.uid = before.pk, before.uid
        row.save(update_fields=says)


def suggest_all() -> list[tuple[WorkProcessSchedule, Framework, int]]:
    """Suggest between the newest versions of every public schedule and every framework."""
    return [(schedule, framework, suggest(schedule, framework)) for schedule, framework in _pairs()]


@transaction.atomic
def suggest_for(documents: Iterable[Document]) -> None:
    """Suggest between each of these that is the newest public one and all newest of the other kind."""
    wanted = set(documents)
    for pair in _pairs() if wanted else []:
        if wanted & set(pair):
            suggest(*pair)


def _pairs() -> list[tuple[WorkProcessSchedule, Framework]]:
    """The newest public schedules, each with every newest framework, in an order that is always the same."""
    nobody = AnonymousUser()
    schedules = list(WorkProcessSchedule.objects.visible_to(nobody).newest().order_by("title", "pk"))
    frameworks = list(Framework.objects.visible_to(nobody).newest().order_by("title", "pk"))
    return [(schedule, framework) for schedule in schedules for framework in frameworks]
