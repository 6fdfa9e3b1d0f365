"""Classes of a program, as its coordinator makes them and its instructor reads them."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.models import Membership
from apprenticeship.models import Apprentice, Class, Employer
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


def second(cast: Cast, **more: object) -> dict[str, object]:
    course = cast.program.schedule.courses.get(position=2)
    typed = {"course": course.pk, "instructor": cast.priya.pk, "starts_on": "2026-11-23", "ends_on": ""}
    return typed | {"roster": [cast.ana.pk]} | more


def test_nora_makes_a_class_and_priya_reads_who_attends(cast: Cast) -> None:
    client = signed_in(cast.nora)
    assert client.post(reverse("class-new", args=[cast.program.uid]), second(cast)).status_code == 302
    assert "Medical coding II" in text_of(client, reverse("classes", args=[cast.program.uid]))
    made = Class.objects.get(course__position=2)
    assert list(made.roster.all()) == [cast.ana]
    Class.objects.filter(pk=made.pk).update(starts_on=TODAY)
    text = text_of(signed_in(cast.priya), reverse("class", args=[made.uid]))
    assert "Ana Reyes" in text and "Ben Ortiz" not in text and "Save" not in text


def test_who_is_limited_to_an_employer_counts_its_apprentices_alone(cast: Cast) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    Apprentice.objects.filter(pk=cast.ben.pk).update(employer=north)
    Membership.objects.filter(user=cast.ruth).update(employer=north)
    page = reverse("classes", args=[cast.program.uid])
    assert "1 apprentice" in (text := text_of(signed_in(cast.ruth), page)) and "2 apprentices" not in text
    assert "2 apprentices" in text_of(signed_in(cast.nora), page)


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"ends_on": "2026-11-20"}, "It would end before it begins. Choose Nov 23, 2026 or later"),
        ({"starts_on": "soon"}, "Write the day like"),
        ({"instructor": ""}, "Choose somebody"),
        ({"course": ""}, "required"),
    ],
)
def test_a_mistake_stands_beside_its_field_and_keeps_the_roster(
    cast: Cast, typed: dict[str, object], remedy: str
) -> None:
    answer = signed_in(cast.nora).post(reverse("class-new", args=[cast.program.uid]), second(cast, **typed))
    text = plain(answer.content)
    assert remedy in text and f'value="{cast.ana.pk}" id="id_roster_0" checked' in text
    assert Class.objects.filter(course__position=2).count() == 0


def test_nobody_of_another_sponsor_can_teach_or_attend(cast: Cast) -> None:
    where = reverse("class-new", args=[cast.program.uid])
    typed = second(cast, instructor=cast.olga.pk, roster=[cast.chen.pk])
    text = plain(signed_in(cast.nora).post(where, typed).content)
    assert "has not that role at Lakeside Health" in text and "Somebody here is not in this program" in text


def test_nora_changes_days_and_roster(cast: Cast) -> None:
    client, where = signed_in(cast.nora), reverse("class", args=[cast.klass.uid])
    text = text_of(client, where)
    assert f'value="{cast.ana.pk}" id="id_roster_0" checked' in text
    client.post(where, {"starts_on": "2026-02-02", "ends_on": "2026-12-18", "roster": [cast.ben.pk]})
    cast.klass.refresh_from_db()
    assert str(cast.klass.ends_on) == "2026-12-18" and list(cast.klass.roster.all()) == [cast.ben]


def test_who_has_ended_is_offered_only_where_they_attended(cast: Cast) -> None:
    cast.ben.change_status("cancelled", effective_on=TODAY, reason="Moved.", by=cast.nora, now=NOW)
    client = signed_in(cast.nora)
    assert "Ben Ortiz (cancelled)" in text_of(client, reverse("class", args=[cast.klass.uid]))
    assert "Ben Ortiz" not in text_of(client, reverse("class-new", args=[cast.program.uid]))


def test_the_list_of_classes_asks_as_much_for_many(cast: Cast) -> None:
    client, where = signed_in(cast.nora), reverse("classes", args=[cast.program.uid])
    before = queries(client, where)
    for _ in range(3):
        client.post(reverse("class-new", args=[cast.program.uid]), second(cast))
    assert queries(client, where) == before
