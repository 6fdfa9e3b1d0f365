"""Who mentors whom, from when to when."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import Membership, User
from accounts.refusals import Conflict, Refusal
from apprenticeship.forms.assignments import AssignmentForm
from apprenticeship.models import Mentorship
from ledger import chain, triggers
from ojt_logs import record
from tests.at_once import at_once
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def assign(cast: Cast, mentor: User, first: date = TODAY, last: date | None = None) -> Mentorship:
    return Mentorship.objects.assign(cast.ana, mentor, starts_on=first, ends_on=last, by=cast.nora, now=NOW)


def test_an_assignment_and_its_end_are_in_the_record(cast: Cast) -> None:
    row = assign(cast, cast.lena)
    row.end(on=TODAY + DAY, by=cast.nora, now=NOW)
    first, second = list(chain.entries_of(cast.ana.uid))[-2:]
    assert {(one.act, one.object, one.actor) for one in (first, second)} == {
        ("apprentice.mentor", row.uid, cast.nora.uid)
    }
    assert first.payload.content and second.payload.content
    assert (first.payload.content["ends_on"], second.payload.content["ends_on"]) == (None, "2026-11-21")
    assert list(record.compare()) == []


def test_an_assignment_from_before_there_were_entries_gets_one_when_the_site_is_upgraded(cast: Cast) -> None:
    row = Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=STARTED, ends_on=TODAY)
    assert [str(one) for one in record.compare()] == [
        f"record of registration {cast.ana.uid}, row {row.uid}: the ledger knows nothing of this assignment"
    ]
    upgrade = import_module("apprenticeship.migrations.0007_earlier_assignments_on_the_record")
    for _ in range(2):
        upgrade.tell(apps, connection.schema_editor())
    assert list(record.compare()) == list(chain.verify()) == []
    (told,) = chain.entries_of(cast.ana.uid).filter(object=row.uid)
    assert (told.actor, told.payload.content) == (None, row.facts())


@pytest.mark.parametrize(
    ("who", "first", "last", "field", "remedy"),
    [
        ("ana_user", TODAY, None, "mentor", "Nobody can be their own mentor"),
        ("priya", TODAY, None, "mentor", "Priya Nair is no mentor of Lakeside Health on Nov 20, 2026"),
        ("dara", TODAY, None, "mentor", "is no mentor of Lakeside Health"),
        ("lena", STARTED - DAY, None, "starts_on", "began on Feb 2, 2026"),
        ("lena", TODAY, TODAY - DAY, "ends_on", "end before it begins. Choose Nov 20, 2026 or later"),
        ("lena", date(2028, 11, 20), None, "starts_on", "Check the year"),
        ("marcus", TODAY, None, "starts_on", "assigned already since Feb 2, 2026"),
        ("marcus", STARTED, TODAY, "starts_on", "assigned already since Feb 2, 2026"),
    ],
)
def test_an_assignment_without_sense_is_refused_beside_its_field(
    cast: Cast, who: str, first: date, last: date | None, field: str, remedy: str
) -> None:
    with pytest.raises(Refusal, match=remedy) as refused:
        assign(cast, getattr(cast, who), first, last)
    assert refused.value.field == field
    assert Mentorship.objects.filter(apprentice=cast.ana).count() == 1


def test_the_form_proposes_the_first_day_for_the_first_mentor_and_today_for_the_next(cast: Cast) -> None:
    assert AssignmentForm(apprentice=cast.ana, now=NOW).initial["starts_on"] == TODAY
    triggers.remove(connection)
    Mentorship.objects.filter(apprentice=cast.ana).delete()
    assert AssignmentForm(apprentice=cast.ana, now=NOW).initial["starts_on"] == STARTED


def test_an_assignment_from_before_the_role_began_says_what_that_means(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena, role="mentor").update(starts_on=TODAY)
    nora = signed_in(cast.nora)
    address = reverse("mentor-assign", kwargs={"uid": cast.ana.uid})
    page = nora.post(address, {"mentor": cast.lena.pk, "starts_on": STARTED.isoformat()}, follow=True)
    assert "cannot sign for days before" in page.content.decode()


def test_nobody_is_assigned_after_the_end(cast: Cast) -> None:
    cast.ana.change_status("cancelled", effective_on=TODAY - DAY, reason="Moved away.", by=cast.nora, now=NOW)
    with pytest.raises(Refusal, match="ended on Nov 19, 2026") as refused:
        assign(cast, cast.lena)
    assert refused.value.field == "starts_on"


def test_a_mentor_who_has_left_is_not_assigned_anew_but_may_be_ended(cast: Cast) -> None:
    Membership.objects.filter(user__in=[cast.marcus, cast.lena]).update(ends_on=TODAY - DAY)
    with pytest.raises(Refusal, match="no mentor of Lakeside Health"):
        assign(cast, cast.lena)
    cast.ana.mentorships.get().end(on=TODAY - DAY, by=cast.nora, now=NOW)
    assert cast.ana.mentorships.get().ends_on == TODAY - DAY


def test_the_same_mentor_comes_back_after_an_end(cast: Cast) -> None:
    row = cast.ana.mentorships.get()
    row.end(on=TODAY - DAY * 3, by=cast.nora, now=NOW)
    with pytest.raises(Refusal, match="from Feb 2, 2026 to Nov 17, 2026"):
        assign(cast, cast.marcus, TODAY - DAY * 3)
    assert assign(cast, cast.marcus, TODAY - DAY * 2).pk
    with pytest.raises(Conflict, match="ended on Nov 17, 2026 already"):
        row.end(on=TODAY, by=cast.nora, now=NOW)


def test_two_coordinators_at_once_assign_once(transactional_db: None, cast: Cast) -> None:
    outcomes = at_once(*[lambda: assign(cast, cast.lena)] * 2)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "Mentorship"]


@pytest.mark.parametrize("statement", ["SET starts_on = '2026-03-01'", "SET mentor_id = 1", "DELETE"])
def test_the_database_keeps_who_was_assigned_since_when(cast: Cast, statement: str) -> None:
    table = "apprenticeship_mentorship"
    words = f"DELETE FROM {table}" if statement == "DELETE" else f"UPDATE {table} {statement}"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words)


def test_a_forged_or_altered_assignment_is_named(cast: Cast) -> None:
    forged = Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=STARTED)
    altered = cast.ben.mentorships.get(mentor=cast.marcus)
    Mentorship.objects.filter(pk=altered.pk).update(ends_on=TODAY)
    lost = cast.ben.mentorships.get(mentor=cast.lena)
    triggers.remove(connection)
    lost.delete()
    said = [str(one) for one in record.compare()]
    assert any(str(forged.uid) in line and "knows nothing of this assignment" in line for line in said)
    assert any(str(altered.uid) in line and "otherwise about ends_on" in line for line in said)
    assert any(str(lost.uid) in line and "the row is gone" in line for line in said)
    assert len(said) == 3
