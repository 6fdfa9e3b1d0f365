"""Versions of published documents: they are published once, never changed, and copied with their lineage."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.files import File
from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.models import Sponsor, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, Refusal
from competencies import checks
from competencies.differences import Suggestion, compare
from competencies.imports import outline as o
from competencies.imports.normal import normal
from competencies.imports.rows import framework_outline, scale_outline, schedule_outline
from competencies.imports.save import latest_framework, latest_schedule, save_framework, save_schedule, take
from competencies.models import (
    Competency,
    Framework,
    PerformanceStandard,
    RatingScale,
    RelatedInstructionTopic,
    Status,
    VersionStep,
    WorkProcessSchedule,
)
from competencies.models.schedule import ScheduleQuerySet
from ledger import chain
from ledger.canonical import canonical

PUBLISHED = "schedule.publish"
"""The act that tells what a version says, in its own chain."""


def content_hash(schedule: WorkProcessSchedule) -> str:
    """SHA-256 of everything the schedule says now; equal to its `content_hash` while nobody tampered."""
    return o.content_hash(schedule_outline(schedule))


def altered() -> Iterator[str]:
    """A sentence for each published document that no longer says what was published.

    Triggers refuse changes to its rows; this finds rows that were added, and what a database without
    triggers let through.
    """
    for schedule in WorkProcessSchedule.objects.order_by("pk").iterator(chunk_size=100):
        yield from problems_of(schedule)
    for framework in Framework.objects.exclude(content_hash="").order_by("pk").iterator(chunk_size=100):
        if not framework.frozen or o.content_hash(framework_outline(framework)) != framework.content_hash:
            yield f"framework {framework.uid}: it is not what was published ({framework.title})"
    for scale in RatingScale.objects.order_by("pk"):
        if not scale.frozen or o.content_hash(scale_outline(scale)) != scale.content_hash:
            yield f"rating scale {scale.uid}: it is not what was brought in ({scale.name})"


def problems_of(schedule: WorkProcessSchedule) -> Iterator[str]:
    """What is wrong with one published schedule: its text against its hash, and the hash, with what each row
    stands for in other versions, against the ledger. A draft has nothing to be held against."""
    told = chain.entries_of(schedule.uid).filter(act=PUBLISHED).last()
    if told is None and not schedule.frozen:
        return
    thawed = not schedule.frozen or any(rows.exists() for rows in _unfrozen(schedule))
    if thawed or content_hash(schedule) != schedule.content_hash:
        yield f"schedule {schedule.uid}: it is not what was published ({schedule.title})"
    elif told is None:
        yield f"schedule {schedule.uid}: the ledger knows nothing of its publication ({schedule.title})"
    elif told.payload.content not in (None, published_facts(schedule)):
        yield f"schedule {schedule.uid}: the ledger says that something else was published ({schedule.title})"


def published_facts(schedule: WorkProcessSchedule) -> dict[str, Any]:
    """What the ledger holds of a published version: a hash of its text, and one of rows with their lineage,
    by which hours and signatures count."""
    functions = schedule.job_functions.order_by("pk").values_list("lineage", "number", "title")
    competencies = Competency.objects.filter(job_function__schedule=schedule).order_by("pk")
    standards = PerformanceStandard.objects.filter(competency__job_function__schedule=schedule).order_by("pk")
    rows = [
        *functions,
        *competencies.values_list("lineage", "code", "title"),
        *standards.values_list("lineage", "competency__code", "text"),
        *schedule.courses.order_by("pk").values_list("lineage", "code", "title"),
    ]
    return {"content": schedule.content_hash, "rows": hashlib.sha256(canonical(rows).encode()).hexdigest()}


@transaction.atomic
def publish(
    schedule: WorkProcessSchedule, *, now: datetime, approved_on: date | None = None
) -> WorkProcessSchedule:
    """Make a draft final. With the agency's date it is approved as well.

    Publishing is not approval: without `approved_on` the version is merely published. Raises Conflict
    when it was published before.
    """
    status = Status.APPROVED if approved_on else Status.PUBLISHED
    return freeze(schedule, status=status, now=now, approved_on=approved_on)


@transaction.atomic
def freeze(
    schedule: WorkProcessSchedule, *, status: Status, now: datetime, approved_on: date | None = None
) -> WorkProcessSchedule:
    """Hash a draft and freeze every row of it. Raises Conflict when that happened before."""
    WorkProcessSchedule.objects.select_for_update().get(pk=schedule.pk)
    for rows in _unfrozen(schedule):
        rows.update(frozen=True)
    changed = WorkProcessSchedule.objects.filter(pk=schedule.pk, frozen=False).update(
        frozen=True,
        status=status,
        approved_on=approved_on,
        published_at=now,
        content_hash=content_hash(schedule),
    )
    if not changed:
        raise Conflict("This version is published already. Make a new version instead.", code="published")
    schedule.refresh_from_db()
    said = published_facts(schedule)
    chain.tell(schedule.uid, act=PUBLISHED, actor=None, object=None, at=now, payload=said)
    return schedule


def _unfrozen(schedule: WorkProcessSchedule) -> Iterable[QuerySet[Model]]:
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


def others_of(schedule: WorkProcessSchedule, user: User | AnonymousUser) -> ScheduleQuerySet:
    """The other versions of the same document that `user` may see, whoever owns them."""
    visible = WorkProcessSchedule.objects.visible_to(user)
    return visible.filter(lineage=schedule.lineage).exclude(pk=schedule.pk)


def basis(schedule: WorkProcessSchedule, user: User | AnonymousUser) -> WorkProcessSchedule | None:
    """What `user` compares a version with: the owner's before it, else the public one of its lineage."""
    earlier = others_of(schedule, user).filter(frozen=True)
    own = earlier.filter(sponsor=schedule.sponsor, version__lt=schedule.version).order_by("-version").first()
    if own or schedule.sponsor_id is None:
        return own
    return earlier.filter(sponsor=None).order_by("-version").first()


