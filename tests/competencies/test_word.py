"""Word documents of the Department of Labor's families, read with their totals and their slips."""

import pytest

from competencies.imports.front import Front
from competencies.imports.header import Notes
from competencies.imports.outline import Malformed, Reading, ScheduleOutline, Severity
from competencies.imports.recognise import read
from competencies.imports.scales import before_levels, legend
from tests.competencies import papers
from tests.competencies.conftest import SOURCES

HOUR = 60


def reading(data: bytes) -> Reading:
    (found,) = read(data, name="paper.docx")
    return found


def sample(name: str) -> Reading:
    return reading((SOURCES / name).read_bytes())


def warnings(found: Reading) -> list[str]:
    return [f"{one.place}: {one.message}" for one in found.findings if one.severity is Severity.WARNING]


def shape(outline: ScheduleOutline) -> list[tuple[str, int]]:
    return [(one.title, len(one.competencies)) for one in outline.job_functions]


def test_the_sprinkler_fitter_is_read_with_every_total_right() -> None:
    found = sample("appendixA-sprinkler-fitter-afsa-2023-52.docx")
    outline = found.outline
    assert (outline.title, outline.approach, outline.rapids_code) == (
        "Pipe Fitter – Sprinkler Fitter",
        "time",
        "0414S-R",
    )
    assert (outline.onet_code, outline.occupation.rapids_code) == ("47-2152.00", "0414")
    assert sum(one.ojt_minutes_min or 0 for one in outline.job_functions) == 8000 * HOUR
    assert sum(one.ri_minutes or 0 for one in outline.courses) == outline.minimum_ri_minutes == 35850
    assert outline.courses[0].title == "Basic Safety" and outline.courses[0].ri_minutes == 750
    assert (len(outline.job_functions), len(outline.courses), len(outline.wage_steps)) == (11, 32, 8)
    assert outline.job_functions[5].details.startswith("Distribution of system\nInstallation of feed mains")
    assert not any(one.competencies for one in outline.job_functions)
    assert all(total.stated == total.computed for total in found.totals) and len(found.totals) == 6
    assert not warnings(found)


def test_the_appraiser_has_four_years_of_competencies_and_a_degree_behind_its_total() -> None:
    found = sample("wps-appraisal-valuation-real-property-2023-51.docx")
    outline = found.outline
    years = [f"Competencies Year {year}" for year in ("One", "Two", "Three", "Four")]
    assert shape(outline) == list(zip(years, (6, 7, 9, 14), strict=True))
    assert (outline.title, outline.approach) == ("Appraisal and Valuation of Real Property", "competency")
    assert outline.rating_scale and outline.rating_scale.name == "Date and initials"
    assert outline.minimum_ri_minutes == 1044 * HOUR
    degree = [one for one in outline.courses if one.needs_review]
    assert (len(outline.courses), len(degree)) == (80, 40)
    assert (degree[0].code, degree[0].title) == ("ACC 201", "Financial Accounting")
    assert warnings(found) == [
        "related instruction, “Bachelor of Science in Business Administration, Real Estate”: "
        "40 courses stand behind the total of 1044 hours, not in it",
        "related instruction, minimum: 1044 hours are stated, the parts add up to 1164",
    ]


def test_a_hybrid_has_ranges_tasks_and_the_warnings_that_it_asks_for() -> None:
    found = reading(papers.hybrid())
    outline = found.outline
    spans = [
        (one.title, one.ojt_minutes_min, one.ojt_minutes_max, one.details) for one in outline.job_functions
    ]
    assert spans == [
        ("Install refrigeration systems", 60_000, 72_000, "Cut and join tubing\nSet condensers"),
        ("Test electrical circuits", 72_000, 78_000, "Measure voltage\nTrace a fault"),
        ("Repair heating systems", 60_000, 60_000, "Clean burners"),
        ("Maintain records", 48_750, 60_000, ""),
    ]
    assert (outline.title, outline.approach, outline.term_months) == ("HVAC Technician", "hybrid", 24)
    assert (outline.minimum_ojt_minutes, outline.maximum_ojt_minutes) == (4000 * HOUR, 4500 * HOUR)
    assert outline.wage_steps[0] == ("1", "A, B, First year", "50%, $15.00")
    first, second = outline.courses
    assert (first.code, first.details, first.provider) == (
        "HVA 101",
        "Explain the cycle\nRead gauges",
        "Lakeside Technical College",
    )
    assert (second.ri_minutes, second.ri_minutes_max) == (120 * HOUR, 144 * HOUR)
    assert "Installs and repairs heating" in outline.notes and outline.selection.startswith("Applicants")
    assert warnings(found) == [
        "table 2, row 10, “TOTAL”, least: 4000 hours are stated, the parts add up to 4012.5",
        "probation: 1200 hours are above a quarter of the 4000 hours of the term",
    ]


def test_a_national_framework_has_its_scale_and_what_is_optional() -> None:
    outline = reading(papers.framework()).outline
    assert shape(outline) == [("Operates cloud services", 3), ("Secures accounts", 1)]
    operates = outline.job_functions[0].competencies
    assert [(one.letter, one.title, one.required) for one in operates] == [
        ("a", "Deploys virtual machines", True),
        ("b", "Monitors cost", False),
        ("c", "Restores from a backup", True),
    ]
    scale = outline.rating_scale
    assert scale and [one.value for one in scale.levels if one.passing] == [4, 3]
    assert scale.levels[0].label == "Competent" and scale.levels[4].needs_reason
    assert (outline.courses[0].ri_minutes, outline.courses[0].ri_minutes_max) == (600, 900)
    assert outline.approach == "competency"


