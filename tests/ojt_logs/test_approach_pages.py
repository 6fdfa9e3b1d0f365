"""Logging, signing and progress where a schedule lists no standards, or no competencies at all."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apprenticeship.models import Apprentice, Mentorship, Program
from competencies.models import Competency, RatingScale, WorkProcessSchedule
from competencies.versions import adopt
from ojt_logs.models import HoursEntry, Line, SignOff
from ojt_logs.progress import progress_of
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.competencies.conftest import FIXTURES
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]
HOUR = 60


def join(cast: Cast, name: str, **choices: object) -> Apprentice:
    """Ben in a program of Lakeside on the document called `name`, mentored by Marcus."""
    call_command("load_standards", FIXTURES / f"{name}.json", verbosity=0)
    public = WorkProcessSchedule.objects.filter(sponsor=None).latest("pk")
    scale = RatingScale.objects.get(name="Date and initials")
    own = adopt(public, sponsor=cast.lakeside, now=NOW, rating_scale=scale)
    program = Program.objects.create(
        sponsor=cast.lakeside, name=name, schedule=own, approach=own.approach, **choices
    )
    ben = Apprentice.objects.register(program, cast.ben_user, started_on=STARTED, by=cast.nora, now=NOW)
    Mentorship.objects.create(apprentice=ben, mentor=cast.marcus, starts_on=STARTED)
    return ben


@pytest.fixture
def fitter(cast: Cast) -> Apprentice:
    return join(cast, "sprinkler-fitter", term_months=48)


@pytest.fixture
def nurse(cast: Cast) -> Apprentice:
    return join(cast, "licensed-practical-nurse", term_months=12, ojt_minutes_required=1000 * HOUR)


def worked(cast: Cast, apprentice: Apprentice, number: int, hours: int) -> None:
    function = apprentice.schedule.job_functions.get(number=number)
    days = [(TODAY - timedelta(days=back), min(20, hours - 20 * back)) for back in range(-(-hours // 20))]
    cast.approved(apprentice, *(Line("ojt", day, share * HOUR, function) for day, share in days))


def test_hours_at_a_job_function_without_competencies_are_logged_by_its_name(
    fitter: Apprentice, cast: Cast
) -> None:
    client = signed_in(cast.ben_user)
    day = reverse("day", args=[fitter.uid, TODAY])
    page = text_of(client, day)
    assert '<optgroup label="Job functions">' in page
    assert '<option value="6">6. Wet pipe systems</option>' in page
    assert "no single competency" not in page
    typed = {"lines": 1, "line-0-about": "6", "line-0-minutes": "7:30", "line-0-note": ""}
    assert client.post(day, typed).status_code == 302
    entry = HoursEntry.objects.get(apprentice=fitter)
    assert (str(entry.job_function), entry.competency, entry.minutes) == ("6. Wet pipe systems", None, 450)
    assert '<code>6</code><span class="chip-words two-lines">Wet pipe systems' in text_of(client, day)


def test_time_based_progress_shows_hours_of_the_plan_with_their_gap_and_the_tasks(
    fitter: Apprentice, cast: Cast
) -> None:
    worked(cast, fitter, 6, 30)
    page = text_of(signed_in(cast.ben_user), reverse("progress", args=[fitter.uid]))
    for words in [
        "30 h of 8,000 h</a></h2>",
        "30 h of 8,000 h are approved, wherever they were worked.",
        "The hours of each job function are a plan: a gap is shown, and only the total is required.",
        "30 h approved</a>",
        "planned: about 1,600 h · 1,570 h to go",
        'Tasks <span class="quiet">· 13</span>',
        "Rodding and thrust block installation",
        "32 required courses of related instruction to finish, 0 h of 597 h 30 min approved.",
        "32 courses not begun",
        "Level 4 (4th year)",
    ]:
        assert words in page, words
    for absent in ["0 of 0", "standards signed", "competencies</a>", "All 11 job functions are core"]:
        assert absent not in page, absent


def test_a_program_that_requires_the_hours_of_each_job_function_says_so(
    fitter: Apprentice, cast: Cast
) -> None:
    Program.objects.filter(pk=fitter.program_id).update(function_hours_bind=True)
    page = text_of(signed_in(cast.ben_user), reverse("progress", args=[fitter.uid]))
    assert "This program also requires the hours of each job function." in page
    assert "Job function 6: 1,600 h below its hours, which this program requires." in page
    assert "asked: 1,600 h · 1,600 h to go" in page


def test_a_mentor_of_a_time_based_program_approves_hours_and_is_not_asked_to_sign(
    fitter: Apprentice, cast: Cast
) -> None:
    function = fitter.schedule.job_functions.get(number=4)
    cast.submitted(fitter, Line("ojt", TODAY, 8 * HOUR, function))
    client = signed_in(cast.marcus)
    page = text_of(client, reverse("review"))
    assert "4 Pipe cutting, threading, reaming," in page
    sign = reverse("sign", args=[fitter.uid])
    assert sign not in page and reverse("sign", args=[cast.ana.uid]) in page
    assert "This schedule lists no competencies: hours complete it" in text_of(client, sign)
    assert "no rating scale" not in text_of(client, sign)


def test_the_board_of_a_time_based_program_tells_hours_by_job_function(
    fitter: Apprentice, cast: Cast
) -> None:
    worked(cast, fitter, 5, 100)
    page = text_of(signed_in(cast.nora), reverse("program", args=[fitter.program.uid]))
    assert "Approved hours, in per cent of those planned, by job function" in page
    assert 'title="Job function 5: 100 h of 400 h"' in page and ">25 %</span>" in page
    assert "Hours approved" in page and "not elected" not in page


def test_a_competency_without_standards_is_signed_itself_in_the_browser(
    nurse: Apprentice, cast: Cast
) -> None:
    client = signed_in(cast.marcus)
    assert "Not signed yet" in text_of(client, reverse("sign", args=[nurse.uid]))
    one = Competency.objects.get(job_function__schedule=nurse.schedule, code="2e")
    address = reverse("sign-competency", args=[nurse.uid, "2e"])
    page = text_of(client, address)
    assert "Function as a member of the health team;" in page and "Date and initials" not in page
    key = page.split('name="key" value="')[1].split('"')[0]
    form = {
        "key": key,
        "method": "observed",
        "observed_from": TODAY.isoformat(),
        "observed_to": TODAY.isoformat(),
        f"rating-{one.uid}": "1",
    }
    answer = client.post(address, form | {"step": "sign", "password": PASSWORD})
    assert answer.status_code == 302, text_of(client, address)
    row = SignOff.objects.get(apprentice=nurse)
    assert (row.competency, row.performance_standard, row.passed) == (one, None, True)
    found = progress_of(nurse)
    assert (found.competencies_achieved, found.signed_percent) == (1, 4)
    shown = text_of(client, reverse("competency", args=[nurse.uid, "2e"]))
    assert "Signed as a whole" in shown and "1 of 1" not in shown


def test_hybrid_progress_tells_what_exceeds_a_maximum(nurse: Apprentice, cast: Cast) -> None:
    worked(cast, nurse, 3, 320)
    page = text_of(signed_in(cast.ben_user), reverse("progress", args=[nurse.uid]))
    for words in [
        "0 of 23 competencies</a></h2>",
        "300 h of 1,000 h count, 320 h approved</a>",
        "The lower of two: 0 of 23 competencies signed (0 %), and 300 h of 1,000 h of hours",
        "20 h of them exceed the maximum of a job function",
        "20 h above the maximum count to nothing.",
        "up to 300 h count",
        "All 4 job functions are core",
        "to be signed",
    ]:
        assert words in page, words
    assert "standards signed" not in page and "0 of 1 signed" not in page


def test_rest_tells_what_counts_of_the_hours(nurse: Apprentice, cast: Cast, client: Client) -> None:
    worked(cast, nurse, 3, 320)
    client.force_login(cast.ben_user)
    body = client.get(f"/api/v1/apprentices/{nurse.uid}/progress/").json()
    assert (body["approach"], body["ojt_minutes"]["approved"]) == ("hybrid", 320 * HOUR)
    assert body["countable_ojt_minutes"] == 300 * HOUR
    third = body["job_functions"][2]
    assert (third["ojt_minutes_most"], third["ojt_minutes"]["required"]) == (300 * HOUR, None)
    assert body["other_work_minutes"]["approved"] == 0


def test_pace_and_complete_of_a_fitter_follow_the_hours_alone(fitter: Apprentice, cast: Cast) -> None:
    worked(cast, fitter, 1, 100)
    found = progress_of(fitter, as_of=date(2026, 11, 20))
    assert (found.measure, found.percent, found.complete) == ("hours", 1, False)
    assert found.pace.behind
