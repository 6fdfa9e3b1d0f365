"""The hours log on paper: every entry on the record, its signature, and what they add up to."""

from datetime import timedelta

import pytest

from reports import hours_log, pdf
from reports.documents import CannotBuild, of
from tests.cast import NOW, TODAY, Cast
from tests.pdf.papers import Paper, paper_of, run_of

pytestmark = pytest.mark.django_db
LAST_MONTH = TODAY - timedelta(days=30)


def log_of(cast: Cast, **what: object) -> Paper:
    return paper_of(run_of(cast, document="hours", apprentice=cast.ana, **what))


def test_each_approval_shows_who_when_and_in_which_zone(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=450, note="denials worklist"), cast.ri(minutes=90))
    text = log_of(cast).text
    assert "Fri, Nov 20 2g Resolves discrepancies" in text and "denials worklist" in text
    assert "7 h 30 min Marcus Webb, Nov 20, 2026, 12:00 pm CST" in text
    assert "coding I logged the same day 1 h 30 min Priya Nair, Nov 20, 2026, 12:00 pm CST" in text
    assert "Apprentice, date Mentor, date Sponsor, date" in text


def test_what_waits_is_listed_as_waiting_and_drafts_are_not_on_the_record(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt("2g", minutes=60))
    cast.log(cast.ana, cast.ojt("3a", minutes=120))
    text = log_of(cast).text
    assert "1 h waiting" in text and "3a" not in text
    assert "0 h on-the-job learning approved 0 h related instruction approved 1 h waiting for review" in text


def test_totals_are_by_job_function_course_week_and_month(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=480), cast.ojt("1a", minutes=60), cast.ri(minutes=120))
    cast.approved(cast.ana, cast.ojt("2b", minutes=240, day=LAST_MONTH))
    text = log_of(cast).text
    assert "1. Properly applies diagnosis" in text and "Total 13 h 0 h" in text
    assert "MC 101 Medical coding I 2 h 0 h Total 2 h 0 h" in text
    assert "Nov 16 to Nov 22, 2026 9 h 0 h 2 h 0 h" in text
    assert "Oct 19 to Oct 25, 2026 4 h 0 h 0 h 0 h" in text
    assert "October 2026 OJL 4 h approved" in text
    assert "November 2026 OJL 9 h approved · RI 2 h approved" in text


def test_the_period_bounds_entries_and_totals(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=480))
    cast.approved(cast.ana, cast.ojt("2b", minutes=240, day=LAST_MONTH))
    text = log_of(cast, from_day=LAST_MONTH, to_day=TODAY - timedelta(days=1)).text
    assert "Oct 21, 2026 to Nov 19, 2026" in text
    assert "4 h on-the-job learning approved" in text and "Fri, Nov 20" not in text


def test_a_replaced_entry_is_gone_and_its_correction_says_why(cast: Cast) -> None:
    (wrong,) = cast.approved(cast.ana, cast.ojt("2g", minutes=480))
    right = wrong.correct(by=cast.ana_user, now=NOW, reason="left at three", line=cast.ojt("2g", minutes=300))
    right.move("submit", by=cast.ana_user, now=NOW)
    right.move("approve", by=cast.marcus, now=NOW)
    text = log_of(cast).text
    assert "5 h on-the-job learning approved" in text and "8 h" not in text
    assert "corrected: left at three" in text


def test_a_log_without_hours_says_so(cast: Cast) -> None:
    assert "No hours of these days are approved or waiting." in log_of(cast).text


def test_a_log_that_is_too_long_asks_for_a_shorter_period(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=60), cast.ojt("1b", minutes=60))
    monkeypatch.setattr(hours_log, "MOST_ENTRIES", 2)
    with pytest.raises(CannotBuild, match=r"more than 2 entries\. Ask for a shorter period"):
        log_of(cast)


def test_long_logs_are_tables_of_a_month_so_that_their_cost_grows_with_their_length(cast: Cast) -> None:
    """One table of all days would be laid out again at every page."""
    for back in range(3):
        cast.approved(cast.ana, cast.ojt(minutes=60, day=TODAY - timedelta(days=30 * back)))
    (section,) = of(run_of(cast, document="hours", apprentice=cast.ana), now=NOW).sections
    html = section()
    assert html.count('<th scope="col">Day</th>') == 3
    assert len(pdf.layout(html).pages) < 4
