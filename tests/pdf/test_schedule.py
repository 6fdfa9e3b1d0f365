"""The work process schedule on paper, read back."""

import re
from itertools import pairwise
from typing import Any

import pytest

from apprenticeship.models import Apprentice, Program
from competencies.models import Competency, JobFunction, PerformanceStandard, WorkProcessSchedule
from competencies.versions import publish
from ledger.chain import head_of
from ojt_logs.models import Authentication, Rating, SignOff
from reports import documents, pdf, schedule
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.pdf.papers import Paper, paper_of, run_of, squeezed

pytestmark = pytest.mark.django_db
CODES = "O*NET 29-2071.00 · RAPIDS 1114CB"

_built: dict[str, bytes] = {}


def signed_paper(cast: Cast) -> Paper:
    return paper_of(run_of(cast, document="schedule", apprentice=cast.ana))


def blank_paper(cast: Cast) -> Paper:
    """The program's blank schedule: the same in every test, so laid out once."""
    if "blank" not in _built:
        _built["blank"] = new_blank_paper(cast).data
    return Paper(_built["blank"])


def new_blank_paper(cast: Cast) -> Paper:
    return paper_of(run_of(cast, document="schedule", program=cast.program))


def standards(cast: Cast) -> list[PerformanceStandard]:
    of_schedule = {"competency__job_function__schedule": cast.program.schedule}
    return list(PerformanceStandard.objects.filter(**of_schedule).select_related("competency"))


def row(paper: Paper, text: str, *, until: str) -> str:
    """What is printed between the text of a standard and that of the next."""
    after = paper.text.split(squeezed(text), 1)[1]
    return after.split(squeezed(until), 1)[0]


def test_title_codes_foot_and_page_number_are_on_every_page(cast: Cast) -> None:
    paper = signed_paper(cast)
    count = len(paper.pages)
    assert count > 5
    for number, page in enumerate(paper.pages, start=1):
        assert f"Work process schedule: {cast.program.schedule.title}" in page
        assert CODES in page
        assert f"Page {number} of {count}" in page
        assert "Ana Reyes · Lakeside Health · printed Nov 20, 2026, 12:00 pm CST · record head " in page
        assert head_of(cast.ana.uid) in page


def test_paper_is_letter(cast: Cast) -> None:
    for page in blank_paper(cast).reader.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == (612, 792)


def test_every_competency_and_standard_is_printed_word_for_word(cast: Cast) -> None:
    paper = blank_paper(cast)
    letters = re.sub(r"\s", "", paper.text)
    for standard in standards(cast):
        assert re.sub(r"\s", "", standard.text) in letters
        assert re.sub(r"\s", "", standard.competency.title) in letters
    for function in cast.program.schedule.job_functions.all():
        for topic in function.topics.all():
            assert re.sub(r"\s", "", topic.text) in letters


def test_header_row_is_repeated_on_every_page_that_a_table_goes_on(cast: Cast) -> None:
    paper = blank_paper(cast)
    header = "Code Competency and performance standards Level, required Rating Date Initials, record"
    titles = [squeezed(standard.text) for standard in standards(cast)]
    pages = [page for page in paper.pages if any(title in page for title in titles)]
    assert len(pages) > 5
    assert all(header in page for page in pages)
    assert paper.text.count(header) > 5


@pytest.mark.parametrize("millimetres", [24, 33, 42])
def test_no_competency_is_torn_from_its_first_standard(cast: Cast, millimetres: int) -> None:
    """Wherever the pages end: the upper margin moves everything."""
    (section,) = documents.of(run_of(cast, document="schedule", program=cast.program), now=NOW).sections
    html = section()
    assert "margin: 24mm" in html
    paper = Paper(pdf.render(html.replace("margin: 24mm", f"margin: {millimetres}mm")))
    firsts = [standard for standard in standards(cast) if standard.position == 1]
    assert len(firsts) == 20
    for standard in firsts:
        competency = squeezed(f"{standard.competency.code} {standard.competency.title}")
        together = [page for page in paper.pages if competency in page and squeezed(standard.text) in page]
        assert len(together) == 1, standard.competency.code


def test_signed_standard_shows_rating_date_initials_and_record_id(cast: Cast) -> None:
    signed = cast.sign(cast.ana, "2g", value=3)
    paper = signed_paper(cast)
    texts = [*(one.text for one in cast.competency("2g").standards.all()), "Related instruction"]
    for sign_off, text, following in zip(signed, texts, texts[1:], strict=False):
        assert row(paper, text, until=following).split()[:5] == ["3", "Nov", "20,", "2026", "MW"]
        assert sign_off.record_id in row(paper, text, until=following)
    assert "5 of 5 signed" in paper.text


