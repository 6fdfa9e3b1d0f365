"""Who may sign what, and what stays of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Mentorship
from competencies.models import Competency, PerformanceStandard, RatingLevel, RatingScale
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models import Attestation, Authentication, Rating, SignOff
from ojt_logs.models.attestations import ATTESTATIONS, OFFERED
from ojt_logs.progress import progress_of
from ojt_logs.signing import doubted, sign_once
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

FRESHLY = Authentication("password", NOW - timedelta(minutes=2))
YESTERDAY = TODAY - timedelta(days=1)


def sign(cast: Cast, *ratings: Rating, by: User | None = None, **fields: Any) -> list[SignOff]:
    """Marcus signs Ana's work of today after reviewing it, unless said otherwise."""
    given: dict[str, Any] = {
        "apprentice": cast.ana,
        "now": NOW,
        "authentication": FRESHLY,
        "method": "reviewed",
        "observed_from": TODAY,
        "observed_to": TODAY,
    } | fields
    apprentice = given.pop("apprentice")
    return SignOff.objects.record(apprentice, by=by or cast.marcus, ratings=ratings, **given)


def standard(cast: Cast, code: str = "2g", place: int = 0) -> PerformanceStandard:
    return cast.competency(code).standards.order_by("position")[place]


def three(cast: Cast) -> Rating:
    return Rating(standard(cast), cast.level(3))


def bare_competency(cast: Cast) -> Competency:
    """A competency that lists no standards, in a schedule of its own that Ana is put on."""
    draft = cast.program.schedule
    function = draft.job_functions.model.objects.create(
        schedule=_draft_schedule(cast), number=1, title="Everything"
    )
    competency = Competency.objects.create(
        job_function=function, position=1, letter="a", title="Codes charts"
    )
    Apprentice.objects.filter(pk=cast.ana.pk).update(schedule=function.schedule)
    cast.ana.refresh_from_db()
    return competency


def _draft_schedule(cast: Cast) -> Any:
    schedule = cast.program.schedule
    return type(schedule).objects.create(
        occupation=schedule.occupation, sponsor=cast.lakeside, title="Of our own", approach="competency"
    )


# What a signature leaves


def test_each_rating_is_a_row_of_its_own_with_its_own_ledger_entry(cast: Cast) -> None:
    signed = sign(cast, *(Rating(one, cast.level(4)) for one in cast.competency("2g").standards.all()))
    assert len(signed) == 5
    entries = [entry for entry in chain.entries_of(cast.ana.uid) if entry.act == "sign_off.sign"]
    assert [entry.object for entry in entries] == [row.uid for row in signed]
    assert {entry.actor for entry in entries} == {cast.marcus.uid}
    assert list(chain.verify()) == []


def test_the_ledger_holds_the_exact_statement_and_every_fact_and_no_word_of_the_note(cast: Cast) -> None:
    target = standard(cast)
    note, reason = "Ten charts, audited.", "There was no query to send."
    (row,) = sign(
        cast,
        Rating(target, cast.level(0), reason=reason),
        method="observed",
        observed_from=YESTERDAY,
        note=note,
    )
    entry = chain.entries_of(cast.ana.uid).get(object=row.uid)
    assert entry.payload.content == {
        "competency": "2g",
        "statement": target.text,
        "lineage": str(target.lineage),
        "rating": 0,
        "rating_label": "not yet seen",
        "passed": False,
        "method": "observed",
        "attestation": "I observed this work and attest to these ratings.",
        "attestation_version": 1,
        "observed_from": "2026-11-19",
        "observed_to": "2026-11-20",
        "signer": "Marcus Webb",
        "signer_initials": "MW",
        "signer_role": "mentor",
        "signer_qualification": "Coding supervisor, CCS",
        "signed_at": "2026-11-20T18:00:00+00:00",
        "time_zone": "America/Chicago",
        "authentication": "password",
        "authenticated_at": "2026-11-20T17:58:00+00:00",
        "note_sha256": digest(note),
        "reason_sha256": digest(reason),
        "withdraws": None,
    }
    assert note not in entry.payload.body and reason not in entry.payload.body


