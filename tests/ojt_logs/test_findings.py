"""Patterns worth a coordinator's look: facts with their links, nobody accused, nothing blocked."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ojt_logs.findings import findings_of
from ojt_logs.models import Authentication, HoursEntry, Line, SignOff
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def said(cast: Cast, kind: str = "") -> list[str]:
    found = findings_of(cast.program, viewer=cast.nora, now=NOW)
    return [one.words for one in found if kind in ("", one.kind)]


def waiting_days(cast: Cast, number: int) -> list[HoursEntry]:
    lines = [cast.ojt(minutes=60, day=TODAY - timedelta(days=back)) for back in range(number)]
    return cast.submitted(cast.ana, *lines)


def approve(cast: Cast, entries: list[HoursEntry], *, apart: timedelta) -> None:
    for number, entry in enumerate(entries):
        entry.move("approve", by=cast.marcus, now=NOW - timedelta(hours=1) + number * apart)


def test_thirty_days_within_seconds_are_stated_as_they_are(cast: Cast) -> None:
    approve(cast, waiting_days(cast, 31), apart=timedelta(seconds=0.5))
    assert said(cast, "Many days at once") == [
        "Marcus Webb approved 31 days of work of 1 apprentice within 15 seconds on Nov 20, 2026."
    ]


def test_one_week_with_one_tap_and_many_over_minutes_are_nothing(cast: Cast) -> None:
    entries = waiting_days(cast, 35)
    ids = [entry.pk for entry in entries[:5]]
    HoursEntry.objects.filter(pk__in=ids).move("approve", by=cast.marcus, now=NOW)
    approve(cast, entries[5:], apart=timedelta(seconds=5))
    assert said(cast, "Many days at once") == []


def test_ratings_that_are_all_alike_over_several_competencies(cast: Cast) -> None:
    for competency in cast.function(2).competencies.all():
        cast.sign(cast.ana, competency.code, value=3)
    (words,) = said(cast, "Ratings all alike")
    assert words.startswith("All ") and "that Marcus Webb signed" in words and "“3 " in words
    cast.sign(cast.ana, "3a", value=4)
    assert said(cast, "Ratings all alike") == []


def test_signed_before_any_hours_on_it(cast: Cast) -> None:
    cast.sign(cast.ana, "2g", day=date(2026, 11, 18))
    sentence = (
        "Marcus Webb signed 2g of Ana Reyes as seen by Nov 18, 2026; no hours on it are logged up to then."
    )
    assert said(cast) == [sentence]
    cast.submitted(cast.ana, cast.ojt("2g", day=date(2026, 11, 19)))
    assert said(cast) == [sentence]
    cast.submitted(cast.ana, cast.ojt("2g", day=date(2026, 11, 18), minutes=60))
    assert said(cast) == []


def test_hours_on_the_job_function_alone_are_hours_on_it(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    cast.submitted(cast.ana, Line("ojt", TODAY, 60, cast.function(2)))
    assert said(cast) == []


def test_what_was_withdrawn_is_not_told(cast: Cast) -> None:
    for row in cast.sign(cast.ana, "2g"):
        SignOff.objects.withdraw(
            row, by=cast.marcus, now=NOW, authentication=Authentication("password", NOW), reason="Too early."
        )
    assert said(cast) == []


def test_coordinators_alone_read_it_with_links_to_the_rows(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    path = reverse("worth-a-look", args=[cast.program.uid])
    page = text_of(signed_in(cast.nora), path)
    assert "Marcus Webb signed 2g of Ana Reyes" in page
    assert reverse("sign-offs", args=[cast.ana.uid]) in page and reverse("hours", args=[cast.ana.uid]) in page
    for person, status in ((cast.marcus, 403), (cast.ruth, 403), (cast.ana_user, 403), (cast.olga, 404)):
        assert signed_in(person).get(path).status_code == status
    assert b"Marcus Webb signed 2g" in b"".join(signed_in(cast.nora).get(f"{path}?format=csv"))
    assert reverse("worth-a-look", args=[cast.program.uid]) in text_of(
        signed_in(cast.nora), reverse("program", args=[cast.program.uid])
    )


def test_nothing_worth_a_look_says_so(cast: Cast) -> None:
    assert "Nothing stands out." in text_of(
        signed_in(cast.nora), reverse("worth-a-look", args=[cast.program.uid])
    )


def test_much_is_read_as_often_as_little(cast: Cast) -> None:
    nora, path = signed_in(cast.nora), reverse("worth-a-look", args=[cast.program.uid])
    cast.sign(cast.ana, "2g")
    few = queries(nora, path)
    for code in ("2a", "2b"):
        cast.sign(cast.ana, code)
        cast.sign(cast.ben, code)
    assert queries(nora, path) == few