def beside(schedule: WorkProcessSchedule, user: User | AnonymousUser) -> WorkProcessSchedule | None:
    """What `user` reads a version beside: its basis, else an earlier draft of the same owner."""
    drafts = others_of(schedule, user).filter(sponsor=schedule.sponsor, version__lt=schedule.version)
    return basis(schedule, user) or drafts.order_by("-version").first()


@transaction.atomic
def begin_draft(schedule: WorkProcessSchedule, *, sponsor: Sponsor) -> WorkProcessSchedule:
    """The sponsor's draft of this document: the one that is begun already, else a copy with every lineage."""
    take(sponsor)
    begun = WorkProcessSchedule.objects.filter(
        lineage=schedule.lineage, sponsor=sponsor, status=Status.DRAFT, frozen=False
    )
    return begun.order_by("-version").first() or save_schedule(schedule_outline(schedule), sponsor=sponsor)


@transaction.atomic
def discard(draft: WorkProcessSchedule) -> None:
    """Throw a draft away. Raises Conflict when it is one no more."""
    if not WorkProcessSchedule.objects.filter(pk=draft.pk, status=Status.DRAFT, frozen=False).delete()[0]:
        raise Conflict("This is no draft any more, so that it stays.", code="no_draft")


def suggestions(draft: WorkProcessSchedule, *, by: User) -> list[Suggestion]:
    """Rows that read like one that the version before asked, for `by` to say whether they ask the same."""
    before = basis(draft, by)
    if before is None:
        return []
    refused = {(UUID(first), UUID(second)) for first, second in draft.refused_lineages}
    return compare(schedule_outline(before), schedule_outline(draft)).suggestions(refused=refused)


@transaction.atomic
def submit(
    draft: WorkProcessSchedule, *, on: date, by: User, now: datetime, reason: str = "", seen: str = ""
) -> VersionStep:
    """Make a draft final and note that the agency has it since `on`; nobody joins it before it is approved.

    `reason` says why warnings are accepted; `seen` is the content hash that the person read, "" where nobody
    read a page. Raises Conflict when it is no draft or another one by now, Refusal for what it lacks.
    """
    _check_finished(draft, by=by, reason=reason, seen=seen)
    freeze(draft, status=Status.SUBMITTED, now=now)
    return _step(draft, on=on, by=by, now=now, reason=reason)


