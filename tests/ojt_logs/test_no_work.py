"""Days without work: dated facts that explain gaps and move the pace, and refuse nothing (decision 14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.history import history_of
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs.burn_up import burn_up
from ojt_logs.models import NoWorkPeriod, days_without_work, on_leave
from ojt_logs.progress import days_out, elapsed_days, progress_of
from ojt_logs.record import compare
from reports.pace import pace_line
from tests.api.client import Rest
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]
DAY = timedelta(days=1)


def noted(cast: Cast, first: int, last: int, why: str = "leave", **changes: Any) -> NoWorkPeriod:
    """A period of Ana's from so many days ago to so many, noted by herself."""
    said = {"first_day": TODAY - first * DAY, "last_day": TODAY - last * DAY, "by": cast.ana_user, "now": NOW}
    return NoWorkPeriod.objects.record(cast.ana, why, **said | changes)


def again(apprentice: Apprentice) -> Apprentice:
    return Apprentice.objects.everyone().get(pk=apprentice.pk)


class TestRules:
    def test_each_is_an_entry_of_the_record_and_read_in_its_history(self, cast: Cast) -> None:
        row = noted(cast, 9, 5, note="Moving house")
        entry = chain.entries_of(cast.ana.uid).last()
        assert entry and (entry.act, entry.actor, entry.object) == (
            "apprentice.no_work",
            cast.ana_user.uid,
            row.uid,
        )
        assert "Moving house" not in entry.payload.body
        row.withdraw(by=cast.nora, now=NOW, reason="She worked")
        assert [step.sentences[0] for step in history_of(cast.ana)][:2] == [
            "No work from Nov 11, 2026 to Nov 15, 2026 (leave), was taken back",
            "No work from Nov 11, 2026 to Nov 15, 2026 (leave)",
        ]
        assert list(compare()) == []

    def test_a_changed_row_is_a_difference(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        row = noted(cast, 9, 5)
        monkeypatch.setattr(NoWorkPeriod, "facts", lambda self: {"why": "sick"})
        assert [str(row.uid) in str(one) for one in compare()] == [True]

    @pytest.mark.parametrize(
        ("first", "last", "field"), [(3, 4, "last_day"), (999, 2, "first_day"), (1, -400, "last_day")]
    )
    def test_days_lie_in_the_apprenticeship(self, cast: Cast, first: int, last: int, field: str) -> None:
        with pytest.raises(Refusal) as refused:
            noted(cast, first, last)
        assert refused.value.field == field

    def test_no_day_is_in_two_of_them_until_one_is_taken_back(self, cast: Cast) -> None:
        row = noted(cast, 9, 5)
        with pytest.raises(Refusal, match="Nov 11 to Nov 15, 2026"):
            noted(cast, 5, 1)
        row.withdraw(by=cast.ana_user, now=NOW, reason="Other days")
        assert noted(cast, 5, 1).stands

    def test_only_oneself_and_ones_coordinators_enter_them(self, cast: Cast) -> None:
        for wrong in (cast.marcus, cast.priya, cast.ruth, cast.olga, cast.ben_user):
            with pytest.raises(NotAllowed):
                noted(cast, 9, 5, by=wrong)
        assert noted(cast, 9, 5, by=cast.nora).entered_by == cast.nora

    def test_what_a_coordinator_entered_the_apprentice_does_not_take_back(self, cast: Cast) -> None:
        row = noted(cast, 9, 5, "layoff", by=cast.nora)
        for wrong in (cast.ana_user, cast.marcus, cast.olga):
            with pytest.raises(NotAllowed):
                row.withdraw(by=wrong, now=NOW, reason="No")
        with pytest.raises(Refusal, match="Say why"):
            row.withdraw(by=cast.nora, now=NOW, reason=" ")
        row.withdraw(by=cast.nora, now=NOW, reason="Called back")
        with pytest.raises(Conflict):
            row.withdraw(by=cast.nora, now=NOW, reason="Again")

    def test_the_database_keeps_its_days_and_the_row(self, cast: Cast) -> None:
        row = NoWorkPeriod.objects.filter(pk=noted(cast, 9, 5).pk)
        for wrong in (lambda: row.update(last_day=TODAY), lambda: row.delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                wrong()


class TestWhatItMoves:
    def test_it_refuses_no_hours_and_changes_no_status(self, cast: Cast) -> None:
        noted(cast, 2, 0, "sick")
        (entry,) = cast.approved(cast.ana, cast.ojt(minutes=240))
        assert entry.status == "approved" and again(cast.ana).status == "active"

    def test_the_plan_expects_nothing_on_these_days(self, cast: Cast) -> None:
        before = progress_of(cast.ana).pace.days
        noted(cast, 30, 21)
        assert elapsed_days(again(cast.ana), on=TODAY) == (TODAY - STARTED).days - 10
        after = progress_of(again(cast.ana)).pace.days
        assert before is not None and after == before + 10

    @pytest.mark.parametrize("how", ["leave", "suspension"])
    def test_decision_12_both_move_what_is_expected_wherever_it_is_told(self, cast: Cast, how: str) -> None:
        before = progress_of(cast.ana, as_of=TODAY)
        drawn = burn_up([before], today=TODAY).expected
        ends_on = pace_line(before, []).ends_on
        if how == "leave":
            noted(cast, 100, 41)
        else:
            for status, ago in (("suspended", 100), ("active", 40)):
                day = TODAY - ago * DAY
                cast.ana.change_status(status, effective_on=day, reason="Family", by=cast.nora, now=NOW)
        after = progress_of(again(cast.ana), as_of=TODAY)
        assert (before.pace.expected_percent, after.pace.expected_percent) == (79, 63)
        assert (before.pace.days, after.pace.days) == (-291, -231)
        assert (drawn, burn_up([after], today=TODAY).expected) == (51, 41)
        assert pace_line(after, []).ends_on == ends_on + 60 * DAY
        assert after.expects == "The plan expects 63 % by Nov 20, 2026"

    def test_a_day_in_a_suspension_and_a_period_is_one_day(self, cast: Cast) -> None:
        noted(cast, 30, 21)
        cast.ana.change_status(
            "suspended", effective_on=TODAY - 25 * DAY, reason="Asked for it", by=cast.nora, now=NOW
        )
        cast.ana.change_status("active", effective_on=TODAY - 15 * DAY, reason="Back", by=cast.nora, now=NOW)
        assert again(cast.ana).suspended_days(until=TODAY) == 10
        assert days_out(again(cast.ana), until=TODAY) == 15
        assert days_out(again(cast.ana), until=TODAY - 28 * DAY) == 3

    def test_what_was_taken_back_moves_nothing(self, cast: Cast) -> None:
        noted(cast, 30, 21).withdraw(by=cast.ana_user, now=NOW, reason="Wrong month")
        assert days_out(again(cast.ana), until=TODAY) == 0

    def test_nobody_is_reminded_on_leave_or_suspended(self, cast: Cast) -> None:
        noted(cast, 9, 5)
        assert on_leave(cast.ana, TODAY - 5 * DAY) and not on_leave(cast.ana, TODAY - 4 * DAY)
        cast.ana.change_status("suspended", effective_on=TODAY, reason="Pause", by=cast.nora, now=NOW)
        assert on_leave(again(cast.ana), TODAY)
        found = days_without_work(again(cast.ana), TODAY - 6 * DAY, TODAY)
        assert found == {TODAY - 6 * DAY, TODAY - 5 * DAY, TODAY}


@pytest.mark.usefixtures("noon")
class TestPages:
    def test_ana_notes_leave_and_reads_it_in_her_week(self, cast: Cast) -> None:
        client, where = signed_in(cast.ana_user), reverse("no-work", args=[cast.ana.uid])
        cast.log(cast.ana)
        said = {"why": "sick", "first_day": "2026-11-19", "last_day": "2026-11-20", "note": "Half days"}
        answer = client.post(where, said, follow=True)
        assert "1 entry is logged on these days; hours stay" in answer.content.decode()
        week = text_of(client, reverse("week", args=[cast.ana.uid]))
        assert "No work is noted Nov 19 to Nov 20, 2026 (sick)" in week
        assert "No work is noted" in text_of(client, reverse("day", args=[cast.ana.uid, TODAY]))
        row = cast.ana.no_work_periods.get()
        client.post(reverse("no-work-take-back", args=[row.uid]), {"reason": "I worked"})
        assert "I worked" in text_of(client, where)
        assert "No work is noted" not in text_of(client, reverse("week", args=[cast.ana.uid]))

    def test_what_is_refused_is_said_beside_its_field_and_kept(self, cast: Cast) -> None:
        client, where = signed_in(cast.ana_user), reverse("no-work", args=[cast.ana.uid])
        said = {"why": "leave", "first_day": "2026-11-20", "last_day": "2026-11-19"}
        text = client.post(where, said).content.decode()
        assert "It would end before it begins" in text and 'value="2026-11-19"' in text

    def test_the_board_says_until_when_and_never_why(self, cast: Cast) -> None:
        noted(cast, 1, -3, "sick")
        text = text_of(signed_in(cast.nora), reverse("program", args=[cast.program.uid]))
        assert "no work until Nov 23" in text and "Sick" not in text

    def test_a_mentor_reads_nothing_of_it(self, cast: Cast) -> None:
        noted(cast, 1, 0, "sick", note="A canary")
        marcus = signed_in(cast.marcus)
        text_of(marcus, reverse("no-work", args=[cast.ana.uid]), status=403)
        assert "canary" not in text_of(marcus, reverse("progress", args=[cast.ana.uid]))
        assert Rest(cast.marcus).get("no-work-periods/")[1]["results"] == []


def test_over_rest_a_coordinator_notes_finds_and_takes_back(cast: Cast, noon: Any) -> None:
    nora = Rest(cast.nora)
    body = {
        "apprentice": str(cast.ana.uid),
        "why": "layoff",
        "first_day": "2026-11-02",
        "last_day": "2026-11-06",
    }
    status, row = nora.post("no-work-periods/", body)
    assert (status, row["entered_by"], row["withdrawn_at"]) == (201, "Nora Bell", None)
    assert nora.post("no-work-periods/", body)[1]["code"] == "overlaps"
    found = nora.get("no-work-periods/", apprentice=str(cast.ana.uid), to="2026-11-03")[1]["results"]
    assert [one["id"] for one in found] == [row["id"]]
    assert nora.get("no-work-periods/", **{"from": "2026-11-07"})[1]["results"] == []
    assert Rest(cast.marcus).post("no-work-periods/", body)[0] == 403
    status, back = nora.post(f"no-work-periods/{row['id']}/withdraw/", {"reason": "Called back"})
    assert (status, back["withdrawn_why"]) == (200, "Called back")
