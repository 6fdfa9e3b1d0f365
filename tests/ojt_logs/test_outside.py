"""Journeyworkers without an account: a link for one apprentice, what it opens, what a mentor makes of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Mentorship
from ledger import chain
from ledger.tombstones import digest
from ojt_logs import attesting
from ojt_logs.models import (
    AttestationAnswer,
    AttestationLink,
    Authentication,
    Notice,
    OutsideAttestation,
    Rating,
    SignOff,
)
from ojt_logs.models.outside import LIFE, Journeyworker, Seen
from ojt_logs.models.outside import digest_of as hashed
from ojt_logs.progress import progress_of
from ojt_logs.record import compare
from ojt_logs.views.outside import code_of
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MAIL = "eli@north.example"
ELI = Journeyworker("Eli Ruiz", "Senior coder", "North Clinic", MAIL)
FRESH = Authentication("password", NOW - timedelta(minutes=1))


def link(cast: Cast, *codes: str, by: User | None = None, way: str = "mail", **fields: Any) -> Any:
    """A link for 2g, by Marcus, and its secret."""
    named = [cast.competency(code) for code in codes or ("2g",)]
    given: dict[str, Any] = {
        "now": NOW,
        "competencies": named,
        "email": MAIL if way == "mail" else "",
    } | fields
    return AttestationLink.objects.issue(cast.ana, by=by or cast.marcus, way=way, **given)


def seen(cast: Cast, value: int = 3, code: str = "2g", **fields: Any) -> Seen:
    ratings = [Rating(one, cast.level(value)) for one in cast.competency(code).standards.order_by("position")]
    return Seen(**{"method": "observed", "first": TODAY, "last": TODAY, "ratings": ratings} | fields)


def attest(cast: Cast, token: str, **fields: Any) -> OutsideAttestation:
    given: dict[str, Any] = {"person": ELI, "seen": seen(cast), "time_zone": "America/Chicago", "now": NOW}
    return OutsideAttestation.objects.attest(token, **given | fields)


def attested(cast: Cast, **fields: Any) -> OutsideAttestation:
    return attest(cast, link(cast)[1], **fields)


def typed(cast: Cast, value: int = 3, **fields: str) -> dict[str, str]:
    """What a browser sends."""
    ratings = {f"rating-{one.uid}": str(value) for one in cast.competency("2g").standards.all()}
    person = {"name": "Eli Ruiz", "title": "Senior coder", "employer": "North Clinic", "email": MAIL}
    days = {"method": "observed", "observed_from": "2026-11-20", "observed_to": "2026-11-20"}
    return person | days | ratings | fields


# The link


def test_of_the_secret_a_hash_is_kept_and_the_ledger_knows_the_link_and_no_address(cast: Cast) -> None:
    row, token = link(cast)
    assert row.digest == hashed(token) != token
    told = chain.entries_of(cast.ana.uid).get(object=row.uid)
    assert (told.act, told.actor) == ("attestation.ask", cast.marcus.uid)
    assert told.payload.content["email_sha256"] == digest(MAIL)
    assert MAIL not in told.payload.body and token not in told.payload.body
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize("who", ["ana_user", "lena", "priya", "ruth", "olga", "ben_user"])
def test_only_a_mentor_of_today_or_a_coordinator_asks(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        link(cast, by=getattr(cast, who))
    assert link(cast, by=cast.nora)[0].asked_by == cast.nora


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "Ana@Example.org"}, "email"),
        ({"email": "marcus@example.org"}, "email"),
        ({"competencies": []}, "of"),
        ({"way": "pigeon"}, "way"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused_by_field(
    cast: Cast, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        link(cast, **fields)
    assert refused.value.field == field and not AttestationLink.objects.exists()


def _revoke(cast: Cast, row: AttestationLink) -> None:
    row.revoke(by=cast.nora, now=NOW)


def _finish(cast: Cast, row: AttestationLink) -> None:
    Apprentice.objects.filter(pk=cast.ana.pk).update(status="completed")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (_revoke, timedelta(), "link_revoked"),
        (_finish, timedelta(), "link_expired"),
        (lambda cast, row: None, LIFE, "link_expired"),
    ],
)
def test_a_revoked_or_old_link_attests_nothing(
    cast: Cast, before: Callable[[Cast, AttestationLink], None], after: timedelta, code: str
) -> None:
    row, token = link(cast)
    before(cast, row)
    with pytest.raises(Refusal) as refused:
        attest(cast, token, now=NOW + after)
    assert refused.value.code == code and not OutsideAttestation.objects.exists()


def test_a_link_attests_once_and_cannot_be_taken_back_then(cast: Cast) -> None:
    row, token = link(cast)
    attest(cast, token)
    with pytest.raises(Refusal, match="was used"):
        attest(cast, token)
    row.refresh_from_db()
    with pytest.raises(Conflict):
        row.revoke(by=cast.marcus, now=NOW)
    with pytest.raises(Refusal, match="not known"):
        attest(cast, "a guess")


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_attests(cast: Cast) -> None:
    _, token = link(cast)
    outcomes = at_once(lambda: attest(cast, token), lambda: attest(cast, token))
    assert sum(isinstance(one, OutsideAttestation) for one in outcomes) == 1
    assert OutsideAttestation.objects.count() == 1


# What it leaves


def test_what_was_read_is_kept_word_for_word_and_counts_nowhere(cast: Cast) -> None:
    row = attested(cast)
    first = cast.competency("2g").standards.order_by("position")[0]
    assert row.text.startswith(
        "I, Eli Ruiz, Senior coder at North Clinic (eli@north.example), say of Ana Reyes:"
    )
    assert f"1. 2g: “{first.text}” — 3 satisfactory." in row.text
    told = chain.entries_of(cast.ana.uid).get(object=row.uid)
    assert (told.act, told.actor) == ("attestation.give", None)
    assert told.payload.content["text_sha256"] == digest(row.text)
    assert progress_of(cast.ana).standards_met == 0
    assert [*compare(), *chain.verify()] == []


def test_a_mailed_link_attests_under_the_address_it_went_to_and_a_code_says_that_nothing_is_proved(
    cast: Cast,
) -> None:
    other = Journeyworker("Eli Ruiz", "Senior coder", "North Clinic", "somebody@else.example")
    mailed = attest(cast, link(cast)[1], person=other)
    assert (mailed.email, mailed.proof.partition(":")[0]) == (MAIL, "e-mail-verified only")
    coded = attest(cast, link(cast, "1a", way="code")[1], person=other, seen=seen(cast, code="1a"))
    assert coded.email == "somebody@else.example" and "nobody checked" in coded.proof


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"employer": ""}, "employer"),
        ({"email": "ana@example.org"}, "email"),
        ({"email": "marcus@example.org"}, "email"),
        ({"method": "paper"}, "method"),
        ({"method": "accepted"}, "method"),
        ({"last": TODAY + timedelta(days=1)}, "observed_to"),
        ({"first": STARTED - timedelta(days=1)}, "observed_from"),
        ({"ratings": []}, "rating"),
        ({"code": "1a"}, "rating"),
        ({"value": 0}, "reason"),
    ],
)
def test_what_cannot_be_attested_is_refused_by_field_and_the_link_stays(
    cast: Cast, fields: dict[str, Any], field: str
) -> None:
    row, token = link(cast, way="code")
    person = Journeyworker(**{**vars(ELI), **{k: v for k, v in fields.items() if k in vars(ELI)}})
    said = seen(cast, **{k: v for k, v in fields.items() if k not in vars(ELI)})
    with pytest.raises(Refusal) as refused:
        attest(cast, token, person=person, seen=said)
    assert refused.value.field == field
    row.refresh_from_db()
    assert row.used_at is None


def test_who_asked_and_who_may_accept_are_told_without_the_work(cast: Cast) -> None:
    attest(cast, link(cast, by=cast.nora)[1])
    told = Notice.objects.filter(about="attested").order_by("person__name")
    assert [one.person for one in told] == [cast.marcus, cast.nora]
    assert {one.words for one in told} == {"A journeyworker attested work of Ana Reyes."}


# What a mentor makes of it


def test_a_mentor_signs_what_was_attested_referring_to_it_and_then_it_counts(cast: Cast) -> None:
    row = attested(cast)
    signed = attesting.accept(row, by=cast.marcus, now=NOW, authentication=FRESH)
    assert {(one.method, one.attested, one.signer) for one in signed} == {("accepted", row, cast.marcus)}
    assert progress_of(cast.ana).standards_met == 5
    assert signed[0].facts()["attested"] == str(row.uid)
    with pytest.raises(Conflict, match="answered already"):
        attesting.accept(row, by=cast.marcus, now=NOW, authentication=FRESH)
    taken = SignOff.objects.withdraw(
        signed[0], by=cast.marcus, now=NOW, authentication=FRESH, reason="It was Ben's chart."
    )
    assert taken.attested == row
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize("who", ["ana_user", "nora", "lena", "ruth"])
def test_nobody_but_an_assigned_mentor_accepts_or_declines(cast: Cast, who: str) -> None:
    row, person = attested(cast), getattr(cast, who)
    with pytest.raises(NotAllowed):
        attesting.accept(row, by=person, now=NOW, authentication=FRESH)
    with pytest.raises(NotAllowed):
        attesting.decline(row, by=person, now=NOW, reason="No.")
    assert not SignOff.objects.exists() and not AttestationAnswer.objects.exists()


def test_a_stale_authentication_and_days_without_assignment_do_not_accept(cast: Cast) -> None:
    row = attested(cast)
    stale = Authentication("password", NOW - timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="password"):
        attesting.accept(row, by=cast.marcus, now=NOW, authentication=stale)
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY)
    earlier = attest(
        cast,
        link(cast, "1a")[1],
        seen=seen(cast, code="1a", first=TODAY - timedelta(days=3), last=TODAY - timedelta(days=3)),
    )
    with pytest.raises(NotAllowed, match="not assigned"):
        attesting.accept(earlier, by=cast.lena, now=NOW, authentication=FRESH)
    assert not SignOff.objects.exists()


def test_declining_needs_a_reason_and_is_for_good(cast: Cast) -> None:
    row = attested(cast)
    with pytest.raises(Refusal):
        attesting.decline(row, by=cast.marcus, now=NOW, reason=" ")
    attesting.decline(row, by=cast.marcus, now=NOW, reason="Nobody there knows you.")
    with pytest.raises(Conflict):
        attesting.accept(row, by=cast.marcus, now=NOW, authentication=FRESH)
    assert [*compare(), *chain.verify()] == []


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_stands(cast: Cast) -> None:
    row = attested(cast)
    outcomes = at_once(
        lambda: attesting.accept(row, by=cast.marcus, now=NOW, authentication=FRESH),
        lambda: attesting.decline(row, by=cast.marcus, now=NOW, reason="No."),
    )
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1
    assert AttestationAnswer.objects.count() == 1


def test_nothing_of_it_can_be_changed_or_deleted(cast: Cast) -> None:
    row = attested(cast)
    attesting.decline(row, by=cast.marcus, now=NOW, reason="No.")
    links = AttestationLink.objects.filter(pk=row.link_id)
    acts: list[Callable[[], Any]] = [
        lambda: links.update(email="x@y.example"),
        lambda: links.update(expires_at=NOW + 2 * LIFE),
        lambda: row.link.competencies.clear(),
        lambda: OutsideAttestation.objects.update(text="Other."),
        lambda: row.ratings.update(reason="Other."),
        lambda: row.ratings.all().delete(),
        lambda: AttestationAnswer.objects.update(accepted=True),
        lambda: AttestationAnswer.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_sign_off_cannot_say_accepted_without_what_was_accepted(cast: Cast) -> None:
    (row, *_) = cast.sign(cast.ana, "2g")
    row.pk, row.uid, row.method = None, uuid4(), "accepted"  # type: ignore[assignment]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_an_unused_link_is_found_to_be_unused_by_whoever_verifies(cast: Cast) -> None:
    row = attested(cast)
    AttestationLink.objects.filter(pk=row.link_id).update(used_at=None)
    assert any("used_at" in str(one) for one in compare())


# The pages


def post_link(cast: Cast, person: User, **fields: Any) -> Any:
    body = {"of": ["2g"], "way": "mail", "email": MAIL} | fields
    return signed_in(person).post(reverse("attestation-new", args=[cast.ana.uid]), body)


def test_the_mail_names_who_asks_and_no_work_and_its_link_is_shown_to_nobody(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = plain(post_link(cast, cast.marcus).content)
    (sent,) = mail.outbox
    assert sent.to == [MAIL] and "Marcus Webb asks you" in sent.body
    for word in ("Ana", "2g", "discrepancies", "Lakeside"):
        assert word not in sent.body + sent.subject
    (address,) = re.findall(r"https?://\S+/attest/\S+", sent.body)
    assert address not in page and "qr-box" not in page and f"Sent to {MAIL}" in page
    assert Client().get(urlsplit(address).path).status_code == 200


def test_where_no_mail_can_be_sent_the_link_is_taken_back_and_a_code_made(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = plain(post_link(cast, cast.marcus).content)
    assert "No mail server took the mail" in page
    ways = AttestationLink.objects.order_by("pk").values_list("way", "revoked_at")
    assert [(way, bool(revoked)) for way, revoked in ways] == [("mail", True), ("code", False)]
    (address,) = set(re.findall(r"https?://[^\s<]+/attest/[^\s<]+", page))
    assert " ".join(code_of(address).split()) in page


def test_the_public_page_tells_the_name_and_the_statements_and_nothing_else(cast: Cast) -> None:
    cast.sign(cast.ana, "2g", value=2)
    _, token = link(cast)
    page = text_of(Client(), reverse("attest", args=[token]))
    assert "What have you seen Ana Reyes do?" in page
    assert all(one.text.replace("'", "'") in page for one in cast.competency("2g").standards.all())
    for word in ("Lakeside", "Marcus", "Medical coders", "eli@", "Signed", "ana@example.org", "Nov 20"):
        assert word not in page, word


def test_a_journeyworker_rates_reads_exactly_what_is_kept_agrees_and_is_done(cast: Cast) -> None:
    _, token = link(cast)
    address = reverse("attest", args=[token])
    anybody = Client()
    read = anybody.post(address, typed(cast, step="review"))
    assert read.status_code == 200 and "Read what you attest to" in plain(read.content)
    assert not OutsideAttestation.objects.exists()
    unagreed = anybody.post(address, typed(cast, step="attest"))
    assert unagreed.status_code == 400 and "Mark that you agree" in plain(unagreed.content)
    done = anybody.post(address, typed(cast, step="attest", agree="yes"))
    row = OutsideAttestation.objects.get()
    for line in row.text.splitlines():
        assert line in plain(read.content) and line in plain(done.content)
    assert anybody.get(address).status_code == 410
    assert anybody.post(address, typed(cast, step="attest", agree="yes")).status_code == 410
    assert anybody.get(reverse("attest", args=["a-guess"])).status_code == 404


def test_what_was_typed_stays_when_something_is_missing(cast: Cast) -> None:
    _, token = link(cast, way="code")
    address = reverse("attest", args=[token])
    answer = Client().post(address, typed(cast, step="review", employer=""))
    assert answer.status_code == 400 and 'value="Senior coder"' in plain(answer.content)
    answer = Client().post(address, typed(cast, step="review", email="ana@example.org"))
    assert "Nobody attests their own work." in plain(answer.content)


def test_who_guesses_is_slowed_down(cast: Cast) -> None:
    guesser = Client(REMOTE_ADDR="10.1.2.3")
    with time_machine.travel(NOW, tick=False):
        codes = [guesser.get(reverse("attest", args=[f"guess-{n}"])).status_code for n in range(31)]
    assert codes[:30] == [404] * 30 and codes[30] == 429


def test_a_mentor_finds_reads_and_accepts_it_on_the_first_screen(cast: Cast) -> None:
    row = attested(cast)
    marcus = signed_in(cast.marcus)
    address = reverse("attestation", args=[row.uid])
    assert "Eli Ruiz</b> attests work of Ana Reyes" in text_of(marcus, reverse("review"))
    page = text_of(marcus, address)
    assert "e-mail-verified only" in page and "Accept it and sign" in page
    wrong = marcus.post(reverse("attestation-accept", args=[row.uid]), {"password": "no"})
    assert wrong.status_code == 400 and "This is not your password" in plain(wrong.content)
    right = marcus.post(reverse("attestation-accept", args=[row.uid]), {"password": PASSWORD})
    assert right.status_code == 302 and SignOff.objects.count() == 5
    assert "Accepted by Marcus Webb" in text_of(marcus, address)
    assert "attests work of" not in text_of(marcus, reverse("review"))
    record = reverse("sign-off", args=[SignOff.objects.all()[0].uid])
    assert "What Eli Ruiz attests" in text_of(signed_in(cast.ana_user), record)


def test_the_list_of_links_takes_one_back(cast: Cast) -> None:
    row, token = link(cast)
    marcus = signed_in(cast.marcus)
    assert "Take the link back" in text_of(marcus, reverse("attestation-links", args=[cast.ana.uid]))
    assert marcus.post(reverse("attestation-link-revoke", args=[row.uid])).status_code == 302
    assert Client().get(reverse("attest", args=[token])).status_code == 410
    ana = text_of(signed_in(cast.ana_user), reverse("attestation-links", args=[cast.ana.uid]))
    assert MAIL in ana and "Take the link back" not in ana


def test_the_list_of_links_asks_as_often_with_many_as_with_one(cast: Cast) -> None:
    attested(cast)
    marcus = signed_in(cast.marcus)
    addresses = [reverse("attestation-links", args=[cast.ana.uid]), reverse("review")]
    little = [queries(marcus, address) for address in addresses]
    for code in ("1a", "1b"):
        attest(cast, link(cast, code)[1], seen=seen(cast, code=code))
    assert [queries(marcus, address) for address in addresses] == little


def test_attestations_are_read_over_rest(cast: Cast) -> None:
    row = attested(cast)
    attesting.decline(row, by=cast.marcus, now=NOW, reason="Nobody there knows you.")
    (told,) = Rest(cast.ana_user).get("attestations/", apprentice=str(cast.ana.uid))[1]["results"]
    assert (told["id"], told["way"], told["text"]) == (str(row.uid), "mail", row.text)
    assert (told["answer"]["accepted"], told["answer"]["by"]) == (False, "Marcus Webb")
    assert "email" not in told
    assert Rest(cast.olga).get(f"attestations/{row.uid}/")[0] == 404
