"""A week in the grid: all of it is saved or nothing, in any usual spelling, and nothing is overwritten."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ojt_logs.models import HoursEntry, Source
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MONDAY = date(2026, 11, 16)
LAST_MONDAY = MONDAY - timedelta(days=7)


def address(cast: Cast, monday: date = MONDAY) -> str:
    return reverse("week-grid", args=[cast.ana.uid, monday])


def hidden(client: Client, cast: Cast) -> dict[str, str]:
    """What the opened page sends along."""
    page = client.get(address(cast)).content.decode()
    return {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("seen", "nonce")}  # type: ignore[index]


def typed(*rows: tuple[str, dict[int, str]], **more: str) -> dict[str, str]:
    """The grid as a browser sends it; a row is its subject and the time under some of its days."""
    said = {"rows": str(len(rows))} | more
    for number, (about, cells) in enumerate(rows):
        said[f"row-{number}-about"] = about
        said |= {f"row-{number}-{day}": cells.get(day, "") for day in range(7)}
    return said


def week(cast: Cast) -> list[tuple[Any, ...]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana, date__gte=MONDAY).order_by("date", "minutes")
    return [(row.date.day, row.competency and row.competency.code, row.minutes) for row in rows]


def test_ana_writes_her_week_in_any_spelling(cast: Cast) -> None:
    ana, course = signed_in(cast.ana_user), f"course-{cast.klass.course.uid}"
    sent = typed(("2g", {0: "8", 1: "7:30", 2: "7.5", 3: "7h30", 4: "450m"}), (course, {2: "30m"}), ("", {}))
    done = ana.post(address(cast), sent, follow=True)
    assert "Saved the week of Nov 16, as drafts." in plain(done.content)
    assert week(cast) == [
        (16, "2g", 480),
        (17, "2g", 450),
        (18, None, 30),
        (18, "2g", 450),
        (19, "2g", 450),
        (20, "2g", 450),
    ]


def test_one_bad_cell_keeps_the_whole_week_from_being_saved(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    for wrong, words in (("half", "is not a time"), ("25h", "at most 24 hours"), ("0", "more than 0")):
        page = plain(ana.post(address(cast), typed(("2g", {0: "8", 1: wrong}))).content)
        assert words in page and f'value="{wrong}"' in page and 'value="8"' in page
    assert "Choose what this row is about" in plain(ana.post(address(cast), typed(("", {0: "8"}))).content)
    assert "Nothing to save yet" in plain(ana.post(address(cast), typed(("2g", {}))).content)
    assert week(cast) == []


def test_what_cannot_be_read_comes_back_whole(cast: Cast) -> None:
    words = "about half a day, in the afternoon"
    page = signed_in(cast.ana_user).post(address(cast), typed(("2g", {0: words}))).content.decode()
    assert f'value="{words}"' in page and week(cast) == []


def test_a_day_has_24_hours_over_all_rows(cast: Cast) -> None:
    page = plain(
        signed_in(cast.ana_user).post(address(cast), typed(("2g", {0: "20h"}), ("1b", {0: "5h"}))).content
    )
    assert "this is more than 24 hours" in page
    assert week(cast) == []


def test_cells_change_and_delete_drafts_and_leave_the_record_alone(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt("2g", minutes=60, day=MONDAY))
    cast.log(cast.ana, cast.ojt("2g", minutes=420, day=MONDAY, note="Ten charts"), cast.ojt("1b", minutes=30))
    ana = signed_in(cast.ana_user)
    page = text_of(ana, address(cast))
    assert "On the record already" in page and 'value="7:00"' in page
    ana.post(address(cast), typed(("2g", {0: "6:00"}), ("1b", {})))
    assert week(cast) == [(16, "2g", 60), (16, "2g", 360)]
    assert HoursEntry.objects.get(minutes=360).note == "Ten charts"


def test_time_moves_from_one_row_to_another_in_a_full_day(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt("2g", minutes=1440, day=MONDAY))
    signed_in(cast.ana_user).post(address(cast), typed(("1b", {0: "4h"}), ("2g", {0: "20h"})))
    assert week(cast) == [(16, "1b", 240), (16, "2g", 1200)]


def test_a_subject_that_has_a_row_already_is_told_and_nothing_typed_is_lost(cast: Cast) -> None:
    """Both rows named their new entry alike, so that the second one was taken for a repeat."""
    cast.log(cast.ana, cast.ojt("2g", minutes=60, day=MONDAY + timedelta(days=1)))
    ana = signed_in(cast.ana_user)
    for second in ({0: "3:20"}, {4: "3:20"}):
        sent = typed(("2g", {0: "4:10", 1: "1:00"}), ("2g", second), ("1b", {2: "2:30"}), **hidden(ana, cast))
        page = plain(ana.post(address(cast), sent).content)
        assert page.count("This subject has a row above. Write each subject once") == 1
        assert all(f'value="{time}"' in page for time in ("4:10", "3:20", "2:30"))
        assert '<option value="2g" selected>' in page, "another subject can be chosen for the second row"
        assert week(cast) == [(17, "2g", 60)]
    ana.post(address(cast), sent | {"row-1-about": "3a"})
    assert week(cast) == [(16, "2g", 250), (17, "2g", 60), (18, "1b", 150), (20, "3a", 200)]


def test_an_empty_second_row_of_a_subject_deletes_nothing(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt("2g", minutes=60, day=MONDAY))
    cast.log(
        cast.ana, cast.ojt("2g", minutes=90, day=LAST_MONDAY), cast.ojt(day=LAST_MONDAY + timedelta(days=1))
    )
    ana = signed_in(cast.ana_user)
    sent = typed(("2g", {0: "1:00"}), ("2g", {}), **hidden(ana, cast))
    assert "Write each subject once" in plain(ana.post(address(cast), sent).content)
    copied = plain(ana.post(address(cast), sent | {"copy": "1"}).content)
    assert copied.count('value="8:00"') + copied.count('value="8"') == 1, "copied into one of the two rows"
    assert week(cast) == [(16, "2g", 60)]


def test_the_same_grid_sent_twice_writes_nothing_twice(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    sent = typed(("2g", {0: "8"}), nonce=hidden(ana, cast)["nonce"])
    for _ in range(2):
        ana.post(address(cast), sent)
    assert week(cast) == [(16, "2g", 480)]


def test_another_tab_is_not_overwritten_silently(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt("2g", minutes=420, day=MONDAY), now=NOW - timedelta(hours=1))
    ana = signed_in(cast.ana_user)
    first, second = hidden(ana, cast), hidden(ana, cast)
    ana.post(address(cast), typed(("2g", {0: "6:00"}), **first))
    page = plain(ana.post(address(cast), typed(("2g", {0: "8:00", 1: "1:00"}), **second)).content)
    assert "was changed elsewhere after you opened it" in page and 'value="8:00"' in page
    assert week(cast) == [(16, "2g", 360)]
    ana.post(address(cast), typed(("2g", {0: "8:00", 1: "1:00"}), **hidden(ana, cast)))
    assert week(cast) == [(16, "2g", 480), (17, "2g", 60)]


def test_several_entries_of_one_kind_are_left_to_the_page_of_the_day(cast: Cast) -> None:
    cast.log(cast.ana, *(cast.ojt("2g", minutes=60, day=MONDAY, note=note) for note in ("am", "pm")))
    ana = signed_in(cast.ana_user)
    assert "2:00" in text_of(ana, address(cast))
    ana.post(address(cast), typed(("2g", {0: "9h", 1: "8h"})))
    assert week(cast) == [(16, "2g", 60), (16, "2g", 60), (17, "2g", 480)]


def test_last_week_is_copied_into_open_and_empty_days_and_says_so(cast: Cast) -> None:
    days = [LAST_MONDAY + timedelta(days=number) for number in range(6)]
    cast.approved(cast.ana, *(cast.ojt("2g", minutes=450, day=day) for day in days))
    cast.log(cast.ana, cast.ojt("1b", minutes=60, day=MONDAY))
    ana = signed_in(cast.ana_user)
    page = ana.post(address(cast), typed(("2g", {}), ("1b", {0: "1:00"}), copy="1")).content.decode()
    assert page.count('value="7:30"') == 4, "Tuesday to Friday: Monday is taken, Saturday has not begun"
    assert week(cast) == [(16, "1b", 60)]
    ana.post(address(cast), typed(("2g", {1: "7:30", 2: "7:30", 3: "7:00"}), ("1b", {0: "1:00"}), copied="1"))
    rows = HoursEntry.objects.filter(apprentice=cast.ana, date__gt=MONDAY).order_by("date")
    assert [(row.source, row.copied_from) for row in rows] == [
        (Source.COPIED, date(2026, 11, 10)),
        (Source.COPIED, date(2026, 11, 11)),
        (Source.LOGGED, None),
    ]
    assert rows[0].provenance.words == "copied from Nov 10, 3 days later"


def test_days_that_take_no_hours_are_closed(cast: Cast) -> None:
    page = signed_in(cast.ana_user).get(address(cast)).content.decode()
    row = page[page.index('name="row-0-0"') :]
    assert "disabled" not in row[: row.index('name="row-0-5"')]
    assert "disabled" in row[row.index('name="row-0-5"') :].split(">")[0]
    signed_in(cast.ana_user).post(address(cast), typed(("2g", {4: "8", 5: "8"})))
    assert week(cast) == [(TODAY.day, "2g", 480)]


def test_another_row_keeps_what_is_typed(cast: Cast) -> None:
    page = signed_in(cast.ana_user).post(address(cast), typed(("2g", {0: "huh"}), add="1")).content.decode()
    assert 'value="huh"' in page and 'name="row-1-about"' in page
    assert week(cast) == []


def test_the_grid_is_ones_own_and_of_weeks_that_have_begun(cast: Cast) -> None:
    assert signed_in(cast.marcus).get(address(cast)).status_code == 403
    assert signed_in(cast.ana_user).get(address(cast, MONDAY + timedelta(days=7))).status_code == 404


def test_a_full_week_takes_as_many_queries_as_an_empty_one(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    cast.log(cast.ana, cast.ojt("2g", minutes=60, day=MONDAY))
    before = queries(ana, address(cast))
    cast.log(cast.ana, *(cast.ojt(code, minutes=60, day=MONDAY) for code in ("1b", "2a", "3a", "2b")))
    assert queries(ana, address(cast)) == before
