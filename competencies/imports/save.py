"""Outline -> rows, in one transaction. What is saved is a draft; `versions.publish` makes it final."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, fields
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from accounts.models import Sponsor
from competencies.imports import outline as o
from competencies.imports.normal import normal, normal_occupation, normal_scale
from competencies.imports.rows import framework_outline, schedule_outline
from competencies.models import (
    Competency,
    Course,
    Credential,
    CrossCuttingCompetency,
    Framework,
    FrameworkStatement,
    JobFunction,
    Occupation,
    PerformanceStandard,
    RatingLevel,
    RatingScale,
    RelatedInstructionTopic,
    TopicKind,
    WorkProcessSchedule,
)

M = TypeVar("M", bound=Model)
Key = tuple[object, ...]


class Lineages:
    """Which lineage a row takes: the one it brings, or that of the same words at the same place before.

    Words that changed in any way begin a new lineage: whether they still ask the same is for a person
    to confirm, never for the importer to guess.
    """

    def __init__(self, before: Iterator[tuple[Key, UUID | None]]) -> None:
        self.known: dict[Key, list[UUID]] = defaultdict(list)
        for key, lineage in before:
            if lineage:
                self.known[key].append(lineage)

    def take(self, node: o.Lined, key: Key) -> UUID:
        same = self.known[key]
        return node.lineage or (same.pop(0) if same else uuid4())


def values(node: Any, **given: Any) -> dict[str, Any]:
    """Column values of an outline node: its plain fields, without children and lineage."""
    skipped = (tuple, o.ScaleOutline, o.OccupationOutline)
    own = {
        field.name: getattr(node, field.name)
        for field in fields(node)
        if field.name != "lineage" and not isinstance(getattr(node, field.name), skipped)
    }
    return {**own, **given}


def made(model: type[M], **columns: Any) -> M:
    """An unsaved row. Raises Malformed, naming the text, where a column cannot hold its value."""
    row = model(**columns)
    relations = [field.name for field in model._meta.fields if field.is_relation]
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        name = columns.get("title") or columns.get("text") or columns.get("name") or model.__name__
        column, (message, *_) = next(iter(error.message_dict.items()))
        raise o.Malformed(f"“{name:.60}”", f"{column}: {message}") from error
    return row


def saved(model: type[M], **columns: Any) -> M:
    """A row, checked and saved."""
    row = made(model, **columns)
    row.save(force_insert=True)
    return row


def latest_schedule(
    lineage: UUID | None, *, sponsor: Sponsor | None, **only: bool
) -> WorkProcessSchedule | None:
    """This owner's highest version of a lineage (`frozen=True`: of the published ones), or None."""
    if lineage is None:
        return None
    rows = WorkProcessSchedule.objects.filter(lineage=lineage, sponsor=sponsor, **only)
    return rows.order_by("-version").first()


def latest_framework(lineage: UUID | None, **only: bool) -> Framework | None:
    """The highest version of a lineage (`frozen=True`: of the published ones), or None."""
    if lineage is None:
        return None
    return Framework.objects.filter(lineage=lineage, **only).order_by("-version").first()


def take(sponsor: Sponsor | None) -> None:
    """Whoever looks for a version of the sponsor's and saves one where there is none does so alone.

    Call it before looking, in the transaction of `save_schedule`.
    """
    if sponsor:
        Sponsor.objects.select_for_update(no_key=True).get(pk=sponsor.pk)


@transaction.atomic
def save_schedule(outline: o.ScheduleOutline, *, sponsor: Sponsor | None = None) -> WorkProcessSchedule:
    """A new draft version of the outline's lineage for `sponsor` (None: a public document); after `take`."""
    outline = normal(outline)
    last = latest_schedule(outline.lineage, sponsor=sponsor)
    lineages = Lineages(_schedule_keys(schedule_outline(last)) if last else iter(()))
    schedule = saved(
        WorkProcessSchedule,
        **values(
            outline,
            lineage=outline.lineage or uuid4(),
            sponsor=sponsor,
            version=(last.version if last else 0) + 1,
            occupation=save_occupation(outline.occupation),
            rating_scale=save_scale(outline.rating_scale) if outline.rating_scale else None,
            workforce=[list(figure) for figure in outline.workforce],
            wage_steps=[list(step) for step in outline.wage_steps],
            registration=[list(row) for row in outline.registration],
            cross_cutting_scale=dict(outline.cross_cutting_scale),
            search_text=search_text(outline),
            **{name: list(getattr(outline, name)) for name in o.LISTS},
        ),
    )
    _save_functions(schedule, outline, lineages)
    _save_beside(schedule, outline, lineages)
    return schedule


