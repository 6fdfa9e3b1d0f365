"""Periodic reviews: when one is due, who signs it, how it is answered, and what stays of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Program
from apprenticeship.models.status import StatusChange
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models import Authentication, Notice, PeriodicReview, ReviewAnswer
from ojt_logs.models.reviews import Said
from ojt_logs.periodic_reviews import due_of, figures_of, listed
from ojt_logs.record import compare
from tests.api.client import Rest
from tests.apprenticeship.test_programs import settings_of
from tests.at_once import at_once
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

WORDS = {
    "progress": "Codes clinic notes alone.",
    "conduct": "On time.",
    "safety": "Nothing to say.",
    "instruction": "Grade A.",
    "aims": "Inpatient charts.",
}
KEY = "11111111-1111-4111-8111-111111111111"


def hold(cast: Cast, by: User | None = None, **fields: Any) -> PeriodicReview:
    """Marcus signs a review of Ana that was held today."""
    given: dict[str, Any] = {
        "now": NOW,
        "authentication": Authentication("password", NOW - timedelta(minutes=1)),
        "held_on": TODAY,
        "said": Said(**WORDS),
        "step": "none",
        "figures": figures_of(cast.ana, as_of=TODAY),
    } | fields
    return PeriodicReview.objects.sign(cast.ana, by=by or cast.marcus, **given)


def every(cast: Cast, **settings: int) -> None:
    cast.program.change(by=cast.nora, now=NOW, **settings)


def state(cast: Cast, today: date = TODAY) -> str:
    ana = Apprentice.objects.select_related("program").get(pk=cast.ana.pk)
    return due_of([ana], today=today)[0].state(today)


def typed(step: str = "sign", **fields: str) -> dict[str, str]:
    page = {"key": KEY, "held_on": "2026-11-20", "step": "ready", "step_of_page": step}
    return page | WORDS | fields


# When one is due


@pytest.mark.parametrize(
    ("today", "word"),
    [
        (date(2026, 8, 21), "later"),
        (date(2026, 11, 5), "later"),
        (date(2026, 11, 6), "due"),
        (date(2026, 11, 20), "due"),
        (date(2026, 11, 21), "overdue"),
    ],
)
def test_months_after_the_last_one_it_is_due(cast: Cast, today: date, word: str) -> None:
    every(cast, review_months=3)
    hold(cast, held_on=date(2026, 8, 20), figures={})
    assert state(cast, today) == word


def test_days_of_suspension_are_taken_out(cast: Cast) -> None:
    every(cast, review_months=6)
    assert state(cast, STARTED + timedelta(days=190)) == "overdue"
    for status, day in (("suspended", date(2026, 3, 1)), ("active", date(2026, 5, 1))):
        StatusChange.objects.create(
            apprentice=cast.ana, status=status, effective_on=day, reason="Leave.", by=cast.nora, at=NOW
        )
    assert state(cast, STARTED + timedelta(days=190)) == "later"


def test_hours_make_it_due_and_a_review_begins_them_anew(cast: Cast) -> None:
    every(cast, review_minutes=900)
    cast.approved(cast.ana, cast.ojt(day=TODAY - timedelta(days=1)), cast.ri(day=TODAY))
    assert state(cast) == "later"
    cast.approved(cast.ana, cast.ojt(day=TODAY - timedelta(days=2)))
    assert state(cast) == "overdue"
    hold(cast)
    assert state(cast) == "later"


def test_without_a_setting_and_for_who_has_left_none_is_due(cast: Cast) -> None:
    assert state(cast) == ""
    every(cast, review_months=1)
    assert state(cast) == "overdue"
    Apprentice.objects.filter(pk=cast.ana.pk).update(status="suspended")
    assert state(cast) == ""


def test_the_longest_overdue_stands_first(cast: Cast) -> None:
    every(cast, review_months=2)
    people = Apprentice.objects.filter(program=cast.program).select_related("program").order_by("pk")
    hold(cast, held_on=date(2026, 6, 1), figures={})
    assert [due.apprentice for due, _ in listed(people, today=TODAY)] == [cast.ben, cast.ana]


# What signing leaves


def test_a_review_is_one_entry_with_figures_and_without_its_words(cast: Cast) -> None:
    row = hold(cast, step="ready")
    told = chain.entries_of(cast.ana.uid).get(object=row.uid)
    assert (told.act, told.actor) == ("periodic_review.sign", cast.marcus.uid)
    assert told.payload.content["aims_sha256"] == digest("Inpatient charts.")
    assert told.payload.content["figures"]["standards_counted"] == 64
    assert "Inpatient" not in told.payload.body
    assert (row.since, row.signer_qualification) == (STARTED, "Coding supervisor, CCS")
    assert Notice.objects.get(about="signed").person == cast.ana_user
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize("who", ["ana_user", "nora", "lena", "priya", "ruth", "olga"])
def test_only_the_assigned_mentor_signs(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        hold(cast, by=getattr(cast, who))
    assert not PeriodicReview.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"said": Said(**{**WORDS, "safety": " "})}, "safety"),
        ({"said": Said(**{**WORDS, "aims": "x" * 1001})}, "aims"),
        ({"step": "raise"}, "step"),
        ({"held_on": TODAY + timedelta(days=1)}, "held_on"),
        ({"held_on": STARTED - timedelta(days=1)}, "held_on"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(cast: Cast, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        hold(cast, **fields)
    assert refused.value.field == field and not PeriodicReview.objects.exists()


def test_a_stale_password_signs_no_review(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="password"):
        hold(cast, authentication=Authentication("password", NOW - timedelta(minutes=6)))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_stands(cast: Cast) -> None:
    outcomes = at_once(lambda: hold(cast), lambda: hold(cast))
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "PeriodicReview"]


# The answer


def test_the_apprentice_acknowledges_or_disagrees_in_writing_once(cast: Cast) -> None:
    row = hold(cast)
    with pytest.raises(Refusal, match="differently"):
        row.respond(by=cast.ana_user, now=NOW, agrees=False)
    with pytest.raises(NotAllowed):
        row.respond(by=cast.marcus, now=NOW, agrees=True)
    answer = row.respond(by=cast.ana_user, now=NOW, agrees=False, words="I was never late.")
    told = chain.entries_of(cast.ana.uid).get(object=answer.uid)
    assert told.act == "periodic_review.answer" and "late" not in told.payload.body
    with pytest.raises(Conflict):
        row.respond(by=cast.ana_user, now=NOW, agrees=True)
    assert [*compare(), *chain.verify()] == []


def test_nothing_of_it_can_be_changed_or_deleted(cast: Cast) -> None:
    row = hold(cast)
    row.respond(by=cast.ana_user, now=NOW, agrees=True)
    for act in (
        lambda: PeriodicReview.objects.update(aims="Other."),
        lambda: ReviewAnswer.objects.update(agrees=False, words="No."),
        lambda: ReviewAnswer.objects.all().delete(),
        lambda: row.delete(),
    ):
        with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
            act()
    assert PeriodicReview.objects.get().aims == "Inpatient charts." and ReviewAnswer.objects.get().agrees


# The pages


def page(cast: Cast) -> str:
    return reverse("periodic-review-new", args=[cast.ana.uid])


def test_a_mentor_writes_reads_and_signs_and_the_apprentice_answers(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    assert "Since the start" in text_of(marcus, page(cast))
    empty = marcus.post(page(cast), typed("read", safety=""))
    assert empty.status_code == 400 and "On time." in plain(empty.content)
    read = plain(marcus.post(page(cast), typed("read")).content)
    assert "Read what you sign" in read and "Your password" in read and not PeriodicReview.objects.exists()
    wrong = marcus.post(page(cast), typed(password="no"))
    assert wrong.status_code == 400 and "This is not your password" in plain(wrong.content)
    for _ in range(2):
        done = marcus.post(page(cast), typed(password=PASSWORD))
        assert done.status_code == 302
    row = PeriodicReview.objects.get()
    assert done["Location"] == reverse("periodic-review", args=[row.uid])
    ana = signed_in(cast.ana_user)
    assert "I have read it" in text_of(ana, done["Location"])
    respond = reverse("periodic-review-respond", args=[row.uid])
    assert ana.post(respond, {"answer": "disagree"}).status_code == 400
    assert ana.post(respond, {"answer": "disagree", "words": "I was never late."}).status_code == 302
    assert "disagrees: “I was never late.”" in text_of(marcus, done["Location"])
    again = marcus.post(page(cast), typed(key="22222222-2222-4222-8222-222222222222"))
    assert again.status_code == 409 and "held on Nov 20, 2026 already" in plain(again.content)


def test_what_is_overdue_stands_before_the_mentor_and_the_coordinator(cast: Cast) -> None:
    every(cast, review_months=3)
    mentor = text_of(signed_in(cast.marcus), reverse("review"))
    assert "Periodic reviews" in mentor and "since May 2, 2026" in mentor
    board = text_of(signed_in(cast.nora), reverse("program-reviews", args=[cast.program.uid]))
    assert board.count("Overdue") == 2 and "every 3 months" in board
    hold(cast)
    board = text_of(signed_in(cast.nora), reverse("program-reviews", args=[cast.program.uid]))
    assert board.count("Overdue") == 1


def test_the_settings_say_when_reviews_are_due(cast: Cast) -> None:
    settings = reverse("program-settings", args=[cast.program.uid])
    body = settings_of(cast.program, review_months="6", review_minutes="1,000")
    assert signed_in(cast.nora).post(settings, body).status_code == 302
    program = Program.objects.get(pk=cast.program.pk)
    assert (program.review_months, program.review_minutes) == (6, 60_000)


def test_the_pages_ask_as_often_with_many_people_and_reviews_as_with_one(cast: Cast) -> None:
    every(cast, review_months=3)
    row = hold(cast, held_on=TODAY - timedelta(days=9))
    nora, marcus = signed_in(cast.nora), signed_in(cast.marcus)
    many = reverse("periodic-reviews", args=[cast.ana.uid])
    addresses = [many, reverse("periodic-review", args=[row.uid])]
    little = [queries(nora, one) for one in addresses] + [queries(marcus, reverse("review"))]
    for days in (5, 3, 1):
        hold(cast, held_on=TODAY - timedelta(days=days))
    assert [queries(nora, one) for one in addresses] + [queries(marcus, reverse("review"))] == little


def test_reviews_are_read_over_rest(cast: Cast) -> None:
    row = hold(cast)
    row.respond(by=cast.ana_user, now=NOW, agrees=True)
    listing = Rest(cast.ruth).get("periodic-reviews/", apprentice=str(cast.ana.uid))[1]["results"]
    assert [one["id"] for one in listing] == [str(row.uid)]
    assert listing[0]["answer"]["agrees"] is True and listing[0]["aims"] == "Inpatient charts."
    assert Rest(cast.olga).get("periodic-reviews/")[1]["results"] == []
    assert Rest(cast.lena).get(f"periodic-reviews/{row.uid}/")[0] == 404
