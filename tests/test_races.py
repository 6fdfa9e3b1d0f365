"""Acts that meet in the same moment, in real threads on the real database: nothing lost, nothing doubled.

Beside those in tests/ojt_logs/test_review.py (two mentors; approving and taking back) and in
tests/ojt_logs/test_sign_off_rules.py (two withdrawals; one page of signatures sent twice).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts import staff
from accounts.models import IdempotencyKey, Invitation, Membership, User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Alignment, Framework, WorkProcessSchedule
from competencies.suggest import suggest
from competencies.versions import adopt
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.models import HoursEntry, HoursTotal, InvalidTransition, Line, SignOff
from reports.models import ReportRun
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import signed_in
from tests.ojt_logs.test_day import line, typed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


@pytest.fixture(autouse=True)
def _whole_at_noon() -> Iterator[None]:
    """The clock stands at NOW; after every meeting totals, ledger and rows must agree."""
    with time_machine.travel(NOW, tick=False):
        yield
        assert rollup.differences() == []
        assert list(chain.verify()) == []
        assert list(record.compare()) == []


def moving(entry: HoursEntry, name: str, by: User, reason: str = "") -> Callable[[], list[HoursEntry]]:
    return lambda: HoursEntry.objects.filter(pk=entry.pk).move(name, by=by, now=NOW, reason=reason)


def acts(apprentice: Apprentice) -> list[str]:
    """What was done on the record since the apprentice was registered and assigned to a mentor."""
    told = [entry.act for entry in chain.entries_of(apprentice.uid)]
    return [act for act in told if not act.startswith("apprentice.")]


def minutes_of(day_of: User) -> int:
    rows = HoursEntry.objects.filter(apprentice__user=day_of, date=TODAY)
    return rows.aggregate(minutes=Sum("minutes"))["minutes"] or 0


def only_refusal(outcomes: list[Any], kind: type[Exception]) -> Any:
    """The one outcome that was refused, and that in the way expected."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], kind), outcomes
    return refused[0]


# Once only


def ojt(cast: Cast, **changes: Any) -> dict[str, Any]:
    body = {"apprentice": str(cast.ana.uid), "kind": "ojt", "date": "2026-11-20", "minutes": 45}
    return body | {"job_function": 2, "competency": "2g"} | changes


def test_twenty_equal_requests_with_one_key_log_once_and_get_one_answer(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    outcomes = at_once(*[lambda: fresh(ana).post("hours/", ojt(cast), key="once")] * 20)
    assert {status for status, _ in outcomes} == {201}, outcomes
    assert len({str(sorted(body.items())) for _, body in outcomes}) == 1
    assert HoursEntry.objects.get().minutes == 45
    assert IdempotencyKey.objects.count() == 1


def test_twenty_equal_submissions_with_one_key_have_one_effect_in_the_ledger(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=45))
    ana = Rest(cast.ana_user)
    path = f"hours/{draft.uid}/submit/"
    outcomes = at_once(*[lambda: fresh(ana).post(path, key="once")] * 20)
    assert Counter((status, body.get("status")) for status, body in outcomes) == {(200, "submitted"): 20}
    assert acts(cast.ana) == ["hours.submit"]
    assert HoursTotal.objects.get().waiting == 45


