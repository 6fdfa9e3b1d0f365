"""Probation, and what is decided about it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice, ProbationDecision
from ledger import chain
from ojt_logs import record
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]
STARTS = date(2026, 10, 5)


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


@pytest.fixture
def eli(cast: Cast) -> Apprentice:
    """Registered in a program of twelve months, two of them probation."""
    cast.program.change(by=cast.nora, now=NOW, probation_months=2)
    user = User.objects.create_user("eli@example.org", name="Eli Ruiz")
    return Apprentice.objects.register(cast.program, user, started_on=STARTS, by=cast.nora, now=NOW)


def decide(cast: Cast, who: Apprentice, outcome: str, **more: object) -> ProbationDecision:
    return ProbationDecision.objects.decide(who, outcome, by=cast.nora, now=NOW, **more)  # type: ignore[arg-type]


def test_the_end_comes_from_the_program_and_stands_on_the_board(cast: Cast, eli: Apprentice) -> None:
    assert eli.probation_ends_on == date(2026, 12, 5) and eli.in_probation
    text = text_of(signed_in(cast.nora), reverse("program", args=[cast.program.uid]))
    assert text.count("probation ends Dec 5") == 1
    Apprentice.objects.filter(pk=eli.pk).update(probation_ends_on=date(2026, 11, 19))
    text = text_of(signed_in(cast.nora), reverse("program", args=[cast.program.uid]))
    assert "probation ended Nov 19, 2026, not decided" in text


def test_a_passed_probation_is_in_the_record_and_final(cast: Cast, eli: Apprentice) -> None:
    row = decide(cast, eli, "passed")
    newest = chain.entries_of(eli.uid).last()
    assert newest and (newest.act, newest.object, newest.actor) == (
        "apprentice.probation",
        row.uid,
        cast.nora.uid,
    )
    assert list(record.compare()) == [] and not Apprentice.objects.get(pk=eli.pk).in_probation
    for outcome in ("passed", "extended"):
        with pytest.raises(Conflict, match="no probation to decide"):
            decide(cast, eli, outcome, ends_on=date(2026, 12, 20), reason="x")


def test_an_extension_has_a_reason_and_ends_by_a_quarter_of_the_term(cast: Cast, eli: Apprentice) -> None:
    most = STARTS + timedelta(days=365 // 4)
    for ends_on, reason, field in (
        (date(2026, 12, 5), "More time.", "ends_on"),
        (most + timedelta(days=1), "More time.", "ends_on"),
        (None, "More time.", "ends_on"),
        (most, " ", "reason"),
    ):
        with pytest.raises(Refusal) as refused:
            decide(cast, eli, "extended", ends_on=ends_on, reason=reason)
        assert refused.value.field == field
    decide(cast, eli, "extended", ends_on=most, reason="More time.")
    eli.refresh_from_db()
    assert eli.probation_ends_on == most and eli.in_probation
    assert list(record.compare()) == []


def test_who_was_registered_without_probation_has_none_to_decide(cast: Cast) -> None:
    with pytest.raises(Conflict):
        decide(cast, cast.ana, "passed")
    where = reverse("probation", args=[cast.ana.uid])
    assert signed_in(cast.nora).get(where).status_code == 409
    assert "Probation" not in text_of(signed_in(cast.nora), reverse("registration", args=[cast.ana.uid]))


def test_nora_decides_on_the_page_and_eli_reads_it(cast: Cast, eli: Apprentice) -> None:
    client, where = signed_in(cast.nora), reverse("probation", args=[eli.uid])
    typed = {"outcome": "extended", "ends_on": "2027-06-01", "reason": "Two weeks of leave."}
    text = plain(client.post(where, typed).content)
    assert "at most a quarter of the term" in text and "Two weeks of leave." in text
    assert client.post(where, typed | {"ends_on": "2026-12-19"}).status_code == 302
    said = text_of(signed_in(eli.user), reverse("registration", args=[eli.uid]))
    assert "probation ends Dec 19" in said and "“Two weeks of leave.”" in said and where not in said


def test_the_database_keeps_what_was_decided(cast: Cast, eli: Apprentice) -> None:
    decide(cast, eli, "passed")
    for words in ("UPDATE {} SET outcome = 'extended'", "DELETE FROM {}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words.format("apprenticeship_probationdecision"))


def test_the_board_asks_as_much_for_many_in_probation(cast: Cast, eli: Apprentice) -> None:
    client, where = signed_in(cast.nora), reverse("program", args=[cast.program.uid])
    before = queries(client, where)
    Apprentice.objects.filter(program=cast.program).update(probation_ends_on=date(2026, 12, 4))
    assert queries(client, where) == before
