"""The forecast: a range from the last weeks, with its assumption, and nothing where nobody can say."""

from datetime import timedelta
from math import ceil

import pytest
from django.urls import reverse

from accounts.dates import day_words
from apprenticeship.models import Apprentice
from ojt_logs.forecast import Forecast, forecast_of
from ojt_logs.models import Line, NoWorkPeriod
from ojt_logs.progress import progress_of
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_progress import HOUR, register, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]
DAY = timedelta(days=1)


def weekly(cast: Cast, *hours: int) -> Apprentice:
    """A time-based term of 1,000 h with so many hours on one day of each week up to this one."""
    person = register(cast, work(1), approach="time", ojt_minutes_required=1000 * HOUR)
    function = person.schedule.job_functions.get()
    days = [(TODAY - 7 * number * DAY, amount) for number, amount in enumerate(reversed(hours)) if amount]
    cast.approved(person, *(Line("ojt", day, amount * HOUR, function) for day, amount in days))
    return person


def forecast(person: Apprentice) -> Forecast:
    found = forecast_of(progress_of(Apprentice.objects.everyone().get(pk=person.pk)))
    assert found
    return found


def test_steady_weeks_give_one_day(cast: Cast) -> None:
    found = forecast(weekly(cast, *[20] * 8))
    wanted = TODAY + timedelta(days=ceil(7 * (1000 - 160) / 20))
    assert (found.earliest, found.latest) == (wanted, wanted)
    assert "as in the last 8 weeks" in found.assumption and found.words == f"about {day_words(wanted)}"


def test_uneven_weeks_give_a_range_around_their_mean(cast: Cast) -> None:
    found = forecast(weekly(cast, 10, 20, 12, 18, 10, 20, 12, 18))
    middle = TODAY + timedelta(days=ceil(7 * (1000 - 120) / 15))
    assert found.earliest and found.latest and found.earliest < middle < found.latest


def test_a_week_on_leave_says_nothing_about_the_pace(cast: Cast) -> None:
    person = weekly(cast, *[20] * 4, 0, *[20] * 3)
    last = TODAY - 3 * 7 * DAY
    away = {"first_day": last - 6 * DAY, "last_day": last}
    NoWorkPeriod.objects.record(person, "leave", **away, by=cast.ana_user, now=NOW)
    found = forecast(person)
    assert found.earliest == found.latest == TODAY + timedelta(days=ceil(7 * (1000 - 140) / 20))


def test_too_little_says_no_day(cast: Cast) -> None:
    found = forecast(weekly(cast, 20, 20))
    assert (found.words, found.earliest) == ("", None) and "Too little" in found.assumption


def test_nothing_is_forecast_of_what_is_reached(cast: Cast) -> None:
    person = weekly(cast, *[20] * 8)
    person.program.change(by=cast.nora, now=NOW, ojt_minutes_required=100 * HOUR)
    assert forecast_of(progress_of(Apprentice.objects.everyone().get(pk=person.pk))) is None


def test_standards_are_forecast_no_earlier_than_the_months(cast: Cast) -> None:
    for weeks, code in enumerate(("1a", "1b", "2a", "2g", "3a")):
        cast.sign(cast.ana, code, day=TODAY - 7 * weeks * DAY)
    found = forecast(cast.ana)
    assert found.earliest and found.earliest >= progress_of(cast.ana).months_end_on
    assert "standards signed" in found.assumption


def test_nothing_is_forecast_of_who_has_left(cast: Cast) -> None:
    person = weekly(cast, *[20] * 8)
    person.change_status("cancelled", effective_on=TODAY, reason="Moved", by=cast.nora, now=NOW)
    assert forecast_of(progress_of(Apprentice.objects.everyone().get(pk=person.pk))) is None


def test_paper_says_what_is_expected_and_the_forecast_in_the_words_of_the_page(cast: Cast) -> None:
    person = weekly(cast, 10, 20, 12, 18, 10, 20, 12, 18)
    found = progress_of(Apprentice.objects.everyone().get(pk=person.pk))
    said = forecast(person).says
    assert said.startswith("All hours approved, if it goes on as in the last 8 weeks, days without work left")
    assert ": between " in said and found.expects == "The plan expects 79 % by Nov 20, 2026"
    client = signed_in(cast.ana_user)
    paper = text_of(client, f"{reverse('report-preview')}?document=progress&apprentice={person.uid}")
    page = text_of(client, reverse("progress", args=[person.uid]))
    for text in (paper, page):
        assert said in text and found.expects in text
    assert f"<p>{found.expects}. {said}</p>" in paper


def test_the_page_says_it_with_its_assumption_and_draws_it_with_a_table(cast: Cast) -> None:
    person = weekly(cast, *[20] * 8)
    text = text_of(signed_in(cast.ana_user), reverse("progress", args=[person.uid]))
    assert "as in the last 8 weeks, days without work left out: about " in text
    assert 'class="chart"' in text and "The same as a table" in text
