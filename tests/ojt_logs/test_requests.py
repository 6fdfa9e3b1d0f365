"""An apprentice asks to be signed: who may, who finds it, what ends it, and what stays of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Mentorship
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models import Notice, Rating, SelfRating, SignOffRequest
from ojt_logs.progress import progress_of
from ojt_logs.record import compare
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def ask(cast: Cast, *codes: str, **fields: Any) -> SignOffRequest:
    """Ana asks for 2g unless said otherwise."""
    named = [cast.competency(code) for code in codes or ("2g",)]
    given: dict[str, Any] = {"by": cast.ana_user, "now": NOW, "competencies": named} | fields
    return SignOffRequest.objects.ask(cast.ana, **given)


def page(cast: Cast, *codes: str) -> str:
    return reverse("ask", args=[cast.ana.uid]) + "?" + "&".join(f"of={code}" for code in codes)


# What asking leaves


def test_asking_for_two_competencies_is_one_entry_of_the_record_without_the_notes_words(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana, cast.ojt("2g"))
    own = Rating(cast.competency("2g").standards.all()[0], cast.level(3))
    row = ask(cast, "2g", "1a", note="Ten charts on Friday.", ratings=[own], evidence=[entry])
    (told,) = chain.entries_of(cast.ana.uid).filter(object=row.uid)
    assert (told.act, told.actor) == ("request.ask", cast.ana_user.uid)
    assert told.payload.content["codes"] == "1a, 2g"
    assert told.payload.content["self_ratings"] == {str(own.target.lineage): 3}
    assert told.payload.content["evidence"] == [str(entry.uid)]
    assert told.payload.content["note_sha256"] == digest("Ten charts on Friday.")
    assert "Ten charts" not in told.payload.body
    assert [*compare(), *chain.verify()] == []


def test_a_self_rating_stands_beside_and_changes_no_figure(cast: Cast) -> None:
    before = progress_of(cast.ana)
    ratings = [Rating(one, cast.level(4)) for one in cast.competency("2g").standards.all()]
    ask(cast, ratings=ratings)
    assert progress_of(cast.ana).standards_met == before.standards_met == 0
    mentors = text_of(signed_in(cast.marcus), reverse("sign-competency", args=[cast.ana.uid, "2g"]))
    assert mentors.count("Ana’s own rating, Nov 20, 2026. It counts nowhere.") == 5
    record = text_of(signed_in(cast.nora), reverse("competency", args=[cast.ana.uid, "2g"]))
    assert "asked for this on Nov 20, 2026" in record


def test_mentors_are_told_of_a_request_and_the_apprentice_of_the_answer_without_the_work(cast: Cast) -> None:
    row = ask(cast, note="Ten charts.")
    (told,) = Notice.objects.filter(about="asked")
    assert (told.person, told.words) == (cast.marcus, "Ana Reyes asks for a sign-off.")
    row.decline(by=cast.marcus, now=NOW, reason="Two more audits first.")
    (told,) = Notice.objects.filter(about="signed")
    assert (told.person, told.words) == (cast.ana_user, "Marcus Webb answered your request for a sign-off.")
    assert told.path == reverse("sign-off-request", args=[row.uid])


# Who may


def test_nobody_asks_for_somebody_else(cast: Cast) -> None:
    for person in (cast.marcus, cast.nora, cast.ben_user):
        with pytest.raises(NotAllowed, match="Only the apprentice"):
            ask(cast, by=person)
    assert not SignOffRequest.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda cast: Mentorship.objects.update(ends_on=TODAY - timedelta(days=1)), "Nobody is your mentor"),
        (lambda cast: Apprentice.objects.filter(pk=cast.ana.pk).update(status="completed"), "has ended"),
    ],
)
def test_what_nobody_could_answer_is_not_asked(cast: Cast, change: Any, sentence: str) -> None:
    change(cast)
    with pytest.raises((Refusal, Conflict), match=sentence):
        ask(cast)


def test_a_rating_of_something_else_and_hours_of_somebody_else_are_refused(cast: Cast) -> None:
    with pytest.raises(Refusal, match="Rate only what you ask for"):
        ask(cast, ratings=[Rating(cast.competency("1a").standards.all()[0], cast.level(3))])
    with pytest.raises(Refusal, match="hours of your own"):
        ask(cast, evidence=cast.approved(cast.ben, cast.ojt("2g")))
    with pytest.raises(Refusal, match="hours of your own"):
        ask(cast, evidence=cast.log(cast.ana, cast.ojt("2g")))
    with pytest.raises(Refusal, match="at least one"):
        ask(cast, competencies=[])


def test_what_waits_is_not_asked_for_twice(cast: Cast) -> None:
    ask(cast)
    with pytest.raises(Conflict, match="You have asked for 2g already"):
        ask(cast, "1a", "2g")


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_asks(cast: Cast) -> None:
    outcomes = at_once(lambda: ask(cast), lambda: ask(cast))
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "SignOffRequest"]
    assert SignOffRequest.objects.count() == 1


# What ends it


def test_the_last_rating_answers_a_request_whoever_gives_it(cast: Cast) -> None:
    row = ask(cast, "2g", "1a")
    cast.sign(cast.ana, "2g", value=2)
    row.refresh_from_db()
    assert (row.state, [one.code for one in row.unrated()]) == ("open", ["1a"])
    cast.sign(cast.ana, "1a")
    row.refresh_from_db()
    assert (row.state, row.closed_by) == ("answered", cast.marcus)
    assert [one.act for one in chain.entries_of(cast.ana.uid).filter(object=row.uid)] == [
        "request.ask",
        "request.answer",
    ]
    assert [*compare(), *chain.verify()] == []


def test_what_was_signed_before_the_asking_answers_nothing(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    row = ask(cast, now=NOW + timedelta(minutes=5))
    cast.sign(cast.ana, "1a")
    row.refresh_from_db()
    assert row.state == "open"


def test_a_mentor_declines_with_a_reason_that_the_apprentice_reads(cast: Cast) -> None:
    row = ask(cast)
    marcus = signed_in(cast.marcus)
    address = reverse("sign-off-request-decline", args=[row.uid])
    refused = marcus.post(address, {"reason": " "})
    assert refused.status_code == 400 and "Say why" in plain(refused.content)
    assert marcus.post(address, {"reason": "Two more audits first."}).status_code == 302
    assert marcus.post(address, {"reason": "Again."}).status_code == 409
    told = text_of(signed_in(cast.ana_user), reverse("sign-off-request", args=[row.uid]))
    assert "declined" in told and "“Two more audits first.”" in told
    assert list(compare()) == []


def test_the_apprentice_takes_a_request_back_and_asks_anew(cast: Cast) -> None:
    row = ask(cast)
    ana = signed_in(cast.ana_user)
    assert ana.post(reverse("sign-off-request-withdraw", args=[row.uid])).status_code == 302
    assert ask(cast).state == "open"
    assert list(compare()) == []


@pytest.mark.parametrize(
    ("who", "status"), [("ana_user", 403), ("nora", 403), ("ruth", 403), ("lena", 404), ("olga", 404)]
)
def test_only_an_assigned_mentor_declines(cast: Cast, who: str, status: int) -> None:
    row = ask(cast)
    client = signed_in(getattr(cast, who))
    address = reverse("sign-off-request-decline", args=[row.uid])
    assert client.post(address, {"reason": "No."}).status_code == status


def test_a_closed_request_cannot_be_changed_and_no_request_deleted(cast: Cast) -> None:
    row = ask(cast, ratings=[Rating(cast.competency("2g").standards.all()[0], cast.level(3))])
    rows = SignOffRequest.objects.filter(pk=row.pk)
    for act in (
        lambda: rows.update(note="Another."),
        lambda: row.competencies.clear(),
        lambda: SelfRating.objects.all().delete(),
        lambda: SelfRating.objects.update(competency=cast.competency("1a")),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    row.withdraw(by=cast.ana_user, now=NOW)
    for change in ({"state": "open", "closed_at": None}, {"reason": "Another."}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


# Who finds it


def test_requests_stand_first_for_every_mentor_of_today_and_for_nobody_else(cast: Cast) -> None:
    row = ask(cast, note="After lunch?")
    assert "Ana Reyes</b>: 2g" in text_of(signed_in(cast.marcus), reverse("review"))
    for person in (cast.lena, cast.priya, cast.nora):
        assert "Asked to sign" not in text_of(signed_in(person), reverse("review"))
    Mentorship.objects.create(
        apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY, ends_on=TODAY, stands_in_for=cast.marcus
    )
    assert "After lunch?" in text_of(signed_in(cast.lena), reverse("review"))
    assert SignOffRequest.objects.addressed_to(cast.lena).get() == row


def test_the_apprentice_sees_on_the_first_screen_what_waits(cast: Cast) -> None:
    ask(cast)
    week = text_of(signed_in(cast.ana_user), reverse("week", args=[cast.ana.uid]))
    assert "You asked to be signed for 2g" in week and "for Marcus Webb" in week


# The pages


def test_choosing_marks_what_waits_already_and_asks_for_at_least_one(cast: Cast) -> None:
    ask(cast)
    ana = signed_in(cast.ana_user)
    chosen = text_of(ana, page(cast))
    assert 'value="2g"' not in chosen and 'value="1a"' in chosen
    assert "Choose at least one competency." in text_of(ana, f"/apprentices/{cast.ana.uid}/ask/?asked=1")


def test_the_page_asks_with_ratings_hours_and_a_note(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana, cast.ojt("2g"))
    first, second = cast.competency("2g").standards.order_by("position")[:2]
    body = {
        "of": ["2g"],
        "evidence": [str(entry.uid)],
        f"own-{first.uid}": "3",
        f"own-{second.uid}": "",
        "note": "Friday.",
    }
    answer = signed_in(cast.ana_user).post(page(cast, "2g"), body)
    row = SignOffRequest.objects.get()
    assert answer["Location"] == reverse("sign-off-request", args=[row.uid])
    assert (row.note, row.evidence, row.self_ratings.get().rating.value) == ("Friday.", [str(entry.uid)], 3)
    again = signed_in(cast.ana_user).post(page(cast, "2g"), body)
    assert again.status_code == 409 and "You have asked for 2g already" in plain(again.content)
    assert "Friday." in plain(again.content)


def test_the_pages_ask_as_often_with_many_requests_as_with_one(cast: Cast) -> None:
    row = ask(cast)
    marcus = signed_in(cast.marcus)
    addresses = [reverse("review"), reverse("sign-off-request", args=[row.uid])]
    little = [queries(marcus, address) for address in addresses]
    ask(cast, "1a", "1b")
    ask(cast, "3a")
    assert [queries(marcus, address) for address in addresses] == little


# REST


def test_asking_declining_and_taking_back_over_rest(cast: Cast) -> None:
    ana, marcus = Rest(cast.ana_user), Rest(cast.marcus)
    standard = cast.competency("2g").standards.all()[0]
    body = {
        "apprentice": str(cast.ana.uid),
        "competencies": ["2G"],
        "self_ratings": [{"performance_standard": str(standard.uid), "rating": 3}],
    }
    status, row = ana.post("sign-off-requests/", body, key="a")
    assert (status, row["competencies"], row["state"]) == (201, ["2g"], "open")
    assert row["self_ratings"][0]["rating"] == 3
    assert ana.post("sign-off-requests/", body, key="a")[1] == row
    assert ana.post("sign-off-requests/", body)[0] == 409
    assert marcus.post("sign-off-requests/", body)[0] == 403
    assert Rest(cast.olga).get("sign-off-requests/")[1]["results"] == []
    assert marcus.get("sign-off-requests/", state="open")[1]["results"] == [row]
    assert marcus.post(f"sign-off-requests/{row['id']}/decline/", {"reason": ""})[1]["field"] == "reason"
    assert (
        marcus.post(f"sign-off-requests/{row['id']}/decline/", {"reason": "Later."})[1]["state"] == "declined"
    )
    assert ana.post(f"sign-off-requests/{row['id']}/withdraw/")[0] == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"competencies": ["9z"]}, "competencies"),
        ({"competencies": []}, "competencies"),
        ({"evidence": ["11111111-1111-4111-8111-111111111111"]}, "evidence"),
        ({"self_ratings": [{"competency": "1a", "rating": 3}]}, "self_ratings"),
        ({"self_ratings": [{"competency": "2g", "rating": 9}]}, "self_ratings"),
    ],
)
def test_what_cannot_be_asked_over_rest_is_refused_by_field(
    cast: Cast, change: dict[str, Any], field: str
) -> None:
    body = {"apprentice": str(cast.ana.uid), "competencies": ["2g"]} | change
    status, answer = Rest(cast.ana_user).post("sign-off-requests/", body)
    assert (status, answer["field"]) == (400, field)
