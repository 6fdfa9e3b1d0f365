"""Progress as people see it: each number opened down to the entries and signatures behind it."""

import pytest
from django.urls import reverse

from apprenticeship.models import Apprentice
from ojt_logs.models import Authentication, Line, SignOff
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def progress(cast: Cast) -> str:
    return reverse("progress", args=[cast.ana.uid])


def competency(cast: Cast, code: str) -> str:
    return reverse("competency", args=[cast.ana.uid, code])


def test_the_page_says_how_far_why_and_what_is_missing(cast: Cast) -> None:
    cast.sign(cast.ana, "1a")
    cast.approved(cast.ana, cast.ojt("1a", minutes=480))
    cast.submitted(cast.ana, cast.ojt("2g", minutes=90))
    page = text_of(signed_in(cast.ana_user), progress(cast))
    for words in [
        "1 of 16 competencies",
        "4 of 64 standards signed",
        "8 h approved</a> · <a",
        "class 0 h of 144 h</a>",
        "Why 6 %?",
        "4 of the 64 standards that count are signed.",
        "Job function 5 is optional, not elected: its work is shown and signed, and changes no per cent.",
        "Hours complete nothing here; 12 months of on-the-job training do, on Feb 2, 2027.",
        "The plan expects 79 % by Nov 20, 2026</a>:",
        "To be signed, nearest to done first:",
        "1 of 2 competencies",
        "8 h approved</a>",
        "0 h approved, 1 h 30 min waiting</a>",
        "Its 4 competencies",
        "MC 101 Medical coding I",
        "0 h of 72 h approved",
    ]:
        assert words in page, words


def test_what_is_missing_leads_to_the_competency_and_a_mentor_to_signing(cast: Cast) -> None:
    sign = reverse("sign", args=[cast.ana.uid])
    missing = text_of(signed_in(cast.ana_user), progress(cast)).split("What is missing")[1].split("<h2>")[0]
    assert competency(cast, "1b") in missing and sign not in missing
    assert sign in text_of(signed_in(cast.marcus), progress(cast))


def test_who_looks_at_somebodys_progress_reads_the_name_and_finds_the_way_back_and_the_papers(
    cast: Cast,
) -> None:
    board, papers = reverse("program", args=[cast.program.uid]), reverse("report-start")
    for person, back in ((cast.nora, board), (cast.ruth, board), (cast.marcus, reverse("review"))):
        page = text_of(signed_in(person), progress(cast))
        assert "<h1>Ana Reyes</h1>" in page and f'class="back" href="{back}"' in page and papers in page
    assert "<h1>Progress</h1>" in text_of(signed_in(cast.ana_user), progress(cast))


def test_every_number_opens_what_makes_it_in_one_tap(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("1a", minutes=480), cast.ri(minutes=60), Line("ojt", TODAY, 30))
    client = signed_in(cast.ana_user)
    page = text_of(client, progress(cast))
    names = ["percent", "competencies", "standards", "work", "class", "pace", "other", "function-1"]
    for name in [*names, f"course-{cast.klass.course.uid}"]:
        url = reverse("why", args=[cast.ana.uid, name])
        assert f'"{url}"' in page, name
        assert "By which rule" in text_of(client, url)
    assert competency(cast, "1a") in page
    assert f'href="/apprentices/{cast.ana.uid}/hours/' not in page.split("<main", 1)[1]


def test_elected_work_says_that_it_is_elected(cast: Cast) -> None:
    cast.ana.elected_functions.add(cast.function(5))
    page = text_of(signed_in(cast.ana_user), progress(cast))
    assert "0 of 67 standards signed" in page and "5 elected" in page


def test_a_time_based_program_is_told_by_its_hours(cast: Cast) -> None:
    program = cast.program
    program.approach, program.ojt_minutes_required = "time", 2000 * 60
    program.save(update_fields=["approach", "ojt_minutes_required"])
    cast.approved(cast.ana, cast.ojt(minutes=600))
    page = text_of(signed_in(cast.ana_user), progress(cast))
    assert "10 h of 2,000 h</a></h2>" in page
    assert "10 h of 2,000 h are approved, wherever they were worked." in page


def test_a_hybrid_program_is_told_by_the_lower_of_two(cast: Cast) -> None:
    program = cast.program
    program.approach, program.ojt_minutes_required = "hybrid", 2000 * 60
    program.save(update_fields=["approach", "ojt_minutes_required"])
    page = text_of(signed_in(cast.ana_user), progress(cast))
    assert "The lower of two: 0 of 64 standards signed (0 %), and 0 h of 2,000 h of hours" in page


def test_each_signature_is_told_with_rating_signer_method_and_record(cast: Cast) -> None:
    first, second = cast.sign(cast.ana, "1b", value=3)
    page = text_of(signed_in(cast.ana_user), competency(cast, "1b"))
    assert f"3 {first.rating.label}</b> by Marcus Webb, Coding supervisor, CCS" in page  # type: ignore[union-attr]
    assert "Reviewed work or audit · seen Nov 20, 2026 · signed" in page
    for row in (first, second):
        assert f"record {row.record_id}" in page
        assert reverse("sign-off", args=[row.uid]) in page
    assert "2 of 2 signed" in page and "counts: required" in page


