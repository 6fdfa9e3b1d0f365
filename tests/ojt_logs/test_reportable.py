"""Every free text about an apprentice can be reported, hidden, taken out and shown again, by one path."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.urls import reverse

from accounts.models import IdempotencyKey
from accounts.models.words import LongWords, Words
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import LegalHold, ProbationDecision, StatusChange
from apprenticeship.models.credits import CreditLine
from ledger import chain
from ledger.tombstones import Tombstone
from ojt_logs import attesting
from ojt_logs.models import (
    Authentication,
    Comment,
    HoursEntry,
    OutsideRating,
    PayrollExplanation,
    PrivacyReport,
    SignOff,
    SignOffComment,
    WageDecision,
)
from ojt_logs.models.reportable import REPORTABLE
from ojt_logs.models.reviews import Said
from tests.api.client import Rest
from tests.apprenticeship.test_credits import grant
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_no_work import noted
from tests.ojt_logs.test_outside import attested
from tests.ojt_logs.test_periodic_reviews import hold
from tests.ojt_logs.test_privacy import report, whole
from tests.ojt_logs.test_requests import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

FRESH = Authentication("password", NOW)
NAMED = "Mrs Vandermeer, room 7"
ELSEWHERE = {"OutsideRating.reason", "PrivacyReport.why", "PrivacyReport.words"}
"""Goes with the text of its attestation; what a report itself says."""
NOT_FREE = {
    "Attestation.text",
    "Confided.answers",  # sealed
    "Confided.ssn",
    "HoursBatch.attestation",
    "Notice.path",
    "Notice.words",
    "PrivacyReport.text",
    "Program.selection_procedure",
}


def test_every_free_text_of_the_record_is_in_the_one_list() -> None:
    listed = {f"{one.model.__name__}.{one.field}" for one in REPORTABLE.values() if one.field}
    long, free = set(), set()
    both = (apps.get_app_config(name) for name in ("apprenticeship", "ojt_logs"))
    for model in (one for config in both for one in config.get_models()):
        for field in model._meta.get_fields():
            name = f"{model.__name__}.{field.name}"
            if isinstance(field, Words | LongWords):
                free.add(name)
            elif isinstance(field, models.TextField) or (getattr(field, "max_length", None) or 0) >= 300:
                long.add(name)
    assert free == listed | ELSEWHERE
    assert long <= NOT_FREE, "Is it about an apprentice? Then it is Words, and stands in REPORTABLE."


def told(row: Any, act: str) -> Any:
    """A row of the record, with its entry."""
    with transaction.atomic():
        row.save(force_insert=True)
        said = {"act": act, "actor": row.by.uid, "object": row.uid, "at": NOW, "payload": row.facts()}
        chain.tell(row.apprentice.uid, **said)
    return row


def of_hours(cast: Cast) -> dict[str, Any]:
    returned, wrong = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt(minutes=30))
    returned.move("return", by=cast.marcus, now=NOW, reason=f"{NAMED} comment")
    wrong.move("approve", by=cast.marcus, now=NOW)
    correction = wrong.correct(
        by=cast.ana_user, now=NOW, reason=f"{NAMED} entry_correction", line=cast.ojt(minutes=20)
    )
    correction.move("submit", by=cast.ana_user, now=NOW)
    return {"comment": Comment.objects.get(entry=returned), "entry_correction": correction}


def of_signing(cast: Cast) -> dict[str, Any]:
    asked = ask(cast, note=f"{NAMED} request")
    asked.decline(by=cast.marcus, now=NOW, reason=f"{NAMED} request_reason")
    signed = cast.sign(cast.ana, "1a")[0]
    back = SignOff.objects.withdraw(
        signed, by=cast.marcus, now=NOW, authentication=FRESH, reason=f"{NAMED} sign_off_reason"
    )
    said = SignOffComment.objects.add(signed, by=cast.ana_user, now=NOW, text=f"{NAMED} sign_off_comment")
    outside = attested(cast)
    answer = attesting.decline(outside, by=cast.marcus, now=NOW, reason=f"{NAMED} attestation_answer")
    return {
        "request": asked,
        "request_reason": asked,
        "sign_off_reason": back,
        "sign_off_comment": said,
        "attestation": outside,
        "attestation_answer": answer,
    }


def of_reviews(cast: Cast) -> dict[str, Any]:
    parts = ("progress", "conduct", "safety", "instruction", "aims")
    review = hold(cast, said=Said(**{name: f"{NAMED} review_{name}" for name in parts}))
    answer = review.respond(by=cast.ana_user, now=NOW, agrees=False, words=f"{NAMED} review_answer")
    return {**{f"review_{name}": review for name in parts}, "review_answer": answer}


def of_registration(cast: Cast) -> dict[str, Any]:
    days = noted(cast, 3, 2, note=f"{NAMED} no_work")
    days.withdraw(by=cast.nora, now=NOW, reason=f"{NAMED} no_work_back")
    (credit,) = grant(cast, cast.ana, CreditLine(60), evidence=f"{NAMED} credit")
    credit.withdraw(by=cast.nora, now=NOW, reason=f"{NAMED} credit_back")
    by = {"apprentice": cast.ana, "by": cast.nora, "at": NOW}
    status = StatusChange(status="active", effective_on=TODAY, reason=f"{NAMED} status", **by)
    probation = ProbationDecision(outcome="extended", reason=f"{NAMED} probation", **by)
    step = WageDecision(step=2, verdict="declined", earned_on=TODAY, reason=f"{NAMED} wage_step", **by)
    paid = PayrollExplanation.objects.create(
        starts_on=STARTED, ends_on=TODAY, difference=1, text=f"{NAMED} payroll", **by
    )
    held = LegalHold.objects.place(
        cast.lakeside, apprentice=cast.ana, by=cast.nora, now=NOW, reason=f"{NAMED} hold"
    )
    held.lift(by=cast.nora, now=NOW, why=f"{NAMED} hold_lifted")
    return {
        "hold": held,
        "hold_lifted": held,
        "no_work": days,
        "no_work_back": days,
        "credit": credit,
        "credit_back": credit,
        "status": told(status, "apprentice.status"),
        "probation": told(probation, "apprentice.probation"),
        "wage_step": told(step, "apprentice.wage_step"),
        "payroll": paid,
    }


def test_each_of_them_is_hidden_at_once_and_taken_out_or_shown_again(cast: Cast) -> None:
    rows = of_hours(cast) | of_signing(cast) | of_reviews(cast) | of_registration(cast)
    pages = {
        reverse("sign-off-request", args=[rows["request"].uid]): ("request", "request_reason"),
        reverse("sign-off", args=[rows["sign_off_comment"].sign_off.uid]): (
            "sign_off_comment",
            "sign_off_reason",
        ),
        reverse("attestation", args=[rows["attestation"].uid]): ("attestation", "attestation_answer"),
        reverse("periodic-review", args=[rows["review_aims"].uid]): ("review_aims", "review_answer"),
        reverse("no-work", args=[cast.ana.uid]): ("no_work", "no_work_back"),
        reverse("credit", args=[cast.ana.uid]): ("credit", "credit_back"),
        reverse("registration", args=[cast.ana.uid]): ("status", "hold", "hold_lifted"),
        reverse("wages", args=[cast.ana.uid]): ("wage_step",),
        reverse("hours-entry", args=[rows["comment"].entry.uid]): ("comment", "entry_return"),
        reverse("hours-entry", args=[rows["entry_correction"].uid]): ("entry_correction",),
    }
    nora = signed_in(cast.nora)
    for path, abouts in pages.items():
        page = text_of(nora, path)
        assert all(f"/privacy/report/{about}/" in page for about in abouts), path
        assert "Mrs Vandermeer" in page or "attestation" in path
    made = {about: report(cast, row, about=about, by="nora") for about, row in rows.items()}
    for path in pages:
        page = text_of(nora, path)
        assert "Mrs Vandermeer" not in page and "Hidden because of patient information" in page, path
    assert whole()
    for number, (about, row) in enumerate(rows.items()):
        one, said = REPORTABLE[about], made[about]
        words = said.text
        if number % 2:
            said.agree(by=cast.nora, now=NOW)
            said.agree(by=cast.ana_user, now=NOW)
        else:
            said.show_again(by=cast.nora, now=NOW, words="No patient.")
        row.refresh_from_db()
        assert getattr(row, one.field) == (said.stone if number % 2 else words), about
    assert whole()
    elsewhere = {"entry", "entry_return", "entry_dispute", "sign_off", "course_result"}
    assert set(REPORTABLE) - set(rows) == {*elsewhere, "course_result_reason", "evidence", "scan"}


def test_the_same_words_go_wherever_they_stand_on_the_record(cast: Cast) -> None:
    entries = cast.submitted(
        cast.ana, cast.ojt(minutes=60, note=NAMED), cast.ojt("2a", minutes=60, note=NAMED)
    )
    (other,) = cast.submitted(cast.ben, cast.ojt(note=NAMED))
    HoursEntry.objects.filter(pk__in=[one.pk for one in entries]).move(
        "return", by=cast.marcus, now=NOW, reason="Whose chart is it?"
    )
    row = report(cast, entries[0])
    said = HoursEntry.objects.filter(apprentice=cast.ana).values_list("note", flat=True)
    assert set(said) == {row.stone} and HoursEntry.objects.get(pk=other.pk).note == NAMED
    report(cast, Comment.objects.first(), about="comment")
    assert not HoursEntry.objects.filter(return_reason__contains="Whose").exists()
    assert not Comment.objects.filter(note__contains="Whose").exists()
    with pytest.raises(Conflict):
        report(cast, entries[1])
    row.show_again(by=cast.nora, now=NOW, words="A street.")
    assert set(HoursEntry.objects.values_list("note", flat=True)) == {NAMED}
    assert whole()


def test_older_entries_that_tell_a_reason_in_full_lose_it_when_it_is_taken_out(cast: Cast) -> None:
    row = StatusChange(
        apprentice=cast.ana, status="active", effective_on=TODAY, reason=NAMED, by=cast.nora, at=NOW
    )
    facts = row.facts() | {"reason": NAMED}
    del facts["reason_sha256"]
    with transaction.atomic():
        row.save(force_insert=True)
        chain.tell(
            cast.ana.uid, act="apprentice.status", actor=cast.nora.uid, object=row.uid, at=NOW, payload=facts
        )
    history = reverse("registration-history", args=[cast.ana.uid])
    assert NAMED in text_of(signed_in(cast.nora), history)
    made = report(cast, row, about="status", by="nora")
    assert NAMED not in text_of(signed_in(cast.nora), history) and whole()
    made.agree(by=cast.nora, now=NOW)
    made.agree(by=cast.ana_user, now=NOW)
    assert not any(NAMED in entry.payload.body for entry in chain.entries_of(cast.ana.uid))
    assert whole()


def test_nobody_signs_for_an_attestation_whose_text_is_hidden(cast: Cast) -> None:
    row = attested(cast)
    OutsideRating.objects.filter(attestation=row)
    made = report(cast, row, about="attestation")
    with pytest.raises(Conflict, match="hidden because of patient information"):
        attesting.accept(row, by=cast.marcus, now=NOW, authentication=FRESH)
    assert "Accept and sign" not in text_of(signed_in(cast.marcus), reverse("attestation", args=[row.uid]))
    assert Rest(cast.nora).get(f"attestations/{row.uid}/")[1]["text"] == made.stone


def test_what_only_looks_hidden_is_written_by_nobody(cast: Cast) -> None:
    fake = str(Tombstone.over("ab" * 32))
    with pytest.raises(Refusal, match="words of your own"):
        ask(cast, note=fake)
    (row,) = cast.submitted(cast.ana, cast.ojt())
    with pytest.raises(Refusal, match="words of your own"):
        row.move("return", by=cast.marcus, now=NOW, reason=fake)


def test_answers_kept_for_whoever_asks_again_lose_the_words_too(cast: Cast) -> None:
    (row,) = cast.submitted(cast.ana, cast.ojt(note=NAMED))
    said = {"key": "k", "method": "POST", "path": "/api/v1/hours/", "body_hash": "", "status": 201}
    kept = IdempotencyKey.objects.create(user=cast.ana_user, body=json.dumps({"note": NAMED}), **said)
    made = report(cast, row)
    kept.refresh_from_db()
    assert json.loads(kept.body) == {"note": made.stone}


def test_what_is_hidden_leads_to_what_happened(cast: Cast) -> None:
    (row,) = cast.submitted(cast.ana, cast.ojt(note=NAMED))
    address = f"/privacy/report/entry/{row.uid}/"
    assert NAMED in text_of(signed_in(cast.ana_user), address)
    made = report(cast, row)
    assert signed_in(cast.ana_user).get(address)["Location"] == f"/privacy/{made.uid}/"
    for wrong in (f"/privacy/report/nothing/{row.uid}/", f"/privacy/report/status/{row.uid}/"):
        assert signed_in(cast.ana_user).get(wrong).status_code == 404
    assert PrivacyReport.objects.get().thing == "note of hours"


def test_hours_of_which_something_was_hidden_or_taken_out_changed_then(cast: Cast) -> None:
    noted_, spoken, other = cast.approved(
        cast.ana, cast.ojt(note=NAMED, minutes=60), cast.ojt(minutes=30), cast.ojt("2a", minutes=20)
    )
    said = Comment.objects.add(spoken, by=cast.marcus, words="Whose chart?", now=NOW)
    rest = Rest(cast.ana_user)

    def changed(minutes: int) -> set[str]:
        since = (NOW + timedelta(minutes=minutes)).isoformat()
        return {row["id"] for row in rest.get("hours/", updated_since=since)[1]["results"]}

    later = [NOW + timedelta(minutes=minutes) for minutes in range(5)]
    assert changed(1) == set()
    why = {"by": cast.nora, "why": "A name"}
    made = PrivacyReport.objects.report("entry", noted_, now=later[1], **why)
    assert changed(1) == {str(noted_.uid)}
    PrivacyReport.objects.report("comment", said, now=later[2], **why)
    assert changed(2) == {str(spoken.uid)}
    made.agree(by=cast.marcus, now=later[3])
    made.agree(by=cast.nora, now=later[3])
    assert changed(3) == {str(noted_.uid)}
    assert rest.get(f"hours/{noted_.uid}/")[1]["note"] == made.stone and str(other.uid) not in changed(1)
    assert whole()
