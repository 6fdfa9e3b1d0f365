"""A week over REST: saved whole or not at all, by the rules of the grid, and nothing overwritten."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

MONDAY = TODAY - timedelta(days=4)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


def address(cast: Cast, monday: Any = MONDAY) -> str:
    return f"apprentices/{cast.ana.uid}/weeks/{monday}/"


def read(cast: Cast) -> dict[str, Any]:
    status, week = Rest(cast.ana_user).get(address(cast))
    assert status == 200
    return dict(week)


def send(cast: Cast, rows: dict[str, dict[str, Any]], week: dict[str, Any] | None = None) -> Any:
    seen = week or read(cast)
    body = {"seen": seen["seen"], "key": seen["key"]}
    body["rows"] = [{"about": about, "minutes": minutes} for about, minutes in rows.items()]
    return Rest(cast.ana_user).put(address(cast), body)


def drafts(cast: Cast) -> list[tuple[int, str, int]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana, status="draft").order_by("date", "minutes")
    return [(row.date.day, row.competency.code if row.competency else row.kind, row.minutes) for row in rows]


def test_ana_writes_changes_and_deletes_a_week_in_one_request(cast: Cast) -> None:
    course = f"course-{cast.klass.course.uid}"
    status, week = send(cast, {"2g": {"2026-11-16": 480, "2026-11-17": 450}, course: {"2026-11-18": 90}})
    assert status == 200 and drafts(cast) == [(16, "2g", 480), (17, "2g", 450), (18, "ri", 90)]
    assert {row["about"]: row["minutes"] for row in week["rows"]} == {
        "2g": {"2026-11-16": 480, "2026-11-17": 450},
        course: {"2026-11-18": 90},
    }
    status, _ = send(cast, {"2g": {"2026-11-16": 400}, "other": {"2026-11-16": 30}}, week)
    assert status == 200 and drafts(cast) == [(16, "ojt", 30), (16, "2g", 400)]
    assert send(cast, {})[0] == 200 and drafts(cast) == []


def test_the_same_week_twice_is_written_once(cast: Cast) -> None:
    week, rows = read(cast), {"2g": {"2026-11-16": 480}}
    assert send(cast, rows, week)[0] == send(cast, rows, week)[0] == 200
    assert drafts(cast) == [(16, "2g", 480)]
    assert send(cast, rows)[0] == 200, "nothing is changed, which is no mistake"


def test_what_is_refused_leaves_the_whole_week_as_it_was(cast: Cast) -> None:
    status, problem = send(cast, {"2g": {"2026-11-16": 480}, "2b": {"2026-11-17": 480, "2026-11-16": 1000}})
    assert (status, problem["code"], problem["field"]) == (400, "invalid", "rows.1.minutes.2026-11-16")
    assert "more than 24 hours" in problem["detail"]
    assert drafts(cast) == []


@pytest.mark.parametrize(
    ("rows", "field", "words"),
    [
        ({"9z": {"2026-11-16": 60}}, "rows.0.about", "not in your program"),
        ({"2g": {"2026-11-23": 60}}, "rows.0.minutes.2026-11-23", "not in the week"),
        ({"2g": {"monday": 60}}, "rows.0.minutes.monday", "not in the week"),
        ({"2g": {"2026-11-21": 60}}, "rows.0.minutes.2026-11-21", "has not begun"),
        ({"2g": {"2026-11-16": 0}}, "rows.0.minutes.2026-11-16", "greater than or equal to 1"),
        ({"2g": {"2026-11-16": 1441}}, "rows.0.minutes.2026-11-16", "at most 24 hours"),
        ({"2g": {"2026-11-16": "8 h"}}, "rows.0.minutes.2026-11-16", "valid integer"),
        ({"2g": []}, "rows.0.minutes", "dictionary"),
    ],
)
def test_bad_input_is_named_by_its_place(cast: Cast, rows: Any, field: str, words: str) -> None:
    status, problem = send(cast, rows)
    assert (status, problem["field"]) == (400, field) and words in problem["detail"]
    assert drafts(cast) == []


def test_a_subject_stands_once_and_the_week_as_read_is_needed(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    for minutes in ({}, {"2026-11-16": 60}):
        twice = [{"about": "2g", "minutes": minutes}] * 2
        status, problem = ana.put(address(cast), {"seen": "", "rows": twice})
        assert (status, problem["field"]) == (400, "rows.1.about") and "once" in problem["detail"]
    assert drafts(cast) == []
    assert ana.put(address(cast), {"rows": []})[1]["field"] == "seen"
    assert ana.put(address(cast), [])[0] == 400


def test_a_draft_that_was_written_or_changed_elsewhere_is_not_overwritten(cast: Cast) -> None:
    week = read(cast)
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60, day=MONDAY))
    status, problem = send(cast, {"2g": {"2026-11-16": 480}}, week)
    assert (status, problem["code"]) == (409, "changed_since")
    assert send(cast, {}, week)[0] == 409, "nor is it deleted by who did not see it"
    week = read(cast)
    draft.change(by=cast.ana_user, now=NOW + timedelta(minutes=1), minutes=90)
    assert send(cast, {"2g": {"2026-11-16": 480}}, week)[0] == 409
    assert drafts(cast) == [(16, "2g", 90)]


def test_what_is_on_the_record_stays_and_is_told(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=600, day=MONDAY))
    assert read(cast)["on_record"] == {"2026-11-16": 600}
    assert send(cast, {"2g": {"2026-11-16": 120}})[0] == 200
    assert drafts(cast) == [(16, "2g", 120)]
    assert send(cast, {"2g": {"2026-11-16": 841}})[0] == 400


def test_several_drafts_of_a_subject_and_day_are_told_and_left_alone(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=60, day=MONDAY), cast.ojt(minutes=30, day=MONDAY))
    (row,) = [one for one in read(cast)["rows"] if one["about"] == "2g"]
    assert (row["several"], row["minutes"]) == ({"2026-11-16": 90}, {})
    status, problem = send(cast, {"2g": {"2026-11-16": 100}})
    assert (status, problem["field"]) == (400, "rows.0.minutes.2026-11-16")
    assert send(cast, {"2g": {"2026-11-17": 100}})[0] == 200
    assert drafts(cast) == [(16, "2g", 30), (16, "2g", 60), (17, "2g", 100)]


def test_days_of_a_suspension_are_closed(cast: Cast) -> None:
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    assert "suspended" in read(cast)["closed"]["2026-11-20"]
    status, problem = send(cast, {"2g": {"2026-11-20": 60}})
    assert status == 400 and "suspended" in problem["detail"]
    assert send(cast, {"2g": {"2026-11-19": 60}})[0] == 200


@pytest.mark.parametrize("day", ["2026-01-25", "2026-11-23", "2026-02-30", "monday"])
def test_a_week_outside_of_the_apprenticeship_is_nowhere(cast: Cast, day: str) -> None:
    assert Rest(cast.ana_user).get(address(cast, day))[0] == 404


def test_a_week_is_its_apprentices_own(cast: Cast) -> None:
    body = {"seen": "", "rows": [{"about": "2g", "minutes": {"2026-11-16": 60}}]}
    for person, status in ((cast.marcus, 403), (cast.nora, 403), (cast.ben_user, 404), (cast.olga, 404)):
        assert Rest(person).get(address(cast))[0] == Rest(person).put(address(cast), body)[0] == status
    assert Rest(cast.ana_user, scopes=["read"]).put(address(cast), body)[0] == 403
    assert not HoursEntry.objects.exists()