@pytest.mark.parametrize(
    ("lines", "marks", "words"),
    [
        (["4 – Competent", "3 – Fair", "2 – Weak", "N/A – Not asked here"], (), "Not asked here"),
        (["4 = Competent; 3 = Fair; 2 = Weak; N/A = Not asked here."], (), "Not asked here"),
        (["4 – Competent", "3 – Fair", "2 – Weak"], ("4", "3", "2", "N/A"), "Not applicable"),
        (["4 – Competent", "3 – Fair", "2 – Weak"], ("4", "3", "2"), ""),
    ],
)
def test_a_scale_keeps_its_answer_not_applicable(
    lines: list[str], marks: tuple[str, ...], words: str
) -> None:
    scale = legend(lines, Notes(), marks=marks)
    assert scale and [one.value for one in scale.levels][:3] == [4, 3, 2]
    assert [one.label for one in scale.levels[:3]] == ["Competent", "Fair", "Weak"]
    assert [(one.label, one.needs_reason) for one in scale.levels[3:]] == ([(words, True)] if words else [])
    assert all(before_levels(line) == "" for line in lines)


def test_columns_of_ratings_make_competencies_in_two_tables() -> None:
    found = reading(papers.rated())
    assert shape(found.outline) == [("Technical Competencies", 2), ("Behavioral Competencies", 1)]
    assert found.outline.rating_scale is None and found.outline.term_months == 36
    assert any("4, 3, 2, 1, N/A have no words" in one.message for one in found.findings)


def test_a_break_inside_a_title_cell_begins_its_tasks() -> None:
    outline = reading(papers.broken()).outline
    assert [(one.title, one.details) for one in outline.job_functions] == [
        ("Frame walls", "Lay out plates\nNail studs"),
        ("Install doors, windows and trim", "Hang a door"),
        ("READ PLANS AND SPECIFICATIONS", ""),
        ("Roof", "Cut rafters\nSet trusses (with a crane)"),
    ]
    assert [(one.heading, one.title, one.details) for one in outline.courses] == [
        ("Year 1", "Carpentry I", "Name the tools\nRead a tape"),
        ("Year 1", "Safety at heights", ""),
    ]


def test_what_stands_beside_the_title_is_kept_under_it() -> None:
    (function,) = reading(papers.described()).outline.job_functions
    assert [(one.title, one.details) for one in function.competencies] == [
        ("Splices fiber", "Explain why a splice is cleaned, cleaved and measured before it is closed"),
        ("Tests a link", "Read a trace"),
    ]


LEGEND = "4 = Competent (alone); 3 = Satisfactory; 2 = With help; 1 = Tried; 0 = Not seen."


@pytest.mark.parametrize(
    ("legend", "kept"),
    [
        (f"Ratings: {LEGEND}", "Ratings:"),
        (LEGEND.replace(" =", " –").replace(";", "\n"), ""),
        ("0: Not seen, 1: Tried, 2: With help, 3: Satisfactory, 4: Competent (alone)", ""),
    ],
)
def test_a_legend_in_one_paragraph_is_a_scale(legend: str, kept: str) -> None:
    outline = reading(papers.legend(legend)).outline
    scale = outline.rating_scale
    assert scale and [(one.value, one.label, one.passing) for one in scale.levels] == [
        (4, "Competent", True),
        (3, "Satisfactory", True),
        (2, "With help", False),
        (1, "Tried", False),
        (0, "Not seen", False),
    ]
    assert outline.notes == kept


def test_a_legend_in_a_table_is_a_scale_and_numbered_competencies_are_none() -> None:
    rows = [("3", "Alone"), ("2", "With help"), ("1", "Tried")]
    outline = reading(papers.legend("", beside=rows)).outline
    assert outline.rating_scale and [one.label for one in outline.rating_scale.levels] == [
        "Alone",
        "With help",
        "Tried",
    ]
    bare = reading(papers.legend("Made on 3 - Dec, seen by 2.")).outline
    assert bare.rating_scale is None and bare.notes == "Made on 3 - Dec, seen by 2."
    assert shape(bare) == [("Technical Competencies", 3)]


@pytest.mark.parametrize("paper", [papers.letter, papers.bulletin])
def test_a_letter_or_a_bulletin_about_a_schedule_is_none(paper: object) -> None:
    assert callable(paper)
    with pytest.raises(Malformed, match="no schedule: a letter or a bulletin"):
        read(paper(), name="schedule.docx")


@pytest.mark.parametrize(
    ("sentence", "minutes"),
    [
        ("The term is 3 years with 6,000 hours and 432 hours of related instruction.", 432 * HOUR),
        ("The term is 3 years with 6,000 hours and 144 hours of related instruction per year.", None),
        ("The term is 3 years with 6,000 hours and 144 hours per year of related instruction.", None),
    ],
)
def test_instruction_that_is_stated_by_the_year_is_no_total(sentence: str, minutes: int | None) -> None:
    front = Front("Fitter", Notes())
    front.say("term", sentence)
    assert (front.term_months, front.ojt) == (36, (6000 * HOUR, 6000 * HOUR))
    assert (front.ri and front.ri[0]) == minutes
