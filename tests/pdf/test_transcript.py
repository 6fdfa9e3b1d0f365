"""The transcript of one apprentice, and the summary of a program."""

from datetime import timedelta

import pytest

from apprenticeship.models import Program
from ojt_logs.models import Authentication, SignOff
from ojt_logs.models.course_results import Outcome
from tests.cast import NOW, TODAY, Cast
from tests.pdf.papers import Paper, paper_of, run_of

pytestmark = pytest.mark.django_db
EARLIER = TODAY - timedelta(days=30)


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """Ana achieved 1b a month ago and 2g today; 15 h approved, 4 h waiting, 2 h of class."""
    cast.sign(cast.ana, "1b", value=3, day=EARLIER)
    cast.sign(cast.ana, "2g")
    cast.approved(cast.ana, cast.ojt(), cast.ojt("1b", minutes=420, day=EARLIER), cast.ri())
    cast.submitted(cast.ana, cast.ojt("3a", minutes=240, day=TODAY - timedelta(days=1)))
    return cast


def transcript(cast: Cast, **what: object) -> Paper:
    return paper_of(run_of(cast, document="transcript", apprentice=cast.ana, **what))


def test_transcript_has_work_class_and_competencies_with_day_rating_and_initials(worked: Cast) -> None:
    text = transcript(worked).text
    assert "15 h on-the-job learning" in text and "2 h related instruction of 144 h" in text
    assert "MC 101 Medical coding I Nov 20, 2026 72 h 2 h Not yet" in text
    assert "1b Ensures medical codes reflect medical record documentation 2 of 2 Oct 21, 2026 3 MW" in text
    assert "5 of 5 Nov 20, 2026 4 MW" in text
    assert "Marcus Webb Coding supervisor, CCS" in text
    assert "not a certificate" in text and "Certificate of Completion" not in text


def test_transcript_says_which_courses_are_passed_and_who_signed_that(worked: Cast) -> None:
    (given,) = worked.grade(Outcome(worked.ana, True, "A"))
    text = transcript(worked).text
    assert f"72 h 2 h Nov 20, 2026, A PN {given.record_id}" in text and "PN Priya Nair" in text


def test_transcript_as_of_an_earlier_day_knows_nothing_later(worked: Cast) -> None:
    text = transcript(worked, to_day=EARLIER).text
    assert (
        "7 h on-the-job learning" in text and "1 of 16 competencies" in text and "Nov 20, 2026 4" not in text
    )


def test_withdrawn_signature_is_not_in_the_transcript(worked: Cast) -> None:
    row = worked.ana.sign_offs.filter(competency__code="1b")[0]
    SignOff.objects.withdraw(
        row,
        by=worked.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="Another chart.",
    )
    assert "record documentation 1 of 2 Not yet 3 MW" in transcript(worked).text


def test_optional_work_that_was_signed_is_named_optional(worked: Cast) -> None:
    assert "optional and not elected" not in transcript(worked).text
    worked.sign(worked.ana, "5a")
    assert "optional and not elected" in transcript(worked).text


def summary(cast: Cast, **what: object) -> Paper:
    return paper_of(run_of(cast, document="summary", program=cast.program, **what))


def test_summary_says_who_is_where_what_was_done_and_what_waits(worked: Cast) -> None:
    paper = summary(worked)
    assert "2 current apprentices" in paper.text and "2 active" in paper.text
    assert "15 h on-the-job learning approved" in paper.text
    assert "Ana Reyes Active 10 % 2 of 16 15 h 2 h" in paper.text
    assert "Total 15 h 2 h" in paper.text
    assert "Ana Reyes 4 h Marcus" in paper.text
    assert "Feb 2, 2026 Ben Ortiz Registered" in paper.text
    assert len(paper.pages) <= 2


def test_summary_of_a_period_counts_what_was_done_in_it(worked: Cast) -> None:
    text = summary(worked, from_day=TODAY - timedelta(days=7)).text
    assert "8 h on-the-job learning approved in the period" in text
    assert "5 standards signed" in text and "None in this period." in text


def test_summary_of_an_empty_program_says_so(cast: Cast) -> None:
    empty = Program.objects.create(
        sponsor=cast.lakeside, name="New", schedule=cast.program.schedule, approach="competency"
    )
    text = paper_of(run_of(cast, document="summary", program=empty)).text
    assert "Nobody is registered in this program yet." in text
