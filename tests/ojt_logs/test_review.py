"""What waits for a mentor or an instructor, and what they do with it."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Membership
from apprenticeship.models import Apprentice, Class, Mentorship
from ojt_logs import queue, rollup
from ojt_logs.models import HoursEntry, HoursTotal, InvalidTransition
from tests.at_once import at_once
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MONDAY = date(2026, 11, 16)
REVIEW = "/review/"


def address(name: str, apprentice: Apprentice, monday: date = MONDAY) -> str:
    return reverse(f"review-{name}", args=[apprentice.uid, monday])


def shown(*entries: HoursEntry) -> list[str]:
    return [str(entry.uid) for entry in entries]


def states(apprentice: Apprentice) -> list[str]:
    return list(
        HoursEntry.objects.filter(apprentice=apprentice)
        .order_by("date", "pk")
        .values_list("status", flat=True)
    )


def press(cast: Cast, name: str, *entries: HoursEntry, by: str = "marcus", **typed: Any) -> Any:
    """Press a button of Ana's week as somebody."""
    person = getattr(cast, by)
    return signed_in(person).post(address(name, cast.ana), {"shown": shown(*entries), **typed})


# The queue


def test_an_empty_queue_says_the_next_step(cast: Cast) -> None:
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert "Nothing waits for you" in page
    assert "Hours come here when an apprentice submits a week." in page
    assert reverse("sign", args=[cast.ana.uid]) in page


def test_only_who_reviews_for_nobody_is_told_so(cast: Cast) -> None:
    told = "You review for nobody yet."
    assert told not in text_of(signed_in(cast.priya), REVIEW)
    assert told not in text_of(signed_in(cast.marcus), REVIEW)
    Membership.objects.filter(user=cast.priya).update(ends_on=TODAY - timedelta(days=1))
    assert told in text_of(signed_in(cast.priya), REVIEW)


def test_an_instructor_finds_the_classes_from_the_queue(cast: Cast) -> None:
    over = Class.objects.begin(
        cast.program,
        cast.klass.course,
        cast.priya,
        starts_on=TODAY - timedelta(days=90),
        ends_on=TODAY - timedelta(days=1),
        by=cast.nora,
        now=NOW,
    )
    page = text_of(signed_in(cast.priya), REVIEW)
    assert "Your classes" in page and reverse("class", args=[cast.klass.uid]) in page
    assert reverse("classes", args=[cast.program.uid]) in page
    assert reverse("class", args=[over.uid]) not in page
    assert "Your classes" not in text_of(signed_in(cast.marcus), REVIEW)


def test_the_queue_tells_a_week_with_days_split_notes_and_how_long_it_waits(cast: Cast) -> None:
    lines = (
        cast.ojt("2g", minutes=480, day=MONDAY, note="Two queries sent."),
        cast.ojt("3a", minutes=270, day=MONDAY + timedelta(days=1)),
    )
    cast.submitted(cast.ana, *lines, now=NOW - timedelta(days=3))
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert "1 week waits for you" in page
    assert "Ana Reyes" in page and "Nov 16 – 22" in page and "3 days" in page
    assert "12 h 30 min OJT" in page
    assert "2g 8 h" in page and "3a 4 h 30 min" in page
    assert "“Two queries sent.”" in page
    assert "Mo<b>8:00</b>" in page and "Tu<b>4:30</b>" in page


def test_days_that_are_approved_already_do_not_look_like_days_without_work(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=450, day=MONDAY))
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=MONDAY + timedelta(days=1)))
    for path in (REVIEW, address("week", cast.ana)):
        days = text_of(signed_in(cast.marcus), path).split('<ul class="week">')[1].split("</ul>")[0]
        monday, tuesday, wednesday = days.split("<li")[1:4]
        assert "<b>7:30</b>" in monday and "approved already" in monday
        assert "<b>1:00</b>" in tuesday and "approved" not in tuesday
        assert "nothing waits" in wednesday


