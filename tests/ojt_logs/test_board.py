"""The program board: who may see it, what it tells, and that it does not slow down with its program."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from apprenticeship.models import Apprentice, Class, Mentorship, Program
from ojt_logs.board import Board, board_of
from ojt_logs.burn_up import BurnUp, Drawing, Point, burn_up
from ojt_logs.models import SignOff
from ojt_logs.progress import plan, progress, progress_of
from reports.pace import pace_line
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.test_progress import hybrid, work_hours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def page(client: Client, program: Program, query: str = "") -> str:
    answer = client.get(reverse("program", args=[program.uid]) + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def board(cast: Cast, *, now: datetime = NOW) -> Board:
    return board_of(cast.program, viewer=cast.nora, now=now)


def names(client: Client, cast: Cast, query: str) -> list[str]:
    answer = client.get(reverse("program", args=[cast.program.uid]) + query)
    return [row.apprentice.user.get_short_name() for row in answer.context["view"].rows]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nora", 200),
        ("ruth", 200),
        ("marcus", 403),
        ("lena", 403),
        ("priya", 403),
        ("ana_user", 403),
        ("olga", 404),
        ("chen_user", 404),
        ("ivy", 404),
    ],
)
def test_coordinator_and_auditor_open_the_board(cast: Cast, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(reverse("program", args=[cast.program.uid])).status_code == status


def test_an_auditor_whose_time_is_over_sees_no_program(cast: Cast, client: Client) -> None:
    cast.ruth.memberships.update(ends_on=TODAY - timedelta(days=1))
    client.force_login(cast.ruth)
    assert client.get(reverse("program", args=[cast.program.uid])).status_code == 404


def test_a_visitor_is_asked_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get(reverse("program", args=[cast.program.uid])).status_code == 302


def test_board_tells_progress_by_job_function_and_what_is_not_elected(cast: Cast, client: Client) -> None:
    cast.sign(cast.ana, "1a")
    cast.sign(cast.ana, "1b")
    cast.sign(cast.ana, "2a")
    client.force_login(cast.nora)
    text = page(client, cast.program)
    ana = text[text.index("Ana Reyes") : text.index("Ben Ortiz")]
    assert "14 %" in ana  # 9 of 64 standards
    assert "Job function 1: 2/2" in ana
    assert "1/7" in ana and "0/3" in ana and "0/4" in ana
    assert "Job function 5: not elected" in ana
    assert "5 is not elected" in text


def test_board_says_who_is_waited_for_and_since_when(cast: Cast, client: Client) -> None:
    cast.submitted(cast.ana, cast.ojt(day=TODAY - timedelta(days=4)), now=NOW - timedelta(days=4))
    cast.submitted(cast.ben, cast.ojt(day=TODAY - timedelta(days=9)), now=NOW - timedelta(days=8))
    cast.submitted(cast.ben, cast.ri(), now=NOW)
    rows = {row.apprentice: row for row in board(cast).rows}
    assert [(one.names, one.days, one.minutes) for one in rows[cast.ana].waiting] == [("Marcus", 4, 480)]
    assert [(one.names, one.days) for one in rows[cast.ben].waiting] == [("Lena or Marcus", 8), ("Priya", 0)]
    assert (board(cast).weeks_waiting, board(cast).oldest_days) == (3, 8)
    cast.submitted(cast.ana, cast.ri(), now=NOW)
    assert board(cast).weeks_waiting == 3, "work and class of one week are one"
    client.force_login(cast.nora)
    text = page(client, cast.program)
    assert "of Ana and Ben, oldest 8 days" in text
    assert "Marcus 4 d" in text and "Lena or Marcus 8 d" in text and "Priya today" in text


def test_the_board_names_who_has_no_mentor_and_leads_to_assigning_one(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    assert "no mentor" not in page(client, cast.program) and not board(cast).unguided
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=TODAY - timedelta(days=1))
    assert "Ana has no mentor: nobody can approve their hours" in page(client, cast.program)
    assign = reverse("mentor-assign", args=[cast.ana.uid])
    assert assign in client.get(reverse("program", args=[cast.program.uid])).text
    assert names(client, cast, "?show=unguided") == ["Ana"]
    client.force_login(cast.ruth)
    assert "Ana has no mentor" in page(client, cast.program)
    assert assign not in client.get(reverse("program", args=[cast.program.uid])).text


def test_who_gets_a_mentor_later_or_is_not_at_work_is_not_named(cast: Cast) -> None:
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=TODAY - timedelta(days=1))
    assert [row.apprentice for row in board(cast).unguided] == [cast.ana]
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY + timedelta(days=3))
    assert not board(cast).unguided
    Mentorship.objects.filter(apprentice=cast.ben).update(ends_on=TODAY - timedelta(days=1))
    assert [row.apprentice for row in board(cast).unguided] == [cast.ben]
    Apprentice.objects.everyone().filter(pk=cast.ben.pk).update(status="suspended")
    assert not board(cast).unguided


def test_who_lost_the_role_of_a_mentor_guides_nobody(cast: Cast) -> None:
    cast.marcus.memberships.update(ends_on=TODAY - timedelta(days=1))
    assert [row.apprentice for row in board(cast).unguided] == [cast.ana]


def test_days_of_waiting_are_those_of_the_programs_calendar(cast: Cast) -> None:
    """Submitted at 23:30 in Chicago; half an hour later it is the next day there."""
    night = datetime.fromisoformat("2026-11-19T05:30:00+00:00")
    cast.submitted(cast.ana, cast.ojt(day=date(2026, 11, 18)), now=night)
    (row,) = [row for row in board(cast, now=night + timedelta(hours=1)).rows if row.waiting]
    assert row.days_waiting == 1


def test_board_says_when_nobody_is_assigned(cast: Cast, client: Client) -> None:
    cast.submitted(cast.ana, cast.ojt())
    Mentorship.objects.filter(apprentice=cast.ana).update(ends_on=TODAY - timedelta(days=1))
    client.force_login(cast.nora)
    assert "nobody assigned" in page(client, cast.program)


def test_nobody_waits_for_a_mentor_who_has_left_the_sponsor(cast: Cast, client: Client) -> None:
    cast.submitted(cast.ana, cast.ojt())
    cast.marcus.memberships.update(ends_on=TODAY - timedelta(days=1))
    for reader, where in (
        (cast.nora, reverse("program", args=[cast.program.uid])),
        (cast.ana_user, reverse("week", args=[cast.ana.uid])),
    ):
        client.force_login(reader)
        page = client.get(where).content.decode()
        assert "nobody assigned" in page or "<b>Nobody</b> is assigned to look at" in page
        assert "Marcus" not in page


def test_filters_and_order_are_in_the_address(cast: Cast, client: Client) -> None:
    cast.sign(cast.ben, "2g")
    cast.submitted(cast.ana, cast.ojt())
    client.force_login(cast.nora)
    assert names(client, cast, "") == ["Ana", "Ben"]
    assert names(client, cast, "?sort=progress") == ["Ben", "Ana"]
    assert names(client, cast, "?show=waiting") == ["Ana"]
    assert names(client, cast, "?show=behind&sort=pace") == ["Ana", "Ben"]
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Illness.", by=cast.nora, now=NOW)
    assert names(client, cast, "?show=suspended") == ["Ana"]
    assert names(client, cast, "?show=behind") == ["Ben"]
    assert names(client, cast, "?show=nonsense&sort=nonsense") == ["Ana", "Ben"]


def test_who_has_ended_is_shown_only_when_asked_for(cast: Cast, client: Client) -> None:
    cast.ben.change_status("cancelled", effective_on=TODAY, reason="Moved away.", by=cast.nora, now=NOW)
    client.force_login(cast.nora)
    assert names(client, cast, "") == ["Ana"]
    assert names(client, cast, "?show=ended") == ["Ben"]
    assert [row.apprentice for row in board(cast).current] == [cast.ana]


def test_suspended_apprentice_shows_since_when_and_is_not_behind(cast: Cast, client: Client) -> None:
    cast.ana.change_status(
        "suspended", effective_on=date(2026, 11, 2), reason="Leave.", by=cast.nora, now=NOW
    )
    client.force_login(cast.nora)
    text = page(client, cast.program)
    assert "Suspended since Nov 2" in text and "1 active, 1 suspended" in text
    assert [row.apprentice for row in board(cast).behind] == [cast.ben]


def test_pace_is_told_alike_on_the_board_and_on_the_record(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Apprentice.objects.filter(pk=cast.ana.pk).update(expected_end_on=date(2036, 2, 2))
    for code in ("1a", "1b", "2a"):
        cast.sign(cast.ana, code)
    client.force_login(cast.nora)
    record = reverse("progress", args=[cast.ana.uid])
    for near, word in ((7, r"\d+ days ahead"), (400, "On pace")):
        monkeypatch.setattr(plan, "NEAR_PACE", near)
        pill = re.compile(rf'class="state state-ok"><svg[^§]*?</svg> ({word})<')
        (shown,) = pill.findall(client.get(record).content.decode())
        assert shown in pill.findall(client.get(reverse("program", args=[cast.program.uid])).content.decode())


def test_chart_and_table_have_the_same_figures(cast: Cast, client: Client) -> None:
    cast.sign(cast.ana, "1b", day=date(2026, 3, 10))
    cast.sign(cast.ana, "2g", day=date(2026, 10, 1))
    (taken, *_) = cast.sign(cast.ben, "1b", day=date(2026, 5, 5))
    SignOff.objects.withdraw(
        taken, by=cast.marcus, now=NOW, authentication=fresh(), reason="It was not Ben's chart."
    )
    cast.sign(cast.ben, "3a", value=2)
    points = {point.day: point.done for point in board(cast).burn_up.points}
    assert points[STARTED] == 0
    assert (points[date(2026, 3, 1)], points[date(2026, 4, 1)]) == (0, 2)
    assert (points[date(2026, 6, 1)], points[date(2026, 10, 1)]) == (3, 8)
    assert points[TODAY] == 8 == board(cast).burn_up.done
    assert board(cast).burn_up.whole == 128
    client.force_login(cast.nora)
    assert "Nov 20, 2026 8 " in page(client, cast.program)


def fresh() -> Any:
    from ojt_logs.models import Authentication

    return Authentication("password", NOW)


def test_expected_pace_stops_for_a_suspension(cast: Cast) -> None:
    running = board(cast).burn_up.expected
    cast.ana.change_status(
        "suspended", effective_on=date(2026, 8, 20), reason="Leave.", by=cast.nora, now=NOW
    )
    whole_days = (date(2027, 2, 2) - STARTED).days
    suspended = (TODAY - date(2026, 8, 20)).days + 1
    assert running - board(cast).burn_up.expected == pytest.approx(64 * suspended / whole_days, abs=1)


def test_time_based_program_draws_hours(cast: Cast) -> None:
    Program.objects.filter(pk=cast.program.pk).update(approach="time", ojt_minutes_required=2000 * 60)
    cast.approved(cast.ana, cast.ojt(day=date(2026, 9, 14)), cast.ojt(day=TODAY, minutes=90))
    found = progress(Apprentice.objects.filter(pk=cast.ana.pk))
    figures = burn_up(found.values(), today=TODAY)
    assert (figures.unit, figures.whole, figures.done) == ("hours", 2000, 9)
    assert {point.day: point.done for point in figures.points}[date(2026, 10, 1)] == 8


def test_hours_of_the_month_of_the_start_are_drawn_at_its_end(cast: Cast) -> None:
    Program.objects.filter(pk=cast.program.pk).update(approach="time", ojt_minutes_required=2000 * 60)
    cast.approved(cast.ana, *[cast.ojt(day=day) for day in (STARTED, date(2026, 2, 27), date(2026, 3, 2))])
    found = progress(Apprentice.objects.filter(pk=cast.ana.pk)).values()
    drawn = [(point.day, point.done) for point in burn_up(found, today=TODAY).points]
    assert drawn[:3] == [(STARTED, 0), (date(2026, 3, 1), 16), (date(2026, 4, 1), 24)]
    assert drawn[-1] == (TODAY, 24)


def test_hybrid_program_draws_the_hours_that_its_pace_is_measured_by(cast: Cast) -> None:
    """35 h at a job function of at most 20 h: the board, the paper and the number say 20 of 40."""
    apprentice = hybrid(cast)
    work_hours(cast, apprentice, 1, 35)
    found = progress_of(apprentice)
    figures, line = burn_up([found], today=TODAY), pace_line(found, [])
    assert (figures.unit, figures.done, figures.whole) == ("hours", 20, 40)
    assert line.share == found.pace_fraction == 0.5


def test_papers_of_the_program_are_asked_for_on_the_board(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    text = client.get(reverse("program", args=[cast.program.uid])).content.decode()
    assert f'action="{reverse("report-start")}"' in text
    assert f'name="program" value="{cast.program.uid}"' in text
    assert 'name="document" value="schedule"' in text and 'name="document" value="progress"' in text


def test_a_program_without_apprentices_says_what_comes_next(cast: Cast, client: Client) -> None:
    empty = Program.objects.create(
        sponsor=cast.lakeside, name="Second program", schedule=cast.program.schedule, approach="competency"
    )
    client.force_login(cast.nora)
    text = page(client, empty)
    assert "No apprentice is registered yet" in text
    assert "Schedule PDF" in text and "progress report" not in text


def test_one_who_started_today_has_a_board(cast: Cast, client: Client) -> None:
    Apprentice.objects.register(cast.program, cast.dara, started_on=TODAY, by=cast.nora, now=NOW)
    client.force_login(cast.nora)
    assert "Not started" in page(client, cast.program)


def test_board_makes_as_many_queries_for_one_as_for_thirty(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    where = reverse("program", args=[cast.program.uid])
    cast.submitted(cast.ana, cast.ojt(), cast.ri())
    counts = []
    for size in (2, 5, 30):
        grow(cast, size)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(where).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 35


def grow(cast: Cast, size: int) -> None:
    """More apprentices like Ben, each with a mentor, a class and hours that wait."""
    for number in range(cast.program.apprentices.count(), size):
        user = User.objects.create_user(f"ben{number}@example.org", name=f"Ben Ortiz {number}")
        one = Apprentice.objects.register(cast.program, user, started_on=STARTED, by=cast.nora, now=NOW)
        Mentorship.objects.create(apprentice=one, mentor=cast.lena, starts_on=STARTED)
        Class.objects.get(pk=cast.klass.pk).roster.add(one)
        cast.submitted(one, cast.ojt(), cast.ri())
        cast.sign(one, "1b", by=cast.lena)


def test_names_of_months_never_lie_on_one_another() -> None:
    days = [date(2026, 3, 23), *(date(2026, month, 1) for month in range(4, 12)), date(2026, 11, 26)]
    figures = BurnUp("hours", 100, tuple(Point(day, 0, 0.0) for day in days))
    for drawing in (figures.wide, figures.middle, figures.narrow):
        places = [at for _, at in drawing.months]
        assert places[0] == Drawing.LEFT and len(places) > 2
        assert min(after - before for before, after in pairwise(places)) >= Drawing.NAME