def _save_functions(schedule: WorkProcessSchedule, outline: o.ScheduleOutline, lineages: Lineages) -> None:
    """The job functions with all that stands under them: table by table, some hundred rows a query."""
    functions = [
        (node, made(JobFunction, schedule=schedule, **_lined(node, lineages, (node.number, node.title))))
        for node in outline.job_functions
    ]
    JobFunction.objects.bulk_create([row for _, row in functions])
    RelatedInstructionTopic.objects.bulk_create(
        made(RelatedInstructionTopic, job_function=row, kind=kind, position=position, **values(topic))
        for node, row in functions
        for kind in TopicKind.values
        for position, topic in enumerate(getattr(node, kind), start=1)
    )
    competencies = [
        (competency, _competency(row, competency, position=position, lineages=lineages))
        for node, row in functions
        for position, competency in enumerate(node.competencies, start=1)
    ]
    Competency.objects.bulk_create([row for _, row in competencies])
    PerformanceStandard.objects.bulk_create(
        made(
            PerformanceStandard,
            competency=row,
            position=position,
            **_lined(standard, lineages, (*_key(row.job_function, node), standard.text)),
        )
        for node, row in competencies
        for position, standard in enumerate(node.standards, start=1)
    )


def _competency(
    function: JobFunction, node: o.CompetencyOutline, *, position: int, lineages: Lineages
) -> Competency:
    columns = _lined(node, lineages, _key(function, node))
    code = f"{function.number}{node.letter}"
    answers = list(node.answers)
    return made(Competency, job_function=function, position=position, code=code, answers=answers, **columns)


def _key(function: JobFunction, node: o.CompetencyOutline) -> Key:
    return (function.number, node.letter, node.title)


def _lined(node: o.Lined, lineages: Lineages, key: Key) -> dict[str, Any]:
    return values(node, lineage=lineages.take(node, key))


def _save_beside(schedule: WorkProcessSchedule, outline: o.ScheduleOutline, lineages: Lineages) -> None:
    Course.objects.bulk_create(
        made(
            Course,
            schedule=schedule,
            position=position,
            **values(course, lineage=lineages.take(course, (course.code, course.title))),
        )
        for position, course in enumerate(outline.courses, start=1)
    )
    Credential.objects.bulk_create(
        made(Credential, schedule=schedule, position=position, **values(credential))
        for position, credential in enumerate(outline.credentials, start=1)
    )
    CrossCuttingCompetency.objects.bulk_create(
        made(CrossCuttingCompetency, schedule=schedule, position=position, **values(skill))
        for position, skill in enumerate(outline.cross_cutting, start=1)
    )


def save_occupation(node: o.OccupationOutline) -> Occupation:
    """The occupation under these codes, made when it is new."""
    columns = asdict(normal_occupation(node))
    made(Occupation, **columns)
    occupation, _ = Occupation.objects.get_or_create(**columns)
    return occupation


@transaction.atomic
def save_scale(node: o.ScaleOutline) -> RatingScale:
    """The scale with exactly this content, made when it is new. A scale is final from the start."""
    node = normal_scale(node)
    digest = o.content_hash(node)
    known = RatingScale.objects.filter(content_hash=digest).first()
    if known:
        return known
    scale = saved(RatingScale, **values(node, content_hash=digest, frozen=True))
    RatingLevel.objects.bulk_create(
        made(RatingLevel, scale=scale, frozen=True, **values(level)) for level in node.levels
    )
    return scale


@transaction.atomic
def save_framework(outline: o.FrameworkOutline) -> Framework:
    """A new draft version of the framework with its whole tree."""
    last = latest_framework(outline.lineage)
    lineages = Lineages(_statement_keys(framework_outline(last).statements) if last else iter(()))
    framework = saved(
        Framework,
        **values(
            outline,
            lineage=outline.lineage or uuid4(),
            version=(last.version if last else 0) + 1,
            search_text="\n".join([outline.title, *_words(outline.statements)]).lower(),
        ),
    )
    place = count(1)

    def grow(nodes: tuple[o.StatementOutline, ...], parent: FrameworkStatement | None, path: Key) -> None:
        for node in nodes:
            key = (*path, node.text)
            row = saved(
                FrameworkStatement,
                framework=framework,
                parent=parent,
                position=next(place),
                **values(node, lineage=lineages.take(node, key)),
            )
            grow(node.children, row, key)

    grow(outline.statements, None, ())
    return framework


def _schedule_keys(outline: o.ScheduleOutline) -> Iterator[tuple[Key, UUID | None]]:
    for function in outline.job_functions:
        yield (function.number, function.title), function.lineage
        for competency in function.competencies:
            key = (function.number, competency.letter, competency.title)
            yield key, competency.lineage
            for standard in competency.standards:
                yield (*key, standard.text), standard.lineage
    for course in outline.courses:
        yield (course.code, course.title), course.lineage


def _statement_keys(
    nodes: tuple[o.StatementOutline, ...], path: Key = ()
) -> Iterator[tuple[Key, UUID | None]]:
    for node in nodes:
        key = (*path, node.text)
        yield key, node.lineage
        yield from _statement_keys(node.children, key)


def search_text(outline: o.ScheduleOutline) -> str:
    """What the list of standards searches: titles, job titles, tasks and competencies, in lower case."""
    competencies = [
        competency.title for function in outline.job_functions for competency in function.competencies
    ]
    functions = [f"{function.title}\n{function.details}".strip() for function in outline.job_functions]
    words = [outline.title, outline.occupation.title, *outline.job_titles, *functions, *competencies]
    return "\n".join(words).lower()


def _words(nodes: tuple[o.StatementOutline, ...]) -> Iterator[str]:
    for node in nodes:
        yield node.text
        yield from _words(node.children)
