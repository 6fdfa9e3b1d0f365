"""Hours over REST, with every refusal."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from ojt_logs import rollup
from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def ojt(cast: Cast, **changes: Any) -> dict[str, Any]:
    body = {
        "apprentice": str(cast.ana.uid),
        "kind": "ojt",
        "date": "2026-11-20",
        "job_function": 2,
        "competency": "2g",
        "minutes": 450,
        "note": "",
    }
    return body | changes


def test_hours_are_logged_submitted_and_approved(cast: Cast) -> None:
    ana, marcus = Rest(cast.ana_user), Rest(cast.marcus)
    status, entry = ana.post("hours/", ojt(cast))
    assert (status, entry["status"], entry["job_function"], entry["competency"]) == (201, "draft", 2, "2g")
    assert marcus.get(f"hours/{entry['id']}/")[0] == 404
    assert ana.post(f"hours/{entry['id']}/submit/")[1]["status"] == "submitted"
    assert marcus.post(f"hours/{entry['id']}/approve/")[1]["status"] == "approved"
    status, answer = marcus.post(f"hours/{entry['id']}/approve/")
    assert (status, answer["code"]) == (409, "invalid_transition")
    assert rollup.differences() == []


def test_class_hours_name_a_course_by_id_or_code(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    course = cast.klass.course
    for name in (str(course.uid), course.code):
        body = {
            "apprentice": str(cast.ana.uid),
            "kind": "ri",
            "date": "2026-11-20",
            "course": name,
            "minutes": 60,
        }
        status, entry = ana.post("hours/", body)
        assert (status, entry["course"]) == (201, str(course.uid))
    ana.post(f"hours/{entry['id']}/submit/")
    assert Rest(cast.marcus).post(f"hours/{entry['id']}/approve/")[0] == 403
    assert Rest(cast.priya).post(f"hours/{entry['id']}/approve/")[0] == 200


def test_drafts_are_changed_and_deleted_by_their_owner(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    _, entry = ana.post("hours/", ojt(cast))
    status, changed = ana.patch(f"hours/{entry['id']}/", {"minutes": 60, "competency": None})
    assert (status, changed["minutes"], changed["competency"], changed["job_function"]) == (200, 60, None, 2)
    assert Rest(cast.ben_user).patch(f"hours/{entry['id']}/", {"minutes": 1})[0] == 404
    assert ana.delete(f"hours/{entry['id']}/")[0] == 204
    assert not HoursEntry.objects.exists()


def test_approved_hours_are_not_edited(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana)
    ana = Rest(cast.ana_user)
    assert ana.patch(f"hours/{entry.uid}/", {"minutes": 1})[0] == 409
    assert ana.delete(f"hours/{entry.uid}/")[0] == 409
    assert ana.post(f"hours/{entry.uid}/recall/")[0] == 409


def test_a_return_needs_a_reason(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    marcus = Rest(cast.marcus)
    status, answer = marcus.post(f"hours/{entry.uid}/return/", {"reason": " "})
    assert (status, answer["code"], answer["field"]) == (400, "reason_required", "reason")
    status, answer = marcus.post(f"hours/{entry.uid}/return/", {"reason": "Was this 2b?"})
    assert (status, answer["status"], answer["return_reason"]) == (200, "returned", "Was this 2b?")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"minutes": 10**30}, "minutes"),
        ({"minutes": "7:30"}, "minutes"),
        ({"date": "2026-11-21"}, "date"),
        ({"date": "2026-02-01"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "yesterday"}, "date"),
        ({"job_function": 9}, "job_function"),
        ({"job_function": 10**30}, "job_function"),
        ({"job_function": 1}, "competency"),
        ({"competency": "9z"}, "competency"),
        ({"apprentice": "no id"}, "apprentice"),
        ({"apprentice": "00000000-0000-4000-8000-000000000000"}, "apprentice"),
        ({"kind": "holiday"}, "kind"),
        ({"note": "\x00"}, "note"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    status, answer = Rest(cast.ana_user).post("hours/", ojt(cast, **changes))
    assert (status, answer["field"]) == (400, field), answer
    assert not HoursEntry.objects.exists()


def test_a_foreign_id_gets_the_answer_of_one_that_does_not_exist(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    missing = ana.post("hours/", ojt(cast, apprentice="00000000-0000-4000-8000-000000000000"))
    assert ana.post("hours/", ojt(cast, apprentice=str(cast.chen.uid))) == missing
    no_course = {"kind": "ri", "job_function": None, "competency": None}
    foreign = cast.other_program.schedule.courses.get(position=1)
    first = ana.post("hours/", ojt(cast, **no_course, course=str(foreign.uid)))
    second = ana.post("hours/", ojt(cast, **no_course, course="00000000-0000-4000-8000-000000000000"))
    assert first == second
    assert first[0] == 400


def test_a_day_has_24_hours_over_several_entries(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    assert ana.post("hours/", ojt(cast, minutes=1000))[0] == 201
    status, answer = ana.post("hours/", ojt(cast, minutes=441))
    assert (status, answer["field"]) == (400, "minutes")
    assert "7 h 20 min is left" in answer["detail"]


def test_an_evening_in_hawaii_is_not_tomorrow(cast: Cast) -> None:
    cast.ana_user.time_zone = "Pacific/Honolulu"
    cast.ana_user.save(update_fields=["time_zone"])
    evening = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # 23:30 on Nov 20 in Honolulu
    with time_machine.travel(evening, tick=False):
        ana = Rest(cast.ana_user)
        assert ana.post("hours/", ojt(cast, date="2026-11-21"))[0] == 400
        assert ana.post("hours/", ojt(cast, date="2026-11-20"))[0] == 201


def test_nobody_logs_for_somebody_else(cast: Cast) -> None:
    status, answer = Rest(cast.marcus).post("hours/", ojt(cast))
    assert (status, answer["code"]) == (403, "not_your_hours")
    assert Rest(cast.olga).post("hours/", ojt(cast))[0] == 400


def test_nobody_approves_for_oneself_and_a_mentor_not_assigned_neither(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    path = f"hours/{entry.uid}/approve/"
    assert Rest(cast.ana_user).post(path)[0] == 403
    assert Rest(cast.lena).post(path)[0] == 404
    assert Rest(cast.nora).post(path)[0] == 403
    assert Rest(cast.olga).post(path)[0] == 404


def test_a_read_token_does_not_write(cast: Cast) -> None:
    ana = Rest(cast.ana_user, scopes=["read"])
    status, answer = ana.post("hours/", ojt(cast))
    assert (status, answer["code"]) == (403, "permission_denied")
    assert ana.get("hours/")[0] == 200


def test_a_request_with_a_key_has_its_effect_once(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    first = ana.post("hours/", ojt(cast), key="a-key")
    assert ana.post("hours/", ojt(cast), key="a-key") == first
    assert HoursEntry.objects.count() == 1
    status, answer = ana.post("hours/", ojt(cast, minutes=1), key="a-key")
    assert (status, answer["code"]) == (422, "idempotency_mismatch")


def test_a_refused_request_may_be_sent_again_with_its_key(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    assert ana.post("hours/", ojt(cast, date="2026-11-21"), key="k")[0] == 400
    with time_machine.travel(datetime(2026, 11, 21, 18, tzinfo=UTC), tick=False):
        assert ana.post("hours/", ojt(cast, date="2026-11-21"), key="k")[0] == 201


def test_an_oversized_body_is_refused(cast: Cast) -> None:
    status, answer = Rest(cast.ana_user).post("hours/", ojt(cast, note="x" * 300_000))
    assert (status, answer["code"]) == (413, "too_large")


def test_what_was_submitted_again_after_it_was_read_is_not_approved(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, now=NOW)
    marcus = Rest(cast.marcus)
    before = (NOW - timedelta(seconds=1)).isoformat()
    status, answer = marcus.post(f"hours/{entry.uid}/approve/", {"seen": before})
    assert (status, answer["code"]) == (409, "changed_since")
    assert marcus.post(f"hours/{entry.uid}/approve/", {"seen": NOW.isoformat()})[0] == 200


def test_a_cursor_that_names_no_row_is_not_found(cast: Cast) -> None:
    for cursor in ("cD1hYmM=", "cD0xJTAw", "nonsense"):
        assert Rest(cast.ana_user).get("hours/", cursor=cursor)[0] == 404


def test_a_correction_names_what_it_corrects_and_why(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana)
    line = cast.ojt(minutes=420)
    correction = entry.correct(by=cast.ana_user, now=NOW, reason="I left an hour earlier.", line=line)
    ana = Rest(cast.ana_user)
    found = ana.get(f"hours/{correction.uid}/")[1]
    assert (found["corrects"], found["correction_reason"]) == (str(entry.uid), "I left an hour earlier.")
    plain = ana.get(f"hours/{entry.uid}/")[1]
    assert (plain["corrects"], plain["correction_reason"]) == (None, "")


def test_lists_are_filtered_and_paged_by_cursor(cast: Cast) -> None:
    days = [date(2026, 11, day) for day in (16, 17, 18)]
    cast.submitted(cast.ana, *[cast.ojt(day=day) for day in days])
    cast.log(cast.ana, cast.ri())
    ana = Rest(cast.ana_user)
    _, page = ana.get("hours/", state="submitted", page_size=2)
    assert len(page["results"]) == 2
    assert "cursor=" in page["next"]
    assert "count" not in page
    _, page = ana.get("hours/", **{"from": "2026-11-17", "kind": "ojt"})
    assert {row["date"] for row in page["results"]} == {"2026-11-17", "2026-11-18"}
    assert Rest(cast.ben_user).get("hours/")[1]["results"] == []


def test_list_says_of_every_entry_what_the_entry_itself_says(cast: Cast) -> None:
    """The list is read as columns, one entry through its serializer: not a byte differs."""
    ana = cast.ana
    cast.log(ana, cast.ojt(minutes=60), cast.ri(minutes=45, day=NOW.date() - timedelta(3)))
    cast.approved(ana, cast.ojt("1a", minutes=30, day=NOW.date() - timedelta(9), note="über “\u2028” 🩺"))
    old = cast.approved(ana, cast.ojt(minutes=90, day=NOW.date() - timedelta(8)))[0]
    old.correct(by=cast.ana_user, now=NOW, reason="An hour less.", line=cast.ojt(minutes=30, day=old.date))
    copied = cast.log(ana, cast.ojt(minutes=20, day=NOW.date() - timedelta(1)))[0]
    HoursEntry.objects.filter(pk=copied.pk).update(
        source="copied",
        copied_from=NOW.date() - timedelta(2),
        device_at=NOW - timedelta(hours=5),
        is_late=True,
    )
    behalf = cast.log(ana, cast.ojt(minutes=25, day=NOW.date() - timedelta(4)))[0]
    HoursEntry.objects.filter(pk=behalf.pk).update(
        created_by=cast.nora, source="imported", taken_from="a.csv"
    )
    client = Rest(cast.ana_user)
    rows = client.get("hours/")[1]["results"]
    assert len(rows) == 7
    assert len({row["provenance"] for row in rows}) >= 4
    for row in rows:
        one = client.client.get(f"/api/v1/hours/{row['id']}/")
        assert list(one.json()) == list(row)
        assert one.json() == row
