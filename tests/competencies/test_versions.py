"""Published versions do not change; sponsors adopt copies that keep their lineage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.models import Sponsor
from accounts.refusals import Conflict
from competencies.imports import outline
from competencies.imports.outline import CourseOutline
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
    WorkProcessSchedule,
)
from competencies.versions import adopt, content_hash, publish
from tests.competencies.conftest import NOW

CONTENT: list[tuple[type[Model], dict[str, Any]]] = [
    (WorkProcessSchedule, {"title": "Other"}),
    (JobFunction, {"title": "Other"}),
    (Competency, {"title": "Other"}),
    (PerformanceStandard, {"text": "Other"}),
    (RelatedInstructionTopic, {"text": "Other"}),
    (Course, {"title": "Other"}),
    (Credential, {"name": "Other"}),
    (CrossCuttingCompetency, {"level": 5}),
    (RatingScale, {"name": "Other"}),
    (RatingLevel, {"passing": True, "value": 9}),
    (Framework, {"title": "Other"}),
    (FrameworkStatement, {"resource_count": 9}),
]


@pytest.fixture
def lakeside(db: None) -> Sponsor:
    return Sponsor.objects.create(name="Lakeside Health")


@pytest.fixture
def own(coder: WorkProcessSchedule, lakeside: Sponsor) -> WorkProcessSchedule:
    """Lakeside's competency-based copy."""
    return adopted(coder, lakeside)


def adopted(schedule: WorkProcessSchedule, sponsor: Sponsor, **choices: Any) -> WorkProcessSchedule:
    given: dict[str, Any] = {
        "approach": "competency",
        "rapids_code": "1114 cb",
        "rating_scale": RatingScale.objects.get(name="0-4"),
        "courses": [CourseOutline(code="MC 101", title="Medical coding I", ri_minutes=4320)],
    }
    return adopt(schedule, sponsor=sponsor, now=NOW, **{**given, **choices})


def test_a_sponsor_adopts_a_copy_with_its_own_choices(
    own: WorkProcessSchedule, coder: WorkProcessSchedule
) -> None:
    assert (own.version, own.approach, own.rapids_code) == (1, "competency", "1114CB")
    assert own.rating_scale == RatingScale.objects.get(name="0-4")
    assert own.courses.get().ri_minutes == 4320
    assert own.status == "published"
    assert own.content_hash == content_hash(own) != coder.content_hash
    coder.refresh_from_db()
    assert (coder.approach, coder.rating_scale, coder.courses.count()) == (None, None, 0)


def test_the_copy_keeps_the_lineage_of_every_row(
    own: WorkProcessSchedule, coder: WorkProcessSchedule
) -> None:
    def lineages(schedule: WorkProcessSchedule) -> list[Any]:
        standards = PerformanceStandard.objects.filter(competency__job_function__schedule=schedule)
        competencies = Competency.objects.filter(job_function__schedule=schedule)
        order = ("job_function__number", "position")
        return [
            schedule.lineage,
            *schedule.job_functions.order_by("number").values_list("lineage", flat=True),
            *competencies.order_by(*order).values_list("lineage", flat=True),
            *standards.order_by("competency__code", "position").values_list("lineage", flat=True),
        ]

    assert lineages(own) == lineages(coder)
    assert len(set(lineages(own))) == 1 + 5 + 20 + 78
    assert not set(own.job_functions.values_list("uid")) & set(coder.job_functions.values_list("uid"))


def test_adopting_the_same_again_changes_nothing(
    own: WorkProcessSchedule, coder: WorkProcessSchedule, lakeside: Sponsor
) -> None:
    assert adopted(coder, lakeside) == own
    assert WorkProcessSchedule.objects.filter(sponsor=lakeside).count() == 1


def test_adopting_with_another_approach_makes_the_next_version(
    own: WorkProcessSchedule, coder: WorkProcessSchedule, lakeside: Sponsor
) -> None:
    hybrid = adopted(coder, lakeside, approach="hybrid", minimum_ojt_minutes=120_000, approved_on=NOW.date())
    assert (hybrid.version, hybrid.status, hybrid.minimum_ojt_minutes) == (2, "approved", 120_000)
    assert hybrid.courses.get().lineage == own.courses.get().lineage


def test_a_published_version_cannot_be_published_again(own: WorkProcessSchedule) -> None:
    with pytest.raises(Conflict):
        publish(own, now=NOW)


@pytest.mark.parametrize(("model", "change"), CONTENT, ids=lambda value: getattr(value, "__name__", ""))
def test_no_row_of_a_published_document_can_be_changed_or_deleted(
    model: type[Model], change: dict[str, Any], own: WorkProcessSchedule
) -> None:
    rows = model._default_manager
    first = rows.order_by("pk").last()
    assert first is not None
    assert not rows.filter(frozen=False).exists()
    attempts: list[Callable[[], object]] = [
        lambda: rows.filter(pk=first.pk).update(**change),
        lambda: rows.filter(pk=first.pk)._raw_delete("default"),
        lambda: rows.filter(pk=first.pk).update(frozen=False),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_an_occupation_under_which_something_is_published_keeps_its_name(own: WorkProcessSchedule) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupation.objects.update(title="Other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupation.objects.all()._raw_delete("default")


def test_a_published_version_can_be_retired(own: WorkProcessSchedule) -> None:
    WorkProcessSchedule.objects.filter(pk=own.pk).update(status="retired")
    own.refresh_from_db()
    assert own.status == "retired"
    assert content_hash(own) == own.content_hash


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "finished"},
        {"approach": "apprentice"},
        {"version": 0},
        {"status": "published"},
        {"status": "approved", "frozen": True, "published_at": NOW},
    ],
)
def test_the_database_refuses_a_schedule_that_makes_no_sense(
    broken: dict[str, Any], coder: WorkProcessSchedule
) -> None:
    good = {"occupation": coder.occupation, "title": "Coder"}
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkProcessSchedule.objects.create(**{**good, **broken})


def test_a_version_number_and_a_letter_exist_once(coder: WorkProcessSchedule) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkProcessSchedule.objects.create(
            occupation=coder.occupation, title="Coder", lineage=coder.lineage, version=coder.version
        )
    function = coder.job_functions.get(number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Competency.objects.create(job_function=function, letter="a", position=9, title="Twice")
    with pytest.raises(IntegrityError), transaction.atomic():
        Competency.objects.create(job_function=function, letter="z", position=9, title="Odd", level="expert")


def test_a_field_that_outlines_get_later_changes_no_hash_of_what_was_published_before() -> None:
    """The hash is the one that this document got when there were no tasks, headings, terms and ratios."""
    function = outline.FunctionOutline(
        number=1, title="Pipes", competencies=(outline.CompetencyOutline(letter="a", title="Cuts pipe"),)
    )
    document = outline.ScheduleOutline(
        title="Pipe Fitter",
        occupation=outline.OccupationOutline(title="Pipe Fitter"),
        job_functions=(function,),
        courses=(outline.CourseOutline(title="Mathematics"),),
    )
    then = "25a61626a59080b2ddb9f33df52f9d72d4560b51bfb523e89e5a95be7e97cf13"
    assert outline.content_hash(document) == then
    assert outline.content_hash(replace(document, ratio="1 to 1")) != then
