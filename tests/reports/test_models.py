"""A report from the request to the file: who may ask, who sees it, and that it is built once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from competencies.models import WorkProcessSchedule
from ledger.chain import entries_of
from reports.models import LEASE, MAX_ATTEMPTS, MOST_AT_ONCE, Lane, ReportRun
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
SHA = "a" * 64


def ask(cast: Cast, by: User | None = None, **what: Any) -> ReportRun:
    wanted = {"document": "progress"} | (what or {"apprentice": cast.ana})
    return ReportRun.objects.start(by=by or cast.nora, now=NOW, **wanted)


def claimed(run: ReportRun) -> ReportRun:
    found = ReportRun.objects.claim(run.pk, now=NOW)
    assert found
    return found


def finish(run: ReportRun, cast: Cast) -> bool:
    return run.finish(file_name="a.pdf", sha256=SHA, size=1000, told={cast.ana.uid: SHA}, now=NOW)


def died(run: ReportRun) -> None:
    """The worker that holds the report is gone and its lease is over."""
    ReportRun.objects.filter(pk=run.pk).update(lease_until=NOW - timedelta(seconds=1))


def test_apprentice_mentor_coordinator_and_auditor_may_ask_for_an_apprentices_report(cast: Cast) -> None:
    for person in (cast.ana_user, cast.marcus, cast.nora, cast.ruth):
        assert ask(cast, person).state == "queued"


@pytest.mark.parametrize("who", ["ben_user", "lena", "priya", "ivy", "olga"])
def test_nobody_else_may_ask_for_an_apprentices_report(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(cast, getattr(cast, who))


def test_only_coordinator_and_auditor_may_ask_for_a_programs_report(cast: Cast) -> None:
    for person in (cast.nora, cast.ruth):
        assert ask(cast, person, program=cast.program)
    for person in (cast.ana_user, cast.marcus, cast.priya, cast.olga):
        with pytest.raises(NotAllowed):
            ask(cast, person, program=cast.program)


def test_asking_twice_before_it_is_finished_gives_the_first(cast: Cast) -> None:
    first = ask(cast)
    assert ask(cast) == first
    assert ask(cast, cast.marcus) != first
    finish(claimed(first), cast)
    assert ask(cast) != first


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"document": "poem"}, "document"),
        ({"from_day": TODAY, "to_day": TODAY - timedelta(days=1)}, "from"),
        ({"to_day": TODAY + timedelta(days=1)}, "to"),
        ({"from_day": TODAY + timedelta(days=1)}, "from"),
    ],
)
def test_senseless_request_names_its_field(cast: Cast, what: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        ask(cast, **({"apprentice": cast.ana} | what))
    assert refusal.value.field == field


def test_report_is_about_one_apprentice_or_one_program(cast: Cast) -> None:
    for subjects in ({"apprentice": cast.ana, "program": cast.program}, {"apprentice": None}):
        with pytest.raises(Refusal, match="one apprentice or one program"):
            ask(cast, **subjects)


def test_requester_sees_a_report_while_the_record_is_open_to_them(cast: Cast) -> None:
    run = ask(cast, cast.marcus)
    assert run in ReportRun.objects.visible_to(cast.marcus)
    cast.ana.mentorships.update(ends_on=date(2026, 3, 1))
    assert run not in ReportRun.objects.visible_to(cast.marcus)


def test_nobody_sees_what_somebody_else_asked_about_an_apprentice(cast: Cast) -> None:
    run = ask(cast, cast.marcus)
    for person in (cast.ana_user, cast.nora, cast.ben_user, cast.olga):
        assert run not in ReportRun.objects.visible_to(person)


def test_coordinator_and_auditor_see_each_others_reports_of_their_program(cast: Cast) -> None:
    run = ask(cast, cast.nora, program=cast.program)
    assert run in ReportRun.objects.visible_to(cast.ruth)
    for person in (cast.ana_user, cast.marcus, cast.olga, cast.ivy):
        assert run not in ReportRun.objects.visible_to(person)
    Membership.objects.filter(user=cast.nora).update(ends_on=date(2026, 3, 1))
    assert run not in ReportRun.objects.visible_to(cast.nora)


def test_nobody_fills_the_queue_for_everybody(cast: Cast) -> None:
    days = [TODAY - timedelta(days=number) for number in range(MOST_AT_ONCE + 1)]
    first, *_ = [ask(cast, apprentice=cast.ana, to_day=day) for day in days[:-1]]
    with pytest.raises(Conflict, match="not finished yet"):
        ask(cast, apprentice=cast.ana, to_day=days[-1])
    assert ask(cast, cast.ruth, apprentice=cast.ana, to_day=days[-1])
    assert finish(claimed(first), cast)
    assert ask(cast, apprentice=cast.ana, to_day=days[-1])


def test_report_is_claimed_once(cast: Cast) -> None:
    run = ask(cast)
    first = claimed(run)
    assert (first.state, first.attempt, first.lease_until) == ("running", 1, NOW + LEASE)
    assert ReportRun.objects.claim(run.pk, now=NOW) is None


def test_progress_renews_the_lease(cast: Cast) -> None:
    run = claimed(ask(cast))
    later = NOW + LEASE - timedelta(seconds=1)
    assert run.advance(40, now=later)
    run.refresh_from_db()
    assert (run.percent, run.lease_until) == (40, later + LEASE)
    ReportRun.objects.reap(now=NOW + LEASE + timedelta(seconds=1))
    run.refresh_from_db()
    assert (run.state, run.percent) == ("running", 40)


def test_report_of_a_dead_worker_is_queued_again(cast: Cast) -> None:
    run = claimed(ask(cast))
    ReportRun.objects.reap(now=NOW + LEASE / 2)
    assert not ReportRun.objects.waiting(Lane.INTERACTIVE)
    ReportRun.objects.reap(now=NOW + LEASE * 2)
    run.refresh_from_db()
    assert (run.state, run.percent, run.lease_until) == ("queued", 0, None)
    assert claimed(run).attempt == 2


def test_worker_taken_for_dead_cannot_finish_or_fail_what_another_has(cast: Cast) -> None:
    slow = claimed(ask(cast))
    died(slow)
    ReportRun.objects.reap(now=NOW)
    quick = claimed(slow)
    assert not slow.advance(50, now=NOW)
    assert not slow.fail("too late", now=NOW)
    assert not finish(slow, cast)
    assert finish(quick, cast)
    assert slow.kept_as != quick.kept_as
    assert entries_of(cast.ana.uid).filter(act="report.export").count() == 1


def test_report_that_ends_its_worker_is_given_up_with_a_reason(cast: Cast) -> None:
    run = ask(cast)
    for _ in range(MAX_ATTEMPTS):
        died(claimed(run))
        ReportRun.objects.reap(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("failed", MAX_ATTEMPTS)
    assert "stopped 3 times" in run.reason
    assert not ReportRun.objects.waiting(Lane.INTERACTIVE)


def many(cast: Cast, by: User, *, count: int) -> list[ReportRun]:
    """Reports of Ana that differ by a day."""
    days = [TODAY - timedelta(days=number) for number in range(count)]
    return [ask(cast, by, apprentice=cast.ana, to_day=day) for day in days]


def built_in_order(lane: str) -> list[ReportRun]:
    return list(iter(lambda: ReportRun.objects.claim_next(lane, now=NOW), None))


def test_paper_of_a_person_never_waits_for_those_of_whole_programs(cast: Cast) -> None:
    whole = [ask(cast, program=cast.program), ask(cast, document="summary", program=cast.program)]
    each = ask(cast, program=cast.program, for_each=True)
    paper = ask(cast, document="schedule", program=cast.program)
    single = ask(cast, apprentice=cast.ana)
    assert built_in_order(Lane.INTERACTIVE) == [paper, single]
    assert built_in_order(Lane.BULK) == [*whole, each]


def test_sponsors_take_turns_however_many_reports_one_asks_for(cast: Cast) -> None:
    theirs = many(cast, cast.nora, count=6) + many(cast, cast.ruth, count=6)
    built = [ReportRun.objects.claim_next(Lane.INTERACTIVE, now=NOW) for _ in range(3)]
    assert built == theirs[:3]
    first, second = (ask(cast, cast.olga, apprentice=cast.chen, to_day=day) for day in (None, TODAY))
    assert built_in_order(Lane.INTERACTIVE) == [theirs[3], first, theirs[4], second, *theirs[5:]]


def test_who_asks_again_and_again_keeps_nobody_waiting(cast: Cast) -> None:
    """Nor does a lane that is never empty make later ones wait for what was built before."""
    theirs = many(cast, cast.nora, count=4)
    built = []
    for number in range(4):
        ask(cast, cast.olga, apprentice=cast.chen, to_day=TODAY - timedelta(days=number))
        built += [ReportRun.objects.claim_next(Lane.INTERACTIVE, now=NOW) for _ in range(2)]
    assert [one for one in built if one and one.apprentice == cast.ana] == theirs


def test_report_that_is_tried_again_stands_at_the_end_of_its_sponsors(cast: Cast) -> None:
    failed = claimed(ask(cast, apprentice=cast.ben))
    failed.fail("no paper", now=NOW)
    waiting = many(cast, cast.nora, count=3)
    failed.retry(by=cast.nora, now=NOW)
    assert built_in_order(Lane.INTERACTIVE) == [*waiting, failed]


def test_paper_of_the_library_has_a_turn_by_who_asks(cast: Cast) -> None:
    paper = {"document": "schedule", "schedule": WorkProcessSchedule.objects.get(sponsor=None)}
    by_olga, by_ivy, by_lena = (ask(cast, who, **paper) for who in (cast.olga, cast.ivy, cast.lena))
    assert (by_olga.turn, by_ivy.turn, by_lena.turn) == (1, 1, 1)


def test_failed_report_is_tried_again_by_who_may_read_the_record(cast: Cast) -> None:
    run = claimed(ask(cast, cast.nora, program=cast.program))
    run.fail("no paper", now=NOW)
    with pytest.raises(NotAllowed):
        run.retry(by=cast.marcus, now=NOW)
    run.retry(by=cast.ruth, now=NOW)
    assert (run.state, run.reason, run.requested_by) == ("queued", "", cast.ruth)
    assert run.last_attempt == 1 + MAX_ATTEMPTS
    assert claimed(run).attempt == 2


def test_only_failed_reports_are_tried_again(cast: Cast) -> None:
    run = ask(cast)
    with pytest.raises(Conflict):
        run.retry(by=cast.nora, now=NOW)


def test_export_is_on_the_record_with_the_files_hash(cast: Cast) -> None:
    run = claimed(ask(cast, to_day=TODAY, apprentice=cast.ana))
    assert finish(run, cast)
    entry = entries_of(cast.ana.uid).get(act="report.export")
    assert (entry.actor, entry.object) == (cast.nora.uid, run.uid)
    assert entry.payload.content == {
        "document": "progress",
        "from": None,
        "to": TODAY.isoformat(),
        "sha256": SHA,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "done"},
        {"state": "running"},
        {"state": "failed", "finished_at": NOW},
        {"state": "lost"},
        {"percent": 101},
        {"program_id": 1},
        {"apprentice_id": None},
        {"from_day": TODAY, "to_day": TODAY - timedelta(days=1)},
        {"lease_until": NOW},
    ],
)
def test_database_refuses_a_report_that_cannot_be(cast: Cast, wrong: dict[str, Any]) -> None:
    run = ask(cast)
    if "program_id" in wrong:
        wrong = {"program_id": cast.program.pk}
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportRun.objects.filter(pk=run.pk).update(**wrong)