def test_unsigned_standard_stays_blank(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    paper = signed_paper(cast)
    texts = [one.text for one in cast.competency("2e").standards.all()]
    for text, following in pairwise(texts):
        assert row(paper, text, until=following).strip() == ""


def test_standard_has_a_line_for_each_demonstration_that_it_asks_for(cast: Cast) -> None:
    signed = cast.sign(cast.ana, "1b")[:1]
    assert schedule.Line("Codes a chart", False, 3, signed).rows == [signed[0], None, None]
    assert schedule.Line("Codes a chart", False, 1, []).rows == [None]


def test_withdrawn_signature_is_not_printed(cast: Cast) -> None:
    signed = cast.sign(cast.ana, "1b")
    SignOff.objects.withdraw(
        signed[0],
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="It was another chart.",
    )
    text = signed_paper(cast).text
    assert signed[0].record_id not in text and signed[1].record_id in text


def test_pass_is_printed_and_not_a_later_lower_rating(cast: Cast) -> None:
    first = cast.sign(cast.ana, "1b", value=4, day=TODAY.replace(day=2))
    later = cast.sign(cast.ana, "1b", value=2)
    text = signed_paper(cast).text
    assert first[0].record_id in text and later[0].record_id not in text


def test_signatures_after_the_day_asked_for_are_left_out(cast: Cast) -> None:
    early = cast.sign(cast.ana, "1b", day=TODAY.replace(day=2))
    late = cast.sign(cast.ana, "2f")
    run = run_of(cast, document="schedule", apprentice=cast.ana, to_day=TODAY.replace(day=10))
    text = paper_of(run).text
    assert early[0].record_id in text and late[0].record_id not in text
    assert "signatures up to Nov 10, 2026" in text


def test_signers_are_named_with_their_qualification(cast: Cast) -> None:
    cast.sign(cast.ana, "1b")
    assert "Marcus Webb Coding supervisor, CCS" in signed_paper(cast).text


def test_front_states_approach_term_people_and_scale_with_its_pass_mark(cast: Cast) -> None:
    front = signed_paper(cast).pages[0]
    assert "☐ Time-based ☑ Competency-based ☐ Hybrid" in front
    assert "12 months; 144 h of related instruction" in front
    assert "Ana Reyes · Marcus Webb" in front and "February 2, 2026" in front
    assert "Rating scale (chosen by the sponsor)" in front
    assert "3 satisfactory · 4 competent. Pass is 3 or 4." in front


def test_papers_say_what_the_agency_says(cast: Cast, settings: Any) -> None:
    assert "Core · OJL – · RI –" in blank_paper(cast).text
    settings.PAPER_LABELS = settings.PAPER_LABELS | {
        "ojt_short": "OJT",
        "ri": "related technical instruction",
    }
    text = new_blank_paper(cast).text
    assert "Core · OJT –" in text and "Related technical instruction for job function 2" in text


def test_courses_and_signature_lines_end_the_paper(cast: Cast) -> None:
    text = blank_paper(cast).text
    assert "MC 101 Medical coding I required 72 h" in text
    assert re.search(r"Apprentice, date Mentor, date Sponsor, date", text)


def test_national_framework_leaves_blank_what_its_source_leaves_blank(cast: Cast) -> None:
    national = WorkProcessSchedule.objects.get(sponsor=None)
    document = documents.blank_schedule(national, program=None, by=None, now=NOW)
    paper = Paper(pdf.join([pdf.layout(section()) for section in document.sections]))
    front = paper.pages[0]
    assert "☐ Time-based ☐ Competency-based ☐ Hybrid" in front
    assert (
        "Term Sponsor Job title Company contact for job Apprentice · mentor Registered Rating scale Job"
        in front
    )
    assert "O*NET 29-2071.00 · RAPIDS 1114 " in f"{front} "
    assert "printed Nov 20, 2026, 6:00 pm UTC" in front


def test_competency_without_standards_is_signed_itself(cast: Cast) -> None:
    draft = WorkProcessSchedule.objects.create(
        occupation=cast.program.schedule.occupation, sponsor=cast.lakeside, title="Small trade"
    )
    function = JobFunction.objects.create(schedule=draft, number=1, title="Does the work")
    Competency.objects.create(job_function=function, position=1, letter="a", title="Does all of it")
    schedule = publish(draft, now=NOW)
    scale = cast.program.scale
    program = Program.objects.create(
        sponsor=cast.lakeside, name="Small", schedule=schedule, approach="competency", rating_scale=scale
    )
    person = Apprentice.objects.register(program, cast.ben_user, started_on=STARTED, by=cast.nora, now=NOW)
    person.mentorships.create(mentor=cast.marcus, starts_on=STARTED)
    rating = Rating(function.competencies.get(), cast.level(4))
    (signed,) = SignOff.objects.record(
        person,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        method="observed",
        observed_from=TODAY,
        observed_to=TODAY,
        ratings=[rating],
    )
    text = paper_of(run_of(cast, document="schedule", apprentice=person)).text
    assert f"1a Does all of it Required 4 Nov 20, 2026 MW {signed.record_id}" in text
