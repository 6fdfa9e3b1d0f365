"""Hours that others write down: for several at once, visible, disputable, never approved while disputed."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, ConsentNeeded
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from competencies.versions import adopt
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.behalf import Work, log_for, loggable_by
from ojt_logs.models import HoursEntry, HoursTotal, InvalidTransition
from tests.at_once import at_once
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.ojt_logs.test_imports import ANA, brought, uploaded

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


def logged(cast: Cast, *people: Apprentice, who: str = "marcus", key: UUID | None = None) -> list[HoursEntry]:
    work = Work(cast.ojt(day=YESTERDAY, minutes=240), key or uuid4())
    return log_for(list(people), work, by=getattr(cast, who), now=NOW)


def well() -> bool:
    return not list(record.compare()) and not list(rollup.differences())


def test_one_form_writes_the_hours_of_several_who_see_by_whom(cast: Cast) -> None:
    entries = logged(cast, cast.ana, cast.ben)
    assert [(one.apprentice, one.status, one.minutes) for one in entries] == [
        (cast.ana, "submitted", 240),
        (cast.ben, "submitted", 240),
    ]
    assert entries[0].provenance.words == "logged 1 day later by Marcus Webb on behalf"
    told = chain.entries_of(cast.ana.uid).get(act="hours.log_for")
    assert told.actor == cast.marcus.uid
    assert sum(HoursTotal.objects.values_list("waiting", flat=True)) == 480
    assert well()


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("marcus", ["Ana Reyes", "Ben Ortiz"]),
        ("lena", ["Ben Ortiz"]),
        ("priya", ["Ana Reyes", "Ben Ortiz"]),
        ("nora", ["Ana Reyes", "Ben Ortiz"]),
        ("ruth", []),
        ("ana_user", []),
        ("ivy", []),
    ],
)
def test_everybody_logs_for_those_they_mentor_teach_or_decide_about(
    cast: Cast, who: str, names: list[str]
) -> None:
    people = loggable_by(getattr(cast, who), now=NOW)
    assert list(people.order_by("user__name").values_list("user__name", flat=True)) == names


@pytest.mark.parametrize("who", ["lena", "ruth", "ana_user", "ben_user", "ivy", "olga"])
def test_nobody_logs_for_somebody_elses_apprentice(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        logged(cast, cast.ana, who=who)
    assert not HoursEntry.objects.exists()


def test_one_who_is_not_ones_own_keeps_all_out(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        logged(cast, cast.ana, cast.chen)
    assert not HoursEntry.objects.exists()


def test_an_instructor_logs_class_hours_of_the_roster_and_no_work(cast: Cast) -> None:
    work = Work(cast.ri(day=YESTERDAY), uuid4())
    assert len(log_for([cast.ana, cast.ben], work, by=cast.priya, now=NOW)) == 2
    with pytest.raises(NotAllowed, match="class hours of your roster"):
        logged(cast, cast.ana, who="priya")
    with pytest.raises(NotAllowed):
        log_for([cast.ana], Work(cast.ri(day=YESTERDAY), uuid4()), by=cast.marcus, now=NOW)


def test_a_form_sent_twice_counts_once(cast: Cast) -> None:
    key = uuid4()
    first = logged(cast, cast.ana, cast.ben, key=key)
    again = logged(cast, cast.ana, cast.ben, key=key)
    assert {one.pk for one in first} == {one.pk for one in again}


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_in_one_moment_counts_once(transactional_db: None, cast: Cast) -> None:
    key = uuid4()
    at_once(*[lambda: logged(cast, cast.ana, cast.ben, key=key)] * 2)
    assert HoursEntry.objects.count() == 2
    assert well()


def test_what_makes_no_sense_for_one_is_told_with_the_name_and_keeps_all_out(cast: Cast) -> None:
    cast.submitted(cast.ben, cast.ojt(minutes=1300, day=YESTERDAY))
    with pytest.raises(Refusal, match=r"^Ben Ortiz: .*2 h 20 min is left"):
        logged(cast, cast.ana, cast.ben)
    assert not HoursEntry.objects.filter(apprentice=cast.ana).exists()
    with pytest.raises(Refusal, match="began on Feb 2, 2026"):
        work = Work(cast.ojt(day=STARTED - timedelta(days=1)), uuid4())
        log_for([cast.ana], work, by=cast.nora, now=NOW)


def test_each_gets_the_same_work_in_their_own_version_of_the_schedule(cast: Cast) -> None:
    after = adopt(cast.program.schedule, sponsor=cast.lakeside, now=NOW, minimum_ri_minutes=6000)
    Apprentice.objects.filter(pk=cast.ben.pk).update(schedule=after)
    entries = logged(cast, cast.ana, cast.ben)
    assert len({one.competency_id for one in entries}) == 2
    assert len({one.competency and one.competency.lineage for one in entries}) == 1


def test_who_has_not_agreed_to_electronic_records_logs_nothing(cast: Cast) -> None:
    Consent.objects.withdraw(cast.marcus, now=NOW)
    with pytest.raises(ConsentNeeded):
        logged(cast, cast.ana)


# ---- Disputes


def test_what_is_disputed_is_not_approved_before_it_is_settled(cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    with pytest.raises(Refusal, match="Say why"):
        entry.move("dispute", by=cast.ana_user, now=NOW)
    entry.move("dispute", by=cast.ana_user, now=NOW, reason="I was in class.")
    with pytest.raises(InvalidTransition, match=r"Ana disputes the entry of Nov 19: “I was in class\.”"):
        entry.move("approve", by=cast.marcus, now=NOW)
    entry.move("settle", by=cast.ana_user, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    acts = chain.entries_of(cast.ana.uid).filter(object=entry.uid).values_list("act", flat=True)
    assert list(acts) == ["hours.log_for", "hours.dispute", "hours.settle", "hours.approve"]
    assert well()


def test_a_disputed_entry_is_returned_and_mended_by_its_apprentice(cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    entry.move("dispute", by=cast.ana_user, now=NOW, reason="Two hours.")
    entry.move("return", by=cast.marcus, now=NOW, reason="You are right.")
    entry.change(by=cast.ana_user, now=NOW, minutes=120)
    entry.move("submit", by=cast.ana_user, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    assert HoursTotal.objects.get().approved == 120
    assert well()


def test_nobody_disputes_for_somebody_else_or_their_own_writing(cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    for by in (cast.ben_user, cast.marcus, cast.nora):
        with pytest.raises(NotAllowed):
            entry.move("dispute", by=by, now=NOW, reason="No.")
    (own,) = cast.submitted(cast.ana, cast.ojt(day=date(2026, 11, 2)))
    with pytest.raises(InvalidTransition, match="You logged these hours yourself"):
        own.move("dispute", by=cast.ana_user, now=NOW, reason="No.")


@pytest.mark.django_db(transaction=True)
def test_disputing_and_approving_in_one_moment_leaves_one_of_them(transactional_db: None, cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    mine, theirs = (HoursEntry.objects.get(pk=entry.pk) for _ in range(2))
    outcomes = at_once(
        lambda: mine.move("dispute", by=cast.ana_user, now=NOW, reason="No."),
        lambda: theirs.move("approve", by=cast.marcus, now=NOW),
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert well()


# ---- Pages


def form(cast: Cast, *people: Apprentice, **changes: str) -> dict[str, object]:
    usual = {"date": YESTERDAY.isoformat(), "about": "2g", "minutes": "4", "note": "", "key": str(uuid4())}
    return {"people": [one.pk for one in people], **usual, **changes}


def test_a_mentor_logs_for_two_and_the_apprentice_finds_it_first_and_disputes(cast: Cast) -> None:
    marcus, ana = signed_in(cast.marcus), signed_in(cast.ana_user)
    assert marcus.get(reverse("log-for-whom"))["Location"] == reverse("log-for", args=[cast.program.uid])
    page = reverse("log-for", args=[cast.program.uid])
    answer = marcus.post(page, form(cast, cast.ana, cast.ben), follow=True)
    assert "Logged for Ana Reyes, Ben Ortiz." in plain(answer.content)
    told = week(ana, cast)
    assert "Logged for you" in told and "Marcus Webb" in told
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    assert "Dispute it" in plain(ana.get(reverse("hours-entry", args=[entry.uid])).content)
    told = plain(
        ana.post(reverse("hours-dispute", args=[entry.uid]), {"reason": "I was ill."}, follow=True).content
    )
    assert "You dispute it: “I was ill.”" in told
    assert "disputed by Ana: “I was ill.”" in plain(
        marcus.get(reverse("review-week", args=[cast.ana.uid, date(2026, 11, 16)])).content
    )
    told = plain(ana.post(reverse("hours-settle", args=[entry.uid]), follow=True).content)
    assert "You agree to the entry" in told


def week(client: Client, cast: Cast) -> str:
    return plain(client.get(reverse("week", args=[cast.ana.uid]) + f"?of={TODAY.isoformat()}").content)


def test_what_is_wrong_in_the_form_stands_beside_it(cast: Cast) -> None:
    marcus, page = signed_in(cast.marcus), reverse("log-for", args=[cast.program.uid])
    answer = marcus.post(page, form(cast))
    assert answer.status_code == 400 and "Choose at least one" in plain(answer.content)
    answer = marcus.post(page, form(cast, cast.chen))
    assert answer.status_code == 400
    answer = marcus.post(page, form(cast, cast.ana, minutes="25:00"))
    assert answer.status_code == 400
    assert not HoursEntry.objects.exists()


def test_what_others_wrote_is_disputed_and_never_taken_back(cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    with pytest.raises(InvalidTransition, match="Marcus Webb wrote down the entry of Nov 19"):
        entry.move("recall", by=cast.ana_user, now=NOW)
    week = signed_in(cast.ana_user).get(f"/apprentices/{cast.ana.uid}/week/?of={YESTERDAY}")
    assert reverse("hours-recall", args=[entry.uid]) not in week.content.decode()
    assert well()


def test_other_hours_than_somebody_wrote_down_are_not_told_as_theirs(cast: Cast) -> None:
    (entry,) = logged(cast, cast.ana)
    entry.move("return", by=cast.marcus, now=NOW, reason="Was it not 3 h?")
    entry.change(by=cast.ana_user, now=NOW, minutes=entry.minutes)
    assert entry.created_by == cast.marcus
    entry.change(by=cast.ana_user, now=NOW, minutes=480)
    entry.move("submit", by=cast.ana_user, now=NOW)
    assert (entry.created_by, entry.provenance.words) == (cast.ana_user, "logged 1 day later")
    told = chain.entries_of(cast.ana.uid).get(act="hours.submit").payload.content
    assert told and (told["minutes"], told["written_by"]) == (480, str(cast.ana_user.uid))
    assert well()


def test_imported_hours_that_were_changed_come_from_the_file_no_more(cast: Cast) -> None:
    batch = brought(cast, uploaded(ANA)).batch
    entry = HoursEntry.objects.get()
    entry.move("return", by=cast.marcus, now=NOW, reason="Not 8 h.")
    entry.change(by=cast.ana_user, now=NOW, minutes=600)
    entry.move("submit", by=cast.ana_user, now=NOW)
    assert (entry.source, entry.taken_from, entry.batch) == ("logged", "", batch)
    assert "payroll" not in entry.provenance.words
    assert well()
