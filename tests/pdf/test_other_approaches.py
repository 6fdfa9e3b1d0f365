"""The blank form of a hybrid and of a time-based schedule, read back."""

import pytest
from django.core.management import call_command

from competencies.models import WorkProcessSchedule
from reports import documents, pdf
from tests.cast import NOW
from tests.competencies.conftest import FIXTURES
from tests.pdf.papers import Paper

pytestmark = pytest.mark.django_db


def blank(name: str) -> Paper:
    call_command("load_standards", FIXTURES / f"{name}.json", verbosity=0)
    schedule = WorkProcessSchedule.objects.get()
    document = documents.blank_schedule(schedule, program=None, by=None, now=NOW)
    return Paper(pdf.join([pdf.layout(section()) for section in document.sections]))


def test_a_time_based_form_lists_tasks_hours_and_courses_and_nothing_to_rate() -> None:
    paper = blank("sprinkler-fitter")
    assert "Job function 6: Wet pipe systems Core · OJL 1,600 h" in paper.text
    assert "Rodding and thrust block installation" in paper.text
    assert "48 months; 8,000 h of on-the-job learning; 597 h 30 min" in paper.text
    assert "Total 8,000 h" in paper.text and "Level 4 (4th year) System Layout" in paper.text
    for absent in ("Initials", "Rating", "Competency and performance standards"):
        assert absent not in paper.text


def test_a_form_without_standards_has_a_line_to_sign_for_each_competency_from_its_first_page_on() -> None:
    paper = blank("licensed-practical-nurse")
    assert "1a Shall perform standardized, focused nursing assessments" in paper.pages[0]
    assert "2n Follow the written, established policies" in paper.text
    assert "up to 600 h" in paper.text and "Total up to 2,000 h" in paper.text
    assert "NRSG 149 Leadership Issues for PN, Clinical required" in paper.text
