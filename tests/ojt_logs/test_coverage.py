"""What courses cover, and class and work side by side: through confirmed links, and nothing counts twice."""

from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.refusals import NotAllowed
from competencies import crosswalk
from competencies.models import Alignment, FrameworkStatement, Lesson, Taught
from ojt_logs.progress import progress_of
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


def linked(cast: Cast, *codes: str, by: Any = None, status: str = "confirmed") -> list[FrameworkStatement]:
    """The statements that are suggested first for these competencies, decided about by Nora."""
    found = crosswalk.read(cast.program.schedule, user=cast.nora)
    best = {link.target.code: link for link in reversed(found.links)}
    for code in codes:
        Alignment.objects.decide(
            best[code].link, sponsor=cast.lakeside, status=status, kind="exact", by=by or cast.nora, now=NOW
        )
    return [best[code].statement for code in codes]


def teach(cast: Cast, *statements: FrameworkStatement) -> None:
    among: list[UUID] = list(FrameworkStatement.objects.values_list("lineage", flat=True))
    Lesson.objects.teach(
        cast.lakeside,
        cast.klass.course.lineage,
        [one.lineage for one in statements],
        among=among,
        by=cast.priya,
        now=NOW,
    )


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_priya_says_what_her_course_teaches_and_the_page_shows_the_gaps(cast: Cast) -> None:
    (statement,) = linked(cast, "2e")
    priya, at = (
        signed_in(cast.priya),
        reverse("coverage-course", args=[cast.program.uid, cast.klass.course.uid]),
    )
    assert "MC 101 Medical coding I" in page(
        priya, "coverage-course", cast.program.uid, cast.klass.course.uid
    )
    priya.post(at, {"statement": [statement.uid]})
    text = page(signed_in(cast.ana_user), "coverage", cast.program.uid)
    assert "<b>1 of 75</b>" in text and "<b>74</b>" in text
    untaught = text.split('id="untaught"')[1]
    assert ">2e<" not in untaught and ">2g<" in untaught
    assert "Save where" not in text and "Save where" in page(priya, "coverage", cast.program.uid)
    priya.post(at, {})
    assert not Lesson.objects.exists()


def test_what_is_learned_on_the_job_alone_is_no_gap(cast: Cast) -> None:
    (statement,) = linked(cast, "2g")
    nora = signed_in(cast.nora)
    at = reverse("coverage-places", args=[cast.program.uid])
    nora.post(at, {f"at-{statement.uid}": "job", "at-7": "job"})
    assert (Taught.objects.get().place, Taught.objects.get().said_by) == ("job", cast.nora)
    assert "<b>74</b><span>in no course" in page(nora, "coverage", cast.program.uid)
    nora.post(at, {f"at-{statement.uid}": "nonsense"})
    assert Taught.objects.get().place == "job"
    nora.post(at, {f"at-{statement.uid}": ""})
    assert not Taught.objects.exists()


def test_others_say_nothing_about_courses(cast: Cast) -> None:
    (statement,) = linked(cast, "2g")
    for who in (cast.ana_user, cast.marcus, cast.ruth, cast.olga):
        with pytest.raises(NotAllowed):
            Taught.objects.say(cast.lakeside, {statement.lineage: "job"}, by=who, now=NOW)
        with pytest.raises(NotAllowed):
            Lesson.objects.teach(cast.lakeside, statement.lineage, [], among=[], by=who, now=NOW)


@time_machine.travel(NOW, tick=False)
def test_the_mentor_sees_when_it_is_taught_in_class(cast: Cast) -> None:
    (statement,) = linked(cast, "2e")
    teach(cast, statement)
    marcus = signed_in(cast.marcus)
    for name in ("competency", "sign-competency"):
        assert "In class Feb 2: MC 101 Medical coding I" in page(marcus, name, cast.ana.uid, "2e")
        assert "In class" not in page(marcus, name, cast.ana.uid, "2g")
    linked(cast, "2e", by=cast.priya, status="rejected")
    assert "In class" not in page(marcus, "competency", cast.ana.uid, "2e")


@time_machine.travel(NOW, tick=False)
def test_the_instructor_sees_who_practises_now(cast: Cast) -> None:
    teach(cast, *linked(cast, "2e", "2g"))
    cast.approved(cast.ana, cast.ojt("2g"))
    cast.log(cast.ben, cast.ojt("2g"))
    text = page(signed_in(cast.priya), "class", cast.klass.uid)
    assert "practising 2g now: 1 of 2" in text and "practising 2e now: 0 of 2" in text
    assert "practising 2f" not in text


def test_a_taught_and_linked_statement_signs_nothing_and_passes_nothing(cast: Cast) -> None:
    before = progress_of(cast.ana)
    teach(cast, *linked(cast, "2e", "2g"))
    assert progress_of(cast.ana) == before
    cast.sign(cast.ana, "2e")
    after = progress_of(cast.ana)
    assert after.ri == before.ri
    assert {
        one.code for function in after.functions for one in function.competencies if one.standards_met
    } == {"2e"}


@time_machine.travel(NOW, tick=False)
def test_pages_take_as_many_queries_for_many_statements_as_for_one(cast: Cast) -> None:
    people = signed_in(cast.priya), signed_in(cast.marcus)

    def queries() -> list[int]:
        found = []
        for client, name, *args in (
            (people[0], "coverage", cast.program.uid),
            (people[0], "class", cast.klass.uid),
            (people[1], "competency", cast.ana.uid, "2e"),
        ):
            with CaptureQueriesContext(connection) as counted:
                page(client, str(name), *args)
            found.append(len(counted))
        return found

    teach(cast, *linked(cast, "2e"))
    queries()
    few = queries()
    teach(cast, *linked(cast, "2a", "2b", "2c", "2d", "2e", "2f", "2g", "4b"))
    assert queries() == few