def test_a_withdrawn_signature_is_struck_and_says_why(cast: Cast) -> None:
    first, _ = cast.sign(cast.ana, "1b")
    SignOff.objects.withdraw(
        first,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="I rated the wrong chart.",
    )
    page = text_of(signed_in(cast.ana_user), competency(cast, "1b"))
    assert page.count('class="struck"') == 1
    assert "“I rated the wrong chart.”" in page
    assert "1 of 2 signed" in page


def test_a_later_lower_rating_is_shown_as_a_disagreement(cast: Cast) -> None:
    url = reverse("competency", args=[cast.ben.uid, "1b"])
    cast.sign(cast.ben, "1b", value=4)
    assert "rated this lower" not in text_of(signed_in(cast.ben_user), url)
    cast.sign(cast.ben, "1b", value=0, by=cast.lena)
    assert "rated this lower" not in text_of(signed_in(cast.ben_user), url)
    cast.sign(cast.ben, "1b", value=2, by=cast.lena)
    page = text_of(signed_in(cast.nora), url)
    assert page.count("Lena Fox rated this lower after it was passed. The pass stands") == 2


def test_hours_naming_a_competency_are_told_and_never_added_up(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=300), cast.ojt("2b", minutes=60))
    cast.submitted(cast.ana, cast.ojt("2g", minutes=90))
    page = text_of(signed_in(cast.ana_user), competency(cast, "2g"))
    assert "5 h on entries naming 2g" in page and "1 h 30 min more waiting" in page
    assert "these figures are not added up" in page


def test_a_code_that_the_schedule_has_not_is_no_address(cast: Cast) -> None:
    client = signed_in(cast.ana_user)
    for code in ("9z", "2G", "2"):
        assert client.get(competency(cast, code)).status_code == 404


def test_who_may_see_progress(cast: Cast) -> None:
    for user, status in [
        (cast.ana_user, 200),
        (cast.marcus, 200),
        (cast.nora, 200),
        (cast.ruth, 200),
        (cast.priya, 403),
        (cast.lena, 404),
        (cast.ben_user, 404),
        (cast.olga, 404),
        (cast.chen_user, 404),
        (cast.ivy, 404),
    ]:
        client = signed_in(user)
        assert client.get(progress(cast)).status_code == status, user
        assert client.get(competency(cast, "2g")).status_code == status, user


def test_only_the_mentor_is_offered_to_sign(cast: Cast) -> None:
    sign = reverse("sign-competency", args=[cast.ana.uid, "2g"])
    assert sign in text_of(signed_in(cast.marcus), competency(cast, "2g"))
    for user in (cast.ana_user, cast.nora, cast.ruth):
        assert sign not in text_of(signed_in(user), competency(cast, "2g"))


def test_drafts_are_not_behind_the_numbers_that_others_see(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt("2g", minutes=77, note="A private draft."))
    assert "A private draft." in text_of(signed_in(cast.ana_user), competency(cast, "2g"))
    assert "A private draft." not in text_of(signed_in(cast.nora), competency(cast, "2g"))


def test_a_person_in_two_programs_sees_each_apart(cast: Cast) -> None:
    second = Apprentice.objects.register(
        cast.other_program, cast.ana_user, started_on=cast.ana.started_on, by=cast.olga, now=NOW
    )
    cast.approved(cast.ana, cast.ojt(minutes=60))
    client = signed_in(cast.ana_user)
    assert "1 h approved</a> ·" in text_of(client, progress(cast))
    assert "0 h approved</a> ·" in text_of(client, reverse("progress", args=[second.uid]))
    before, own = text_of(client, progress(cast)).split('aria-label="Your apprenticeships">')
    named, after = own.split("</nav>", 1)
    assert reverse("progress", args=[second.uid]) in named and CANARY in named
    assert CANARY not in before + after
    assert CANARY not in text_of(signed_in(cast.nora), progress(cast))


def test_progress_pages_take_as_many_queries_with_much_as_with_little(cast: Cast) -> None:
    client = signed_in(cast.ana_user)

    def more() -> None:
        cast.approved(cast.ana, cast.ojt("1b", minutes=10), cast.ojt("2g", minutes=10), cast.ri(minutes=10))
        cast.sign(cast.ana, "1b")

    more()
    before = [queries(client, url) for url in (progress(cast), competency(cast, "1b"))]
    for _ in range(9):
        more()
    assert [queries(client, url) for url in (progress(cast), competency(cast, "1b"))] == before


def test_what_is_missing_stands_before_the_folded_reason(cast: Cast) -> None:
    page = text_of(signed_in(cast.ana_user), reverse("progress", args=[cast.ana.uid]))
    assert page.index("What is missing") < page.index("Why 0 %?</h2>") < page.index('id="why"')
    assert 'href="#why"' in page


@pytest.mark.parametrize(
    ("who", "place"),
    [("ana_user", "Progress"), ("nora", "Programs"), ("ruth", "Programs"), ("marcus", "Review")],
)
def test_everybody_is_told_where_a_record_stands(cast: Cast, who: str, place: str) -> None:
    client = signed_in(getattr(cast, who))
    pages = [reverse("progress", args=[cast.ana.uid]), reverse("competency", args=[cast.ana.uid, "2g"])]
    for page in pages:
        (current,) = [link.label for link in client.get(page).context["nav"] if link.current]
        assert current == place