def test_who_waits_longest_stands_first(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=MONDAY), now=NOW - timedelta(days=1))
    cast.submitted(cast.ben, cast.ojt(minutes=60, day=MONDAY), now=NOW - timedelta(days=2))
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert page.index("Ben Ortiz <span") < page.index("Ana Reyes <span")


def test_class_hours_beside_work_are_said_to_go_to_the_instructor(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri(minutes=180))
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert "3 h class go to Priya" in page
    assert "Medical coding I" not in page
    page = text_of(signed_in(cast.priya), REVIEW)
    assert "3 h class" in page and "1 h OJT" not in page


def test_who_is_mentor_and_instructor_sees_both_labelled(cast: Cast) -> None:
    Class.objects.filter(pk=cast.klass.pk).update(instructor=cast.marcus)
    cast.lakeside.memberships.create(user=cast.marcus, role="instructor", starts_on=date(2026, 1, 1))
    cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri(minutes=180))
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert "as mentor" in page and "as instructor" in page
    assert "class go to" not in page


def test_nothing_of_another_sponsor_and_nothing_of_ones_own_is_in_the_queue(cast: Cast) -> None:
    cast.submitted(cast.ana)
    for person in (cast.ana_user, cast.lena, cast.nora, cast.ruth, cast.olga, cast.dara):
        page = text_of(signed_in(person), REVIEW)
        assert "Nothing waits for you" in page
        assert "Ana Reyes · " not in page
    assert CANARY not in text_of(signed_in(cast.marcus), REVIEW)


def test_the_queue_asks_as_often_for_twenty_people_as_for_one(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri(minutes=30))
    marcus = signed_in(cast.marcus)
    for_one = queries(marcus, REVIEW)
    for number in range(20):
        _another_who_waits(cast, number)
    assert text_of(marcus, REVIEW).count("Approve week") == 21
    assert queries(marcus, REVIEW) == for_one


def test_a_long_queue_goes_over_pages_and_says_how_many_weeks_wait(cast: Cast) -> None:
    _a_week_waits(cast.ana, cast)
    marcus = signed_in(cast.marcus)
    for_one = queries(marcus, REVIEW)
    _more_weeks_wait(cast)
    page = text_of(marcus, REVIEW)
    assert queries(marcus, REVIEW) == for_one
    assert "61 weeks wait for you" in page
    assert page.count("Approve week") == page.count('name="shown"') == queue.SHOWN == 40
    assert "Ana Reyes <span" in page, "who waits longest, though the days are the newest"
    assert "Ben Ortiz <span" not in page, "who was last"
    first = marcus.get(REVIEW).context["listing"]
    second = text_of(marcus, REVIEW + first.next_url.removeprefix(REVIEW))
    assert "61 weeks wait for you" in second and second.count("Approve week") == 21
    assert second.index("Coder 2 <span") < second.index("Ben Ortiz <span")
    back = marcus.get(first.next_url).context["listing"].previous_url
    assert [week.name for week in marcus.get(back).context["listing"].rows] == [
        week.name for week in first.rows
    ]


def test_the_queue_is_filtered_by_whole_weeks_and_says_what_the_filter_hides(cast: Cast) -> None:
    _a_week_waits(cast.ana, cast, since=8)
    _a_week_waits(cast.ana, cast, since=0)
    _a_week_waits(cast.ana, cast, weeks_ago=2, since=2)
    _a_week_waits(cast.ben, cast, since=1)
    marcus = signed_in(cast.marcus)

    def found(words: str) -> list[tuple[str, str, int]]:
        page = marcus.get(f"{REVIEW}?{words}").context
        weeks = [(str(one.apprentice), one.week, len(one.entries)) for one in page["batches"]]
        assert page["fitting"] == len(weeks) and page["hidden"] == 3 - len(weeks)
        return weeks

    long, short, bens = (
        ("Ana Reyes", "Nov 16 – 22", 2),
        ("Ana Reyes", "Nov 2 – 8", 1),
        ("Ben Ortiz", "Nov 16 – 22", 1),
    )
    assert found("sort=name") == [short, long, bens]
    assert found(f"apprentice={cast.ana.uid}") == [long, short]
    assert found("week=2026-11-22") == [long, bens]
    assert found("older=7") == [long], "with what was added to the week today"
    assert found("older=28") == found("kind=ri") == []
    page = text_of(marcus, f"{REVIEW}?older=7")
    assert "1 of 3 weeks that wait for you" in page
    assert "2 more weeks that wait are hidden by the filter." in page
    assert "hidden by the filter" not in text_of(marcus, f"{REVIEW}?sort=name")


