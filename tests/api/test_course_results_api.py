"""Results of courses over REST: by whom, for whom, one or a whole class at once, with the page's rules."""

from datetime import timedelta
from typing import Any

import pytest

from apprenticeship.models import Class
from ledger import chain
from ojt_logs import record
from ojt_logs.models import CourseResult
from ojt_logs.models.course_results import Outcome
from tests.api.client import Rest
from tests.cast import TODAY, Cast
from tests.ojt_logs.pages import noon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def said(cast: Cast, *people: Any, **changes: Any) -> dict[str, Any]:
    results = [{"apprentice": str(one.uid), "passed": True, "grade": "A"} for one in people or (cast.ana,)]
    return {"class": str(cast.klass.uid), "completed_on": str(TODAY), "results": results} | changes


def test_an_instructor_finds_the_class_and_records_it_whole(cast: Cast) -> None:
    priya = Rest(cast.priya)
    (row,) = priya.get("classes/", program=str(cast.program.uid), state="now")[1]["results"]
    roster = priya.get(f"classes/{row['id']}/")[1]["apprentices"]
    assert (row["course"]["code"], row["instructor"]) == ("MC 101", cast.priya.name)
    assert set(roster) == {str(cast.ana.uid), str(cast.ben.uid)}
    ana = str(cast.ana.uid)
    results = [{"apprentice": one, "passed": one == ana, "note": "Final test"} for one in roster]
    status, rows = priya.post("course-results/", said(cast, results=results))
    assert status == 201 and {one["passed"] for one in rows} == {True, False}
    assert {one["signer_initials"] for one in rows} == {cast.priya.initials}
    assert CourseResult.objects.filter(authentication="token").count() == 2
    for person in (cast.ana, cast.ben):
        assert chain.entries_of(person.uid).filter(act="course.record").count() == 1
    assert not [one for one in record.compare() if not isinstance(one, str)]


def test_a_refused_result_leaves_the_others_unrecorded(cast: Cast) -> None:
    cast.grade(Outcome(cast.ben, passed=True))
    status, body = Rest(cast.priya).post("course-results/", said(cast, cast.ana, cast.ben))
    assert (status, body["code"]) == (409, "already_passed")
    assert not cast.ana.course_results.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"completed_on": str(TODAY + timedelta(days=1))}, "completed_on"),
        ({"completed_on": "soon"}, "completed_on"),
        ({"class": "MC 101"}, "class"),
        ({"results": []}, "results"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    status, body = Rest(cast.priya).post("course-results/", said(cast, **changes))
    assert (status, body["field"].split(".")[0]) == (400, field)
    assert not CourseResult.objects.exists()


def test_only_those_on_the_roster_each_once(cast: Cast) -> None:
    for people in ((cast.chen,), (cast.ana, cast.ana)):
        status, body = Rest(cast.priya).post("course-results/", said(cast, *people))
        assert (status, body["field"]) == (400, "results") and "not on the roster" in body["detail"]


def test_the_wrong_people_record_nothing(cast: Cast) -> None:
    assert Rest(cast.nora).post("course-results/", said(cast))[0] == 403
    assert Rest(cast.priya, scopes=["read", "write"]).post("course-results/", said(cast))[0] == 403
    for stranger in (cast.olga, cast.marcus, cast.ana_user):
        status, body = Rest(stranger).post("course-results/", said(cast))
        assert (status, body["field"]) == (400, "class")
    assert not CourseResult.objects.exists()


def test_the_same_key_records_once_and_the_result_is_taken_back(cast: Cast) -> None:
    priya = Rest(cast.priya)
    first = priya.post("course-results/", said(cast), key="monday")
    assert priya.post("course-results/", said(cast), key="monday") == first and len(first[1]) == 1
    address = f"course-results/{first[1][0]['id']}/"
    assert priya.get(address)[1] == first[1][0]
    assert priya.post(f"{address}withdraw/", {"reason": ""})[0] == 400
    assert Rest(cast.nora).post(f"{address}withdraw/", {"reason": "Not so."})[0] == 403
    status, gone = priya.post(f"{address}withdraw/", {"reason": "Another person's test."})
    assert (status, gone["passed"], gone["withdraws"]) == (200, None, first[1][0]["id"])
    assert priya.post(f"{address}withdraw/", {"reason": "Again."})[0] == 409
    found = Rest(cast.ana_user).get("course-results/", course="mc 101", passed="yes", to=str(TODAY))[1]
    assert [one["id"] for one in found["results"]] == [first[1][0]["id"]]


def test_a_class_tells_no_strangers(cast: Cast) -> None:
    assert Class.objects.count() and Rest(cast.marcus).get("classes/")[1]["results"] == []
    assert Rest(cast.ana_user).get(f"classes/{cast.klass.uid}/")[0] == 404