@pytest.mark.parametrize("method", OFFERED)
def test_the_attestation_says_what_the_method_says(cast: Cast, method: str) -> None:
    (row,) = sign(cast, three(cast), method=method)
    assert row.attestation.text == ATTESTATIONS[method]


def test_a_changed_attestation_is_another_version_and_the_old_one_stays(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = sign(cast, three(cast))
    monkeypatch.setitem(ATTESTATIONS, "reviewed", "I audited this work and attest to these ratings.")
    (after,) = sign(cast, three(cast))
    before.attestation.refresh_from_db()
    assert (before.attestation.version, after.attestation.version) == (1, 2)
    assert before.attestation.text == "I reviewed this work and attest to these ratings."


def test_name_and_qualification_stay_as_they_were_at_signing(cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    Membership.objects.filter(user=cast.marcus).update(title="Manager")
    User.objects.filter(pk=cast.marcus.pk).update(name="Marcus Webb-Stone")
    row = SignOff.objects.get(pk=row.pk)
    assert (row.signer_name, row.signer_qualification) == ("Marcus Webb", "Coding supervisor, CCS")


@pytest.mark.parametrize(
    ("days", "printed"),
    [(0, "Coding supervisor, CCS"), (-1, "Coding supervisor"), (400, "Coding supervisor, CCS")],
)
def test_a_credential_stands_behind_a_signature_until_its_last_day(
    cast: Cast, days: int, printed: str
) -> None:
    Membership.objects.filter(user=cast.marcus).update(credential_expires=TODAY + timedelta(days=days))
    (row,) = sign(cast, three(cast))
    assert row.signer_qualification == printed


def test_a_competency_without_standards_is_signed_as_a_whole(cast: Cast) -> None:
    competency = bare_competency(cast)
    assert progress_of(cast.ana).competencies_achieved == 0
    cast.ana.program.rating_scale = cast.level(3).scale
    (row,) = sign(cast, Rating(competency, cast.level(3)))
    assert row.performance_standard is None and row.facts()["statement"] == "Codes charts"
    assert progress_of(cast.ana).competencies_achieved == 1


def test_date_and_initials_is_a_scale_too(cast: Cast) -> None:
    competency = bare_competency(cast)
    scale = RatingScale.objects.get(name="Date and initials")
    schedule = competency.job_function.schedule
    type(cast.program).objects.filter(pk=cast.program.pk).update(schedule=schedule, rating_scale=scale)
    cast.ana.refresh_from_db()
    (row,) = sign(cast, Rating(competency, scale.levels.get()))
    assert row.passed


# Refusals


def refusals() -> dict[str, tuple[Callable[[Cast], Any], type[Exception], str]]:
    def by(name: str) -> Callable[[Cast], Any]:
        return lambda cast: sign(cast, three(cast), by=getattr(cast, name))

    def rated(make: Callable[[Cast], Rating]) -> Callable[[Cast], Any]:
        return lambda cast: sign(cast, make(cast))

    def said(**fields: Any) -> Callable[[Cast], Any]:
        return lambda cast: sign(cast, three(cast), **fields)

    stale = Authentication("password", NOW - timedelta(minutes=5, seconds=1))
    return {
        "own work": (by("ana_user"), NotAllowed, "own_work"),
        "a mentor of somebody else": (by("lena"), NotAllowed, "not_assigned"),
        "a coordinator": (by("nora"), NotAllowed, "not_assigned"),
        "an auditor": (by("ruth"), NotAllowed, "not_assigned"),
        "an instructor": (by("priya"), NotAllowed, "not_assigned"),
        "a mentor of another sponsor": (by("dara"), NotAllowed, "not_assigned"),
        "a stale password": (said(authentication=stale), NotAllowed, "stale_authentication"),
        "a level of another scale": (rated(_of_another_scale), Refusal, "off_scale"),
        "not yet seen without a reason": (rated(_unseen), Refusal, "reason_required"),
        "a reason without end": (rated(_endless), Refusal, "too_long"),
        "a standard of another schedule": (rated(_foreign), Refusal, "off_schedule"),
        "a whole competency that lists standards": (rated(_whole), Refusal, "off_schedule"),
        "an unknown method": (said(method="guessed"), Refusal, "method"),
        "dates the wrong way round": (said(observed_to=YESTERDAY), Refusal, "dates"),
        "tomorrow": (said(observed_to=TODAY + timedelta(days=1)), Refusal, "dates"),
        "nothing rated": (lambda cast: sign(cast), Refusal, "nothing_rated"),
    }


def _of_another_scale(cast: Cast) -> Rating:
    return Rating(standard(cast), RatingLevel.objects.get(scale__name="Date and initials"))


def _unseen(cast: Cast) -> Rating:
    return Rating(standard(cast), cast.level(0), reason="  ")


def _endless(cast: Cast) -> Rating:
    return Rating(standard(cast), cast.level(3), reason="x" * 501)


def _foreign(cast: Cast) -> Rating:
    others = PerformanceStandard.objects.filter(
        competency__code="2g", competency__job_function__schedule=cast.other_program.schedule
    )
    return Rating(others[0], cast.level(3))


def _whole(cast: Cast) -> Rating:
    return Rating(cast.competency("2g"), cast.level(3))


@pytest.mark.parametrize("case", list(refusals()))
def test_refused_with_a_code_and_nothing_is_written(cast: Cast, case: str) -> None:
    act, kind, code = refusals()[case]
    before = chain.entries_of(cast.ana.uid).count()
    with pytest.raises(kind) as refused:
        act(cast)
    assert isinstance(refused.value, Refusal)
    assert refused.value.code == code and len(refused.value.message) > 15
    assert not SignOff.objects.exists()
    assert chain.entries_of(cast.ana.uid).count() == before


def test_one_bad_rating_among_good_ones_signs_none(cast: Cast) -> None:
    with pytest.raises(Refusal):
        sign(cast, three(cast), Rating(standard(cast, place=1), cast.level(0)))
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("first", [YESTERDAY, TODAY])
def test_a_mentor_signs_only_what_was_seen_while_assigned(cast: Cast, first: date) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY)
    if first == TODAY:
        assert sign(cast, three(cast), by=cast.lena, observed_from=first)
        return
    with pytest.raises(NotAllowed, match="not assigned to Ana Reyes on Nov 19, 2026") as refused:
        sign(cast, three(cast), by=cast.lena, observed_from=first)
    assert refused.value.field == "observed_from"


def test_an_assignment_that_ended_before_the_day_seen_does_not_sign(cast: Cast) -> None:
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=YESTERDAY)
    with pytest.raises(NotAllowed):
        sign(cast, three(cast))
    assert sign(cast, three(cast), observed_from=YESTERDAY, observed_to=YESTERDAY)


