"""Papers written into the pages of another, beside the same papers laid out by themselves."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfua
import pypdfium2
import pytest
from django.utils.html import escape

from ojt_logs.models import Authentication, SignOff
from reports import documents, pdf, tasks
from reports.cohort import Cohort, Misfit, Template, template
from reports.cohort.pages import Place
from reports.cohort.pieces import Pieces, attributes, words
from tests.cast import NOW, TODAY, Cast
from tests.pdf.papers import Paper, run_of
from tests.reports.building import built, file_of

pytestmark = pytest.mark.django_db
_html: dict[str, str] = {}
_laid_out: list[Template] = []


def html_of(cast: Cast, person: Any) -> str:
    (section,) = documents.of(run_of(cast, document="schedule", apprentice=person), now=NOW).sections
    return section()


@pytest.fixture
def ana(cast: Cast) -> str:
    """The HTML of Ana's schedule. Ben has other competencies signed, on another day. Both are made once."""
    if not _html:
        cast.sign(cast.ana, "1b")
        cast.sign(cast.ana, "2g", value=3)
        cast.sign(cast.ben, "1a", day=TODAY.replace(day=2))
        cast.sign(cast.ben, "3a", value=4)
        _html.update(ana=html_of(cast, cast.ana), ben=html_of(cast, cast.ben))
    return _html["ana"]


@pytest.fixture
def ben(ana: str) -> str:
    return _html["ben"]


@pytest.fixture
def cohort(ana: str) -> Cohort:
    """With Ana's paper as template, laid out once."""
    if not _laid_out:
        _laid_out.append(Template(ana))
    cohort = Cohort()
    cohort.templates = list(_laid_out)
    return cohort


def pictures(data: bytes) -> list[bytes]:
    """Each page at 100 dots per inch."""
    file = pypdfium2.PdfDocument(data)
    return [bytes(page.render(scale=100 / 72).buffer) for page in file]


def text(data: bytes) -> list[str]:
    """Each page as a viewer copies it."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def tree(paper: Paper) -> list[Any]:
    """The structure with its pages, contents, attributes and headers, in reading order."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(paper.reader.pages)}
    return [_element(one, pages) for one in paper.elements()]


def _element(one: Any, pages: dict[int, int]) -> Any:
    content = [kid for kid in one["/K"] if isinstance(kid, int)]
    page = pages.get(one.raw_get("/Pg").idnum) if "/Pg" in one else None
    return one["/S"], page, content, one.get("/Alt"), str(one.get("/A")), one.get("/ID")


def facts(paper: Paper) -> dict[str, Any]:
    """What is said about the file, its outline and its links."""
    reader = paper.reader
    links = [
        dict(note.get_object()["/A"]) | {"at": note.get_object()["/Rect"]}
        for page in reader.pages
        for note in page.get("/Annots", [])
    ]
    return {
        "info": dict(reader.metadata or {}),
        "xmp": paper.root["/Metadata"].get_object().get_data(),
        "outline": [str(one) for one in _flat(reader.outline)],
        "links": links,
        "language": paper.root["/Lang"],
        "marked": paper.root["/MarkInfo"],
        "shown": paper.root["/ViewerPreferences"],
    }


def _flat(outline: list[Any]) -> list[Any]:
    return [one for part in outline for one in (_flat(part) if isinstance(part, list) else [part["/Title"]])]


def assert_same(data: bytes, html: str) -> None:
    """`data` is what laying out this HTML gives, for the eye, for search and for those who listen."""
    single = pdf.render(html)
    assert pictures(data) == pictures(single)
    mine, alone = Paper(data), Paper(single)
    assert text(data) == text(single)
    assert tree(mine) == tree(alone)
    assert facts(mine) == facts(alone)
    assert mine.fonts() == alone.fonts() and all(mine.fonts().values())


def test_template_is_the_paper_itself(ana: str, cohort: Cohort) -> None:
    assert cohort.templates[0].data == pdf.render(ana)


def test_other_persons_paper_is_the_same_as_laid_out_by_itself(ben: str, cohort: Cohort) -> None:
    data = cohort.render(ben)
    assert_same(data, ben)
    assert len(cohort.templates) == 1
    assert "Ana" not in Paper(data).text and "Ben Ortiz" in Paper(data).text


def test_what_was_written_before_leaves_no_trace(ana: str, ben: str, cohort: Cohort) -> None:
    first = cohort.render(ben)
    cohort.render(ben.replace("Ben Ortiz", "Łucja Иван"))
    cohort.render(ana)
    assert cohort.render(ben) == first
    assert len(cohort.templates) == 1


def test_file_follows_the_rules_for_tagged_pdf(ben: str, cohort: Cohort, tmp_path: Path) -> None:
    path = tmp_path / "ben.pdf"
    path.write_bytes(cohort.render(ben))
    findings = pdfua.validate(str(path)).findings
    assert [one.message for one in findings if one.severity >= pdfua.Severity.ERROR] == []


def test_every_text_that_is_written_again_is_written_as_it_was(cohort: Cohort) -> None:
    """Byte for byte, whatever the place: text in each style, broken lines, lines underneath, margins."""
    (template,) = cohort.templates
    written = 0
    for text, places in alone(template):
        for one in template.ink.write(places, text):
            written += 1
            assert uncoloured(one.operators) == uncoloured(as_laid_out(template, one.place))
    assert written > 400


