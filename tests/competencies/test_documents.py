"""The two documents are complete, and their words are the sources'."""

import re
from collections import Counter

import pytest

from competencies.models import Competency, Framework, PerformanceStandard, RatingScale, WorkProcessSchedule
from tests.competencies.conftest import SOURCES

pytestmark = pytest.mark.django_db


def words(text: str) -> str:
    """Text as a row of words, so that line breaks and table cells do not matter."""
    return " ".join(re.findall(r"\S+", text.replace("\t", " ")))


def source(name: str) -> str:
    """The words of a source, and once more those of its first column alone, where other cells interrupt."""
    text = (SOURCES / f"{name}.txt").read_text(encoding="utf-8")
    first_column = "\n".join(line.split("\t")[0] for line in text.splitlines())
    return words(text) + " " + words(first_column)


def test_the_medical_coder_schedule_has_its_functions_competencies_and_standards(
    coder: WorkProcessSchedule,
) -> None:
    functions = list(coder.job_functions.order_by("number"))
    assert [(row.number, row.core) for row in functions] == [
        (1, True), (2, True), (3, True), (4, True), (5, False),
    ]  # fmt: skip
    assert [row.competencies.count() for row in functions] == [2, 7, 3, 4, 4]
    standards = [
        PerformanceStandard.objects.filter(competency__job_function=row).count() for row in functions
    ]
    assert standards == [6, 31, 13, 14, 14]
    kinds = Counter(topic.kind for row in functions for topic in row.topics.all())
    assert kinds == {"skill": 17, "knowledge": 21, "tool": 14}


def test_competencies_have_their_codes_levels_and_marks(coder: WorkProcessSchedule) -> None:
    rows = list(Competency.objects.filter(job_function__schedule=coder).order_by("job_function", "position"))
    expected = ["1a", "1b", *(f"2{x}" for x in "abcdefg"), *(f"3{x}" for x in "abc")]
    expected += [*(f"4{x}" for x in "abcd"), *(f"5{x}" for x in "abcd")]
    assert [row.code for row in rows] == expected
    others = {row.code: row.level for row in rows if row.level != "basic"}
    assert others == {"5a": "intermediate", "5b": "intermediate", "5c": "advanced"}
    assert [row.code for row in rows if not row.required] == ["5a", "5b", "5c"]


def test_the_near_duplicates_2a_and_2f_both_stay(coder: WorkProcessSchedule) -> None:
    titles = Competency.objects.filter(job_function__schedule=coder, code__in=["2a", "2f"])
    assert len(set(titles.values_list("title", flat=True))) == 2


def test_the_lost_heading_of_2e_is_recovered_and_says_so(coder: WorkProcessSchedule) -> None:
    lost = Competency.objects.get(job_function__schedule=coder, code="2e")
    assert lost.title.startswith("Supports accurate billing")
    assert "lost at a page break" in lost.repair
    assert "“Basic X” →" in lost.repair


def test_the_overview_is_complete(coder: WorkProcessSchedule) -> None:
    assert len(coder.job_titles) == 15
    assert coder.promotional_paths == ["coding manager", "coding trainer", "HIM manager"]
    assert coder.transitional_paths == ["DRG validator", "health information technician"]
    assert coder.prerequisites == ""
    assert len(coder.associations) == len(coder.accreditors) == 2
    assert [figure for _, figure in coder.workforce] == ["188,660", "71,200", "$52,677"]
    credentials = list(coder.credentials.values_list("abbreviation", "timing"))
    abbreviations = ["CCA", "CCS", "RHIA", "RHIT", "CPC", "CCS-P", "CIC", "COC"]
    assert credentials == [(abbreviation, "after") for abbreviation in abbreviations]


def test_what_the_source_leaves_blank_stays_blank(coder: WorkProcessSchedule) -> None:
    assert coder.approach is None
    assert coder.minimum_ojt_minutes is None
    assert coder.rating_scale is None
    assert (coder.job_title, coder.company_contact, coder.required_certifications) == ("", "", "")
    assert coder.blank_job_functions == 3
    for function in coder.job_functions.all():
        assert (function.ojt_minutes_min, function.ri_minutes_min) == (None, None)
    assert (coder.occupation.onet_code, coder.occupation.onet_taxonomy) == ("29-2071.00", "2010")


def test_of_the_cross_cutting_grid_only_three_marks_are_read_and_all_await_a_person(
    coder: WorkProcessSchedule,
) -> None:
    rows = list(coder.cross_cutting.all())
    assert Counter(row.tier for row in rows) == {1: 7, 2: 4, 3: 11}
    read = {row.title: row.level for row in rows if row.level is not None}
    assert read == {"Interpersonal Skills": 2, "Integrity": 4, "Lifelong Learning": 4}
    assert all(row.needs_review for row in rows)


