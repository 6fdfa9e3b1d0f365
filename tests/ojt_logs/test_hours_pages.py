"""The list of hours, one entry with its history, and changing it."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.durations import parse_minutes
from accounts.listing import Listing
from ojt_logs.models import HoursEntry, InvalidTransition
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def hours(cast: Cast, query: str = "") -> str:
    return reverse("hours", args=[cast.ana.uid]) + query


def at(entry: HoursEntry, name: str = "hours-entry") -> str:
    return reverse(name, args=[entry.uid])


def months_of_work(cast: Cast, days: int) -> None:
    for back in range(days):
        cast.log(cast.ana, cast.ojt("2g", minutes=1 + back, day=TODAY - timedelta(days=back)))


def shown(page: str) -> list[int]:
    """The minutes of the listed entries, as months_of_work made them, from top to bottom."""
    parts = page.split('class="entry-what"')[1:]
    clocks = [strip_tags(part.split("· ", 1)[1].split("</b>", 1)[0]) for part in parts]
    return [parse_minutes(clock) for clock in clocks]


def test_the_list_stands_by_weeks_unless_it_is_sorted_by_length(cast: Cast) -> None:
    months_of_work(cast, 9)
    client = signed_in(cast.ana_user)
    page = text_of(client, hours(cast))
    assert page.index("Week of Nov 16, 2026") < page.index("Week of Nov 9, 2026")
    assert page.count("Week of") == 2
    assert "Week of" not in text_of(client, hours(cast, "?sort=longest"))


# ---- The list


def test_an_empty_list_says_the_next_step(cast: Cast) -> None:
    assert "Begin with today" in text_of(signed_in(cast.ana_user), hours(cast))
    assert "Ana has submitted no hours yet." in text_of(signed_in(cast.marcus), hours(cast))


def test_the_totals_are_those_of_the_rollup(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=480), cast.ri(minutes=90))
    cast.submitted(cast.ana, cast.ojt("1a", minutes=30))
    page = text_of(signed_in(cast.ana_user), hours(cast))
    assert "<b>8 h</b><span>approved on the job, 30 min waiting</span>" in page
    assert "<b>1 h 30 min</b><span>approved in class</span>" in page


def test_pages_of_the_list_lead_both_ways_and_show_every_entry_once(cast: Cast) -> None:
    months_of_work(cast, 90)
    client = signed_in(cast.ana_user)

    def page(address: str = "") -> Listing:
        return client.get(hours(cast, address)).context["listing"]

    first = page()
    second = page(first.next_url)
    third = page(second.next_url)
    minutes = [[entry.minutes for entry in one.rows] for one in (first, second, third)]
    assert [len(one) for one in minutes] == [40, 40, 10]
    assert [one for rows in minutes for one in rows] == list(range(1, 91))
    assert (first.previous_url, third.next_url) == ("", "")
    back = page(third.previous_url)
    assert [entry.minutes for entry in back.rows] == minutes[1]
    newest = page(back.previous_url)
    assert [entry.minutes for entry in newest.rows] == minutes[0]
    assert newest.previous_url == ""


def test_entries_of_one_day_are_parted_between_pages_without_loss(cast: Cast) -> None:
    for _ in range(45):
        cast.log(cast.ana, cast.ojt(minutes=1))
    client = signed_in(cast.ana_user)
    first = client.get(hours(cast)).context["listing"]
    second = client.get(hours(cast, first.next_url)).context["listing"]
    keys = [entry.pk for one in (first, second) for entry in one.rows]
    assert keys == sorted(HoursEntry.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("sort", ["oldest", "longest"])
def test_pages_keep_the_order_that_was_chosen(cast: Cast, sort: str) -> None:
    months_of_work(cast, 45)
    client = signed_in(cast.ana_user)
    first = client.get(hours(cast, f"?sort={sort}")).context["listing"]
    second = client.get(hours(cast, first.next_url)).context["listing"]
    assert [entry.minutes for one in (first, second) for entry in one.rows] == list(range(45, 0, -1))
    assert "sort=" in first.next_url and second.next_url == ""


def test_a_place_that_is_none_is_the_beginning(cast: Cast) -> None:
    months_of_work(cast, 45)
    client = signed_in(cast.ana_user)
    place = client.get(hours(cast)).context["listing"].next_url
    for wrong in (
        "?page=x",
        "?page=%00",
        f"{place}x",
        f"{place}&sort=longest&page=a:b",
        "?page=" + "9" * 400,
    ):
        assert len(shown(text_of(client, hours(cast, wrong)))) == 40


def test_filters_in_the_address_narrow_the_list_and_stay_while_paging(cast: Cast) -> None:
    months_of_work(cast, 50)
    cast.approved(cast.ana, cast.ojt("3a", minutes=600), cast.ri(minutes=300))
    client = signed_in(cast.ana_user)
    assert shown(text_of(client, hours(cast, "?state=approved"))) == [300, 600]
    assert shown(text_of(client, hours(cast, "?kind=ri"))) == [300]
    assert shown(text_of(client, hours(cast, "?about=3a"))) == [600]
    assert shown(text_of(client, hours(cast, "?about=3"))) == [600]
    assert shown(text_of(client, hours(cast, f"?about=course-{cast.klass.course.uid}"))) == [300]
    assert shown(text_of(client, hours(cast, "?about=2g&from=2026-11-18&to=2026-11-19"))) == [2, 3]
    page = client.get(hours(cast, "?about=2g&state=draft")).context["listing"]
    assert "about=2g" in page.next_url and "state=draft" in page.next_url
    assert "Nothing fits this filter" in text_of(client, hours(cast, "?about=4a"))


def test_a_filter_that_cannot_be_read_says_so_and_hides_nothing(cast: Cast) -> None:
    months_of_work(cast, 2)
    page = text_of(signed_in(cast.ana_user), hours(cast, "?from=yesterday&state=lost&about=9z"))
    assert "Write the day like 2026-11-20." in page
    assert shown(page) == [1, 2]


def test_drafts_are_ana_s_alone(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=11, note="Mine."))
    cast.submitted(cast.ana, cast.ojt(minutes=22))
    assert shown(text_of(signed_in(cast.ana_user), hours(cast))) == [22, 11]
    for user in (cast.marcus, cast.nora, cast.ruth):
        client = signed_in(user)
        assert shown(text_of(client, hours(cast))) == [22]
        assert client.get(at(draft)).status_code == 404


def test_who_may_read_the_hours(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=22))
    for user, list_status, entry_status in [
        (cast.marcus, 200, 200),
        (cast.nora, 200, 200),
        (cast.ruth, 200, 200),
        (cast.priya, 403, 404),
        (cast.lena, 404, 404),
        (cast.ben_user, 404, 404),
        (cast.olga, 404, 404),
        (cast.dara, 404, 404),
        (cast.ivy, 404, 404),
    ]:
        client = signed_in(user)
        assert client.get(hours(cast)).status_code == list_status, user
        assert client.get(at(entry)).status_code == entry_status, user


def test_the_instructor_reads_the_class_entry_that_is_hers_to_approve(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ri(minutes=60))
    page = text_of(signed_in(cast.priya), at(entry))
    assert "Review this week" in page
    assert hours(cast) not in page


def test_the_list_takes_as_many_queries_for_a_full_page_as_for_two_entries(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.submitted(cast.ana, cast.ojt(minutes=1), cast.ri(minutes=1))
    before = queries(client, hours(cast))
    for back in range(1, 21):
        day = TODAY - timedelta(days=back)
        cast.submitted(cast.ana, cast.ojt("3a", minutes=1, day=day), cast.ri(minutes=1, day=day))
    assert queries(client, hours(cast)) == before


# ---- One entry and its history


def test_the_history_tells_who_did_what_when_and_why(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=240), now=NOW - timedelta(hours=3))
    entry.move("return", by=cast.marcus, now=NOW - timedelta(hours=2), reason="Was this 2b or 2g?")
    entry.change(
        by=cast.ana_user,
        now=NOW,
        competency=cast.competency("2g"),
        job_function=cast.function(2),
        minutes=200,
    )
    entry.move("submit", by=cast.ana_user, now=NOW - timedelta(hours=1))
    entry.move("approve", by=cast.marcus, now=NOW)
    page = text_of(signed_in(cast.ruth), at(entry))
    steps = [
        "<b>Written</b> by Ana Reyes",
        "<b>Submitted</b> by Ana Reyes",
        "9:00 am CST</time> · record entry 5",
        "4 h on 2b, Nov 20, 2026",
        "<b>Returned</b> by Marcus Webb",
        "10:00 am CST</time> · record entry 6",
        "“Was this 2b or 2g?”",
        "<b>Submitted</b> by Ana Reyes",
        "3 h 20 min on 2g, Nov 20, 2026",
        "<b>Approved</b> by Marcus Webb",
        "12:00 pm CST</time> · record entry 8",
    ]
    place = 0
    for step in steps:
        place = page.index(step, place) + 1
    assert page.count("3 h 20 min on 2g") == 1


def test_a_correction_and_what_it_corrects_lead_to_each_other(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt(minutes=480))
    new = old.correct(by=cast.ana_user, now=NOW, reason="It was 3a.", line=cast.ojt("3a", minutes=420))
    client = signed_in(cast.ana_user)
    assert "Corrects" in text_of(client, at(new)) and at(old) in text_of(client, at(new))
    assert at(new) in text_of(client, at(old))
    assert at(new) not in text_of(signed_in(cast.marcus), at(old))


def test_what_may_be_done_depends_on_who_asks_and_on_the_state(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=10))
    (waiting,) = cast.submitted(cast.ana, cast.ojt(minutes=10))
    (done,) = cast.approved(cast.ana, cast.ojt(minutes=10))
    for entry, acts in [
        (draft, {"hours-edit", "hours-delete"}),
        (waiting, {"hours-recall"}),
        (done, set()),
    ]:
        page = text_of(client, at(entry))
        assert {
            name for name in ("hours-edit", "hours-delete", "hours-recall") if at(entry, name) in page
        } == acts
    assert "Take back" not in text_of(signed_in(cast.marcus), at(waiting))
    assert "Review this week" in text_of(signed_in(cast.marcus), at(waiting))
    assert "Review this week" not in text_of(signed_in(cast.nora), at(waiting))


# ---- Changing, deleting


def changes(entry: HoursEntry, **changed: str) -> dict[str, str]:
    about = entry.competency.code if entry.competency else ""
    said = {
        "date": entry.date.isoformat(),
        "about": about,
        "minutes": f"{entry.minutes}m",
        "note": entry.note,
    }
    return said | changed


def test_a_draft_is_changed_with_its_day(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt("2g", minutes=60))
    data = changes(entry, date="2026-11-18", about="3a", minutes="2:15", note="Audit.")
    answer = signed_in(cast.ana_user).post(at(entry, "hours-edit"), data, follow=True)
    assert "It is not submitted yet." in plain(answer.content)
    entry.refresh_from_db()
    assert (entry.date, entry.subject[:2], entry.minutes, entry.note) == (
        date(2026, 11, 18),
        "3a",
        135,
        "Audit.",
    )
    assert entry.status == "draft"


def test_a_returned_entry_is_mended_and_submitted_again_in_one_act(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=240))
    entry.move("return", by=cast.marcus, now=NOW, reason="Was this 2b or 2g?")
    client = signed_in(cast.ana_user)
    page = text_of(client, at(entry, "hours-edit"))
    assert "<b>Marcus Webb</b> returned it" in page and "“Was this 2b or 2g?”" in page
    client.post(at(entry, "hours-edit"), changes(entry, about="2g", submit="1"))
    entry.refresh_from_db()
    assert (entry.status, entry.subject[:2]) == ("submitted", "2g")


def test_a_change_to_another_kind_of_hours_leaves_nothing_of_the_first(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt("2g", minutes=60))
    about = f"course-{cast.klass.course.uid}"
    signed_in(cast.ana_user).post(at(entry, "hours-edit"), changes(entry, about=about))
    entry.refresh_from_db()
    assert (entry.kind, entry.course, entry.competency, entry.job_function) == (
        "ri",
        cast.klass.course,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"minutes": "0"}, "Enter more than 0 minutes and at most 24 hours."),
        ({"minutes": "24:01"}, "Enter more than 0 minutes and at most 24 hours."),
        ({"minutes": "23:01"}, "this is more than 24 hours; 23 h is left."),
        ({"minutes": "a while"}, "“a while” is not a time."),
        ({"date": "2026-11-21"}, "This day has not begun where you are"),
        ({"date": "2026-02-01"}, "The apprenticeship began on Feb 2, 2026."),
        ({"date": "2026-02-30"}, "Write the day like 2026-11-20."),
        ({"about": "9z"}, "This is not in your program. Choose one from the list."),
        ({"about": ""}, "Choose what you did."),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_beside_its_field(
    cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    cast.log(cast.ana, cast.ojt("1a", minutes=60))
    (entry,) = cast.log(cast.ana, cast.ojt("2g", minutes=60))
    data = changes(entry, note="Typed.", submit="1") | changed
    answer = signed_in(cast.ana_user).post(at(entry, "hours-edit"), data)
    page = plain(answer.content)
    assert sentence in page and "Typed." in page
    (name,) = changed
    assert f'name="{name}"' in page.split('aria-invalid="true"')[0].rsplit("<", 1)[1]
    entry.refresh_from_db()
    assert (entry.status, entry.minutes, entry.note) == ("draft", 60, "")


def test_approved_hours_are_never_edited_deleted_or_taken_back(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana, cast.ojt("2g", minutes=60))
    client = signed_in(cast.ana_user)
    assert client.get(at(entry, "hours-edit")).status_code == 409
    for name in ("hours-edit", "hours-delete", "hours-recall"):
        answer = client.post(at(entry, name), changes(entry, minutes="9:00"))
        assert answer.status_code == 409
        assert "Nothing was changed." in plain(answer.content)
    entry.refresh_from_db()
    assert (entry.status, entry.minutes) == ("approved", 60)


def test_a_draft_is_deleted_by_a_button_and_a_returned_entry_stays(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    assert client.get(at(draft, "hours-delete")).status_code == 405
    answer = client.post(at(draft, "hours-delete"), follow=True)
    assert "Deleted the draft of Nov 20." in plain(answer.content)
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    entry.move("return", by=cast.marcus, now=NOW, reason="Which one?")
    answer = client.post(at(entry, "hours-delete"))
    assert answer.status_code == 409
    assert "stays on the record" in plain(answer.content)
    assert list(HoursEntry.objects.values_list("pk", flat=True)) == [entry.pk]


def test_an_entry_that_was_returned_once_stays_also_after_it_was_taken_back(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    entry.move("return", by=cast.marcus, now=NOW, reason="Which one?")
    for move in ("submit", "recall"):
        entry.move(move, by=cast.ana_user, now=NOW)
    client = signed_in(cast.ana_user)
    assert at(entry, "hours-edit") in text_of(client, at(entry))
    assert at(entry, "hours-delete") not in text_of(client, at(entry))
    assert client.post(at(entry, "hours-delete")).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).delete()


def test_what_was_deleted_a_moment_ago_is_told_so(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    HoursEntry.objects.get(pk=draft.pk).remove(by=cast.ana_user)
    acts = [
        lambda: draft.remove(by=cast.ana_user),
        lambda: draft.change(by=cast.ana_user, now=NOW, minutes=30),
        lambda: draft.move("submit", by=cast.ana_user, now=NOW),
    ]
    for act in acts:
        with pytest.raises(InvalidTransition, match="deleted a moment ago"):
            act()


def test_acts_on_an_entry_are_its_owners(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    for user, status in [
        (cast.marcus, 403),
        (cast.nora, 403),
        (cast.ruth, 403),
        (cast.ben_user, 404),
        (cast.olga, 404),
    ]:
        client = signed_in(user)
        for name in ("hours-edit", "hours-delete", "hours-recall"):
            assert client.post(at(entry, name), changes(entry)).status_code == status
    missing = reverse("hours-entry", args=[uuid.uuid4()])
    assert signed_in(cast.ana_user).get(missing).status_code == 404
    entry.refresh_from_db()
    assert entry.status == "submitted"


def test_nothing_of_the_other_sponsor_is_in_the_list_or_its_choices(cast: Cast) -> None:
    cast.log(cast.chen, type(cast.ojt())("ojt", TODAY, 60, note=CANARY))
    for user in (cast.ana_user, cast.nora):
        assert CANARY not in text_of(signed_in(user), hours(cast))


# ---- Correcting what was approved


def test_an_approved_entry_is_corrected_by_another_with_a_reason(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt("2g", minutes=480))
    client = signed_in(cast.ana_user)
    assert at(old, "hours-correct") in text_of(client, at(old))
    data = changes(old, about="3a", minutes="7:00", correction_reason="It was 3a.", submit="1")
    client.post(at(old, "hours-correct"), data)
    new = HoursEntry.objects.get(corrects=old)
    assert (new.status, new.subject[:2], new.minutes) == ("submitted", "3a", 420)
    old.refresh_from_db()
    assert (old.status, old.minutes) == ("approved", 480)
    new.move("approve", by=cast.marcus, now=NOW)
    old.refresh_from_db()
    assert old.status == "superseded"


def test_a_correction_without_a_reason_is_refused_and_what_was_typed_stays(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt("2g", minutes=480))
    client = signed_in(cast.ana_user)
    answer = client.post(at(old, "hours-correct"), changes(old, minutes="7:07", correction_reason=" "))
    page = plain(answer.content)
    assert "Say what was wrong, so that your reviewer can follow." in page and 'value="7:07"' in page
    assert HoursEntry.objects.count() == 1


def test_a_correction_is_drafted_once_and_then_found_again(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt("2g", minutes=480))
    client = signed_in(cast.ana_user)
    data = changes(old, minutes="7:00", correction_reason="Too much.")
    client.post(at(old, "hours-correct"), data)
    new = HoursEntry.objects.get(corrects=old)
    assert client.post(at(old, "hours-correct"), data).headers["Location"] == at(new)
    assert HoursEntry.objects.count() == 2
    assert "Corrects 8 h of Nov 20, 2026" in text_of(client, at(new, "hours-edit"))


def test_only_approved_hours_of_ones_own_are_corrected(cast: Cast) -> None:
    (waiting,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    answer = signed_in(cast.ana_user).get(at(waiting, "hours-correct"))
    assert answer.status_code == 409 and "Only approved hours need a correction." in plain(answer.content)
    (done,) = cast.approved(cast.ana, cast.ojt("1a", minutes=60))
    for user, status in [(cast.marcus, 403), (cast.nora, 403), (cast.ben_user, 404), (cast.olga, 404)]:
        assert signed_in(user).post(at(done, "hours-correct"), changes(done)).status_code == status
