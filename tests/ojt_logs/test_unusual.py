"""What looks unusual in a week, measured against the same person's own weeks, for the reviewer to look at."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from ojt_logs.models import HoursEntry, Line
from ojt_logs.unusual import unusual
from tests.cast import Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MONDAY = date(2026, 11, 9)
CHICAGO = ZoneInfo("America/Chicago")


def evening(day: date) -> datetime:
    return datetime.combine(day, time(18), tzinfo=CHICAGO)


def worked(cast: Cast, monday: date, *lines: tuple[int, str, int], written: date | None = None) -> None:
    """Ana hands in weekdays, competencies and minutes; each written that evening if not said otherwise."""
    for weekday, code, minutes in lines:
        day = monday + timedelta(days=weekday)
        line = cast.ojt(code, minutes=minutes, day=day)
        cast.submitted(cast.ana, line, now=evening(written or day))


def weeks_before(cast: Cast, number: int, *codes: str, sunday: bool = False) -> None:
    """Weeks of eight hours a day on these competencies, never twice alike."""
    for back in range(number, 0, -1):
        monday = MONDAY - timedelta(weeks=back)
        lines = [(day, codes[day % len(codes)], 450 + back) for day in range(4)]
        worked(cast, monday, *lines, written=monday + timedelta(days=6) if sunday else None)


def sentences(cast: Cast, kind: str = "ojt") -> tuple[str, ...]:
    key = (cast.ana.pk, MONDAY, kind)
    return unusual([key], among=HoursEntry.objects.visible_to(cast.marcus))[key]


def test_a_plain_week_looks_like_nothing(cast: Cast) -> None:
    weeks_before(cast, 4, "2g", "2a", "3a", "1a")
    worked(cast, MONDAY, *[(day, code, 480) for day, code in enumerate(("2g", "2a", "3a", "2g"))])
    assert sentences(cast) == ()


def test_more_than_twelve_hours_on_a_day_over_all_entries_of_it(cast: Cast) -> None:
    worked(cast, MONDAY, (0, "2g", 720), (1, "2g", 600))
    assert sentences(cast) == ()
    worked(cast, MONDAY, (1, "2a", 150))
    assert sentences(cast) == ("12 h 30 min on Nov 10",)


def test_a_correction_counts_instead_of_what_it_corrects(cast: Cast) -> None:
    (old,) = cast.approved(cast.ana, cast.ojt(minutes=480, day=MONDAY), now=evening(MONDAY))
    line = cast.ojt(minutes=470, day=MONDAY)
    correction = old.correct(by=cast.ana_user, now=evening(MONDAY), reason="Was shorter.", line=line)
    correction.move("submit", by=cast.ana_user, now=evening(MONDAY))
    assert sentences(cast) == ()


def test_class_on_the_same_day_counts_to_its_hours(cast: Cast) -> None:
    worked(cast, MONDAY, (0, "2g", 600))
    cast.submitted(cast.ana, cast.ri(minutes=180, day=MONDAY), now=evening(MONDAY))
    assert sentences(cast) == ("13 h on Nov 9",)


def test_more_than_sixty_hours_in_a_week(cast: Cast) -> None:
    worked(cast, MONDAY, *[(day, "2g", 700) for day in range(6)])
    assert "70 h in one week" in sentences(cast)


def test_three_weeks_alike_but_not_two(cast: Cast) -> None:
    days = [(0, "2g", 480), (1, "2g", 450), (2, "3a", 480)]
    worked(cast, MONDAY - timedelta(weeks=1), *days)
    worked(cast, MONDAY, *days)
    assert sentences(cast) == ()
    worked(cast, MONDAY - timedelta(weeks=2), *days)
    assert sentences(cast) == ("the same days, times and work as in the two weeks before",)


def test_classes_repeat_from_week_to_week_without_a_word(cast: Cast) -> None:
    for back in range(3):
        for weekday in range(3):
            day = MONDAY - timedelta(weeks=back) + timedelta(days=weekday)
            cast.submitted(cast.ana, cast.ri(day=day), now=evening(day))
    key = (cast.ana.pk, MONDAY, "ri")
    assert unusual([key], among=HoursEntry.objects.visible_to(cast.priya))[key] == ()


def test_one_competency_where_there_are_usually_four(cast: Cast) -> None:
    week = [(day, "2g", 480 - day) for day in range(4)]
    worked(cast, MONDAY, *week)
    assert sentences(cast) == (), "nothing is usual yet"
    weeks_before(cast, 3, "2g", "2a", "3a", "1a")
    assert sentences(cast) == ("only 2g all week, where there are usually 4 different",)


def test_who_always_does_one_thing_is_not_pointed_at(cast: Cast) -> None:
    weeks_before(cast, 3, "2g")
    worked(cast, MONDAY, *[(day, "2g", 480 - day) for day in range(4)])
    assert sentences(cast) == ()


def test_a_week_entered_on_sunday_by_who_writes_every_day(cast: Cast) -> None:
    days = [(0, "2g", 480), (1, "2g", 450), (2, "3a", 460)]
    worked(cast, MONDAY, *days, written=MONDAY + timedelta(days=6))
    assert sentences(cast) == ("all 3 days entered on Sunday, Nov 15",)
    weeks_before(cast, 3, "2g", "2a", sunday=True)
    assert sentences(cast) == (), "who always does is not pointed at"


def test_days_that_a_file_brought_were_not_entered_at_once_by_anybody(cast: Cast) -> None:
    days = [(0, "2g", 480), (1, "2g", 450), (2, "3a", 460)]
    worked(cast, MONDAY, *days, written=MONDAY + timedelta(days=6))
    HoursEntry.objects.update(source="imported")
    assert sentences(cast) == ()


def test_what_a_device_without_signal_kept_was_written_when_it_says(cast: Cast) -> None:
    days = [(0, "2g", 480), (1, "2g", 450), (2, "3a", 460)]
    worked(cast, MONDAY, *days, written=MONDAY + timedelta(days=6))
    for entry in HoursEntry.objects.all():
        HoursEntry.objects.filter(pk=entry.pk).update(device_at=evening(entry.date))
    assert sentences(cast) == ()


def test_the_day_of_writing_is_the_apprentices_own(cast: Cast) -> None:
    """Half past eleven on Monday night in Hawaii is Tuesday in Chicago."""
    type(cast.ana_user).objects.filter(pk=cast.ana_user.pk).update(time_zone="Pacific/Honolulu")
    cast.ana.refresh_from_db()
    for day in range(3):
        at = datetime.combine(MONDAY + timedelta(days=day), time(23, 30), tzinfo=ZoneInfo("Pacific/Honolulu"))
        cast.submitted(cast.ana, cast.ojt(minutes=60 + day, day=MONDAY + timedelta(days=day)), now=at)
    assert sentences(cast) == ()


def test_the_first_sunday_in_weeks(cast: Cast) -> None:
    weeks_before(cast, 3, "2g", "2a")
    worked(cast, MONDAY, (0, "2g", 480), (6, "2g", 240))
    assert sentences(cast) == ("hours on Sunday, Nov 15, the first on that day in 3 weeks",)


def test_drafts_and_weeks_long_ago_measure_nothing(cast: Cast) -> None:
    weeks_before(cast, 3, "2g", "2a", "3a", "1a")
    HoursEntry.objects.filter(apprentice=cast.ana).update(date=MONDAY - timedelta(weeks=9))
    cast.log(cast.ana, Line(**vars(cast.ojt("2a", day=MONDAY, minutes=700))), now=evening(MONDAY))
    worked(cast, MONDAY, *[(day, "2g", 480 - day) for day in range(4)])
    assert sentences(cast) == ()


def test_open_is_the_button_of_an_unusual_week_and_approve_of_a_usual_one(cast: Cast) -> None:
    worked(cast, MONDAY, (0, "2g", 800))
    marcus = signed_in(cast.marcus)
    page = text_of(marcus, "/review/")
    assert "Look first: 13 h 20 min on Nov 9" in page
    assert page.index('btn-main grow" href=') < page.index(
        '<button class="btn btn-plain" type="submit">Approve week'
    )
    assert "Look first: 13 h 20 min" in text_of(marcus, reverse("review-week", args=[cast.ana.uid, MONDAY]))
    HoursEntry.objects.update(minutes=400)
    page = text_of(marcus, "/review/")
    assert "Look first" not in page and '<button class="btn btn-main grow" type="submit">Approve week' in page