@pytest.mark.parametrize(("ends", "starts", "without"), [(4, 7, "Nov 5"), (4, 5, ""), (9, 6, "")])
def test_work_seen_over_a_gap_between_two_assignments_is_not_signed(
    cast: Cast, ends: int, starts: int, without: str
) -> None:
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=date(2026, 11, ends))
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.marcus, starts_on=date(2026, 11, starts))
    if not without:
        assert sign(cast, three(cast), observed_from=date(2026, 11, 2))
        return
    with pytest.raises(NotAllowed, match=f"not assigned to Ana Reyes on {without}, 2026") as refused:
        sign(cast, three(cast), observed_from=date(2026, 11, 2))
    assert refused.value.field == "observed_to"


def test_work_seen_before_one_became_a_mentor_is_not_signed(cast: Cast) -> None:
    Membership.objects.filter(user=cast.marcus).update(starts_on=TODAY)
    with pytest.raises(NotAllowed, match="on Nov 19, 2026"):
        sign(cast, three(cast), observed_from=YESTERDAY)
    assert sign(cast, three(cast))


def test_the_assignment_is_looked_up_under_the_lock_of_the_persons_row(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        sign(cast, three(cast))
    tables = [query["sql"].split('FROM "', 1)[-1].split('"')[0] for query in asked.captured_queries]
    mentors = [i for i, q in enumerate(asked.captured_queries) if "apprenticeship_mentorship" in q["sql"]]
    assert mentors and tables.index("accounts_user") < mentors[0]


def test_a_mentor_whose_membership_has_ended_does_not_sign(cast: Cast) -> None:
    Membership.objects.filter(user=cast.marcus).update(ends_on=date(2026, 6, 30))
    with pytest.raises(NotAllowed):
        sign(cast, three(cast), observed_from=date(2026, 6, 1), observed_to=date(2026, 6, 1))


def test_a_password_of_five_minutes_ago_still_signs(cast: Cast) -> None:
    assert sign(cast, three(cast), authentication=Authentication("password", NOW - timedelta(minutes=5)))


def test_work_before_the_apprenticeship_is_not_signed(cast: Cast) -> None:
    before = cast.ana.started_on - timedelta(days=1)
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.marcus, starts_on=before, ends_on=before)
    with pytest.raises(Refusal, match="began on Feb 2, 2026"):
        sign(cast, three(cast), observed_from=before)


