"""The form of every paper: tagged, titled, in a language, with its fonts inside."""

from pathlib import Path

import pdfua
import pytest

from reports import documents, pdf
from tests.cast import NOW, Cast
from tests.pdf.papers import Paper, paper_of, run_of

pytestmark = pytest.mark.django_db


_built: dict[str, bytes] = {}
"""Laying out takes a second; who reads the same paper for another reason need not wait for it again."""


@pytest.fixture(
    params=["schedule", "blank schedule", "progress", "program", "hours", "transcript", "summary"]
)
def paper(request: pytest.FixtureRequest, cast: Cast) -> Paper:
    cast.sign(cast.ana, "2g")
    cast.approved(cast.ana, cast.ojt())
    what = {
        "schedule": {"document": "schedule", "apprentice": cast.ana},
        "blank schedule": {"document": "schedule", "program": cast.program},
        "progress": {"document": "progress", "apprentice": cast.ana},
        "program": {"document": "progress", "program": cast.program},
        "hours": {"document": "hours", "apprentice": cast.ana},
        "transcript": {"document": "transcript", "apprentice": cast.ana},
        "summary": {"document": "summary", "program": cast.program},
    }
    if request.param not in _built:
        _built[request.param] = paper_of(run_of(cast, **what[request.param])).data
    return Paper(_built[request.param])


def test_paper_is_tagged_pdf_ua_with_title_and_language(paper: Paper) -> None:
    assert paper.root["/Lang"] == "en-US"
    assert paper.root["/MarkInfo"]["/Marked"]
    assert paper.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert paper.reader.metadata and paper.reader.metadata.title
    assert b"pdfuaid:part" in paper.root["/Metadata"].get_object().get_data()


def test_structure_has_headings_tables_with_headers_and_described_charts(paper: Paper) -> None:
    tags = paper.tags()
    assert tags["/H1"] >= 1 and tags["/H2"] >= 1
    assert tags["/TH"] > 0 and tags["/TD"] > 0 and tags["/THead"] > 0
    charts = [element for element in paper.elements() if element["/S"] == "/Figure"]
    assert all(element["/Alt"] for element in charts)


def test_source_sans_is_the_only_font_and_embedded(paper: Paper) -> None:
    fonts = paper.fonts()
    assert fonts and all(fonts.values())
    assert all(name.split("+")[1].startswith("Source-Sans") for name in fonts)


def test_machine_check_of_pdf_ua_finds_no_error(paper: Paper, tmp_path: Path) -> None:
    """The rules that pdfua knows. Its warning about headers without scope concerns every table: WeasyPrint
    writes on each cell which headers it has, which that check does not read."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper.data)
    findings = pdfua.validate(str(path)).findings
    assert [one.message for one in findings if one.severity >= pdfua.Severity.ERROR] == []
    assert {one.rule_id for one in findings} <= {"UA-15-003"}


def test_charts_of_the_program_report_are_described_in_words(cast: Cast) -> None:
    paper = paper_of(run_of(cast, document="progress", program=cast.program))
    told = [str(element["/Alt"]) for element in paper.elements() if element["/S"] == "/Figure"]
    charts = [one for one in told if not one.startswith("QR code")]
    assert len(charts) == 3
    assert "Ana Reyes 0 %; Ben Ortiz 0 %" in charts[0]


def test_each_section_counts_its_own_pages(cast: Cast) -> None:
    run = run_of(cast, document="progress", program=cast.program)
    sections = documents.of(run, now=NOW).sections
    sheets = [pdf.layout(section()) for section in sections]
    paper = Paper(pdf.join(sheets))
    numbers = [
        f"Page {number} of {len(sheet.pages)}"
        for sheet in sheets
        for number in range(1, len(sheet.pages) + 1)
    ]
    assert len(numbers) == len(paper.pages)
    assert all(number in page for number, page in zip(numbers, paper.pages, strict=True))
