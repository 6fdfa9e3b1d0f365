"""The progress report on paper says what `ojt_logs.progress` says."""

from datetime import date, timedelta

import pytest

from accounts.durations import format_hours
from apprenticeship.models import Program
from ojt_logs.forecast import forecast_of
from ojt_logs.progress import progress_of
from reports.charts import pace_chart
from reports.pace import pace_line
from reports.signatures import standing
from tests.cast import TODAY, Cast
from tests.pdf.papers import paper_of, run_of

pytestmark = pytest.mark.django_db
EARLIER = TODAY - timedelta(days=30)


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """Ana signed in 2g today and in 1b a month ago; 15 h approved, 4 h waiting, 2 h of class."""
    cast.sign(cast.ana, "1b", day=EARLIER)
    cast.sign(cast.ana, "2g")
    cast.approved(cast.ana, cast.ojt(), cast.ojt("1b", minutes=420, day=EARLIER), cast.ri())
    cast.submitted(cast.ana, cast.ojt("3a", minutes=240, day=TODAY - timedelta(days=1)))
    return cast


def test_figures_are_those_of_the_page(worked: Cast) -> None:
    text = paper_of(run_of(worked, document="progress", apprentice=worked.ana)).text
    found = progress_of(worked.ana)
    assert (found.percent, found.standards_met, found.competencies_achieved) == (10, 7, 2)
    assert f"{found.percent} % done" in text
    assert "2 of 16 competencies, 7 of 64 standards" in text
    assert "15 h on-the-job learning approved, 4 h waiting" in text
    assert "2 h related instruction approved of 144 h, 0 h waiting" in text
    for function in found.functions:
        assert format_hours(function.ojt.approved) in text
    for sentence in found.missing:
        assert sentence in text
    assert found.pace.word.capitalize() in text
    ahead = forecast_of(found)
    assert ahead and f"{found.expects}. {ahead.says}" in text


def test_every_competency_and_every_sign_off_is_listed(worked: Cast) -> None:
    text = paper_of(run_of(worked, document="progress", apprentice=worked.ana)).text
    for function in progress_of(worked.ana).functions:
        for one in function.competencies:
            assert one.code in text
    for sign_off in worked.ana.sign_offs.all():
        assert f"MW {sign_off.record_id}" in text
    assert "Its job function is optional and not elected" in text


def test_report_as_of_an_earlier_day_knows_nothing_later(worked: Cast) -> None:
    text = paper_of(run_of(worked, document="progress", apprentice=worked.ana, to_day=EARLIER)).text
    found = progress_of(worked.ana, as_of=EARLIER)
    assert found.standards_met == 2
    assert "1 of 16 competencies, 2 of 64 standards" in text
    assert "7 h on-the-job learning approved, 0 h waiting" in text
    assert (
        str(worked.ana.sign_offs.get(performance_standard__position=1, competency__code="2g").record_id)
        not in text
    )


def test_period_bounds_what_is_listed_and_not_the_figures(worked: Cast) -> None:
    run = run_of(worked, document="progress", apprentice=worked.ana, from_day=TODAY - timedelta(days=7))
    text = paper_of(run).text
    early = worked.ana.sign_offs.filter(competency__code="1b").first()
    assert early and early.record_id not in text
    assert "7 of 64 standards" in text
    assert "8 h of on-the-job learning approved, 4 h waiting; 2 h of related instruction approved" in text


def test_program_report_begins_with_everybody_and_has_a_section_each(worked: Cast) -> None:
    paper = paper_of(run_of(worked, document="progress", program=worked.program))
    summary = paper.pages[0]
    assert "2 apprentices 0 complete" in summary
    assert "Ana Reyes 10 % 2 of 16 7 of 64 15 h 4 h 2 h 0 h" in summary
    assert "Ben Ortiz 0 % 0 of 16 0 of 64 0 h 0 h 0 h 0 h" in summary
    heads = [page for page in paper.pages if "Page 1 of" in page]
    assert ["Ana Reyes" in heads[1], "Ben Ortiz" in heads[2], len(heads)] == [True, True, 3]


def test_program_report_leaves_out_who_came_later(worked: Cast) -> None:
    worked.ben.started_on = TODAY
    worked.ben.save()
    run = run_of(worked, document="progress", program=worked.program, to_day=EARLIER)
    text = paper_of(run).text
    assert "1 apprentice " in text and "Ben Ortiz" not in text


def test_program_without_apprentices_says_so(cast: Cast) -> None:
    empty = Program.objects.create(
        sponsor=cast.lakeside, name="New", schedule=cast.program.schedule, approach="competency"
    )
    assert (
        "Nobody is registered in this program yet."
        in paper_of(run_of(cast, document="progress", program=empty)).text
    )


def test_pace_line_ends_where_progress_is(worked: Cast) -> None:
    found = progress_of(worked.ana)
    line = pace_line(found, standing(worked.ana))
    assert line.reached == [(EARLIER, 2 / 64), (TODAY, 7 / 64)]
    assert line.share == found.pace_fraction
    assert (line.starts_on, line.ends_on) == (worked.ana.started_on, date(2027, 2, 2))


def test_pace_line_of_a_time_based_program_adds_up_hours(worked: Cast) -> None:
    Program.objects.filter(pk=worked.program.pk).update(approach="time", ojt_minutes_required=100 * 60)
    worked.ana.refresh_from_db()
    found = progress_of(worked.ana)
    line = pace_line(found, standing(worked.ana))
    assert line.reached == [(EARLIER, 0.07), (TODAY, 0.15)]
    assert line.share == found.pace_fraction


def test_chart_says_in_words_what_it_draws(worked: Cast) -> None:
    found = progress_of(worked.ana, as_of=TODAY)
    chart = pace_chart(pace_line(found, standing(worked.ana)))
    assert "10 % reached by Nov 20, 2026; the plan goes evenly from Feb 2, 2026 to Feb 2, 2027" in chart
