"""The hybrid and the time-based schedule: complete, word for word, and shown without what they lack."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.durations import format_span
from competencies.imports.outline import content_hash
from competencies.imports.rows import schedule_outline
from competencies.models import Competency, WorkProcessSchedule
from tests.competencies.conftest import document

pytestmark = pytest.mark.django_db
HOUR = 60


@pytest.fixture
def all_standards(db: None) -> str:
    said = StringIO()
    call_command("load_standards", stdout=said)
    return said.getvalue()


@pytest.fixture
def nurse(all_standards: str) -> WorkProcessSchedule:
    return WorkProcessSchedule.objects.get(title="Licensed Practical Nurse")


@pytest.fixture
def fitter(all_standards: str) -> WorkProcessSchedule:
    return WorkProcessSchedule.objects.get(title="Pipe Fitter – Sprinkler Fitter")


def test_the_nurse_has_four_work_processes_with_maximums_and_skills_without_standards(
    nurse: WorkProcessSchedule,
) -> None:
    rows = [(row.number, row.title, row.ojt_words) for row in nurse.job_functions.all()]
    assert rows == [
        (1, "Nursing Process", "up to 800 h"),
        (2, "Health Team Responsibilities", "up to 600 h"),
        (3, "Cosmetic Procedures Role", "up to 300 h"),
        (4, "Intravenous (IV) Therapy", "up to 300 h"),
    ]
    skills = Competency.objects.filter(job_function__schedule=nurse)
    assert [skills.filter(job_function__number=number).count() for number in (1, 2, 3, 4)] == [5, 14, 2, 2]
    assert not skills.exclude(standards=None).exists()
    assert (nurse.approach, nurse.term_months, nurse.rapids_code) == ("hybrid", 12, "0837")
    assert (nurse.minimum_ojt_minutes, nurse.maximum_ojt_minutes) == (None, 2000 * HOUR)
    assert nurse.courses.count() == 17
    assert set(nurse.courses.values_list("ri_minutes", flat=True)) == {None}
    assert [step for step, _, _ in nurse.wage_steps][3] == "Time Period 4: OJT Only Apprenticeship"


def test_the_sprinkler_fitter_has_processes_and_courses_that_add_up_to_its_term(
    fitter: WorkProcessSchedule,
) -> None:
    functions = list(fitter.job_functions.order_by("number"))
    assert len(functions) == 11
    assert sum(row.ojt_minutes_min or 0 for row in functions) == fitter.minimum_ojt_minutes == 8000 * HOUR
    assert (functions[5].title, functions[5].ojt_words) == ("Wet pipe systems", "1,600 h")
    assert len(functions[5].tasks) == 13 and functions[5].tasks[0] == "Distribution of system"
    assert not Competency.objects.filter(job_function__schedule=fitter).exists()
    courses = list(fitter.courses.order_by("position"))
    assert sum(course.ri_minutes or 0 for course in courses) == fitter.minimum_ri_minutes == 597.5 * HOUR
    years = [course.heading for course in courses]
    assert [years.count(f"Level {year}") for year in ("1 (1st year)", "2 (2nd year)")] == [15, 7]
    assert (fitter.approach, fitter.term_months, fitter.rapids_code) == ("time", 48, "0414S-R")
    assert fitter.occupation.rapids_code == "0414"
    assert len(fitter.wage_steps) == 8 and fitter.wage_steps[7][2] == "85 % [$20.40]"
    assert "2000 hours" in fitter.probation and fitter.selection.startswith("Selection procedures")


def test_both_name_their_source_and_read_back_to_what_was_published(all_standards: str) -> None:
    for row in WorkProcessSchedule.objects.all():
        assert content_hash(schedule_outline(row)) == row.content_hash
    for name in ("licensed-practical-nurse", "sprinkler-fitter"):
        citation = document(name)["source"]["citation"]
        assert re.match(r"US Department of Labor, .*“[\w-]+\.(xlsx|docx)”.* 2023: ", citation)
    assert all_standards.count("is loaded") == 4


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (None, None, ""),
        (600, 600, "10 h"),
        (600, 1200, "10 h to 20 h"),
        (600, None, "at least 10 h"),
        (None, 600, "up to 10 h"),
        (0, 600, "up to 10 h"),
    ],
)
def test_a_range_of_hours_says_which_end_is_stated(least: int | None, most: int | None, words: str) -> None:
    assert format_span(least, most) == words


def page(client: Client, schedule: WorkProcessSchedule) -> str:
    answer = client.get(reverse("schedule", kwargs={"uid": schedule.uid}), {"open": "all"})
    return " ".join(answer.content.decode().split())


def test_a_visitor_reads_a_schedule_of_tasks_and_hours(client: Client, fitter: WorkProcessSchedule) -> None:
    text = page(client, fitter)
    assert "Rodding and thrust block installation" in text
    assert "7 tasks · 400 h on the job" in text
    assert "Level 4 (4th year)" in text and "6 months + 1000 hours" in text
    assert "1 Apprentice to1 Journeyworker" in text and "48 months" in text
    for absent in ("0 competencies", "0 standards", ">performance standards", "Rating scale"):
        assert absent not in text


def test_a_visitor_reads_a_schedule_without_performance_standards(
    client: Client, nurse: WorkProcessSchedule
) -> None:
    text = page(client, nurse)
    assert "14 competencies · up to 600 h on the job" in text
    assert "the competency itself is signed" in text
    assert "0 standards" not in text and "performance standards</span>" not in text
    assert "no level" not in text


def test_words_of_a_task_and_the_registered_code_find_the_fitter(
    client: Client, fitter: WorkProcessSchedule
) -> None:
    for query in ("thrust block", "0414", "0414S-R", "47-2152"):
        text = client.get(reverse("standards"), {"q": query}).content.decode()
        assert str(fitter.uid) in text, query


def test_rest_gives_hours_tasks_and_courses(client: Client, fitter: WorkProcessSchedule) -> None:
    body = client.get(f"/api/v1/schedules/{fitter.uid}/").json()
    assert (body["term_months"], body["minimum_ojt_minutes"]) == (48, 8000 * HOUR)
    first = body["job_functions"][0]
    assert (first["ojt_minutes_min"], first["tasks"][0]) == (800 * HOUR, "Reading shop drawings")
    assert body["courses"][0]["heading"] == "Level 1 (1st year)" and body["courses"][0]["ri_minutes"] == 750
