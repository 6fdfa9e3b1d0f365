"""What people type reaches paper as text: nothing is fetched, no file is read, no markup works."""

import http.server
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape

from apprenticeship.models import Apprentice, Employer, Program
from competencies.imports.outline import (
    CompetencyOutline,
    CourseOutline,
    FunctionOutline,
    OccupationOutline,
    ScheduleOutline,
    StandardOutline,
    TopicOutline,
)
from competencies.versions import bring_in
from ojt_logs.models import Authentication, Rating, SignOff
from reports import documents, pdf
from reports.models import OF_A_PROGRAM, OF_AN_APPRENTICE, DocumentKind, ReportRun
from tests.browser.test_every_page import fill
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.fuzz.poison import all_rows, poisoned, several
from tests.pdf.papers import Paper, run_of

pytestmark = pytest.mark.django_db

# {0}: a server of ours on loopback, {1}: a file that is there.
CONSTRUCTS = [
    '<img src="{0}/img">',
    '<link rel="stylesheet" href="{0}/css">',
    '<style>@import url("{0}/import");</style>',
    "<style>body{{background:url({0}/bg)}}</style>",
    '<p style="background:url({0}/attr)">x</p>',
    "<style>@font-face{{font-family:x;src:url({0}/font)}}p{{font-family:x}}</style>",
    '<ul style="list-style:url({0}/list)"><li>x</ul>',
    "<style>p::before{{content:url({0}/content)}}</style>",
    '<svg><image href="{0}/svg" width="9" height="9"/></svg>',
    '<svg><use href="{0}/use#x"/></svg>',
    '<object data="{0}/object"></object>',
    '<embed src="{0}/embed">',
    '<link rel="attachment" href="{0}/attachment">',
    '<link rel="attachment" href="file://{1}">',
    '<a rel="attachment" href="file://{1}">x</a>',
    '<img src="file://{1}">',
    '<img src="{1}">',
    '<img src="../../../../../..{1}">',
    '<img src="ftp://127.0.0.1/x">',
    '<img src="//127.0.0.1/share">',
    '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E">',
    '<iframe src="{0}/frame"></iframe>',
    '<meta http-equiv="refresh" content="0;url={0}/meta"><base href="{0}/">',
    '"></body><body data-foot="x"><img src="{0}/broken-out">',
    '{{% include "{1}" %}}{{{{ settings.SECRET_KEY }}}}',
]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """The address of a listener on loopback, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}", asked
    listener.shutdown()
    listener.server_close()


_opened: list[str] = []
_watching = threading.Event()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching.is_set() and event == "open":
        _opened.append(str(arguments[0]))


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Path]:
    """A file that must not be read; every open() of this process is watched meanwhile."""
    path = tmp_path / "secret.txt"
    path.write_text("Rumpelstiltskin")
    if not _opened:
        sys.addaudithook(_audit)
        _opened.append("hook")
    _watching.set()
    yield path
    _watching.clear()


def hostile(text: str, address: str, cast: Cast) -> Apprentice:
    """An apprentice in whose papers every field, typed or imported, holds as much of it as goes in."""
    short = f'"><img src={address}/s><svg><image href={address}/i>'

    def typed(start: str) -> str:
        return f"{start}{short}"

    outline = ScheduleOutline(
        title=typed("A"),
        occupation=OccupationOutline(title=typed("B")),
        rapids_code="1",
        job_title=typed("C"),
        company_contact=typed("D"),
        required_certifications=text,
        courses=(CourseOutline(title=typed("F"), code="x", ri_minutes=60),),
        job_functions=(
            FunctionOutline(
                number=1,
                title=typed("G"),
                skill=(TopicOutline(text=text),),
                competencies=(
                    CompetencyOutline(letter="a", title=text, standards=(StandardOutline(text=text),)),
                ),
            ),
        ),
    )
    schedule, _ = bring_in(outline, now=NOW, sponsor=cast.lakeside)
    cast.lakeside.name = typed("K")[:160]
    cast.lakeside.save()
    cast.ben_user.name = typed("L")[:120]
    cast.ben_user.save()
    for member in cast.marcus.memberships.all():
        member.title, member.credential = typed("M")[:80], typed("N")[:80]
        member.save()
    cast.marcus.name = typed("O")[:120]
    cast.marcus.initials = short[:6]
    cast.marcus.save()
    program = Program.objects.create(
        sponsor=cast.lakeside,
        name=typed("P")[:120],
        schedule=schedule,
        approach="competency",
        rating_scale=cast.program.scale,
        figures_note=typed("Q")[:120],
        program_number=short[:32],
        rapids_code=short[:16],
        onet_code=short[:12],
    )
    person = Apprentice.objects.register(
        program,
        cast.ben_user,
        started_on=STARTED,
        by=cast.nora,
        now=NOW,
        registration_number=short[:32],
        employer=Employer.objects.create(sponsor=cast.lakeside, name=typed("R")[:160]),
    )
    person.mentorships.create(mentor=cast.marcus, starts_on=STARTED)
    (function,) = schedule.job_functions.all()
    standard = function.competencies.get().standards.get()
    SignOff.objects.record(
        person,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        method="observed",
        observed_from=TODAY,
        observed_to=TODAY,
        ratings=[Rating(standard, cast.level(4))],
        note=text[:1000],
    )
    return person


def runs(cast: Cast, person: Apprentice) -> list[ReportRun]:
    """Every paper there is, about the person and about the program."""
    about = [(kind, {"apprentice": person}) for kind in OF_AN_APPRENTICE]
    about += [(kind, {"program": person.program}) for kind in OF_A_PROGRAM if kind != DocumentKind.WORKBOOK]
    return [run_of(cast, document=kind, **subject) for kind, subject in about]


def test_hostile_text_in_every_field_fetches_nothing_and_is_printed_as_typed(
    cast: Cast, server: tuple[str, list[str]], secret: Path
) -> None:
    address, asked = server
    text = " ".join(one.format(address, secret) for one in CONSTRUCTS)
    person = hostile(text, address, cast)
    for run in runs(cast, person):
        sections = [section() for section in documents.of(run, now=NOW).sections]
        for html in sections:
            assert _tags(html) <= PAPER_TAGS
            assert html.count("<body ") == 1 and html.count("</body>") == 1
        paper = Paper(pdf.join([pdf.layout(html) for html in sections]))
        letters = re.sub(r"\s", "", paper.text)
        assert "Rumpelstiltskin" not in letters
        assert "/Names" not in paper.root and not paper.reader.attachments
        if run.document == DocumentKind.SCHEDULE or (run.apprentice and run.document != DocumentKind.HOURS):
            assert re.sub(r"\s", "", CONSTRUCTS[0].format(address, secret)) in letters
    assert asked == []
    assert [path for path in _opened if "secret" in path or path.startswith("/etc/passwd")] == []


def test_every_text_of_a_record_is_printed_as_text_alone(
    cast: Cast, server: tuple[str, list[str]], secret: Path
) -> None:
    """Texts by the fields of the models, so that a new one is tried: whatever reaches a paper is harmless."""
    address, asked = server
    fill(cast)
    texts = [one.format(address, secret) for one in CONSTRUCTS]
    say = several(texts)
    assert poisoned(all_rows(), lambda number, most: say(number, min(most, 300))) > 500
    person = Apprentice.objects.everyone().get(pk=cast.ana.pk)
    cast.nora.refresh_from_db()
    for run in runs(cast, person):
        sections = [section() for section in documents.of(run, now=NOW).sections]
        assert sections
        for html in sections:
            assert _tags(html) <= PAPER_TAGS, (run.document, _tags(html) - PAPER_TAGS)
            assert "&lt;" in html or run.document == DocumentKind.SUMMARY
        assert b"Rumpelstiltskin" not in pdf.join([pdf.layout(html) for html in sections])
    assert asked == []
    assert [path for path in _opened if "secret" in path or path.startswith("/etc/passwd")] == []


PAPER_TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "small", "span", "div"}
PAPER_TAGS |= {"table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "ul", "li"}
PAPER_TAGS |= {"b", "br", "svg", "path", "text", "circle", "rect"}


CHECK = r"""<img src="asset:code/[\w-]{59}\.svg" alt="[\w -]+">|<a href="(http://[\w.:]+/verify/[\w-]{59}/)">\1</a>"""
"""The code of the paper and its address, in exactly this form: its only picture and its only link."""


def _tags(html: str) -> set[str]:
    return set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", re.sub(CHECK, "", html)))


@pytest.mark.parametrize("construct", CONSTRUCTS[:-1])
def test_markup_that_did_get_in_would_end_the_paper_or_fetch_nothing(
    server: tuple[str, list[str]], secret: Path, construct: str
) -> None:
    """The second wall: as if a template had forgotten to escape."""
    address, asked = server
    html = f"<html lang=en><title>x</title><body>{construct.format(address, secret)}</body>"
    try:
        data = pdf.render(html)
    except pdf.PdfError as error:
        assert "Papers fetch nothing" in str(error)
    else:
        assert not Paper(data).reader.attachments
        assert b"Rumpelstiltskin" not in data
    assert asked == []
    assert str(secret) not in _opened


def test_paper_that_asks_for_what_is_not_there_fails_instead_of_coming_out_without_it() -> None:
    with pytest.raises(pdf.PdfError, match=r"asset:logo\.png"):
        pdf.render('<html lang=en><title>x</title><img src="asset:logo.png" alt="x">')


def test_escaping_is_on_in_the_templates_of_papers(cast: Cast) -> None:
    cast.program.figures_note = '<b>5 < 6 & "7"</b>'
    cast.program.save()
    (section,) = documents.of(run_of(cast, document="schedule", program=cast.program), now=NOW).sections
    assert escape(cast.program.figures_note) in section()
