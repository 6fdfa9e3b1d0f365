"""Importing an export gives the same outline, from every form, for every schedule we know."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from competencies.exports import word, workbook
from competencies.imports import outline_json, to_json
from competencies.imports.outline import ScheduleOutline, content_hash
from competencies.imports.recognise import read
from competencies.load import said, said_by
from competencies.models import WorkProcessSchedule
from tests.cast import Cast
from tests.competencies import papers
from tests.competencies.conftest import FIXTURES, SOURCES
from tests.ojt_logs.pages import signed_in

Write = Callable[[ScheduleOutline], bytes]
FORMS: list[Write] = [word.write, workbook.write, to_json.write]
PAPERS = [papers.hybrid, papers.framework, papers.rated]


def outline(data: bytes) -> ScheduleOutline:
    (found,) = read(data, name="schedule")
    return found.outline


def fixture(name: str) -> ScheduleOutline:
    found = outline_json.read((FIXTURES / f"{name}.json").read_bytes(), name=name)
    assert isinstance(found, ScheduleOutline)
    return found


SCHEDULES: dict[str, Callable[[], ScheduleOutline]] = {
    **{path.stem: lambda path=path: outline(path.read_bytes()) for path in sorted(SOURCES.glob("*.*x"))},
    **{made.__name__: lambda made=made: outline(made()) for made in PAPERS},
    **{name: lambda name=name: fixture(name) for name in ("medical-coder", "sprinkler-fitter")},
}


@pytest.mark.parametrize("write", FORMS, ids=["word", "workbook", "json"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_an_export_is_read_back_to_the_same_outline(name: str, write: Write) -> None:
    before = SCHEDULES[name]()
    after = outline(write(before))
    assert content_hash(after) == content_hash(before)
    assert after == before


def test_a_document_whose_pages_were_changed_is_read_as_it_stands_now() -> None:
    before = SCHEDULES["medical-coder"]()
    document = docx.Document(BytesIO(word.write(before)))
    (row,) = [row for row in document.tables[0].rows if row.cells[0].text.startswith("A. ")]
    row.cells[0].paragraphs[0].runs[0].text = "A. Reads a chart"
    changed = outline(papers.saved(document))
    assert changed.job_functions[0].competencies[0].title == "Reads a chart"
    assert len(changed.job_functions) == len(before.job_functions) and changed.lineage is None


def test_a_text_that_begins_like_a_formula_stays_a_text() -> None:
    plain = SCHEDULES["hybrid"]()
    tricky = replace(plain.courses[0], title="=1+1")
    data = workbook.write(replace(plain, courses=(tricky, *plain.courses[1:])))
    sheet = load_workbook(BytesIO(data))["RelatedInstruction"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert outline(data).courses[0].title == "=1+1"


def test_a_paper_without_what_registration_asks_for_is_no_appendix() -> None:
    words = [
        [one.text for one in docx.Document(BytesIO(word.write(SCHEDULES[name]()))).paragraphs]
        for name in ("sprinkler-fitter", "framework")
    ]
    assert "Appendix A" in words[0] and "Appendix A" not in words[1]
    assert "☒ Time-based\t☐ Competency-based\t☐ Hybrid" in words[0]


@pytest.mark.django_db
def test_everybody_takes_a_published_schedule_away_and_nobody_anothers_draft(
    client: Client, cast: Cast
) -> None:
    published = WorkProcessSchedule.objects.get(sponsor=None, frozen=True)
    for form, name in (("word", "word"), ("workbook", "workbook"), ("outline", "outline")):
        address = reverse("schedule-file", kwargs={"uid": published.uid, "form": form})
        answer = client.get(address)
        assert "attachment; filename=" in answer["Content-Disposition"]
        (found,) = read(answer.content, name="back")
        assert (found.format, said(found.outline)) == (name, said_by(published))
        own = reverse("schedule-file", kwargs={"uid": cast.program.schedule.uid, "form": form})
        assert client.get(own).status_code == signed_in(cast.olga).get(own).status_code == 404
        assert signed_in(cast.nora).get(own).status_code == 200
    assert client.get(address.replace("outline", "pdf")).status_code == 404


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("sprinkler-fitter", "appendixA-sprinkler-fitter-afsa-2023-52.docx"),
        ("licensed-practical-nurse", "apprenticeship-standards-nurse-standard-template.xlsx"),
    ],
)
def test_the_schedules_of_the_demo_are_what_is_read_from_their_documents(name: str, source: str) -> None:
    assert said(fixture(name)) == said(outline((SOURCES / source).read_bytes()))
