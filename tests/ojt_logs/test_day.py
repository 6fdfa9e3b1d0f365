"""Logging a day: several entries together, nothing typed lost, nothing half-written."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apprenticeship.models import Apprentice
from ojt_logs.models import HoursEntry
from tests.cast import CANARY, NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def day(cast: Cast, on: date = TODAY) -> str:
    return reverse("day", args=[cast.ana.uid, on])


def typed(*lines: dict[str, str], **more: str) -> dict[str, str]:
    """What a browser sends for these lines of the form; every new one has its own uid."""
    data = {"lines": str(len(lines)), **more}
    for number, line in enumerate(lines):
        blank = {"about": "", "minutes": "", "note": "", "entry_uid": "", "client_uid": str(uuid.uuid4())}
        data |= {f"line-{number}-{name}": value for name, value in (blank | line).items()}
    return data


def line(about: str = "2g", minutes: str = "7:30", note: str = "", **more: str) -> dict[str, str]:
    return {"about": about, "minutes": minutes, "note": note, **more}


def of_entry(entry: HoursEntry, **changes: str) -> dict[str, str]:
    competency = entry.competency
    assert competency
    said = {"about": competency.code, "minutes": str(entry.minutes) + "m", "note": entry.note}
    return said | {"entry_uid": str(entry.uid), "client_uid": ""} | changes


def saved() -> list[tuple[str, int, str]]:
    rows = HoursEntry.objects.select_related("competency", "job_function", "course").order_by("pk")
    return [(row.subject[:2], row.minutes, row.note) for row in rows]


def refused(client: Client, url: str, data: dict[str, str]) -> str:
    """The page that answers, after checking that it is the form again."""
    answer = client.post(url, data)
    assert answer.status_code == 200
    return plain(answer.content)


# ---- What is written


def test_several_entries_of_a_day_are_saved_together(cast: Cast) -> None:
    course = f"course-{cast.klass.course.uid}"
    answer = signed_in(cast.ana_user).post(
        day(cast),
        typed(
            line("2g", "5:30", "Two queries."), line("2", "1.5"), line("other", "0h30"), line(course, "1 h")
        ),
        follow=True,
    )
    assert "Saved Friday, Nov 20." in plain(answer.content)
    assert saved() == [("2g", 330, "Two queries."), ("2.", 90, ""), ("Ot", 30, ""), ("MC", 60, "")]
    assert list(HoursEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["ojt"] * 3 + ["ri"]
    assert set(HoursEntry.objects.values_list("status", flat=True)) == {"draft"}


@pytest.mark.parametrize(("words", "minutes"), [("7:30", 450), ("7.5", 450), ("7h30", 450), ("8", 480)])
def test_time_is_read_as_people_write_it(cast: Cast, words: str, minutes: int) -> None:
    signed_in(cast.ana_user).post(day(cast), typed(line(minutes=words)))
    assert HoursEntry.objects.get().minutes == minutes


def test_blank_lines_are_no_entries(cast: Cast) -> None:
    signed_in(cast.ana_user).post(day(cast), typed({}, line(), {}))
    assert len(saved()) == 1


def test_drafts_are_changed_and_deleted_in_place(cast: Cast) -> None:
    first, second = cast.log(cast.ana, cast.ojt("2g", minutes=300), cast.ojt("3a", minutes=100))
    client = signed_in(cast.ana_user)
    page = text_of(client, day(cast))
    assert 'value="5:00"' in page and 'value="1:40"' in page and page.count("this draft") == 2
    data = typed(
        of_entry(first, about="1a", minutes="6:00"), of_entry(second, remove="on"), line("2b", "0:20")
    )
    client.post(day(cast), data)
    assert saved() == [("1a", 360, ""), ("2b", 20, "")]
    assert HoursEntry.objects.filter(pk=first.pk).exists()


def test_what_is_shortened_makes_room_for_what_is_lengthened(cast: Cast) -> None:
    first, second = cast.log(cast.ana, cast.ojt("2g", minutes=240), cast.ojt("3a", minutes=1200))
    data = typed(of_entry(first, minutes="20:00"), of_entry(second, minutes="4:00"))
    signed_in(cast.ana_user).post(day(cast), data)
    assert [minutes for _, minutes, _ in saved()] == [1200, 240]


def test_entries_on_the_record_are_shown_and_not_in_the_form(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=300))
    page = text_of(signed_in(cast.ana_user), day(cast))
    assert "On the record" in page and "5 h of it submitted" in page
    assert "this draft" not in page


def test_the_same_form_sent_twice_writes_once(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    data = typed(line("2g", "4:00"), line("3a", "3:00"))
    client.post(day(cast), data)
    client.post(day(cast), data)
    assert [minutes for _, minutes, _ in saved()] == [240, 180]


def test_a_form_sent_again_with_another_time_changes_what_it_wrote(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    data = typed(line("2g", "4:00"))
    client.post(day(cast), data)
    client.post(day(cast), data | {"line-0-minutes": "5:00"})
    assert [minutes for _, minutes, _ in saved()] == [300]


def test_an_empty_line_beside_a_refused_one_is_no_mistake(cast: Cast) -> None:
    data = typed(line("2g", "30:00"), {})
    page = refused(signed_in(cast.ana_user), day(cast), data)
    assert "at most 24 hours" in page and data["line-1-client_uid"] in page
    assert "Choose what you did." not in page and "Enter the time." not in page
    assert saved() == []


# ---- Without a script


def test_another_line_keeps_everything_typed_and_writes_nothing(cast: Cast) -> None:
    data = typed(line("2g", "7,5 quarter", "A note with “quotes”."), line("", "3:00"), add="")
    page = refused(signed_in(cast.ana_user), day(cast), data)
    assert 'value="7,5 quarter"' in page and 'value="3:00"' in page and "A note with “quotes”." in page
    assert '<option value="2g" selected>' in page
    assert 'name="lines" value="3"' in page
    assert "is not a time" not in page and "Choose what you did." not in page
    assert data["line-0-client_uid"] in page
    assert saved() == []


def test_a_chip_fills_the_empty_line_and_then_makes_another(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    page = refused(client, day(cast), typed(line("2g", "1:00"), {}, add="3a"))
    assert 'name="lines" value="2"' in page and '<option value="3a" selected>' in page
    page = refused(client, day(cast), typed(line("2g", "1:00"), line("3a", ""), add="4b"))
    assert 'name="lines" value="3"' in page and '<option value="4b" selected>' in page


def test_a_chip_that_nobody_offered_is_an_empty_line(cast: Cast) -> None:
    page = refused(signed_in(cast.ana_user), day(cast), typed(line("2g", "1:00"), add="9z"))
    assert 'name="lines" value="2"' in page and "9z" not in page


def test_lines_end_somewhere_and_a_wrong_number_of_them_is_none(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    page = refused(client, day(cast), {"lines": "100000", "add": ""})
    assert 'name="lines" value="24"' in page
    for number in ("-1", "many", ""):
        client.post(day(cast), typed(line()) | {"lines": number})
    assert saved() == []


def test_recent_work_is_offered_first_and_classes_too(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt("4b", day=TODAY - timedelta(days=2)), cast.ri(day=TODAY - timedelta(days=1)))
    page = text_of(signed_in(cast.ana_user), day(cast))
    offered = re.findall(r'class="chip" type="submit" name="add" value="([^"]+)"', page)
    assert offered == [f"course-{cast.klass.course.uid}", "4b"]


def test_the_days_total_is_in_view_while_typing(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt("2g", minutes=60))
    data = typed(line("3a", "2:30"), line("1a", "what"), line("1b", "1"), add="")
    assert "<span data-total>4:30</span>" in refused(signed_in(cast.ana_user), day(cast), data)


# ---- Refusals: beside the field, with the remedy, nothing saved, everything typed kept


def test_one_bad_line_saves_nothing_and_keeps_what_was_typed(cast: Cast) -> None:
    page = refused(
        signed_in(cast.ana_user),
        day(cast),
        typed(line("2g", "4:00", "Fine."), line("3a", "half a day", "Odd.")),
    )
    assert "“half a day” is not a time. Write it like 7:30, 7.5, 7h30 or 450m." in page
    assert 'value="4:00"' in page and 'value="half a day"' in page and "Fine." in page and "Odd." in page
    assert saved() == []


def test_zero_minutes_are_refused_beside_the_time(cast: Cast) -> None:
    page = refused(signed_in(cast.ana_user), day(cast), typed(line("2g", "1:00"), line("3a", "0:00")))
    assert "Enter more than 0 minutes and at most 24 hours." in page
    assert page.count('aria-invalid="true"') == 1
    assert saved() == []


def test_a_line_without_what_or_without_time_says_so(cast: Cast) -> None:
    page = refused(signed_in(cast.ana_user), day(cast), typed(line("", "1:00"), line("2g", "")))
    assert "Choose what you did." in page and "Enter the time." in page


def test_more_than_24_hours_over_entries_and_programs_are_refused(cast: Cast) -> None:
    second = Apprentice.objects.register(
        cast.other_program, cast.ana_user, started_on=STARTED, by=cast.olga, now=NOW
    )
    function = cast.other_program.schedule.job_functions.get(number=1)
    other = cast.ojt(minutes=600)
    cast.log(second, type(other)("ojt", TODAY, 600, function))
    cast.log(cast.ana, cast.ojt("2g", minutes=600))
    client = signed_in(cast.ana_user)
    page = refused(client, day(cast), typed(line("3a", "2:00"), line("1a", "2:01")))
    assert "With the other entries of Nov 20, 2026 this is more than 24 hours; 2 h is left." in page
    assert HoursEntry.objects.count() == 2
    client.post(day(cast), typed(line("3a", "2:00"), line("1a", "2:00")))
    assert HoursEntry.objects.count() == 4


def test_tomorrow_is_refused_in_the_apprentices_own_zone(cast: Cast) -> None:
    """23:30 in Hawaii on Nov 20 is Nov 21 in Chicago and in UTC."""
    cast.ana_user.time_zone = "Pacific/Honolulu"
    cast.ana_user.save(update_fields=["time_zone"])
    client = signed_in(cast.ana_user)
    with time_machine.travel(datetime(2026, 11, 21, 9, 30, tzinfo=UTC), tick=False):
        page = refused(client, day(cast, date(2026, 11, 21)), typed(line("2g", "1:00")))
        assert "This day has not begun where you are (Pacific/Honolulu). Choose today or earlier." in page
        assert 'value="1:00"' in page and saved() == []
        client.post(day(cast, TODAY), typed(line("2g", "1:00")))
    assert HoursEntry.objects.get().date == TODAY


def test_a_day_that_cannot_be_logged_says_why_before_anything_is_typed(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    for on, why in [
        (TODAY + timedelta(days=1), "This day has not begun where you are (America/Chicago)."),
        (date(2026, 2, 1), "The apprenticeship began on Feb 2, 2026. Choose that day or later."),
        (date(1901, 1, 1), "The apprenticeship began on Feb 2, 2026."),
        (date(2199, 12, 31), "This day has not begun where you are"),
    ]:
        page = text_of(client, day(cast, on))
        assert why in page and "Save day" not in page


def test_the_time_before_the_start_is_refused(cast: Cast) -> None:
    page = refused(signed_in(cast.ana_user), day(cast, date(2026, 2, 1)), typed(line("2g", "1:00")))
    assert "The apprenticeship began on Feb 2, 2026. Choose that day or later." in page
    assert saved() == []


def test_work_of_another_program_is_refused_like_work_that_does_not_exist(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    foreign = cast.other_program.schedule
    chosen = [
        f"course-{foreign.courses.get().uid}",
        f"course-{uuid.uuid4()}",
        str(foreign.job_functions.get(number=1).uid),
        str(foreign.job_functions.get(number=1).pk),
        "9z",
        "2g\x00",
    ]
    pages = [refused(client, day(cast), typed(line(about, "1:00"))) for about in chosen]
    for page in pages:
        assert page.count("This is not in your program. Choose one from the list.") == 1
        assert CANARY not in page
    assert saved() == []


def test_an_entry_of_somebody_else_is_answered_like_one_that_is_gone(cast: Cast) -> None:
    (bens,) = cast.log(cast.ben, cast.ojt("2g", minutes=60))
    client = signed_in(cast.ana_user)
    for uid in (str(bens.uid), str(uuid.uuid4())):
        page = refused(client, day(cast), typed(line("3a", "9:00", entry_uid=uid)))
        assert "An entry was submitted or deleted meanwhile. Reload the page to see it." in page
        page = refused(client, day(cast), typed(line("3a", "9:00", entry_uid=uid, remove="on")))
        assert "An entry was submitted or deleted meanwhile." in page
    assert saved() == [("2g", 60, "")]


def test_an_entry_submitted_in_another_window_is_not_changed(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2g", minutes=60))
    page = refused(signed_in(cast.ana_user), day(cast), typed(of_entry(entry, minutes="2:00")))
    assert "An entry was submitted or deleted meanwhile." in page and 'value="2:00"' in page
    assert saved() == [("2g", 60, "")]


def test_a_note_too_long_is_refused_and_kept(cast: Cast) -> None:
    page = refused(signed_in(cast.ana_user), day(cast), typed(line(note="x" * 1001)))
    assert "at most 1000 characters" in page and "x" * 1001 in page
    assert saved() == []


def test_a_malformed_day_is_no_address(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    for wrong in ("2026-02-30", "2026-13-01", "0000-01-01", "20-11-2026", "today"):
        assert client.get(f"/apprentices/{cast.ana.uid}/days/{wrong}/").status_code == 404
    assert client.get(f"/apprentices/{cast.ana.uid}x/days/2026-11-20/").status_code == 404


def test_an_oversized_body_is_refused_and_writes_nothing(cast: Cast) -> None:
    answer = signed_in(cast.ana_user).post(day(cast), typed(line(note="x" * 1_100_000)))
    assert answer.status_code in (400, 413)
    assert saved() == []


def test_only_ana_logs_her_day(cast: Cast) -> None:
    for user, status in [(cast.marcus, 403), (cast.nora, 403), (cast.priya, 403), (cast.ben_user, 404)]:
        client = signed_in(user)
        assert client.get(day(cast)).status_code == status
        assert client.post(day(cast), typed(line())).status_code == status
    for user in (cast.olga, cast.chen_user, cast.ivy):
        assert signed_in(user).post(day(cast), typed(line())).status_code == 404
    assert Client().get(day(cast)).status_code == 302
    assert saved() == []


def test_the_page_of_a_day_takes_as_many_queries_with_much_as_with_little(cast: Cast) -> None:
    client = signed_in(cast.ana_user)

    def work(numbers: range) -> None:
        for number in numbers:
            on = TODAY - timedelta(days=7 * number)
            cast.log(cast.ana, cast.ojt("2g", minutes=10, day=on), cast.ojt("3a", minutes=10))
            cast.approved(cast.ana, cast.ojt("2g", minutes=10), cast.ri(minutes=10))

    work(range(1))
    before = queries(client, day(cast))
    work(range(1, 20))
    assert queries(client, day(cast)) == before


def test_a_day_on_which_nothing_was_typed_says_what_to_do(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    answer = client.post(reverse("day", args=[cast.ana.uid, TODAY]), typed(line("", "")))
    assert answer.status_code == 200
    assert "Nothing to save yet. Choose what you did and enter the time." in plain(answer.content)
    assert not HoursEntry.objects.exists()


def test_optional_work_that_nobody_elected_says_so_where_it_is_chosen(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt("5a", day=TODAY - timedelta(days=1)))
    text = text_of(client, day(cast))
    assert (
        text.count("5a (not elected)") >= 2 and "Job function 5, no single competency (not elected)" in text
    )
    assert "2g (not elected)" not in text
    cast.ana.elected_functions.add(cast.function(5))
    text = text_of(client, day(cast))
    assert "5d (not elected)" not in text and "5a (not elected)" in text
    cast.ana.elected_competencies.add(cast.competency("5a"))
    assert "(not elected) " not in text_of(client, day(cast)).split("5b (not elected)")[0]


def test_a_day_that_is_open_in_two_tabs_overwrites_nothing_silently(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt("2g", minutes=420), now=NOW - timedelta(hours=1))
    ana, address = signed_in(cast.ana_user), day(cast)
    opened = ana.get(address).content.decode()
    seen = opened.split('name="seen" value="')[1].split('"')[0]
    sent = {
        "lines": "1",
        "seen": seen,
        "line-0-entry_uid": str(entry.uid),
        "line-0-about": "2g",
        "line-0-minutes": "8:00",
    }
    ana.post(address, sent | {"line-0-minutes": "6:00"})
    page = plain(ana.post(address, sent).content)
    assert "was changed elsewhere after you opened the page: it says 6 h now" in page
    assert 'value="8:00"' in page
    entry.refresh_from_db()
    assert entry.minutes == 360
    seen = page.split('name="seen" value="')[1].split('"')[0]
    ana.post(address, sent | {"seen": seen})
    entry.refresh_from_db()
    assert entry.minutes == 480
