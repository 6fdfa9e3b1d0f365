"""The coordinator's pages about one registration."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse

from apprenticeship.models import Mentorship, StatusChange
from ojt_logs import record
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
__all__ = ["noon"]


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


def page(cast: Cast, name: str = "registration", *more: object) -> str:
    return reverse(name, args=[cast.ana.uid, *more])


def test_nora_reads_and_changes_what_ruth_and_ana_only_read(cast: Cast) -> None:
    for user in (cast.nora, cast.ruth, cast.ana_user):
        text = text_of(signed_in(user), page(cast))
        assert "Marcus Webb" in text and "since Feb 2, 2026" in text and "Medical coding I" in text
        assert (page(cast, "mentor-assign") in text) is (user == cast.nora)
        assert (page(cast, "status-change", "suspended") in text) is (user == cast.nora)


def test_nora_assigns_lena_and_reads_it_on_the_page(cast: Cast) -> None:
    client = signed_in(cast.nora)
    answer = client.post(
        page(cast, "mentor-assign"), {"mentor": cast.lena.pk, "starts_on": "2026-11-23", "ends_on": ""}
    )
    assert answer.status_code == 302
    text = text_of(client, page(cast))
    assert "Lena Fox mentors Ana Reyes since Nov 23, 2026" in text and "not yet" in text


def test_a_refused_assignment_keeps_what_was_typed(cast: Cast) -> None:
    typed = {"mentor": cast.lena.pk, "starts_on": "2026-11-23", "ends_on": "2026-11-20"}
    answer = signed_in(cast.nora).post(page(cast, "mentor-assign"), typed)
    text = plain(answer.content)
    assert "It would end before it begins" in text and 'value="2026-11-23"' in text
    assert not Mentorship.objects.filter(apprentice=cast.ana, mentor=cast.lena).exists()


def test_only_mentors_of_the_sponsor_can_be_chosen(cast: Cast) -> None:
    text = text_of(signed_in(cast.nora), page(cast, "mentor-assign"))
    assert "Lena Fox" in text and "Priya Nair" not in text and "Dara" not in text
    answer = signed_in(cast.nora).post(
        page(cast, "mentor-assign"), {"mentor": cast.dara.pk, "starts_on": "2026-11-23"}
    )
    assert "This person has not that role at Lakeside Health" in plain(answer.content)


def test_ending_an_assignment_says_who_looks_at_what_waits(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=90))
    client, row = signed_in(cast.nora), cast.ana.mentorships.get()
    where = reverse("mentor-end", args=[row.uid])
    text = text_of(client, where)
    assert "1 h 30 min of work were submitted and wait" in text and "Nobody else is assigned" in text
    Mentorship.objects.assign(cast.ana, cast.lena, starts_on=TODAY, by=cast.nora, now=NOW)
    assert "Hours of later days go to Lena Fox" in text_of(client, where)
    assert client.post(where, {"ends_on": "2026-11-20"}).status_code == 302
    row.refresh_from_db()
    assert row.ends_on == TODAY


def test_what_a_suspension_does_is_shown_before_it_is_done(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    cast.log(cast.ana, cast.ojt("1a", minutes=30))
    client, where = signed_in(cast.nora), page(cast, "status-change", "suspended")
    said = {"effective_on": "2026-11-20", "reason": "Leave until spring."}
    text = plain(client.post(where, said).content)
    assert "From Nov 20, 2026 no hours of work or class can be logged" in text
    assert "1 h were submitted and wait: they stay to be reviewed by Marcus Webb" in text
    assert "1 entry of days on which this is in force stand on the record already" in text
    assert "1 entry of such days were not submitted" in text
    cast.ana.refresh_from_db()
    assert cast.ana.status == "active"
    assert client.post(where, said | {"confirm": "1"}).status_code == 302
    cast.ana.refresh_from_db()
    assert cast.ana.status == "suspended"
    assert "“Leave until spring.”" in text_of(client, page(cast))


def test_a_reinstatement_says_how_many_days_are_taken_out(cast: Cast) -> None:
    cast.ana.change_status("suspended", effective_on=TODAY - DAY * 4, reason="Leave.", by=cast.nora, now=NOW)
    said = {"effective_on": "2026-11-20", "reason": "Back."}
    answer = signed_in(cast.nora).post(page(cast, "status-change", "active"), said)
    assert "4 days of suspension do not count" in plain(answer.content)


def test_a_completion_with_something_missing_asks_for_a_word_that_is_kept(cast: Cast) -> None:
    client, where = signed_in(cast.nora), page(cast, "status-change", "completed")
    said = {"effective_on": "2026-11-20", "reason": "Agreed with the agency.", "confirm": "1"}
    text = plain(client.post(where, said).content)
    assert "Not everything is done" in text and "Tick this if you mean it" in text
    cast.ana.refresh_from_db()
    assert cast.ana.status == "active"
    assert client.post(where, said | {"although": "on"}).status_code == 302
    newest = StatusChange.objects.filter(apprentice=cast.ana).latest("pk")
    assert newest.status == "completed"
    assert newest.reason.startswith("Agreed with the agency. (Open on that day: 1b: 2 standards to sign")
    assert "more.)" in newest.reason


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"effective_on": "2026-11-21", "reason": "x"}, "today or earlier"),
        ({"effective_on": "2026-01-01", "reason": "x"}, "changed last on Feb 2, 2026"),
        ({"effective_on": "soon", "reason": "x"}, "Write the day like"),
        ({"effective_on": "2026-11-20", "reason": " "}, "Say why"),
    ],
)
def test_a_refused_status_stands_beside_its_field(cast: Cast, typed: dict[str, str], remedy: str) -> None:
    answer = signed_in(cast.nora).post(page(cast, "status-change", "cancelled"), typed | {"confirm": "1"})
    assert answer.status_code == 200 and remedy in plain(answer.content)
    cast.ana.refresh_from_db()
    assert cast.ana.status == "active"


def test_after_the_end_nothing_more_can_be_decided(cast: Cast) -> None:
    cast.ana.change_status("cancelled", effective_on=TODAY, reason="Moved.", by=cast.nora, now=NOW)
    client = signed_in(cast.nora)
    text = text_of(client, page(cast))
    assert "Suspend" not in text and page(cast, "mentor-assign") not in text
    assert client.get(page(cast, "status-change", "active")).status_code == 409
    assert client.get(page(cast, "status-change", "elsewhere")).status_code == 404


def test_the_facts_that_change_are_saved(cast: Cast) -> None:
    client, where = signed_in(cast.nora), page(cast, "registration-facts")
    answer = client.post(where, {"registration_number": "TX-1", "expected_end_on": "2026-01-01"})
    assert "Choose a day after the apprenticeship began" in plain(answer.content)
    client.post(where, {"registration_number": "TX-1", "expected_end_on": "2027-02-01"})
    assert "TX-1" in text_of(client, page(cast)) and "Feb 1, 2027" in text_of(client, page(cast))


def test_the_page_asks_as_much_for_many_mentors(cast: Cast) -> None:
    client = signed_in(cast.nora)
    before = queries(client, page(cast))
    Mentorship.objects.assign(cast.ana, cast.lena, starts_on=TODAY, by=cast.nora, now=NOW)
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    assert queries(client, page(cast)) == before


def stand_in(cast: Cast, **more: object) -> str:
    row = cast.ana.mentorships.get(mentor=cast.marcus)
    typed = {
        "mentor": cast.lena.pk,
        "starts_on": "2026-11-20",
        "ends_on": "2026-11-27",
        "apprentices": [cast.ana.pk, cast.ben.pk],
    }
    client = signed_in(cast.nora)
    answer = client.post(reverse("stand-in", args=[row.uid]), typed | more, follow=True)
    assert answer.status_code == 200
    return plain(answer.content)


def test_a_stand_in_is_assigned_for_some_days_and_signs_as_one(cast: Cast) -> None:
    """Lena mentors Ben already; only Ana gets a stand-in."""
    text = stand_in(cast)
    assert "Lena Fox stands in for Marcus Webb with 1 apprentice. 1 other had Lena Fox" in text
    assert "stand-in for Marcus Webb" in text and "from Nov 20, 2026 to Nov 27, 2026" in text
    (made,) = Mentorship.objects.exclude(stands_in_for=None)
    assert (made.apprentice, made.mentor, made.stands_in_for) == (cast.ana, cast.lena, cast.marcus)
    assert list(record.compare()) == []
    signed = cast.sign(cast.ana, "2g", by=cast.lena)[0]
    assert signed.signer_qualification == "Senior coder, CPC; stand-in for Marcus Webb"
    assert cast.sign(cast.ben, "2g", by=cast.lena)[0].signer_qualification == "Senior coder, CPC"


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"mentor": "marcus"}, "Nobody stands in for themselves"),
        ({"ends_on": ""}, "Choose the day"),
        ({"ends_on": "2026-11-19"}, "It would end before it begins"),
        ({"apprentices": []}, "Choose at least one apprentice"),
        ({"apprentices": ["chen"]}, "Select a valid choice"),
    ],
)
def test_a_stand_in_without_sense_is_refused(cast: Cast, typed: dict[str, object], remedy: str) -> None:
    if typed.get("mentor"):
        typed = {"mentor": cast.marcus.pk}
    if typed.get("apprentices"):
        typed = {"apprentices": [cast.chen.pk]}
    assert remedy in stand_in(cast, **typed)
    assert not Mentorship.objects.exclude(stands_in_for=None).exists()