def test_a_remembered_filter_of_the_queue_hides_nothing_silently(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    _a_week_waits(cast.ben, cast)
    marcus = signed_in(cast.marcus)
    marcus.get(f"{REVIEW}?apprentice={cast.ana.uid}")
    answer = marcus.post(address("approve", cast.ana), {"shown": shown(*entries)}, follow=True)
    page = plain(answer.content)
    assert "0 of 1 week that waits for you" in page and "Nothing fits this filter" in page
    assert "1 more week that waits is hidden by the filter." in page
    assert "Approve week" in text_of(marcus, marcus.get(f"{REVIEW}?clear=1")["Location"])


def test_the_file_of_the_queue_holds_the_weeks_that_the_filter_lets_through(cast: Cast) -> None:
    _a_week_waits(cast.ben, cast, since=1)
    for weeks_ago in range(45):
        _a_week_waits(cast.ana, cast, weeks_ago=weeks_ago, since=60 - weeks_ago)
    marcus = signed_in(cast.marcus)
    text = b"".join(marcus.get(f"{REVIEW}?format=csv&apprentice={cast.ana.uid}")).decode("utf-8-sig")
    days = [line.split(",")[1] for line in text.splitlines()[1:]]
    assert days == [(MONDAY - timedelta(weeks=number)).isoformat() for number in range(45)]
    text = b"".join(marcus.get(f"{REVIEW}?format=csv&sort=name")).decode("utf-8-sig")
    assert text.splitlines()[-1].startswith("Ben Ortiz")


def test_the_queue_that_answers_a_press_leads_back_to_the_queue(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    _a_week_waits(cast.ben, cast)
    press(cast, "approve", *entries)
    page = plain(press(cast, "approve", *entries).content)
    assert 'href="/review/?format=csv"' in page


def _a_week_waits(person: Apprentice, cast: Cast, *, weeks_ago: int = 0, since: int = 30) -> None:
    """Hours of a day so many weeks ago, submitted so many days ago."""
    day = MONDAY - timedelta(weeks=weeks_ago)
    HoursEntry.objects.create(
        apprentice=person,
        kind="ojt",
        date=day,
        minutes=60,
        job_function=cast.function(2),
        status="submitted",
        created_by=person.user,
        submitted_at=NOW - timedelta(days=since),
    )


def _more_weeks_wait(cast: Cast) -> None:
    """Sixty more that wait less long than the first: of three newcomers, and one of Ben's at the end."""
    for number in range(3):
        user = type(cast.ana_user).objects.create_user(f"coder{number}@example.org", name=f"Coder {number}")
        person = Apprentice.objects.register(
            cast.program, user, started_on=cast.ana.started_on, by=cast.nora, now=NOW
        )
        Mentorship.objects.create(apprentice=person, mentor=cast.marcus, starts_on=person.started_on)
        for weeks_ago in range(20 if number else 19):
            _a_week_waits(person, cast, weeks_ago=weeks_ago, since=20)
    _a_week_waits(cast.ben, cast, since=1)


def _another_who_waits(cast: Cast, number: int) -> None:
    user = type(cast.ana_user).objects.create_user(f"coder{number}@example.org", name=f"Coder {number}")
    person = Apprentice.objects.register(
        cast.program, user, started_on=cast.ana.started_on, by=cast.nora, now=NOW
    )
    Mentorship.objects.create(apprentice=person, mentor=cast.marcus, starts_on=person.started_on)
    cast.klass.roster.add(person)
    cast.submitted(person, cast.ojt(minutes=60), cast.ri(minutes=30))


# Approve and undo


def test_a_week_is_approved_with_one_press(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    answer = press(cast, "approve", *entries)
    assert (answer.status_code, answer["Location"]) == (302, REVIEW)
    assert states(cast.ana) == ["approved", "approved"]
    assert rollup.differences() == []


def test_what_was_submitted_after_the_page_was_shown_is_not_approved_unseen(cast: Cast) -> None:
    (seen,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    cast.submitted(cast.ana, cast.ojt("1a", minutes=30))
    press(cast, "approve", seen)
    assert states(cast.ana) == ["approved", "submitted"]


def test_what_was_taken_back_meanwhile_stops_the_whole_approval(cast: Cast) -> None:
    first, second = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    first.move("recall", by=cast.ana_user, now=NOW)
    answer = press(cast, "approve", first, second)
    assert answer.status_code == 409
    page = plain(answer.content)
    assert "changed by the apprentice after you opened it, so nothing was done" in page
    assert "30 min OJT" in page
    assert states(cast.ana) == ["draft", "submitted"]


def test_the_second_of_two_mentors_gets_a_plain_sentence_and_the_queue_as_it_is(cast: Cast) -> None:
    entries = cast.submitted(cast.ben, cast.ojt(minutes=60))
    cast.submitted(cast.ben, cast.ojt("1a", minutes=45))
    signed_in(cast.lena).post(address("approve", cast.ben), {"shown": shown(*entries)})
    answer = signed_in(cast.marcus).post(address("approve", cast.ben), {"shown": shown(*entries)})
    assert answer.status_code == 409
    page = plain(answer.content)
    assert "Lena Fox approved hours of Ben Ortiz in this week already" in page
    assert "45 min OJT" in page
    assert rollup.differences() == []


def test_an_approval_can_be_undone_for_a_minute_from_the_queue(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    press(cast, "approve", *entries)
    page = text_of(signed_in(cast.marcus), REVIEW)
    assert "<b>Approved</b> Ana Reyes, Nov 16 – 22: 1 h OJT" in page
    assert address("undo", cast.ana) in page
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        press(cast, "undo", *entries)
    assert states(cast.ana) == ["submitted"]
    assert rollup.differences() == []


def test_after_a_minute_the_button_is_gone_and_the_undo_is_refused(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    press(cast, "approve", *entries)
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        assert address("undo", cast.ana) not in text_of(signed_in(cast.marcus), REVIEW)
        answer = press(cast, "undo", *entries)
    assert answer.status_code == 409
    assert "can be undone for one minute" in plain(answer.content)
    assert states(cast.ana) == ["approved"]


def test_another_mentor_does_not_undo(cast: Cast) -> None:
    entries = cast.submitted(cast.ben, cast.ojt(minutes=60))
    signed_in(cast.marcus).post(address("approve", cast.ben), {"shown": shown(*entries)})
    assert address("undo", cast.ben) not in text_of(signed_in(cast.lena), REVIEW)
    answer = signed_in(cast.lena).post(address("undo", cast.ben), {"shown": shown(*entries)})
    assert answer.status_code == 409
    assert states(cast.ben) == ["approved"]


def test_the_approval_of_a_correction_is_final(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt(minutes=60))
    new = old.correct(by=cast.ana_user, now=NOW, reason="It was 3a.", line=cast.ojt("3a", minutes=45))
    new.move("submit", by=cast.ana_user, now=NOW)
    assert "1 correction of approved hours" in text_of(signed_in(cast.marcus), REVIEW)
    new.move("approve", by=cast.marcus, now=NOW)
    with pytest.raises(InvalidTransition, match="final"):
        new.move("undo", by=cast.marcus, now=NOW)
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 45


# A week, entry by entry


def test_the_week_shows_every_entry_with_its_note(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt("2g", minutes=60, note="Second audit."), cast.ojt("3a", minutes=30))
    cast.log(cast.ana, cast.ojt("1a", minutes=15, note="Not sent yet."))
    page = text_of(signed_in(cast.marcus), address("week", cast.ana))
    assert "“Second audit.”" in page and "Resolves discrepancies" in page
    assert page.count('name="entry"') == 2
    assert "Not sent yet" not in page


def test_one_entry_goes_back_with_its_reason_and_the_rest_is_approved(cast: Cast) -> None:
    first, second = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    answer = press(cast, "return", first, second, entry=shown(first), reason="Was this 2b?")
    assert answer["Location"] == address("week", cast.ana)
    assert states(cast.ana) == ["returned", "submitted"]
    page = text_of(signed_in(cast.marcus), address("week", cast.ana))
    assert "Was this 2b?" in page and "Approve 1 entry" in page
    press(cast, "approve", second)
    assert states(cast.ana) == ["returned", "approved"]


def test_marked_entries_go_back_when_the_rest_is_approved_with_one_press(cast: Cast) -> None:
    first, second = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    press(cast, "approve", first, second, entry=shown(first), reason="Was this 2b?")
    assert states(cast.ana) == ["returned", "approved"]
    assert rollup.differences() == []


@pytest.mark.parametrize("button", ["return", "approve"])
def test_a_return_without_a_reason_keeps_the_marks(cast: Cast, button: str) -> None:
    first, second = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    answer = press(cast, button, first, second, entry=shown(second), reason="  ")
    assert answer.status_code == 400
    page = plain(answer.content)
    assert "Say why, so that it can be mended." in page
    assert f'value="{second.uid}" id="e2" checked' in page
    assert f'value="{first.uid}" id="e1" checked' not in page
    assert states(cast.ana) == ["submitted", "submitted"]


def test_a_return_of_nothing_keeps_the_reason_that_was_typed(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    answer = press(cast, "return", *entries, reason="Please split it.")
    assert answer.status_code == 400
    page = plain(answer.content)
    assert "Mark at least one entry to return." in page and "Please split it." in page


def test_a_return_that_comes_too_late_keeps_what_was_typed(cast: Cast) -> None:
    entries = cast.submitted(cast.ben, cast.ojt(minutes=60))
    entries[0].move("approve", by=cast.lena, now=NOW)
    typed = {"shown": shown(*entries), "entry": shown(*entries), "reason": "Please split it."}
    answer = signed_in(cast.marcus).post(address("return", cast.ben), typed)
    assert answer.status_code == 409
    assert "Lena Fox approved hours of Ben Ortiz" in plain(answer.content)
    assert states(cast.ben) == ["approved"]


def test_a_reason_has_at_most_500_characters(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60))
    answer = press(cast, "return", *entries, entry=shown(*entries), reason="x" * 501)
    assert answer.status_code == 400
    assert states(cast.ana) == ["submitted"]


def test_days_before_ones_own_assignment_are_labelled_from_records(cast: Cast) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY)
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=MONDAY), cast.ojt(minutes=60, day=TODAY))
    page = text_of(signed_in(cast.lena), REVIEW)
    assert "1 entry from before you were assigned: approved from records" in page
    week = text_of(signed_in(cast.lena), address("week", cast.ana))
    assert week.count("before you were assigned: approved from records") == 1
    assert "approved from records" not in text_of(signed_in(cast.marcus), address("week", cast.ana))


def test_a_mentor_of_the_work_date_may_still_approve_it(cast: Cast) -> None:
    Mentorship.objects.filter(apprentice=cast.ana, mentor=cast.marcus).update(ends_on=MONDAY)
    (then, now) = cast.submitted(cast.ana, cast.ojt(minutes=60, day=MONDAY), cast.ojt(minutes=60, day=TODAY))
    page = text_of(signed_in(cast.marcus), address("week", cast.ana))
    assert str(then.uid) in page and str(now.uid) not in page
    press(cast, "approve", then)
    assert states(cast.ana) == ["approved", "submitted"]


def test_a_week_of_twenty_entries_asks_as_often_as_one_of_two(cast: Cast) -> None:
    marcus, week = signed_in(cast.marcus), address("week", cast.ana)
    cast.submitted(cast.ana, cast.ojt("2g", minutes=15))
    cast.approved(cast.ana, cast.ojt("2a", minutes=15))
    few = queries(marcus, week)
    for code in ("1a", "2b", "3a") * 3:
        cast.submitted(cast.ana, cast.ojt(code, minutes=15, note="Audit."))
        cast.approved(cast.ana, cast.ojt(code, minutes=15))
    assert queries(marcus, week) == few


# Who may not


@pytest.mark.parametrize(("who", "status"), [("nora", 403), ("ruth", 403), ("ana_user", 403), ("priya", 409)])
def test_who_may_see_ana_but_not_review_her_work_is_refused(cast: Cast, who: str, status: int) -> None:
    """For the instructor, who sees class hours only, the entry is one that does not exist."""
    (entry,) = cast.submitted(cast.ana)
    assert press(cast, "approve", entry, by=who).status_code == status
    assert states(cast.ana) == ["submitted"]


def test_a_coordinator_who_is_not_assigned_neither_opens_nor_approves_a_week(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    assert signed_in(cast.nora).get(address("week", cast.ana)).status_code == 403
    assert press(cast, "approve", entry, by="nora").status_code == 403
    assert press(cast, "return", entry, by="nora", entry=shown(entry), reason="No.").status_code == 403


@pytest.mark.parametrize("who", ["olga", "dara", "lena", "ivy", "chen_user"])
def test_a_stranger_is_told_that_there_is_nothing(cast: Cast, who: str) -> None:
    (entry,) = cast.submitted(cast.ana)
    assert signed_in(getattr(cast, who)).get(address("week", cast.ana)).status_code == 404
    assert press(cast, "approve", entry, by=who).status_code == 404
    assert states(cast.ana) == ["submitted"]


def test_an_entry_of_another_sponsor_is_answered_like_one_that_does_not_exist(cast: Cast) -> None:
    (mine,) = cast.submitted(cast.ana)
    others = [str(_chens_entry(cast).uid), str(uuid4()), "no-id", "' OR 1=1"]
    marcus = signed_in(cast.marcus)
    answers = [
        marcus.post(address("approve", cast.ana), {"shown": [str(mine.uid), other]}) for other in others
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert len({_without_secrets(answer.content) for answer in answers}) == 1
    assert states(cast.ana) == ["submitted"] and states(cast.chen) == ["submitted"]


def _chens_entry(cast: Cast) -> HoursEntry:
    competency = cast.other_program.schedule.job_functions.get(number=2).competencies.get(code="2g")
    line = cast.ojt()
    (entry,) = cast.submitted(
        cast.chen, type(line)("ojt", TODAY, 60, job_function=competency.job_function, competency=competency)
    )
    return entry


def _without_secrets(content: bytes) -> str:
    parts = plain(content).split('name="csrfmiddlewaretoken" value="')
    return "".join([parts[0], *(part.split('"', 1)[1] for part in parts[1:])])


# Two at once


@pytest.mark.django_db(transaction=True)
def test_of_two_mentors_at_the_same_moment_exactly_one_approves(transactional_db: None, cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ben, cast.ojt(minutes=60))
    one = HoursEntry.objects.filter(pk=entry.pk)
    outcomes = at_once(
        lambda: one.all().move("approve", by=cast.marcus, now=NOW),
        lambda: one.all().move("approve", by=cast.lena, now=NOW),
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, InvalidTransition)]
    assert len(refused) == 1, outcomes
    entry.refresh_from_db()
    assert entry.status == "approved"
    assert HoursTotal.objects.get(apprentice=cast.ben).approved == 60
    assert rollup.differences() == []


@pytest.mark.django_db(transaction=True)
def test_approving_and_taking_back_at_the_same_moment_loses_no_minute(
    transactional_db: None, cast: Cast
) -> None:
    entries = cast.submitted(cast.ben, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    week = HoursEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    outcomes = at_once(
        lambda: week.all().move("approve", by=cast.marcus, now=NOW),
        lambda: week.all().move("recall", by=cast.ben_user, now=NOW),
    )
    assert sum(isinstance(outcome, InvalidTransition) for outcome in outcomes) == 1, outcomes
    assert len(set(week.values_list("status", flat=True))) == 1
    assert rollup.differences() == []


def test_an_undo_without_entries_is_answered_plainly(cast: Cast) -> None:
    answer = signed_in(cast.marcus).post(
        address("undo", cast.ana), {"entry": str(cast.ana.uid), "reason": "x"}
    )
    assert answer.status_code == 400
    assert "Nothing was chosen to undo." in answer.content.decode()


def test_hours_submitted_again_after_the_mentor_opened_them_are_not_approved_unseen(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=30))
    opened = NOW + timedelta(minutes=1)
    entry.move("recall", by=cast.ana_user, now=opened + timedelta(minutes=1))
    entry.change(by=cast.ana_user, now=opened + timedelta(minutes=1), minutes=800)
    entry.move("submit", by=cast.ana_user, now=opened + timedelta(minutes=2))
    typed = {"shown": shown(entry), "seen": opened.isoformat()}
    answer = signed_in(cast.marcus).post(address("approve", cast.ana), typed)
    assert answer.status_code == 409
    entry.refresh_from_db()
    assert (entry.status, entry.minutes) == ("submitted", 800)
    again = {"shown": shown(entry), "seen": (opened + timedelta(minutes=3)).isoformat()}
    assert signed_in(cast.marcus).post(address("approve", cast.ana), again).status_code == 302


@pytest.mark.parametrize("page", [REVIEW, "week"])
def test_a_submission_that_waited_its_turn_is_not_approved_unseen(cast: Cast, page: str) -> None:
    """Ana's press came before the newest that Marcus sees, but reached the record after he had opened it."""
    pressed = NOW - timedelta(minutes=1)
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=30), now=NOW - timedelta(hours=1))
    cast.submitted(cast.ana, cast.ojt("1a", minutes=60), now=NOW)
    week = reverse("review-week", args=[cast.ana.uid, date(2026, 11, 16)])
    opened = signed_in(cast.marcus).get(week if page == "week" else page).content.decode()
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', opened)
    entry.move("recall", by=cast.ana_user, now=pressed)
    entry.change(by=cast.ana_user, now=pressed, minutes=800)
    entry.move("submit", by=cast.ana_user, now=pressed)
    typed = {"shown": shown(entry), "seen": seen}
    assert signed_in(cast.marcus).post(address("approve", cast.ana), typed).status_code == 409
    entry.refresh_from_db()
    assert (entry.status, entry.minutes) == ("submitted", 800)


def test_a_time_zone_of_ones_own_choice_does_not_prolong_an_assignment(cast: Cast) -> None:
    cast.submitted(cast.ana)
    yesterday = TODAY - timedelta(days=2)
    Mentorship.objects.filter(mentor=cast.marcus).update(ends_on=yesterday)
    for zone in ("America/Chicago", "Etc/GMT+12", "Pacific/Kiritimati"):
        cast.marcus.time_zone = zone
        assert not Apprentice.objects.visible_to(cast.marcus).exists()
        assert not HoursEntry.objects.reviewable_by(cast.marcus).exists()


def test_who_reviews_again_reads_why_it_went_back(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    entry.move("return", by=cast.marcus, now=NOW, reason="Was this 2b?")
    entry.move("submit", by=cast.ana_user, now=NOW)
    page = text_of(signed_in(cast.marcus), reverse("review-week", args=[cast.ana.uid, date(2026, 11, 16)]))
    assert "Marcus Webb returned it on Nov 20: “Was this 2b?”" in page
    assert reverse("hours-entry", args=[entry.uid]) in page
