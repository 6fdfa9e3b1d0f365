"""Appendix A in its three layouts, with ratio, wages, probation and selection; decision 22."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pdfua
import pytest

from apprenticeship.models import Program, WageStep
from competencies.models import Competency, Course, JobFunction, WorkProcessSchedule
from competencies.versions import publish
from reports import documents
from reports.schedule import blank
from tests.cast import NOW, Cast
from tests.pdf.papers import Paper, paper_of, run_of

pytestmark = pytest.mark.django_db
HEADINGS = [
    "Apprenticeship approach",
    "Term of apprenticeship",
    "Ratio of apprentices to journeyworkers",
    "Apprentice wage schedule",
    "Probationary period",
    "Selection procedures",
    "On-the-job learning outline",
    "Related instruction outline",
]


def state_everything(program: Program) -> Program:
    """What registration needs, as a coordinator fills it in."""
    program.ratio_apprentices, program.ratio_journeyworkers = 1, 2
    program.ratio_note = "per job site"
    program.journeyworker_wage_cents, program.journeyworker_wage_on = 3150, date(2026, 11, 1)
    program.probation_months, program.probation_minutes = 3, 500 * 60
    program.selection_procedure = "Interviews, scored by two people."
    program.registration_agency = "Office of Apprenticeship"
    program.ri_provider = "Lakeside College, Duluth"
    program.save()
    WageStep.objects.create(program=program, number=1, percent=Decimal(60))
    WageStep.objects.create(
        program=program, number=2, from_months=6, from_minutes=60_000, percent=Decimal("72.5")
    )
    WageStep.objects.create(program=program, number=3, from_competencies=11, cents=2800)
    return program


def small_program(cast: Cast, approach: str, *, scale: bool = True) -> Program:
    """A trade of two processes with hours, one competency each, and a course."""
    draft = WorkProcessSchedule.objects.create(
        occupation=cast.program.schedule.occupation,
        sponsor=cast.lakeside,
        title="Sprinkler fitter",
        approach=approach,
        minimum_ojt_minutes=4000 * 60,
        minimum_ri_minutes=144 * 60,
    )
    for number, (title, least, most) in enumerate(
        (("Hangs pipe", 1500, 2500), ("Tests systems", 750, 1500)), start=1
    ):
        function = JobFunction.objects.create(
            schedule=draft,
            number=number,
            title=title,
            ojt_minutes_min=(most if approach == "time" else least) * 60,
            ojt_minutes_max=most * 60,
        )
        Competency.objects.create(job_function=function, position=1, letter="a", title=f"{title} safely")
    Course.objects.create(schedule=draft, position=1, code="SF 1", title="Pipe", ri_minutes=144 * 60)
    return Program.objects.create(
        sponsor=cast.lakeside,
        name="Sprinkler fitters",
        schedule=publish(draft, now=NOW),
        approach=approach,
        term_months=24,
        rapids_code="0414",
        onet_code="47-2152.00",
        rating_scale=cast.program.scale if scale else None,
    )


def paper(cast: Cast, program: Program) -> Paper:
    return paper_of(run_of(cast, document="schedule", program=program))


def test_everything_stated_makes_it_an_appendix_a_in_the_agencies_order(cast: Cast) -> None:
    found = paper(cast, state_everything(cast.program))
    assert found.reader.metadata and str(found.reader.metadata.title).startswith("Appendix A: ")
    places = [found.text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)
    assert "attached to and a part of the standards" in found.text
    assert all("O*NET 29-2071.00 · RAPIDS 1114CB" in page for page in found.pages)


def test_ratio_wages_probation_and_selection_are_printed(cast: Cast) -> None:
    text = paper(cast, state_everything(cast.program)).text
    assert "1 apprentice to 2 journeyworkers, per job site." in text
    assert "Journeyworker wage: $31.50 an hour, as of November 1, 2026." in text
    assert "1 From the start 60 % $18.90" in text
    assert "2 From 6 months and 1,000 h of on-the-job learning 72.5 % $22.84" in text
    assert "3 From 11 competencies – $28.00" in text
    assert "3 months and 500 h of on-the-job learning." in text
    assert "Interviews, scored by two people." in text
    assert "Provider: Lakeside College, Duluth" in text and "Office of Apprenticeship" in text


@pytest.mark.parametrize(
    "left_out", ["ratio_apprentices", "journeyworker_wage_cents", "probation", "selection_procedure", "steps"]
)
def test_without_one_of_them_it_is_a_work_process_schedule(cast: Cast, left_out: str) -> None:
    program = state_everything(cast.program)
    if left_out == "steps":
        program.wage_steps.all().delete()
    elif left_out == "ratio_apprentices":
        program.ratio_apprentices = program.ratio_journeyworkers = None
    elif left_out == "probation":
        program.probation_months = program.probation_minutes = None
    else:
        setattr(program, left_out, "" if left_out == "selection_procedure" else None)
    program.save()
    document = run_of(cast, document="schedule", program=program)
    html = [section() for section in documents.of(document, now=NOW).sections]
    assert "Appendix A" not in "".join(html) and "Work process schedule" in html[0]


def test_time_based_layout_has_approximate_hours_of_each_process_and_their_total(cast: Cast) -> None:
    text = paper(cast, state_everything(small_program(cast, "time"))).text
    assert "☑ Time-based ☐ Competency-based ☐ Hybrid" in text
    assert "24 months; 4,000 h of on-the-job learning; 144 h of related instruction." in text
    assert "No. Work process Approximate hours 1 Hangs pipe 2,500 h Hangs pipe safely" in text
    assert "2 Tests systems 1,500 h Tests systems safely Total 4,000 h" in text
    assert "Date completed" not in text


def test_hybrid_layout_has_minimum_and_maximum_hours_then_competencies(cast: Cast) -> None:
    text = paper(cast, state_everything(small_program(cast, "hybrid"))).text
    assert "No. Work process Minimum hours Maximum hours 1 Hangs pipe 1,500 h 2,500 h" in text
    assert "Total 2,250 h 4,000 h" in text
    assert "Rating Date completed Initials 1a Hangs pipe safely Required" in text
    assert text.index("Total 2,250 h") < text.index("1a Hangs pipe safely")


def test_a_total_is_printed_only_where_every_process_states_its_hours(cast: Cast) -> None:
    program = small_program(cast, "hybrid")
    found = blank(program.schedule, program=program)
    least, most = ("Minimum hours", 2250 * 60), ("Maximum hours", 4000 * 60)
    assert found.hours_total == [least, most]
    found.works[0].function.ojt_minutes_min = None
    assert found.hours_total == [("Minimum hours", None), most]


def test_competency_based_layout_has_no_hours_and_a_rating_only_where_there_is_a_scale(cast: Cast) -> None:
    text = paper(cast, state_everything(small_program(cast, "competency", scale=False))).text
    assert "Minimum hours" not in text and "Approximate hours" not in text
    assert "Level, required Date completed Initials 1a Hangs pipe safely" in text and "Rating" not in text


def test_related_instruction_outline_repeats_title_and_codes_and_adds_up(cast: Cast) -> None:
    text = paper(cast, state_everything(small_program(cast, "time"))).text
    outline = text[text.index("Related instruction outline") :]
    assert "Sprinkler fitter · O*NET 47-2152.00 · RAPIDS 0414" in outline
    assert "SF 1 Pipe required 144 h Total 144 h" in outline


@pytest.mark.parametrize("approach", ["time", "hybrid", "competency"])
def test_every_layout_is_tagged_and_passes_the_machine_check(
    cast: Cast, approach: str, tmp_path: Path
) -> None:
    found = paper(cast, state_everything(small_program(cast, approach)))
    path = tmp_path / "appendix.pdf"
    path.write_bytes(found.data)
    findings = pdfua.validate(str(path)).findings
    assert [one.message for one in findings if one.severity >= pdfua.Severity.ERROR] == []
    assert found.tags()["/H1"] == 1 and found.tags()["/TH"] > 5
