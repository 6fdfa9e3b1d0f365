"""“Not applicable”: a signed answer that settles a standard, and is neither met nor missing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Refusal
from apprenticeship.models import Apprentice, Program, WageStep
from competencies.models import Competency, RatingLevel, RatingScale
from competencies.models.scales import span
from competencies.versions import adopt
from ledger import chain
from ojt_logs.agency_review import gaps_of
from ojt_logs.models import Authentication, Rating, SignOff
from ojt_logs.progress import progress_of
from ojt_logs.wages import wages_of
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in
from tests.ojt_logs.test_signing import KEY, page_of, with_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "answers")]
__all__ = ["noon"]

FRESHLY = Authentication("password", NOW - timedelta(minutes=2))
WHY = "The clinic has no such charts."


@pytest.fixture
def answers(cast: Cast) -> RatingScale:
    """The program learns by a version whose scale has “n/a”."""
    scale = RatingScale.objects.get(name="0-4, or not applicable")
    schedule = adopt(cast.program.schedule, sponsor=cast.lakeside, now=NOW, rating_scale=scale)
    Program.objects.filter(pk=cast.program.pk).update(schedule=schedule)
    Apprentice.objects.filter(program=cast.program).update(schedule=schedule)
    for one in (cast.program, cast.ana):
        one.refresh_from_db()
    return scale


def level(cast: Cast, value: int | None = None) -> RatingLevel:
    scale = cast.ana.scale
    assert scale
    return next(one for one in scale.rising if one.value == value)


def sign(cast: Cast, *values: int | None, code: str = "2g", **fields: Any) -> list[SignOff]:
    """Marcus signs the first standards of a competency, None for “not applicable”."""
    targets = list(cast.competency(code).standards.order_by("position"))
    rated = [
        Rating(one, level(cast, value), reason=WHY if value is None else "")
        for one, value in zip(targets, values, strict=False)
    ]
    given = {"by": cast.marcus, "now": NOW, "authentication": FRESHLY, "method": "reviewed"}
    days = {"observed_from": TODAY, "observed_to": TODAY}
    return SignOff.objects.record(cast.ana, ratings=rated, **given | days | fields)  # type: ignore[arg-type]


def of(cast: Cast, code: str = "2g") -> Any:
    found = progress_of(cast.ana)
    return next(one for function in found.functions for one in function.competencies if one.code == code)


def test_it_is_neither_met_nor_missing_and_leaves_both_numbers(cast: Cast) -> None:
    before = progress_of(cast.ana)
    (row,) = sign(cast, None)
    after, competency = progress_of(cast.ana), of(cast)
    assert (after.standards_met, after.standards_counted) == (0, before.standards_counted - 1)
    assert after.standards_not_applicable == 1 and not row.passed
    assert competency.standards_total == cast.competency("2g").standards.count() - 1
    assert not competency.standards[0].met and competency.standards[0].settled


def test_the_ledger_says_it(cast: Cast) -> None:
    (row,) = sign(cast, None)
    payload = chain.entries_of(cast.ana.uid).get(object=row.uid).payload.content
    assert (
        payload["rating"] == "n/a" and payload["rating_label"] == "not applicable" and not payload["passed"]
    )


def test_the_rest_of_a_competency_achieves_it_and_the_last_signature_earns_the_raise(cast: Cast) -> None:
    number = cast.competency("2g").standards.count()
    WageStep.objects.create(program=cast.program, number=2, cents=2000, from_competencies=1)
    sign(
        cast,
        *[3] * (number - 1),
        observed_from=TODAY - timedelta(days=3),
        observed_to=TODAY - timedelta(days=3),
    )
    assert not of(cast).achieved
    sign(cast, *[3] * (number - 1), None)
    assert of(cast).achieved and progress_of(cast.ana).competencies_achieved == 1
    step = wages_of([cast.ana], now=NOW)[cast.ana.pk].step(2)
    assert step and step.earned_on == TODAY


def test_a_competency_of_which_nothing_is_asked_counts_no_more(cast: Cast) -> None:
    before = progress_of(cast.ana).competencies_counted
    sign(cast, *[None] * cast.competency("2g").standards.count())
    found = of(cast)
    assert (found.counts, found.why, found.achieved) == (False, "not applicable", False)
    assert progress_of(cast.ana).competencies_counted == before - 1


def test_all_of_a_program_not_applicable_completes_nothing(cast: Cast) -> None:
    for one in Competency.objects.filter(job_function__schedule=cast.ana.schedule):
        sign(cast, *[None] * one.standards.count(), code=one.code)
    found = progress_of(cast.ana)
    assert found.standards_counted == 0 and not found.complete and found.percent == 0
    said = "No competency counts: all that would count is signed as not applicable."
    assert found.missing_besides[0] == said


def test_a_reviewer_asks_for_no_hours_of_what_was_not_asked(cast: Cast) -> None:
    sign(cast, None)
    assert "2g is signed, and no approved hours are in its job function." not in asked_of(cast)
    sign(cast, None, 3)
    assert "2g is signed, and no approved hours are in its job function." in asked_of(cast)


def asked_of(cast: Cast) -> list[str]:
    return [gap.words for gap in gaps_of(Apprentice.objects.everyone().get(pk=cast.ana.pk), now=NOW)]


@pytest.mark.parametrize("value", [3, 1])
def test_a_newer_rating_asks_it_again(cast: Cast, value: int) -> None:
    sign(cast, None)
    sign(cast, value, now=NOW + timedelta(minutes=1))
    standard = of(cast).standards[0]
    assert not standard.not_applicable and standard.met == (value == 3)


def test_withdrawing_it_asks_it_again(cast: Cast) -> None:
    (row,) = sign(cast, None)
    SignOff.objects.withdraw(row, by=cast.marcus, now=NOW, authentication=FRESHLY, reason="A mistake.")
    assert not of(cast).standards[0].settled


def test_a_pass_stays_a_pass(cast: Cast) -> None:
    (earlier,) = sign(cast, 4)
    (later,) = sign(cast, None, now=NOW + timedelta(minutes=1))
    standard = of(cast).standards[0]
    assert standard.met and not standard.not_applicable and not later.contradicts(earlier)


def test_it_needs_a_reason_and_a_scale_that_has_it(cast: Cast) -> None:
    target = cast.competency("2g").standards.order_by("position")[0]
    with pytest.raises(Refusal, match="Not applicable needs a reason"):
        SignOff.objects.record(
            cast.ana,
            by=cast.marcus,
            now=NOW,
            authentication=FRESHLY,
            method="reviewed",
            observed_from=TODAY,
            observed_to=TODAY,
            ratings=[Rating(target, level(cast))],
        )


def test_it_never_passes_nor_goes_without_a_reason(cast: Cast, answers: RatingScale) -> None:
    for wrong in ({"passing": True, "needs_reason": True}, {"passing": False, "needs_reason": False}):
        scale = RatingScale.objects.create(name="Wrong", content_hash=f"{wrong}")
        with pytest.raises(IntegrityError), transaction.atomic():
            RatingLevel.objects.create(scale=scale, value=None, label="none", **wrong)
    assert [one.mark for one in answers.rising] == ["0", "1", "2", "3", "4", "n/a"]
    assert [one.mark for one in answers.levels.all()] == ["4", "3", "2", "1", "0", "n/a"]
    assert [span(values) for values in ([3], [2, 4], [None, 4, 2], [None])] == [
        "3",
        "2 to 4",
        "2 to 4, n/a",
        "n/a",
    ]


def test_a_mentor_marks_it_on_the_page_and_everybody_reads_it(cast: Cast) -> None:
    first = cast.competency("2g").standards.order_by("position")[0]
    body = {
        "key": KEY,
        "method": "reviewed",
        "observed_from": "2026-11-16",
        "observed_to": "2026-11-20",
        f"rating-{first.uid}": "n/a",
        "step": "review",
    }
    marcus = with_password(cast.marcus)
    assert "Not applicable needs a reason" in plain(marcus.post(page_of(cast), body).content)
    body |= {f"reason-{first.uid}": WHY, "step": "sign"}
    assert marcus.post(page_of(cast), body).status_code == 302
    row = SignOff.objects.get()
    for address in (
        reverse("competency", args=[cast.ana.uid, "2g"]),
        reverse("sign-off", args=[row.uid]),
        reverse("sign-offs", args=[cast.ana.uid]),
    ):
        page = plain(signed_in(cast.nora).get(address).content)
        assert "not applicable" in page.lower() and "None" not in page, address
    progress = plain(signed_in(cast.ana_user).get(reverse("progress", args=[cast.ana.uid])).content)
    assert "1 not applicable" in progress and "signed as not applicable: neither met nor missing" in progress


@pytest.mark.parametrize("document", ["schedule", "progress", "transcript"])
def test_papers_print_it(cast: Cast, document: str) -> None:
    sign(cast, 3, None)
    sign(cast, *[None] * cast.competency("2e").standards.count(), code="2e")
    asked = {"document": document, "apprentice": cast.ana.uid}
    page = signed_in(cast.nora).get(reverse("report-preview"), asked).content.decode()
    rated = {"schedule": ">n/a<", "progress": ">n/a<", "transcript": ">3<"}[document]
    assert rated in page and ">n/a<" in page and "None" not in page


def test_rest_signs_and_tells_it(cast: Cast) -> None:
    first = cast.competency("2g").standards.order_by("position")[0]
    marcus = Rest(cast.marcus)
    body = {
        "apprentice": str(cast.ana.uid),
        "performance_standard": str(first.uid),
        "method": "reviewed",
        "observed_from": "2026-11-16",
        "observed_to": "2026-11-20",
        "reason": WHY,
    }
    assert marcus.post("sign-offs/", body)[0] == 400
    assert marcus.post("sign-offs/", body | {"rating": 3, "not_applicable": True})[0] == 400
    status, said = marcus.post("sign-offs/", body | {"not_applicable": True})
    assert (status, said["rating"], said["not_applicable"], said["passed"]) == (201, None, True, False)
    told = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/")[1]
    assert told["standards"]["not_applicable"] == 1
