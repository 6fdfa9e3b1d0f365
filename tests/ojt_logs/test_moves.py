"""The life of an hours entry."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.refusals import NotAllowed, Refusal
from ledger import chain
from ojt_logs import rollup
from ojt_logs.models import HoursEntry, HoursTotal, InvalidTransition, Line
from ojt_logs.models.rules import filling, fills_day
from ojt_logs.models.totals import OTHER_WORK
from ojt_logs.progress import progress_of
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


def test_an_approved_entry_counts_and_its_acts_are_on_the_record(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2g", minutes=450))
    total = HoursTotal.objects.get(apprentice=cast.ana)
    assert (total.waiting, total.approved) == (450, 0)
    entry.move("approve", by=cast.marcus, now=NOW)
    total.refresh_from_db()
    assert (total.waiting, total.approved) == (0, 450)
    acts = [row.act for row in chain.entries_of(cast.ana.uid)]
    assert acts[:3] == ["apprentice.register", "apprentice.facts", "apprentice.mentor"]
    assert acts[3:] == ["apprentice.class", "hours.submit", "hours.approve"]
    assert rollup.differences() == []
    assert list(chain.verify()) == []


def test_sums_of_entries_are_waiting_and_approved_minutes_by_what_they_name(cast: Cast) -> None:
    other = Line("ojt", TODAY, 15)
    cast.approved(cast.ana, cast.ojt("2g", minutes=60), cast.ri(minutes=30), other)
    cast.submitted(cast.ana, cast.ojt("2a", minutes=45))
    cast.log(cast.ana, cast.ojt("2g", minutes=20))
    function, course = cast.function(2).lineage, cast.klass.course.lineage
    with CaptureQueriesContext(connection) as queries:
        sums = HoursEntry.objects.filter(apprentice=cast.ana).sums()
    assert sums == {
        (cast.ana.pk, "ojt", function): (45, 60),
        (cast.ana.pk, "ojt", OTHER_WORK): (0, 15),
        (cast.ana.pk, "ri", course): (0, 30),
    }
    assert len(queries) == 1
    then, now = progress_of(cast.ana, as_of=TODAY), progress_of(cast.ana)
    assert (then.ojt, then.ri, then.functions) == (now.ojt, now.ri, now.functions)


def test_nobody_approves_own_hours_and_a_stranger_neither(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    for person in (cast.ana_user, cast.lena, cast.nora, cast.priya, cast.olga, cast.ruth):
        with pytest.raises(NotAllowed):
            entry.move("approve", by=person, now=NOW)
    entry.refresh_from_db()
    assert entry.status == "submitted"


def test_instructor_approves_class_hours_and_mentor_does_not(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ri())
    with pytest.raises(NotAllowed):
        entry.move("approve", by=cast.marcus, now=NOW)
    entry.move("approve", by=cast.priya, now=NOW)
    assert entry.status == "approved"


def test_a_return_needs_a_reason_and_can_be_submitted_again(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    with pytest.raises(Refusal, match="why"):
        entry.move("return", by=cast.marcus, now=NOW, reason=" ")
    entry.move("return", by=cast.marcus, now=NOW, reason="Was this 2b or 2g?")
    assert (entry.status, entry.return_reason) == ("returned", "Was this 2b or 2g?")
    assert HoursTotal.objects.get(apprentice=cast.ana).waiting == 0
    entry.change(by=cast.ana_user, now=NOW, minutes=300)
    entry.move("submit", by=cast.ana_user, now=NOW)
    assert HoursTotal.objects.get(apprentice=cast.ana).waiting == 300


def test_an_approval_is_undone_within_a_minute_by_the_same_person(cast: Cast) -> None:
    first, second = cast.submitted(cast.ben, cast.ojt(minutes=60), cast.ojt("1a", minutes=60))
    first.move("approve", by=cast.marcus, now=NOW)
    with pytest.raises(InvalidTransition):
        first.move("undo", by=cast.lena, now=NOW + timedelta(seconds=5))
    first.move("undo", by=cast.marcus, now=NOW + timedelta(seconds=59))
    assert first.status == "submitted"
    second.move("approve", by=cast.marcus, now=NOW)
    with pytest.raises(InvalidTransition):
        second.move("undo", by=cast.marcus, now=NOW + timedelta(seconds=61))
    assert rollup.differences() == []


def test_a_week_moves_together_or_not_at_all(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=60))
    entries[0].move("recall", by=cast.ana_user, now=NOW)
    week = HoursEntry.objects.filter(apprentice=cast.ana)
    with pytest.raises(InvalidTransition):
        week.move("approve", by=cast.marcus, now=NOW)
    assert sorted(week.values_list("status", flat=True)) == ["draft", "submitted"]
    assert rollup.differences() == []


def test_a_correction_replaces_what_it_corrects_when_it_is_approved(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt(minutes=1000))
    new = old.correct(by=cast.ana_user, now=NOW, reason="It was 3a.", line=cast.ojt("3a", minutes=900))
    new.move("submit", by=cast.ana_user, now=NOW)
    new.move("approve", by=cast.marcus, now=NOW)
    old.refresh_from_db()
    assert (old.status, new.status) == ("superseded", "approved")
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 900
    assert rollup.differences() == []


def test_database_and_page_agree_which_entries_fill_their_day(cast: Cast) -> None:
    def filling_now() -> list[int]:
        day = HoursEntry.objects.filter(apprentice=cast.ana)
        found = [entry.pk for entry in day.order_by("pk") if fills_day(entry)]
        assert found == [entry.pk for entry in filling(day).order_by("pk")]
        return found

    old, other = cast.approved(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    new = old.correct(by=cast.ana_user, now=NOW, reason="It was 3a.", line=cast.ojt("3a", minutes=50))
    for act, by in (("submit", cast.ana_user), ("return", cast.marcus), ("submit", cast.ana_user)):
        assert filling_now() == [old.pk, other.pk], f"before {act}"
        new.move(act, by=by, now=NOW, reason="Was it?")
    new.move("approve", by=cast.marcus, now=NOW)
    assert filling_now() == [other.pk, new.pk]


@pytest.mark.parametrize("minutes", [0, 1441])
def test_minutes_that_no_day_has_are_refused(cast: Cast, minutes: int) -> None:
    with pytest.raises(ValidationError) as refused:
        cast.log(cast.ana, cast.ojt(minutes=minutes))
    assert "minutes" in refused.value.message_dict
    assert not HoursEntry.objects.exists()


def test_a_day_has_24_hours_over_all_entries(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=900), cast.ri(minutes=300))
    with pytest.raises(ValidationError, match="24 hours"):
        cast.log(cast.ana, cast.ojt(minutes=241))
    cast.log(cast.ana, cast.ojt(minutes=240))


def test_tomorrow_and_the_time_before_the_start_are_refused(cast: Cast) -> None:
    for day in (TODAY + timedelta(days=1), cast.ana.started_on - timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            cast.log(cast.ana, cast.ojt(day=day))
        assert "date" in refused.value.message_dict


def test_the_database_refuses_to_change_or_delete_approved_hours(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana)
    for sql in (
        "UPDATE ojt_logs_hoursentry SET minutes = 1 WHERE id = %s",
        "DELETE FROM ojt_logs_hoursentry WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [entry.pk])


@pytest.mark.parametrize("act", ["submit", "approve"])
def test_a_longer_week_costs_one_statement_more_for_each_entry(cast: Cast, act: str) -> None:
    def statements(entries: int) -> int:
        lines = [cast.ojt(minutes=30 + number) for number in range(entries)]
        if act == "approve":
            week = [entry.pk for entry in cast.submitted(cast.ana, *lines)]
        else:
            week = [entry.pk for entry in cast.log(cast.ana, *lines)]
        by = cast.marcus if act == "approve" else cast.ana_user
        with CaptureQueriesContext(connection) as queries:
            HoursEntry.objects.filter(pk__in=week).move(act, by=by, now=NOW)
        return len(queries)

    statements(1)  # begins the total of the job function
    assert statements(9) - statements(2) == 7