def test_tomorrow_is_tomorrow_where_the_signer_is(cast: Cast) -> None:
    """At 05:30 UTC of the 21st it is still the 20th in Chicago."""
    late = datetime.fromisoformat("2026-11-21T05:30:00+00:00")
    with pytest.raises(Refusal, match="tomorrow"):
        sign(
            cast,
            three(cast),
            now=late,
            authentication=Authentication("password", late),
            observed_to=date(2026, 11, 21),
        )


# Withdrawal and disagreement


def withdraw(cast: Cast, row: SignOff, *, by: User | None = None, **fields: Any) -> SignOff:
    given: dict[str, Any] = {"now": NOW, "authentication": FRESHLY, "reason": "It was Ben's work."} | fields
    return SignOff.objects.withdraw(row, by=by or cast.marcus, **given)


def test_a_withdrawn_rating_stands_no_more_and_both_rows_stay(cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    assert progress_of(cast.ana).standards_met == 1
    taken_back = withdraw(cast, row)
    assert progress_of(cast.ana).standards_met == 0
    assert set(SignOff.objects.all()) == {row, taken_back}
    assert not SignOff.objects.all().standing().exists()
    entry = chain.entries_of(cast.ana.uid).get(act="sign_off.withdraw")
    assert entry.payload.content is not None
    assert entry.payload.content["withdraws"] == str(row.uid)
    assert entry.payload.content["statement"] == standard(cast).text
    assert entry.payload.content["reason_sha256"] == digest("It was Ben's work.")


def test_nobody_withdraws_twice_nor_a_withdrawal(cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    taken_back = withdraw(cast, row)
    for again in (row, taken_back):
        with pytest.raises(Conflict):
            withdraw(cast, again)
    assert SignOff.objects.count() == 2


@pytest.mark.parametrize("who", ["lena", "nora", "ana_user", "olga"])
def test_only_the_signer_withdraws(cast: Cast, who: str) -> None:
    (row,) = sign(cast, three(cast))
    with pytest.raises(NotAllowed):
        withdraw(cast, row, by=getattr(cast, who))


def test_a_withdrawal_needs_a_reason_and_a_fresh_password(cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    with pytest.raises(Refusal, match="why"):
        withdraw(cast, row, reason=" ")
    with pytest.raises(NotAllowed, match="password"):
        withdraw(cast, row, authentication=Authentication("password", NOW - timedelta(minutes=6)))
    assert SignOff.objects.all().standing().get() == row


def test_a_later_lower_rating_stands_beside_the_pass_and_undoes_nothing(cast: Cast) -> None:
    (passed,) = sign(cast, three(cast))
    later = NOW + timedelta(days=1)
    (lower,) = sign(
        cast,
        Rating(standard(cast), cast.level(1)),
        now=later,
        authentication=Authentication("password", later),
    )
    assert progress_of(cast.ana).standards_met == 1
    assert doubted([lower], cast.marcus) == [(lower, passed)]


def test_not_yet_seen_says_nothing_against_an_earlier_pass(cast: Cast) -> None:
    sign(cast, three(cast))
    later = NOW + timedelta(days=1)
    (unseen,) = sign(
        cast,
        Rating(standard(cast), cast.level(0), reason="On leave."),
        now=later,
        authentication=Authentication("password", later),
    )
    assert doubted([unseen], cast.marcus) == []


# The database itself


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ojt_logs_signoff SET passed = NOT passed WHERE id = %s",
        "UPDATE ojt_logs_signoff SET signer_name = 'Lena Fox' WHERE id = %s",
        "UPDATE ojt_logs_signoff SET note = '' WHERE id = %s",
        "DELETE FROM ojt_logs_signoff WHERE id = %s",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_signed(cast: Cast, sql: str) -> None:
    (row,) = sign(cast, three(cast), note="As it was.")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [row.pk])
    assert SignOff.objects.get(pk=row.pk).note == "As it was."


def test_the_database_refuses_to_change_an_attestation(cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Attestation.objects.filter(pk=row.attestation_id).update(text="Whatever.")


# Two at once


def _signing(
    cast: Cast, key: str = "11111111-1111-4111-8111-111111111111", value: int = 3
) -> Callable[[], list[SignOff]]:
    return lambda: sign_once(
        UUID(key),
        cast.ana,
        by=cast.marcus,
        now=NOW,
        authentication=FRESHLY,
        method="reviewed",
        observed_from=TODAY,
        observed_to=TODAY,
        ratings=[Rating(standard(cast), cast.level(value))],
        note="",
    )


@pytest.mark.django_db(transaction=True)
def test_a_page_sent_twice_at_the_same_moment_signs_once(transactional_db: None, cast: Cast) -> None:
    first, second = at_once(_signing(cast), _signing(cast))
    assert [row.uid for row in first] == [row.uid for row in second]
    assert SignOff.objects.count() == 1
    assert list(chain.verify()) == []


def test_a_page_sent_again_with_another_rating_is_refused(cast: Cast) -> None:
    _signing(cast)()
    with pytest.raises(Conflict, match="signed already"):
        _signing(cast, value=4)()
    assert SignOff.objects.get().rating == cast.level(3)


@pytest.mark.django_db(transaction=True)
def test_two_mentors_sign_the_same_standard_at_the_same_moment_and_both_stand(
    transactional_db: None, cast: Cast
) -> None:
    """The first signatures of a site as well: the attestation is made once."""
    rating = Rating(standard(cast), cast.level(3))
    outcomes = at_once(
        lambda: sign(cast, rating, apprentice=cast.ben),
        lambda: sign(cast, rating, apprentice=cast.ben, by=cast.lena),
    )
    assert [len(signed) for signed in outcomes] == [1, 1]
    assert SignOff.objects.all().standing().count() == 2
    assert Attestation.objects.count() == 1
    assert list(chain.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_withdrawals_at_the_same_moment_one_is_told_so(transactional_db: None, cast: Cast) -> None:
    (row,) = sign(cast, three(cast))
    outcomes = at_once(lambda: withdraw(cast, row), lambda: withdraw(cast, row))
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1, outcomes
    assert SignOff.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "sentence"), [("suspended", "was suspended on this day"), ("cancelled", "had ended by then")]
)
def test_work_of_days_out_of_force_is_not_signed(cast: Cast, status: str, sentence: str) -> None:
    since = TODAY - timedelta(days=1)
    cast.ana.change_status(status, effective_on=since, reason="Leave.", by=cast.nora, now=NOW)
    with pytest.raises(Refusal, match=sentence) as refused:
        sign(cast, three(cast))
    assert refused.value.field == "observed_to"
    before = since - timedelta(days=1)
    assert sign(cast, three(cast), observed_from=before, observed_to=before)