def alone(template: Template) -> Iterator[tuple[str, list[Place]]]:
    """Each text that stands in lines of its own, with these."""
    for number in range(2, len(template.pieces.parts) - 2, 2):
        text = words(template.pieces.parts[number])
        try:
            found = template.lines(number)
        except Misfit:
            continue
        yield from ((text, places) for places in found if all(place.line for place in places))
    foot = attributes(next(tag for tag in template.pieces.parts if tag.startswith("<body")))["data-foot"]
    yield from ((foot, places) for places in template.foot(foot))


def as_laid_out(template: Template, place: Place) -> bytes:
    return template.pages.parts[place.page][place.part]


def uncoloured(operators: bytes) -> list[bytes]:
    """Without the operators that set a colour, which need not be said twice."""
    return [one for one in operators.split(b"\n") if one[-2:] not in (b"rg", b"RG", b"gs")]


NAMES = {
    "Łukasz O’Brien-Ñandú & <Co>": 1,  # letters of a font of its own, and what HTML writes otherwise
    "Fiona Affleck-Office": 1,  # ligatures
    "Zoe\u0308 Smith": 2,  # a letter in two characters, which other papers write in one
    "Zoë Smith": 1,
    "Ben\u00a0Ortiz": 1,
    "Иван Петров": 1,
    "أنا": 2,  # no letters of our fonts
    "田中": 2,
    "Ben 🙂": 2,
    "Ben\u200dOrtiz": 2,  # prints nothing
    "Maria Fernanda de los Ángeles Gutiérrez y Rodríguez de la Fuente": 2,  # another line in the table
}
"""What apprentices are called, and how many papers are laid out when Ana's is the template."""


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_name_the_paper_is_the_same(ben: str, cohort: Cohort, name: str) -> None:
    html = ben.replace("Ben Ortiz", escape(name))
    assert html.count(escape(name)) == 3
    assert_same(cohort.render(html), html)
    assert len(cohort.templates) == NAMES[name]


def test_long_foot_breaks_as_it_would(ana: str, ben: str) -> None:
    """Both take two lines in the margin, which break at other words."""
    cohort = Cohort()
    for html in (ana, ben):
        long = html.replace(
            "Lakeside Health · printed", "Lakeside Health and Rehabilitation Services of Illinois · printed"
        )
        data = cohort.render(long)
    assert_same(data, long)
    assert len(cohort.templates) == 1


def test_signature_that_was_withdrawn_and_given_anew_is_printed_as_it_stands(
    cast: Cast, cohort: Cohort
) -> None:
    first, *_ = cast.sign(cast.ben, "1b")
    SignOff.objects.withdraw(
        first,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="Another chart.",
    )
    html = html_of(cast, cast.ben)
    data = cohort.render(html)
    assert_same(data, html)
    assert first.record_id not in Paper(data).text
    assert len(cohort.templates) == 1


@pytest.mark.parametrize("signers", [[], ["marcus", "lena"]])
def test_paper_with_other_parts_is_laid_out_by_itself(cast: Cast, cohort: Cohort, signers: list[str]) -> None:
    """Nobody has signed yet, or two have: the table of signers has other rows."""
    for name, code in zip(signers, ("1a", "3a"), strict=False):
        cast.sign(cast.ben, code, by=getattr(cast, name))
    html = html_of(cast, cast.ben)
    assert cohort.render(html) == pdf.render(html)
    assert len(cohort.templates) == 2


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("<small>Core", "<small>Optional"),  # in the outline, too
        ("☐ Hybrid", "☐ Both"),  # shares its line
        ("Job function 1: ", "Job function 9: "),  # shares its element
        ('<a href="http', '<a href="ftp'),
        ('.svg" alt="QR code of', '.png" alt="QR code of'),
    ],
)
def test_whatever_else_differs_is_a_misfit(ben: str, cohort: Cohort, mine: str, theirs: str) -> None:
    assert mine in ben
    with pytest.raises(Misfit):
        cohort.templates[0].filled(Pieces(ben.replace(mine, theirs)))


def test_template_that_breaks_off_costs_nobody_a_paper(
    ben: str, cohort: Cohort, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As if another WeasyPrint had come in."""
    monkeypatch.setattr(Template, "ink", property(lambda self: self.no_such_name))
    assert cohort.render(ben) == pdf.render(ben)
    assert "could not be filled" in caplog.text


def test_no_more_templates_are_kept_than_stated(ana: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "TEMPLATES", 2)
    cohort = Cohort()
    shapes = [f"<html lang=en><title>R</title><p>A</p>{'<p>B</p>' * number}" for number in range(3)]
    for html in [*shapes, shapes[1]]:
        assert_same(cohort.render(html), html)
    assert [one.pieces.parts for one in cohort.templates] == [Pieces(one).parts for one in shapes[:0:-1]]


def test_worker_lays_out_one_schedule_of_a_version(
    cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a ZIP with each apprentice's, and of a single one after that."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tasks, "ALIKE", Cohort())
    laid_out: list[str] = []
    layout = pdf.layout
    monkeypatch.setattr(pdf, "layout", lambda html: laid_out.append(html) or layout(html))
    cast.sign(cast.ana, "1b")
    cast.sign(cast.ben, "2g")
    whole = run_of(cast, document="schedule", program=cast.program, for_each=True)
    archive = zipfile.ZipFile(BytesIO(file_of(built(whole)).read_bytes()))
    texts = [Paper(archive.read(name)).text for name in archive.namelist() if name.endswith(".pdf")]
    assert ["Ana Reyes" in text for text in texts] == [True, False]
    one = built(run_of(cast, document="schedule", apprentice=cast.ana))
    assert "Ana Reyes" in Paper(file_of(one).read_bytes()).text
    assert len(laid_out) == 1