@transaction.atomic
def issue(
    draft: WorkProcessSchedule, *, by: User, now: datetime, reason: str = "", seen: str = ""
) -> VersionStep:
    """Make a draft final and use it, without saying that an agency approved it. As `submit` otherwise."""
    _check_finished(draft, by=by, reason=reason, seen=seen)
    freeze(draft, status=Status.PUBLISHED, now=now)
    return _step(draft, on=authority_day(now), by=by, now=now, reason=reason)


def _check_finished(draft: WorkProcessSchedule, *, by: User, reason: str, seen: str) -> None:
    """Lock the draft, and see that it is the one that was read, says what its approach needs, and leaves no
    question open whether a changed row asks the same: afterwards nobody could answer it any more."""
    row = WorkProcessSchedule.objects.select_for_update().get(pk=draft.pk)
    outline = schedule_outline(row)
    if seen and seen != o.content_hash(outline):
        raise Conflict(
            "Somebody changed the draft after you opened this page. Read it as it is now.",
            code="changed_meanwhile",
        )
    if found := checks.errors(outline):
        raise Refusal(f"{found[0].place.capitalize()}: {found[0].message}", code="unfinished")
    if open_ones := suggestions(row, by=by):
        raise Refusal(
            f"Say first whether “{open_ones[0].after.text:.80}” asks the same as before. "
            "The page of what is different asks it.",
            code="suggestions_open",
        )
    if checks.warnings(outline) and not reason.strip():
        raise Refusal("Say why it stays so, in a few words.", code="reason_required", field="reason")


@transaction.atomic
def approve(
    schedule: WorkProcessSchedule, *, on: date, by: User, now: datetime, letter: File | None = None
) -> VersionStep:
    """The agency approved this version on the day `on`, by `letter`.

    Raises Refusal for a day to come, Conflict for what is neither submitted nor published.
    """
    if on > authority_day(now):
        raise Refusal(
            "An approval is noted once it is there. Choose today or an earlier day.", code="on", field="on"
        )
    waiting = WorkProcessSchedule.objects.filter(
        pk=schedule.pk, status__in=(Status.SUBMITTED, Status.PUBLISHED)
    )
    if not waiting.update(status=Status.APPROVED, approved_on=on):
        raise Conflict(
            "Only what is submitted or published can be approved. Reload the page.", code="no_approval"
        )
    return _step(schedule, on=on, by=by, now=now, letter=letter)


@transaction.atomic
def retire(schedule: WorkProcessSchedule, *, reason: str, by: User, now: datetime) -> VersionStep:
    """Nobody joins this version any more; who is registered on it stays. Raises Refusal without a reason."""
    if not reason.strip():
        raise Refusal("Say why, in a few words.", code="reason_required", field="reason")
    standing = WorkProcessSchedule.objects.filter(pk=schedule.pk, frozen=True).exclude(status=Status.RETIRED)
    if not standing.update(status=Status.RETIRED):
        raise Conflict(
            "This version is retired already, or still a draft. Reload the page.", code="no_retirement"
        )
    return _step(schedule, on=authority_day(now), by=by, now=now, reason=reason.strip())


def _step(
    schedule: WorkProcessSchedule,
    *,
    on: date,
    by: User,
    now: datetime,
    reason: str = "",
    letter: File | None = None,
) -> VersionStep:
    """The status that the version has by now, as a row and in the version's chain of the ledger."""
    schedule.refresh_from_db()
    digest = hashlib.sha256(letter.read()).hexdigest() if letter else ""
    if letter:
        letter.seek(0)
    row = VersionStep.objects.create(
        schedule=schedule,
        status=schedule.status,
        on=on,
        reason=reason,
        letter=letter or "",
        letter_hash=digest,
        by=by,
        at=now,
    )
    chain.tell(schedule.uid, act="schedule.status", actor=by.uid, object=row.uid, at=now, payload=row.facts())
    return row


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
    take(sponsor)
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