def test_every_row_of_the_schedule_can_be_pointed_at(coder: WorkProcessSchedule) -> None:
    rows = [*coder.credentials.all(), *coder.cross_cutting.all()]
    for function in coder.job_functions.all():
        rows += [function, *function.topics.all(), *function.competencies.all()]
    assert len({row.uid for row in rows}) == len(rows) == 107
    assert all(row.uid.version == 4 for row in rows)


def test_every_text_of_the_schedule_stands_word_for_word_in_its_source(coder: WorkProcessSchedule) -> None:
    text = source("medical-coder")
    competencies = Competency.objects.filter(job_function__schedule=coder)
    standards = PerformanceStandard.objects.filter(competency__in=competencies)
    ours = [coder.title, coder.context, coder.purpose, coder.attitudes, coder.cross_cutting_note]
    ours += [", ".join(coder.job_titles), ", ".join(coder.promotional_paths)]
    ours += [*coder.transitional_paths, *coder.associations, *coder.accreditors]
    ours += [f"{label}: {figure}".replace("$", "\\$") for label, figure in coder.workforce]
    ours += [row.title for row in coder.job_functions.all()]
    ours += [topic.text for row in coder.job_functions.all() for topic in row.topics.all()]
    ours += [row.title for row in competencies] + [row.text for row in standards]
    ours += [f"{row} {row.awarding_body} After" for row in coder.credentials.all()]
    ours += [row.title for row in coder.cross_cutting.all() if "two lines" not in row.repair]
    missing = [item for item in ours if words(item) not in text]
    assert missing == []


def test_no_standard_of_the_source_was_left_out(coder: WorkProcessSchedule) -> None:
    """Whatever stands between “Performance Standards” and the next heading is ours as well.

    Left aside is the table of job function 4, which exists only as readings that garble each other.
    """
    ours = set(PerformanceStandard.objects.values_list("text", flat=True))
    lines = (SOURCES / "medical-coder.txt").read_text(encoding="utf-8").splitlines()
    details = lines[next(i for i, line in enumerate(lines) if line.startswith("JOB FUNCTION 8")) + 1 :]
    inside, damaged, left_out = False, False, []
    for line in details:
        damaged = ("RELATED INSTRUCTION Image" in line or damaged) and not line.startswith("ivery and")
        first = line.split("\t")[0].strip()
        if "Performance Standards" in first:
            inside, first = True, first.partition("Performance Standards")[2].strip()
        elif first.startswith(("Competency ", "ivery and")) or "LEVEL" in line:
            inside = False
        elif not first and "Basic" in line:  # where the heading of 2e was
            inside = True
        if inside and first and not damaged and not any(standard in first for standard in ours):
            left_out.append(first)
    assert left_out == []


def test_the_framework_has_its_75_statements_and_3516_resources(him: Framework) -> None:
    statements = him.statements.filter(kind="statement")
    assert statements.count() == 75
    assert sum(row.resource_count or 0 for row in statements) == 3516
    assert {str(row.counted_on) for row in statements} == {"2026-11-22"}
    domains = list(him.statements.filter(kind="domain").order_by("position").values_list("text", flat=True))
    assert len(domains) == 9
    assert domains.count("Health Data Management") == 2
    assert domains[-1] == "Other"
    assert "Job Search/Employment" in domains
    assert him.statements.filter(kind="subdomain").count() == 25
    assert him.note.startswith("You may not need to learn every resource")


def test_every_line_of_the_framework_stands_in_its_source_with_its_number(him: Framework) -> None:
    lines = (SOURCES / "health-information-management.txt").read_text(encoding="utf-8").splitlines()
    printed = [line.strip(" •\xa0") for line in lines]
    printed = [line for line in printed[printed.index("Health Data Management") :] if line]
    ours = [
        row.text if row.resource_count is None else f"{row.text} ({row.resource_count})"
        for row in him.statements.order_by("position")
    ]
    assert ours == printed


def test_two_scales_are_offered_and_zero_is_no_fail_but_needs_a_reason(coder: WorkProcessSchedule) -> None:
    scale = RatingScale.objects.get(name="0-4")
    assert scale.chosen_by_sponsor
    assert [row.value for row in scale.levels.all() if row.passing] == [4, 3]
    zero = scale.levels.get(value=0)
    assert (zero.label, zero.needs_reason) == ("not yet seen", True)
    assert RatingScale.objects.get(name="Date and initials").levels.get().passing
