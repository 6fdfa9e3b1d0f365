"""Versions of published documents: they are published once, never changed, and copied with their lineage."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.models import Sponsor
from accounts.refusals import Conflict
from competencies.imports import outline as o
from competencies.imports.normal import normal
from competencies.imports.rows import framework_outline, scale_outline, schedule_outline
from competencies.imports.save import latest_framework, latest_schedule, save_framework, save_schedule
from competencies.models import (
    Competency,
    Framework,
    PerformanceStandard,
    RatingScale,
    RelatedInstructionTopic,
    Status,
    WorkProcessSchedule,
)


def content_hash(schedule: WorkProcessSchedule) -> str:
    """SHA-256 of everything the schedule says now; equal to its `content_hash` while nobody tampered."""
    return o.content_hash(schedule_outline(schedule))


def altered() -> Iterator[str]:
    """A sentence for each published document that no longer says what was published.

    Triggers refuse changes to its rows; this finds rows that were added, and what a database without
    triggers let through.
    """
    for schedule in WorkProcessSchedule.objects.filter(frozen=True).order_by("pk").iterator(chunk_size=100):
        if content_hash(schedule) != schedule.content_hash:
            yield f"schedule {schedule.uid}: it is not what was published ({schedule.title})"
    for framework in Framework.objects.filter(frozen=True).order_by("pk").iterator(chunk_size=100):
        if o.content_hash(framework_outline(framework)) != framework.content_hash:
            yield f"framework {framework.uid}: it is not what was published ({framework.title})"


@transaction.atomic
def publish(
    schedule: WorkProcessSchedule, *, now: datetime, approved_on: date | None = None
) -> WorkProcessSchedule:
    """Make a draft final: hash it and freeze every row. With the agency's date it is approved as well.

    Publishing is not approval: without `approved_on` the version is merely published. Raises Conflict
    when it was published before.
    """
    for rows in _content(schedule):
        rows.update(frozen=True)
    changed = WorkProcessSchedule.objects.filter(pk=schedule.pk, frozen=False).update(
        frozen=True,
        status=Status.APPROVED if approved_on else Status.PUBLISHED,
        approved_on=approved_on,
        published_at=now,
        content_hash=content_hash(schedule),
    )
    if not changed:
        raise Conflict("This version is published already. Make a new version instead.", code="published")
    schedule.refresh_from_db()
    return schedule


def _content(schedule: WorkProcessSchedule) -> Iterable[QuerySet[Model]]:
    """The rows of a schedule that are not frozen yet, table by table."""
    yield PerformanceStandard.objects.filter(competency__job_function__schedule=schedule, frozen=False)
    yield Competency.objects.filter(job_function__schedule=schedule, frozen=False)
    yield RelatedInstructionTopic.objects.filter(job_function__schedule=schedule, frozen=False)
    yield schedule.job_functions.filter(frozen=False)
    yield schedule.courses.filter(frozen=False)
    yield schedule.credentials.filter(frozen=False)
    yield schedule.cross_cutting.filter(frozen=False)


@transaction.atomic
def publish_framework(framework: Framework, *, now: datetime) -> Framework:
    """Make a draft framework final. Raises Conflict when it was published before."""
    framework.statements.filter(frozen=False).update(frozen=True)
    changed = Framework.objects.filter(pk=framework.pk, frozen=False).update(
        frozen=True,
        status=Status.PUBLISHED,
        published_at=now,
        content_hash=o.content_hash(framework_outline(framework)),
    )
    if not changed:
        raise Conflict("This version is published already. Make a new version instead.", code="published")
    framework.refresh_from_db()
    return framework


@transaction.atomic
def bring_in(
    outline: o.ScheduleOutline,
    *,
    now: datetime,
    sponsor: Sponsor | None = None,
    approved_on: date | None = None,
) -> tuple[WorkProcessSchedule, bool]:
    """The published version with this content, and whether it is new.

    The same content as the latest version: nothing happens. Other content: a new version beside it.
    """
    latest = latest_schedule(outline.lineage, sponsor=sponsor, frozen=True)
    if latest and latest.content_hash == o.content_hash(normal(outline)):
        return latest, False
    return publish(save_schedule(outline, sponsor=sponsor), now=now, approved_on=approved_on), True


@transaction.atomic
def bring_in_framework(outline: o.FrameworkOutline, *, now: datetime) -> tuple[Framework, bool]:
    """The published framework with this content, and whether it is new."""
    latest = latest_framework(outline.lineage, frozen=True)
    if latest and latest.content_hash == o.content_hash(outline):
        return latest, False
    return publish_framework(save_framework(outline), now=now), True


def adopt(
    schedule: WorkProcessSchedule,
    *,
    sponsor: Sponsor,
    now: datetime,
    approach: str | None = None,
    rapids_code: str = "",
    rating_scale: RatingScale | None = None,
    minimum_ojt_minutes: int | None = None,
    minimum_ri_minutes: int | None = None,
    courses: Iterable[o.CourseOutline] = (),
    title: str = "",
    approved_on: date | None = None,
) -> WorkProcessSchedule:
    """A sponsor's own published copy of a schedule, lineage kept row by row, with the sponsor's choices.

    What is not given stays as the original has it. The same choices again: the same version comes back.
    With `approved_on` (the agency's date) the copy is approved, otherwise published.
    """
    original = schedule_outline(schedule)
    scale = scale_outline(rating_scale) if rating_scale else original.rating_scale
    copy = replace(
        original,
        title=title or original.title,
        approach=approach or original.approach,
        rapids_code=rapids_code or original.rapids_code,
        rating_scale=scale,
        minimum_ojt_minutes=minimum_ojt_minutes or original.minimum_ojt_minutes,
        minimum_ri_minutes=minimum_ri_minutes or original.minimum_ri_minutes,
        courses=tuple(courses) or original.courses,
    )
    adopted, _ = bring_in(copy, now=now, sponsor=sponsor, approved_on=approved_on)
    return adopted
