"""The blank form of a hybrid and of a time-based schedule, read back."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from competencies.models import WorkProcessSchedule
from ojt_logs.models import Line
from reports import documents, pdf
from tests.cast import NOW, TODAY, Cast
from tests.competencies.conftest import FIXTURES
from tests.ojt_logs.test_progress import HOUR, register, sign, skill, work, work_hours
from tests.pdf.papers import Paper, paper_of, run_of

pytestmark = pytest.mark.django_db


def blank(name: str) -> Paper:
    call_command("load_standards", FIXTURES / f"{name}.json", verbosity=0)
    schedule = WorkProcessSchedule.objects.get()
    document = documents.blank_schedule(schedule, program=None, by=None, now=NOW)
    return Paper(pdf.join([pdf.layout(section()) for section in document.sections]))


def test_a_time_based_form_lists_tasks_hours_and_courses_and_nothing_to_rate() -> None:
    paper = blank("sprinkler-fitter")
    assert "No. Work process Approximate hours 1 Plan reading and interpretation 800 h" in paper.text
    assert "6 Wet pipe systems 1,600 h" in paper.text and "Job function 6" not in paper.text
    assert "Rodding and thrust block installation" in paper.text
    assert "48 months; 8,000 h of on-the-job learning; 597 h 30 min" in paper.text
    assert "Total 8,000 h" in paper.text and "Level 4 (4th year) System Layout" in paper.text
    for absent in ("Initials", "Rating", "Competency and performance standards"):
        assert absent not in paper.text


def test_a_form_without_standards_has_a_line_to_sign_for_each_competency_from_its_first_page_on() -> None:
    paper = blank("licensed-practical-nurse")
    assert "1a Shall perform standardized, focused nursing assessments" in paper.pages[0]
    assert "2n Follow the written, established policies" in paper.text
    assert "No. Work process Maximum hours 1 Nursing Process 800 h" in paper.pages[0]
    assert "Minimum hours" not in paper.text and "Total 2,000 h" in paper.pages[0]
    assert "NRSG 149 Leadership Issues for PN, Clinical required" in paper.text


def test_a_signed_hybrid_schedule_has_least_most_and_approved_hours_and_the_signatures(cast: Cast) -> None:
    person = register(
        cast,
        work(1, skill("a"), ojt_minutes_min=5 * HOUR, ojt_minutes_max=10 * HOUR),
        work(2, skill("a"), ojt_minutes_min=2 * HOUR, ojt_minutes_max=4 * HOUR),
        approach="hybrid",
        ojt_minutes_required=14 * HOUR,
    )
    work_hours(cast, person, 1, 12)
    sign(person, "1a", by=cast.marcus)
    text = paper_of(run_of(cast, document="schedule", apprentice=person)).text
    assert "No. Work process Minimum hours Maximum hours Approved hours" in text
    assert "1 Work 1 2 h above the maximum count to nothing 5 h 10 h 12 h" in text
    assert "2 Work 2 2 h 4 h 0 h Total 7 h 14 h 12 h" in text
    assert "1a Skill a Required 4 Nov 20, 2026 MW" in text


def test_a_signed_time_based_schedule_has_planned_and_approved_hours_and_other_work(cast: Cast) -> None:
    functions = [work(number, ojt_minutes_min=10 * HOUR, ojt_minutes_max=10 * HOUR) for number in (1, 2)]
    person = register(cast, *functions, approach="time", ojt_minutes_required=20 * HOUR)
    work_hours(cast, person, 1, 12)
    cast.approved(person, Line("ojt", TODAY - timedelta(days=30), 3 * HOUR))
    text = paper_of(run_of(cast, document="schedule", apprentice=person)).text
    assert "No. Work process Approximate hours Approved hours 1 Work 1 10 h 12 h 2 Work 2 10 h 0 h" in text
    assert "Other supervised work – 3 h Total 20 h 15 h" in text
    assert "above the maximum" not in text and "Initials" not in text
