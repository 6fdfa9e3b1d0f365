"""Another version of the schedule for people who are registered: previewed, proposed, acknowledged."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.history import history_of
from apprenticeship.models import Amendment, Apprentice, Class
from competencies import versions
from competencies.drafts import acts
from competencies.models import Competency, PerformanceStandard, WorkProcessSchedule
from ojt_logs import amendments
from ojt_logs.models import HoursEntry
from ojt_logs.progress import progress_of
from ojt_logs.record import compare
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in

pytestmark = pytest.mark.django_db
__all__ = ["noon"]


@pytest.fixture
def after(cast: Cast) -> WorkProcessSchedule:
    """The next version: 1a is gone, 1b has one standard more, everything else is as it was."""
    draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    rows = Competency.objects.filter(job_function__schedule=draft)
    acts.remove(draft, rows.get(code="1a"))
    acts.add(draft, PerformanceStandard(competency=rows.get(code="1b"), text="Explains a query in writing"))
    versions.issue(draft, by=cast.nora, now=NOW)
    return draft


def proposed(cast: Cast, after: WorkProcessSchedule, **changes: Any) -> Amendment:
    said = {"effective_on": TODAY, "by": cast.nora, "now": NOW} | changes
    return Amendment.objects.propose(cast.ana, after, **said)


def ask(cast: Cast, after: WorkProcessSchedule, people: list[Apprentice]) -> None:
    amendments.propose_to(
        cast.program, people, after, effective_on=TODAY, newcomers=True, by=cast.nora, now=NOW
    )


def end(cast: Cast) -> None:
    ana = Apprentice.objects.get(pk=cast.ana.pk)
    ana.change_status("cancelled", effective_on=TODAY, reason="Moved away", by=cast.nora, now=NOW)


class TestNextStep:
    def test_a_version_in_force_leads_on_to_who_learns_by_an_earlier_one(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        noras = signed_in(cast.nora)
        page, amend = reverse("schedule", args=[after.uid]), reverse("program-amend", args=[cast.program.uid])
        text = noras.get(page).text
        assert "goes on with version 1, and 2 apprentices learn by an earlier version" in text
        assert f"{amend}?to={after.uid}" in text and noras.get(f"{amend}?to={after.uid}").status_code == 200
        assert amend not in noras.get(reverse("schedule", args=[cast.program.schedule.uid])).text
        assert amend not in signed_in(cast.marcus).get(page).text
        assert amend not in signed_in(cast.ruth).get(page).text

    def test_who_was_asked_is_not_counted_again(self, cast: Cast, after: WorkProcessSchedule) -> None:
        page = reverse("schedule", args=[after.uid])
        ask(cast, after, [cast.ana])
        assert (
            "1 apprentice of Medical coders learns by an earlier version"
            in signed_in(cast.nora).get(page).text
        )
        ask(cast, after, [cast.ben])
        assert "by an earlier version" not in signed_in(cast.nora).get(page).text

    def test_a_draft_leads_nowhere_yet(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        text = signed_in(cast.nora).get(reverse("schedule", args=[draft.uid])).text
        assert reverse("program-amend", args=[cast.program.uid]) not in text
        assert reverse("crosswalk", args=[draft.uid]) not in text


class TestPreview:
    def test_it_says_what_carries_over_what_is_new_and_what_is_asked_no_more(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        cast.sign(cast.ana, "1a")
        cast.sign(cast.ana, "2g")
        (one,) = amendments.preview([cast.ana], after)
        assert {row.competency.code for row in one.carried} == {"2g"}
        assert {row.competency.code for row in one.no_longer_asked} == {"1a"}
        assert [row.text for row in one.newly_counted] == ["Explains a query in writing"]
        assert one.before.standards_counted - one.after.standards_counted == 4 - 1
        assert one.after.standards_met == one.before.standards_met - 4

    def test_it_changes_nothing(self, cast: Cast, after: WorkProcessSchedule) -> None:
        before = progress_of(cast.ana)
        amendments.preview([cast.ana, cast.ben], after)
        cast.ana.refresh_from_db()
        assert cast.ana.schedule == cast.program.schedule
        assert progress_of(cast.ana).standards_counted == before.standards_counted

    def test_more_people_cost_no_more_queries(
        self, cast: Cast, after: WorkProcessSchedule, django_assert_max_num_queries: Any
    ) -> None:
        for people in ([cast.ana], [cast.ana, cast.ben]):
            with django_assert_max_num_queries(44):
                amendments.preview(people, after)


class TestProposing:
    def test_nothing_changes_before_the_apprentice_agrees(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        proposed(cast, after)
        cast.ana.refresh_from_db()
        assert cast.ana.schedule == cast.program.schedule

    @pytest.mark.parametrize("days", [-400, 1])
    def test_the_day_lies_in_the_apprenticeship_and_not_ahead(
        self, cast: Cast, after: WorkProcessSchedule, days: int
    ) -> None:
        with pytest.raises(Refusal, match="Choose a day"):
            proposed(cast, after, effective_on=TODAY + timedelta(days=days))

    def test_who_has_not_begun_is_named(self, cast: Cast, after: WorkProcessSchedule) -> None:
        late = Apprentice.objects.register(
            cast.program, cast.chen_user, started_on=TODAY + timedelta(days=5), by=cast.nora, now=NOW
        )
        Apprentice.objects.filter(pk=late.pk).update(schedule=cast.ana.schedule)
        with pytest.raises(Refusal, match=f"{cast.chen_user.name} begins on .* Ask without them now"):
            Amendment.objects.propose(late, after, effective_on=TODAY, by=cast.nora, now=NOW)

    def test_the_day_is_not_before_the_approval(self, cast: Cast, after: WorkProcessSchedule) -> None:
        versions.approve(after, on=TODAY, by=cast.nora, now=NOW)
        with pytest.raises(Refusal, match="the day of the approval"):
            proposed(cast, after, effective_on=TODAY - timedelta(days=1))

    def test_only_a_version_in_force_of_the_same_schedule(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        draft = versions.begin_draft(after, sponsor=cast.lakeside)
        for wrong in (draft, cast.program.schedule, cast.other_program.schedule):
            with pytest.raises(Refusal, match="same schedule"):
                proposed(cast, wrong)
        with pytest.raises(Refusal, match="same schedule"):
            amendments.set_program(cast.program, draft, by=cast.nora, now=NOW)

    def test_one_at_a_time_also_when_two_coordinators_are_as_fast(
        self, transactional_db: None, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        def propose() -> str:
            try:
                proposed(cast, after)
            except Conflict as refusal:
                return refusal.code
            return "done"

        assert sorted(at_once(*[propose] * 3)) == ["amendment_open", "amendment_open", "done"]

    def test_the_program_is_locked_first_and_then_everybody_by_pk(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        with CaptureQueriesContext(connection) as said:
            ask(cast, after, [cast.ben, cast.ana])
        reads = [one["sql"] for one in said if one["sql"].startswith("SELECT")]
        assert 'FROM "apprenticeship_program"' in reads[0]
        assert 'FROM "accounts_user"' in reads[1]
        assert 'ORDER BY "accounts_user"."id"' in reads[1]
        assert Amendment.objects.open().count() == 2

    def test_asking_and_changing_a_class_wait_for_each_other(
        self, transactional_db: None, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        def teach() -> None:
            taught = Class.objects.select_related("program").get(pk=cast.klass.pk)
            taught.change(starts_on=TODAY, ends_on=None, roster=[cast.ana], by=cast.nora, now=NOW)

        assert at_once(lambda: ask(cast, after, [cast.ana, cast.ben]), teach) == [None, None]

    def test_the_class_time_of_the_program_follows_the_courses_of_its_version(self, cast: Cast) -> None:
        program, now = cast.program, NOW
        program.change(ri_minutes_required=None, by=cast.nora, now=now)
        assert program.ri_required(program.schedule) == 144 * 60
        draft = versions.begin_draft(program.schedule, sponsor=cast.lakeside)
        acts.remove(draft, draft.courses.get(code="MC 102"))
        versions.issue(draft, by=cast.nora, now=now)
        amendments.set_program(program, draft, by=cast.nora, now=now)
        assert program.ri_required(program.schedule) == 72 * 60
        assert progress_of(cast.ana).ri.required == 144 * 60

    def test_not_more_people_at_once_than_may_wait_for_each_other(
        self, cast: Cast, after: WorkProcessSchedule, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(amendments, "AT_ONCE", 1)
        with pytest.raises(Refusal, match="at most 1 people") as refused:
            ask(cast, after, [cast.ana, cast.ben])
        assert refused.value.field == "people"
        assert not Amendment.objects.exists()


class TestAcknowledging:
    def test_what_is_signed_stays_signed_and_the_rest_is_measured_anew(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        cast.sign(cast.ana, "1a")
        cast.sign(cast.ana, "2g")
        signed = cast.ana.sign_offs.count()
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        cast.ana.refresh_from_db()
        assert cast.ana.schedule == after
        assert cast.ana.sign_offs.count() == signed
        found = progress_of(cast.ana)
        assert (
            found.standards_met
            == Competency.objects.get(job_function__schedule=after, code="2g").standards.count()
        )
        assert list(compare()) == []

    def test_approved_hours_count_to_the_same_job_function(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        cast.approved(cast.ana, cast.ojt("2g", minutes=300))
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        cast.ana.refresh_from_db()
        second = progress_of(cast.ana).functions[1]
        assert (second.function.number, second.ojt.approved) == (2, 300)

    def test_drafts_follow_to_the_other_version_and_can_be_submitted(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        (draft,) = cast.log(cast.ana, cast.ojt("2g"))
        (gone,) = cast.log(cast.ana, cast.ojt("1a", minutes=30, day=TODAY - timedelta(days=1)))
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        draft.refresh_from_db()
        gone.refresh_from_db()
        assert draft.competency and draft.competency.job_function.schedule == after
        assert gone.job_function and gone.job_function.schedule == after
        assert gone.competency is None
        ids = [draft.pk, gone.pk]
        moved = HoursEntry.objects.filter(pk__in=ids).move("submit", by=cast.ana_user, now=NOW)
        assert {entry.status for entry in moved} == {"submitted"}
        assert list(compare()) == []

    def test_hours_that_wait_are_approved_as_they_were_submitted(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        (entry,) = cast.submitted(cast.ana, cast.ojt("1a", minutes=60))
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        entry.move("approve", by=cast.marcus, now=NOW)
        assert entry.competency and entry.competency.code == "1a"
        assert list(compare()) == []

    def test_a_correction_that_waits_is_approved_as_it_was_submitted(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        (old,) = cast.approved(cast.ana, cast.ojt(minutes=60))
        new = old.correct(by=cast.ana_user, now=NOW, reason="Left early", line=cast.ojt(minutes=50))
        new.move("submit", by=cast.ana_user, now=NOW)
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        new.move("approve", by=cast.marcus, now=NOW)
        assert progress_of(Apprentice.objects.get(pk=cast.ana.pk)).ojt.approved == 50
        assert list(compare()) == []

    @pytest.mark.parametrize("code", ["1a", "2g"])
    @pytest.mark.parametrize("move", ["recall", "return"])
    def test_what_comes_back_names_the_version_in_force_and_is_submitted_again(
        self, cast: Cast, after: WorkProcessSchedule, move: str, code: str
    ) -> None:
        (entry,) = cast.submitted(cast.ana, cast.ojt(code, minutes=60))
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        by = cast.ana_user if move == "recall" else cast.marcus
        (back,) = HoursEntry.objects.filter(pk=entry.pk).move(move, by=by, now=NOW, reason="Look again")
        assert back.job_function and back.job_function.schedule == after
        assert (back.competency and back.competency.code) == ("2g" if code == "2g" else None)
        back.move("submit", by=cast.ana_user, now=NOW)
        back.move("approve", by=cast.marcus, now=NOW)
        assert list(compare()) == []

    def test_class_hours_come_back_to_the_same_course(self, cast: Cast, after: WorkProcessSchedule) -> None:
        (entry,) = cast.submitted(cast.ana, cast.ri())
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        entry.move("recall", by=cast.ana_user, now=NOW)
        assert entry.course and entry.course.schedule == after
        assert entry.course.lineage == cast.klass.course.lineage

    def test_more_drafts_cost_no_more_queries(
        self, cast: Cast, after: WorkProcessSchedule, django_assert_num_queries: Any
    ) -> None:
        cast.log(cast.ana, *[cast.ojt(minutes=30 + one) for one in range(3)])
        for drafts in (HoursEntry.objects.filter(minutes=30), HoursEntry.objects.all()):
            with django_assert_num_queries(5):
                drafts.follow(after.pk)

    def test_elections_follow(self, cast: Cast, after: WorkProcessSchedule) -> None:
        cast.ana.elected_functions.add(cast.function(5))
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        cast.ana.refresh_from_db()
        (elected,) = cast.ana.elected_functions.all()
        assert (elected.schedule, elected.number) == (after, 5)

    def test_nobody_agrees_for_somebody_else(self, cast: Cast, after: WorkProcessSchedule) -> None:
        row = proposed(cast, after)
        for somebody in (cast.nora, cast.marcus, cast.ben_user):
            with pytest.raises(NotAllowed):
                amendments.acknowledge(row, by=somebody, now=NOW)

    def test_what_is_withdrawn_or_answered_is_over(self, cast: Cast, after: WorkProcessSchedule) -> None:
        row = proposed(cast, after)
        row.withdraw(by=cast.nora, now=NOW)
        with pytest.raises(Conflict):
            amendments.acknowledge(row, by=cast.ana_user, now=NOW)
        again = proposed(cast, after)
        amendments.acknowledge(again, by=cast.ana_user, now=NOW)
        with pytest.raises(Conflict):
            again.withdraw(by=cast.nora, now=NOW)

    def test_an_end_takes_the_proposal_back(self, cast: Cast, after: WorkProcessSchedule) -> None:
        row = proposed(cast, after)
        end(cast)
        row.refresh_from_db()
        assert row.withdrawn_at == NOW
        assert list(compare()) == []

    def test_nobody_agrees_after_the_end(self, cast: Cast, after: WorkProcessSchedule) -> None:
        seen = proposed(cast, after)
        end(cast)
        with pytest.raises(Conflict, match="answered or withdrawn"):
            amendments.acknowledge(seen, by=cast.ana_user, now=NOW)
        with pytest.raises(Conflict, match="has ended"):
            proposed(cast, after)

    def test_nobody_agrees_to_a_version_that_was_retired(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        row = proposed(cast, after)
        versions.retire(WorkProcessSchedule.objects.get(pk=after.pk), reason="Wrong", by=cast.nora, now=NOW)
        with pytest.raises(Conflict, match="no longer in force"):
            amendments.acknowledge(row, by=cast.ana_user, now=NOW)
        assert Amendment.objects.open().get() == row
        cast.ana.refresh_from_db()
        assert cast.ana.schedule == cast.program.schedule

    def test_a_proposal_cannot_be_changed_afterwards(self, cast: Cast, after: WorkProcessSchedule) -> None:
        row = proposed(cast, after)
        rows = Amendment.objects.filter(pk=row.pk)
        for change in ({"effective_on": TODAY - timedelta(days=9)}, {"after": cast.program.schedule}):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete("default")

    @pytest.mark.parametrize("column", ["acknowledged_at", "withdrawn_at"])
    def test_another_moment_than_the_record_says_is_found(
        self, cast: Cast, after: WorkProcessSchedule, column: str
    ) -> None:
        row = proposed(cast, after)
        if column == "acknowledged_at":
            amendments.acknowledge(row, by=cast.ana_user, now=NOW)
        else:
            row.withdraw(by=cast.nora, now=NOW)
        assert list(compare()) == []
        Amendment.objects.filter(pk=row.pk).update(**{column: NOW - timedelta(days=9)})
        assert any(column in str(one) for one in compare())

    def test_the_history_of_the_registration_tells_it(self, cast: Cast, after: WorkProcessSchedule) -> None:
        proposed(cast, after).withdraw(by=cast.nora, now=NOW)
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        told = [sentence for step in history_of(cast.ana) for sentence in step.sentences]
        change = f"from version {cast.program.schedule.version} of the schedule to version {after.version}"
        assert told[:5] == [
            f"Learns by version {after.version} of the schedule",
            f"Agreed to change {change} from Nov 20, 2026",
            f"Asked to change {change} from Nov 20, 2026",
            f"The proposal to change {change} was taken back",
            f"Asked to change {change} from Nov 20, 2026",
        ]

    def test_a_pinned_version_that_nobody_agreed_to_is_found(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        cast.ana.schedule = after
        cast.ana.save(update_fields=["schedule"])
        assert any("schedule" in str(one) for one in compare())


@pytest.mark.usefixtures("noon")
class TestPages:
    def test_nora_asks_and_ana_agrees(self, cast: Cast, after: WorkProcessSchedule) -> None:
        nora, ana = signed_in(cast.nora), signed_in(cast.ana_user)
        address = f"{reverse('program-amend', kwargs={'uid': cast.program.uid})}?to={after.uid}"
        assert "1 newly counted" in " ".join(nora.get(address).content.decode().split())
        sent = {"people": [cast.ana.uid], "effective_on": TODAY.isoformat(), "newcomers": "on"}
        assert nora.post(address, sent).status_code == 302
        cast.program.refresh_from_db()
        assert cast.program.schedule == after
        week = ana.get(reverse("week", kwargs={"uid": cast.ana.uid})).content.decode()
        row = Amendment.objects.get()
        assert reverse("amendment", kwargs={"uid": row.uid}) in week
        page = reverse("amendment", kwargs={"uid": row.uid})
        assert "I have read it and agree" in ana.get(page).content.decode()
        assert "has not answered yet" in nora.get(page).content.decode()
        ana.post(page)
        assert "Acknowledged" in nora.get(page).content.decode()
        cast.ana.refresh_from_db()
        cast.ben.refresh_from_db()
        assert (cast.ana.schedule, cast.ben.schedule) == (after, versions.basis(after, cast.nora))

    def test_a_day_that_makes_no_sense_is_told_and_nobody_is_asked(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        nora: Client = signed_in(cast.nora)
        address = f"{reverse('program-amend', kwargs={'uid': cast.program.uid})}?to={after.uid}"
        answer = nora.post(
            address, {"people": [cast.ana.uid], "effective_on": "2026-11-21", "newcomers": "on"}
        )
        assert "Choose a day from" in answer.content.decode()
        assert not Amendment.objects.exists()
        cast.program.refresh_from_db()
        assert cast.program.schedule != after

    def test_where_nothing_would_change_nothing_is_offered(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        nora = signed_in(cast.nora)
        address = f"{reverse('program-amend', kwargs={'uid': cast.program.uid})}?to={after.uid}"
        for person in Apprentice.objects.everyone().filter(program=cast.program):
            person.schedule = after
            person.save(update_fields=["schedule"])
        newcomers = nora.get(address).content.decode()
        assert "Save</button>" in newcomers and "nothing to change" not in newcomers
        cast.program.schedule = after
        cast.program.save(update_fields=["schedule"])
        page = nora.get(address).content.decode()
        assert "there is nothing to change" in page and "Save</button>" not in page

    def test_a_foreign_apprentice_is_no_choice(self, cast: Cast, after: WorkProcessSchedule) -> None:
        nora = signed_in(cast.nora)
        address = f"{reverse('program-amend', kwargs={'uid': cast.program.uid})}?to={after.uid}"
        nora.post(address, {"people": [cast.chen.uid], "effective_on": TODAY.isoformat()})
        assert not Amendment.objects.exists()


class TestAPageOfElectionsLeftOpen:
    """Nora opens what is elected for Ana, and then Ana's version changes."""

    def send(self, cast: Cast, lineage: object) -> int:
        where = reverse("registration-elections", args=[cast.ana.uid])
        return signed_in(cast.nora).post(where, {f"function-{lineage}": "on"}).status_code

    def test_elects_the_same_job_function_of_the_new_version(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        fifth = cast.function(5)
        assert f'name="function-{fifth.lineage}"' in (
            signed_in(cast.nora).get(reverse("registration-elections", args=[cast.ana.uid])).text
        )
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        assert self.send(cast, fifth.lineage) == 302
        assert cast.ana.elected_functions.get() == after.job_functions.get(number=5)

    def test_is_refused_with_what_the_new_version_does_not_offer(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        fifth, core = cast.function(5), cast.function(1)
        cast.ana.elect([fifth], [], by=cast.nora, now=NOW)
        amendments.acknowledge(proposed(cast, after), by=cast.ana_user, now=NOW)
        for name in (core.lineage, fifth.pk):
            assert self.send(cast, name) == 409
        assert cast.ana.elected_functions.get().lineage == fifth.lineage

    def test_ana_reads_the_version_that_she_is_asked_to_learn_by(
        self, cast: Cast, after: WorkProcessSchedule
    ) -> None:
        ana = signed_in(cast.ana_user)
        addresses = [
            reverse(name, kwargs={"uid": after.uid}) for name in ("schedule", "schedule-differences")
        ]
        assert {ana.get(address).status_code for address in addresses} == {404}
        proposed(cast, after)
        assert {ana.get(address).status_code for address in addresses} == {200}


def test_what_the_program_elected_stays_asked_of_whoever_is_registered(cast: Cast) -> None:
    cast.program.elect([cast.function(5)], [], by=cast.nora, now=NOW)
    before = progress_of(cast.ana).standards_counted
    draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    acts.remove(draft, draft.job_functions.get(number=5))
    versions.issue(draft, by=cast.nora, now=NOW)
    amendments.set_program(cast.program, draft, by=cast.nora, now=NOW)
    ana = Apprentice.objects.everyone().get(pk=cast.ana.pk)
    assert progress_of(ana).standards_counted == before
    assert list(compare()) == []