def test_two_different_requests_with_one_key_do_not_both_happen(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    outcomes = at_once(
        lambda: fresh(ana).post("hours/", ojt(cast), key="once"),
        lambda: fresh(ana).post("hours/", ojt(cast, minutes=46), key="once"),
    )
    assert sorted(status for status, _ in outcomes) == [201, 422]
    assert HoursEntry.objects.count() == 1


def fresh(rest: Rest) -> Rest:
    """The same token in a client of its own: a test client belongs to one thread."""
    one = Rest.__new__(Rest)
    one.secret, one.client = rest.secret, Client(headers={"Authorization": f"Bearer {rest.secret}"})
    return one


def test_the_form_of_a_day_sent_twice_at_once_writes_once(cast: Cast) -> None:
    data = typed(line("2g", "4:00"), line("3a", "3:00"))
    address = reverse("day", args=[cast.ana.uid, TODAY])
    clients = [signed_in(cast.ana_user), signed_in(cast.ana_user)]
    answers = at_once(*[lambda client=client: client.post(address, data) for client in clients])
    assert {answer.status_code for answer in answers} == {302}, answers
    assert sorted(HoursEntry.objects.values_list("minutes", flat=True)) == [180, 240]


@pytest.mark.parametrize("password", ["", "a long password"])
def test_an_invitation_accepted_twice_at_once_lets_in_once(cast: Cast, password: str) -> None:
    if not password:
        User.objects.create_user("eli@example.org", "another long password", name="Eli Ruiz")
    accept = accepting(invited(cast), password)
    refusal = only_refusal(at_once(accept, accept), Refusal)
    assert refusal.code == "invitation_used"
    assert Membership.objects.filter(user__email="eli@example.org").count() == 1


def test_two_invitations_of_one_newcomer_accepted_at_once_make_one_account(cast: Cast) -> None:
    """The second is told so and may be opened again, to join without a password."""
    tokens = [invited(cast), invited(cast)]
    outcomes = at_once(*[accepting(token, "a long password") for token in tokens])
    assert only_refusal(outcomes, Refusal).code == "invitation_overtaken"
    assert User.objects.filter(email="eli@example.org").count() == 1
    left = tokens[isinstance(outcomes[1], Refusal)]
    accepting(left, "")()
    assert Membership.objects.filter(user__email="eli@example.org").count() == 1


def invited(cast: Cast) -> str:
    return Invitation.objects.issue("eli@example.org", now=NOW, sponsor=cast.lakeside, role="mentor")[1]


def accepting(token: str, password: str) -> Callable[[], User]:
    """With a password somebody new comes in; without one the account that exists joins."""
    if not password:
        return lambda: Invitation.objects.join(token, now=NOW)
    return lambda: Invitation.objects.accept(token, password=password, name="Eli Ruiz", now=NOW)


# A day has 24 hours


def test_ten_at_once_never_fill_a_day_beyond_24_hours(cast: Cast) -> None:
    """Ten times 5 hours, in two programs of one person: four find room."""
    second = Apprentice.objects.register(
        cast.other_program, cast.ana_user, started_on=STARTED, by=cast.olga, now=NOW
    )
    other = Line("ojt", TODAY, 300, cast.other_program.schedule.job_functions.get(number=1))

    def log(place: int) -> Callable[[], list[HoursEntry]]:
        if place % 2:
            return lambda: cast.log(second, other)
        return lambda: cast.log(cast.ana, cast.ojt(minutes=300))

    outcomes = at_once(*map(log, range(10)))
    refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert (len(refused), HoursEntry.objects.count()) == (6, 4), outcomes
    assert minutes_of(cast.ana_user) == 1200


def test_drafts_lengthened_at_once_never_fill_a_day_beyond_24_hours(cast: Cast) -> None:
    drafts = cast.log(cast.ana, *[cast.ojt(minutes=60)] * 10)

    def lengthen(draft: HoursEntry) -> Callable[[], None]:
        return lambda: draft.change(by=cast.ana_user, now=NOW, minutes=300)

    outcomes = at_once(*map(lengthen, drafts))
    refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert len(refused) == 7, outcomes
    assert minutes_of(cast.ana_user) == 3 * 300 + 7 * 60


def test_one_report_is_asked_for_however_often_the_button_is_pressed(cast: Cast) -> None:
    def ask() -> ReportRun:
        return ReportRun.objects.start(by=cast.nora, document="progress", now=NOW, program=cast.program)

    assert len({run.pk for run in at_once(ask, ask, ask)}) == 1
    assert ReportRun.objects.count() == 1


# Moves that meet


def test_of_a_submission_and_another_at_once_one_counts(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    outcomes = at_once(*[moving(draft, "submit", cast.ana_user)] * 2)
    only_refusal(outcomes, InvalidTransition)
    assert acts(cast.ana) == ["hours.submit"]


def test_submitting_and_taking_back_at_once_end_in_the_state_that_was_last(cast: Cast) -> None:
    draft, waiting = cast.log(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    waiting.move("submit", by=cast.ana_user, now=NOW)
    at_once(
        *[moving(entry, name, cast.ana_user) for entry in (draft, waiting) for name in ("submit", "recall")]
    )
    for entry in (draft, waiting):
        entry.refresh_from_db()
        told = chain.entries_of(cast.ana.uid).filter(object=entry.uid)
        assert {"hours.submit": "submitted", "hours.recall": "draft"}[told.last().act] == entry.status
    assert sum(HoursTotal.objects.values_list("waiting", flat=True)) == sum(
        entry.minutes for entry in (draft, waiting) if entry.status == "submitted"
    )


def test_of_approving_and_returning_at_once_one_is_told_that_the_other_was_first(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ben, cast.ojt(minutes=60))
    outcomes = at_once(
        moving(entry, "approve", cast.marcus), moving(entry, "return", cast.lena, "Was this 2b?")
    )
    only_refusal(outcomes, InvalidTransition)
    entry.refresh_from_db()
    assert (entry.status, HoursTotal.objects.get().approved) in [("approved", 60), ("returned", 0)]


def test_of_two_devices_that_change_what_both_have_read_one_is_told_of_the_other(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    path, ana = f"hours/{draft.uid}/", Rest(cast.ana_user)
    seen = ana.get(path)[1]["changed_at"]
    with time_machine.travel(NOW + timedelta(minutes=1), tick=True):
        outcomes = at_once(
            lambda: fresh(ana).patch(path, {"minutes": 90, "seen": seen}),
            lambda: fresh(ana).patch(path, {"minutes": 75, "seen": seen}),
        )
    won, told = sorted(outcomes, key=lambda one: one[0])
    assert (won[0], told[0], told[1]["code"]) == (200, 409, "changed_since")
    draft.refresh_from_db()
    assert draft.minutes == won[1]["minutes"]
    assert ana.patch(path, {"minutes": 50, "seen": won[1]["changed_at"]})[0] == 200


def test_hours_are_not_changed_while_they_are_submitted(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    outcomes = at_once(
        lambda: draft.change(by=cast.ana_user, now=NOW, minutes=90), moving(draft, "submit", cast.ana_user)
    )
    draft.refresh_from_db()
    changed = not isinstance(outcomes[0], InvalidTransition)
    assert (draft.status, draft.minutes) == ("submitted", 90 if changed else 60), outcomes


def test_a_draft_is_not_deleted_while_it_is_submitted(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    outcomes = at_once(lambda: draft.remove(by=cast.ana_user), moving(draft, "submit", cast.ana_user))
    there = HoursEntry.objects.filter(pk=draft.pk).first()
    if there:
        only_refusal(outcomes, InvalidTransition)
        assert there.status == "submitted"
    else:
        assert acts(cast.ana) == []


def test_a_draft_deleted_twice_at_once_is_deleted_once(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    other = HoursEntry.objects.get(pk=draft.pk)
    outcomes = at_once(lambda: draft.remove(by=cast.ana_user), lambda: other.remove(by=cast.ana_user))
    only_refusal(outcomes, InvalidTransition)
    assert not HoursEntry.objects.exists()


def test_a_correction_approved_twice_at_once_replaces_once(cast: Cast) -> None:
    (old,) = cast.approved(cast.ben, cast.ojt(minutes=60))
    new = correcting(cast, old)()
    new.move("submit", by=cast.ben_user, now=NOW)
    outcomes = at_once(moving(new, "approve", cast.marcus), moving(new, "approve", cast.lena))
    only_refusal(outcomes, InvalidTransition)
    old.refresh_from_db()
    assert old.status == "superseded"
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 50


def test_of_two_corrections_written_at_once_one_is_told_of_the_other(cast: Cast) -> None:
    """The button was pressed twice."""
    (old,) = cast.approved(cast.ben, cast.ojt(minutes=60))
    outcomes = at_once(*[correcting(cast, old)] * 2)
    assert only_refusal(outcomes, InvalidTransition).code == "correction_open"
    assert HoursEntry.objects.count() == 2


def test_an_approval_is_not_undone_while_it_is_corrected(cast: Cast) -> None:
    (old,) = cast.approved(cast.ben, cast.ojt(minutes=60))
    outcomes = at_once(moving(old, "undo", cast.marcus), correcting(cast, old))
    only_refusal(outcomes, InvalidTransition)
    old.refresh_from_db()
    assert (old.status, old.corrections.count()) in [("submitted", 0), ("approved", 1)]


def correcting(cast: Cast, old: HoursEntry) -> Callable[[], HoursEntry]:
    same = HoursEntry.objects.get(pk=old.pk)
    line = cast.ojt("3a", minutes=50)
    return lambda: same.correct(by=cast.ben_user, now=NOW, reason="It was 3a.", line=line)


def test_mentors_who_approve_the_weeks_of_two_people_crosswise_do_not_wait_for_each_other(cast: Cast) -> None:
    """Locks are taken in one order, whatever order the weeks come in."""
    entries = [*cast.submitted(cast.ana, cast.ojt(minutes=60)), *cast.submitted(cast.ben, cast.ojt())]
    more = [*cast.submitted(cast.ben, cast.ojt("1a", minutes=60)), *cast.submitted(cast.ana, cast.ri())]
    more[1].move("recall", by=cast.ana_user, now=NOW)
    both = HoursEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    outcomes = at_once(
        lambda: both.order_by("pk").move("approve", by=cast.marcus, now=NOW),
        lambda: both.order_by("-pk").move("approve", by=cast.marcus, now=NOW),
        moving(more[0], "approve", cast.lena),
        lambda: cast.sign(cast.ben, "2g"),
        lambda: cast.sign(cast.ana, "2g"),
    )
    only_refusal(outcomes, InvalidTransition)
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 600
    assert SignOff.objects.count() == 2 * cast.competency("2g").standards.count()


def test_of_two_coordinators_who_end_each_other_one_remains(cast: Cast) -> None:
    Membership.objects.create(user=cast.lena, sponsor=cast.lakeside, role="coordinator", starts_on=STARTED)
    noras, lenas = Membership.objects.filter(sponsor=cast.lakeside, role="coordinator").order_by("pk")
    outcomes = at_once(
        lambda: staff.end_at_once(lenas, by=cast.nora, now=NOW),
        lambda: staff.end_at_once(noras, by=cast.lena, now=NOW),
    )
    assert only_refusal(outcomes, Refusal).code == "last_coordinator"
    held = Membership.objects.active(on=TODAY).filter(sponsor=cast.lakeside, role="coordinator")
    assert held.count() == 1


# Standards


def national() -> WorkProcessSchedule:
    return WorkProcessSchedule.objects.get(sponsor=None, occupation__rapids_code="1114")


def test_three_who_adopt_the_same_at_once_get_one_version(cast: Cast) -> None:
    def own() -> int:
        return adopt(national(), sponsor=cast.harbor, now=NOW, approach="hybrid").pk

    outcomes = at_once(own, own, own)
    versions = WorkProcessSchedule.objects.filter(sponsor=cast.harbor, approach="hybrid")
    assert outcomes == [versions.get().pk] * 3


def test_three_who_suggest_at_once_store_each_suggestion_once(cast: Cast) -> None:
    Alignment.objects.all().delete()
    framework = Framework.objects.get()
    outcomes = at_once(*[lambda: suggest(national(), framework)] * 3)
    assert outcomes == [Alignment.objects.count()] * 3
