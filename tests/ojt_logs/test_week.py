"""The apprentice's first screen: a week, what waits, what came back, submit and take back."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from apprenticeship.models import Mentorship
from ledger import chain
from ojt_logs.models import HoursEntry
from tests.cast import CANARY, NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MONDAY = date(2026, 11, 16)


def week(cast: Cast, of: str = "") -> str:
    return reverse("week", args=[cast.ana.uid]) + (f"?of={of}" if of else "")


def submit(cast: Cast, monday: date = MONDAY) -> str:
    return reverse("week-submit", args=[cast.ana.uid, monday])


def test_a_new_apprentice_sees_the_next_step(cast: Cast) -> None:
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "Week of Nov 16 – 22" in page
    assert "Log today" in page
    assert "0 of 16 competencies" in page and "0 of 64 standards" in page
    assert "Same as" not in page and "Submit week" not in page


def test_who_is_suspended_reads_so_on_the_first_screen(cast: Cast) -> None:
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave", by=cast.nora, now=NOW)
    page = signed_in(cast.ana_user).get(reverse("week", kwargs={"uid": cast.ana.uid})).content.decode()
    assert "suspended since Nov 20, 2026" in page


def test_ana_sees_her_week_by_state_and_day(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=480, day=MONDAY))
    cast.submitted(cast.ana, cast.ojt(minutes=510, day=MONDAY + timedelta(days=1)))
    cast.log(cast.ana, cast.ojt(minutes=465, day=MONDAY + timedelta(days=2)))
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "24 h 15 min this week" in page
    for words in ("8 h approved", "8 h 30 min waiting", "7 h 45 min draft"):
        assert words in page
    assert 'class="day ok"' in page and 'class="day wait"' in page and 'class="day draft"' in page


def test_hours_are_told_and_never_of_a_total_that_nobody_states(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=480))
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "8 h approved</a> · <a" in page and "class 0 h of 144 h</a>" in page


def test_what_waits_is_told_with_for_whom_and_since_when(cast: Cast) -> None:
    lines = cast.ojt(minutes=60, day=MONDAY), cast.ri(minutes=30, day=MONDAY)
    cast.submitted(cast.ana, *lines, now=NOW - timedelta(days=2))
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "<b>Marcus Webb</b> has 1 h to look at" in page
    assert "<b>Priya Nair</b> has 30 min to look at" in page
    assert "the oldest since Nov 18, 2 days ago" in page


def test_hours_that_wait_for_nobody_say_whom_to_ask(cast: Cast) -> None:
    cast.ana.mentorships.update(ends_on=TODAY - timedelta(days=1))
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    assert "is assigned to look at 1 h. Ask your coordinator." in text_of(
        signed_in(cast.ana_user), week(cast)
    )


def test_what_was_returned_is_told_with_its_reason_and_a_way_to_mend_it(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=240, day=date(2026, 11, 3)))
    entry.move("return", by=cast.marcus, now=NOW, reason="Was this 2b or 2g?")
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert 'Marcus returned 4 h of <span class="nowrap">Nov 3</span>' in page
    assert "“Was this 2b or 2g?”" in page
    assert reverse("hours-edit", args=[entry.uid]) in page


def test_drafts_left_in_an_earlier_week_are_remembered(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 3)), cast.ojt("1a", day=date(2026, 11, 5)))
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "9 h not submitted" in page and "?of=2026-11-02" in page


def test_the_weeks_lead_to_each_other_within_the_apprenticeship(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    assert "The week after" not in text_of(client, week(cast))
    first = text_of(client, week(cast, "2026-02-04"))
    assert "The week before" not in first and "?of=2026-02-09" in first
    assert "Nothing was logged in this week" in first
    for wrong in ("2026-01-31", "2026-11-23", "9999-12-31", "0001-01-01", "2026-02-30", "yesterday"):
        assert client.get(week(cast, wrong)).status_code == 404


def test_a_week_is_submitted_with_one_button(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt(minutes=480, day=MONDAY), cast.ri(minutes=60))
    cast.log(cast.ana, cast.ojt(minutes=60, day=MONDAY - timedelta(days=1)))
    assert "9 h in 2 entries" in text_of(client, week(cast))
    answer = client.post(submit(cast), follow=True)
    assert "Submitted 2 entries, 9 h, on Nov 20, 2026, 12:00 pm CST." in plain(answer.content)
    states = HoursEntry.objects.order_by("date", "pk").values_list("status", flat=True)
    assert list(states) == ["draft", "submitted", "submitted"]
    acts = [entry.act for entry in chain.entries_of(cast.ana.uid)]
    assert [act for act in acts if act.startswith("hours.")] == ["hours.submit", "hours.submit"]


def test_submitting_a_week_twice_does_it_once(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt(minutes=480))
    client.post(submit(cast))
    answer = client.post(submit(cast), follow=True)
    assert "There is nothing to submit in these days." in plain(answer.content)
    assert chain.entries_of(cast.ana.uid).filter(act="hours.submit").count() == 1


def test_what_would_be_refused_is_told_entry_by_entry_before(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt(minutes=480, day=MONDAY), cast.ojt("3a", minutes=300, day=MONDAY))
    suspended, active = MONDAY - timedelta(days=1), MONDAY + timedelta(days=2)
    cast.ana.change_status("suspended", effective_on=suspended, reason="Leave.", by=cast.nora, now=NOW)
    cast.ana.change_status("active", effective_on=active, reason="Back.", by=cast.nora, now=NOW)
    page = text_of(client, week(cast))
    assert "Fix these before you submit" in page and "Submit week" not in page
    assert page.count("The apprenticeship was suspended on this day. Choose another day") == 2
    answer = client.post(submit(cast), follow=True)
    assert "Nothing was submitted. Fix the entries below first." in plain(answer.content)
    assert set(HoursEntry.objects.values_list("status", flat=True)) == {"draft"}


def test_a_day_made_too_long_is_told_before_submitting(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=900), cast.ojt("3a", minutes=540))
    HoursEntry.objects.filter(minutes=540).update(minutes=541)
    page = text_of(signed_in(cast.ana_user), week(cast))
    assert "more than 24 hours; 9 h is left." in page
    assert "more than 24 hours; 14 h 59 min is left." in page


def test_a_returned_entry_goes_with_the_week_once_it_was_mended(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    (entry,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=240), now=NOW - timedelta(hours=2))
    entry.move("return", by=cast.marcus, now=NOW - timedelta(hours=1), reason="Was this 2b or 2g?")
    client.post(submit(cast))
    entry.refresh_from_db()
    assert entry.status == "returned"
    entry.change(by=cast.ana_user, now=NOW, minutes=200)
    assert "submitting the week sends it again" in text_of(client, week(cast))
    client.post(submit(cast))
    entry.refresh_from_db()
    assert (entry.status, entry.minutes) == ("submitted", 200)


def test_an_entry_is_taken_back_until_somebody_has_looked(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    first, second = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=60))
    second.move("approve", by=cast.marcus, now=NOW)
    answer = client.post(reverse("hours-recall", args=[first.uid]), follow=True)
    assert "It is a draft again." in plain(answer.content)
    answer = client.post(reverse("hours-recall", args=[second.uid]))
    assert answer.status_code == 409
    assert "cannot be" in plain(answer.content) and "Nothing was changed." in plain(answer.content)
    states = HoursEntry.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["draft", "approved"]


def test_same_as_yesterday_copies_its_entries_once_as_drafts_and_says_so(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    yesterday = TODAY - timedelta(days=1)
    cast.submitted(cast.ana, cast.ojt("2g", minutes=330, day=yesterday, note="Two charts."))
    cast.log(cast.ana, cast.ojt("3a", minutes=150, day=yesterday))
    assert "Same as yesterday" in text_of(client, week(cast))
    url = reverse("day", args=[cast.ana.uid, TODAY])
    answer = client.post(url, {"copy": "1"}, follow=True)
    assert "Copied 2 entries from Thursday, Nov 19, as drafts." in plain(answer.content)
    again = client.post(url, {"copy": "1"}, follow=True)
    assert "There is nothing to copy" in plain(again.content)
    copies = HoursEntry.objects.filter(date=TODAY).order_by("pk")
    found = [(one.competency.code, one.minutes, one.note, one.status) for one in copies if one.competency]
    assert found == [("2g", 330, "", "draft"), ("3a", 150, "", "draft")]


def test_a_corrected_day_is_copied_as_it_was_corrected(cast: Cast) -> None:
    yesterday = TODAY - timedelta(days=1)
    (wrong,) = cast.approved(cast.ana, cast.ojt("2g", minutes=480, day=yesterday))
    line = cast.ojt("2b", minutes=450, day=yesterday)
    right = wrong.correct(by=cast.ana_user, now=NOW, reason="It was 2b.", line=line)
    client = signed_in(cast.ana_user)
    assert 'Same as yesterday <span class="quiet-on-line">8 h' in text_of(client, week(cast))
    right.move("submit", by=cast.ana_user, now=NOW)
    right.move("approve", by=cast.marcus, now=NOW)
    assert 'Same as yesterday <span class="quiet-on-line">7 h 30 min' in text_of(client, week(cast))
    client.post(reverse("day", args=[cast.ana.uid, TODAY]), {"copy": "1"})
    copy = HoursEntry.objects.get(date=TODAY)
    assert (copy.subject[:2], copy.minutes, copy.status, copy.corrects) == ("2b", 450, "draft", None)


def test_on_monday_the_last_working_day_is_offered_by_its_name(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(day=TODAY - timedelta(days=3)))
    assert "Same as Tuesday" in text_of(signed_in(cast.ana_user), week(cast))


def test_a_day_that_today_cannot_take_is_not_copied(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt(day=TODAY - timedelta(days=1)))
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    answer = client.post(reverse("day", args=[cast.ana.uid, TODAY]), {"copy": "1"}, follow=True)
    assert "Nothing was copied. The apprenticeship was suspended on this day." in plain(answer.content)
    assert HoursEntry.objects.count() == 1


def test_only_ana_has_her_week_and_her_acts(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    acts = [submit(cast), reverse("hours-recall", args=[entry.uid])]
    for user, status in [(cast.marcus, 403), (cast.nora, 403), (cast.ruth, 403), (cast.ben_user, 404)]:
        client = signed_in(user)
        assert client.get(week(cast)).status_code == status
        assert {client.post(url).status_code for url in acts} == {status}
    for user in (cast.olga, cast.chen_user, cast.ivy):
        client = signed_in(user)
        assert client.get(week(cast)).status_code == 404
        assert {client.post(url).status_code for url in acts} == {404}
    entry.refresh_from_db()
    assert entry.status == "submitted"


def test_nothing_of_the_other_sponsor_is_in_the_week(cast: Cast) -> None:
    cast.log(cast.ana)
    assert CANARY not in text_of(signed_in(cast.ana_user), week(cast))


def test_a_week_is_not_submitted_by_reading_an_address(cast: Cast) -> None:
    cast.log(cast.ana)
    assert signed_in(cast.ana_user).get(submit(cast)).status_code == 405


def test_the_week_takes_as_many_queries_after_20_weeks_as_after_one(cast: Cast) -> None:
    client = signed_in(cast.ana_user)

    def weeks_of_work(numbers: range) -> None:
        for number in numbers:
            day = MONDAY - timedelta(weeks=number)
            cast.log(cast.ana, cast.ojt("1b", minutes=30, day=day))
            (entry,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=60, day=day))
            entry.move("return", by=cast.marcus, now=NOW, reason="Which one?")
            cast.submitted(cast.ana, cast.ojt("3a", minutes=60, day=day), cast.ri(minutes=60, day=day))
            cast.approved(cast.ana, cast.ojt("2g", minutes=60, day=day))

    weeks_of_work(range(2))
    before = queries(client, week(cast))
    weeks_of_work(range(2, 20))
    assert queries(client, week(cast)) == before


@pytest.mark.parametrize(("minutes", "told"), [(1040, False), (1041, True)])
def test_a_correction_is_weighed_without_what_it_corrects(cast: Cast, minutes: int, told: bool) -> None:
    """1,000 approved minutes become 1,040 or 1,041 beside 400 others: the day has 1,440."""
    (old,) = cast.approved(cast.ana, cast.ojt("2g", minutes=1000))
    cast.log(cast.ana, cast.ojt("3a", minutes=400))
    new = old.correct(by=cast.ana_user, now=NOW, reason="It was 1a.", line=cast.ojt("1a", minutes=1040))
    HoursEntry.objects.filter(pk=new.pk).update(minutes=minutes)
    client = signed_in(cast.ana_user)
    page = text_of(client, week(cast))
    assert ("more than 24 hours; 17 h 20 min is left." in page) is told
    assert ("Submit week" in page) is not told
    client.post(submit(cast))
    new.refresh_from_db()
    assert new.status == ("draft" if told else "submitted")


def test_a_past_week_shows_itself_alone(cast: Cast) -> None:
    (old,) = cast.submitted(cast.ana, cast.ojt(minutes=240, day=date(2026, 11, 3)))
    old.move("return", by=cast.marcus, now=NOW, reason="Which chart?")
    cast.log(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 10)))
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    client = signed_in(cast.ana_user)
    now, past = text_of(client, week(cast)), text_of(client, week(cast) + "?of=2026-11-03")
    for words in ("Yours to do", "Waiting for others", 'aria-label="Progress"'):
        assert words in now and words not in past
    assert "Which chart?" in past and reverse("hours-edit", args=[old.uid]) in past


def test_one_thing_at_a_time_is_the_main_thing_to_do(cast: Cast) -> None:
    client = signed_in(cast.ana_user)

    def main_button() -> str:
        (found,) = re.findall(
            r'btn-main"[^>]*>(?:<svg.*?</svg>)?\s*([A-Z][a-z ]+)', text_of(client, week(cast))
        )
        return str(found).strip()

    assert main_button() == "Log today"
    cast.log(cast.ana, cast.ojt(minutes=60, day=TODAY - timedelta(days=1)))
    assert main_button() == "Log today"
    cast.log(cast.ana, cast.ojt(minutes=60))
    assert main_button() == "Submit week"


def test_a_new_apprentice_reads_how_a_week_goes_and_who_approves_it(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    page = text_of(client, week(cast))
    assert "How a week goes" in page and "<b>Marcus Webb</b> approves it" in page
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=STARTED)
    assert "Nobody is assigned to you yet: ask your coordinator" in text_of(client, week(cast))
    cast.log(cast.ana)
    assert "How a week goes" not in text_of(client, week(cast))
