"""Entries that were written without signal, as the server takes them: each once, each with its own result."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import ApiToken
from ojt_logs.logbook import mark
from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def _on_friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def written(cast: Cast, **changes: Any) -> dict[str, Any]:
    """One entry as Ana's phone sends it."""
    return {
        "apprentice": str(cast.ana.uid),
        "client_uid": str(uuid.uuid4()),
        "kind": "ojt",
        "date": DAY.isoformat(),
        "job_function": 2,
        "competency": "2g",
        "minutes": 90,
        **changes,
    }


def send(cast: Cast, *entries: dict[str, Any], **words: Any) -> list[dict[str, Any]]:
    status, answer = Rest(cast.ana_user).post("hours/batch/", {"entries": entries, **words})
    assert status == 200, answer
    results: list[dict[str, Any]] = answer["results"]
    assert [row["client_uid"] for row in results] == [row["client_uid"] for row in entries]
    return results


def test_entries_arrive_in_the_order_in_which_they_were_written(cast: Cast) -> None:
    entries = [written(cast, minutes=minutes) for minutes in (30, 20, 10)]
    results = send(cast, *entries)
    assert [row["result"] for row in results] == ["saved"] * 3
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("pk")
    assert [(str(row.client_uid), row.minutes) for row in rows] == [
        (row["client_uid"], row["minutes"]) for row in entries
    ]


def test_what_arrives_again_is_there_already(cast: Cast) -> None:
    entries = [written(cast), written(cast, minutes=20)]
    first = send(cast, *entries)
    again = send(cast, *entries)
    assert [row["result"] for row in again] == ["there", "there"]
    assert [row["id"] for row in again] == [row["id"] for row in first]
    assert HoursEntry.objects.filter(apprentice=cast.ana).count() == 2


def test_what_is_refused_says_why_and_keeps_no_other_from_being_taken(cast: Cast) -> None:
    tomorrow, wrong = written(cast, date="2026-11-21"), written(cast, competency="9z")
    results = send(cast, tomorrow, wrong, written(cast), written(cast, client_uid="no name"))
    assert [row["result"] for row in results] == ["refused", "refused", "saved", "refused"]
    assert results[0]["errors"] == [
        {
            "field": "date",
            "detail": "This day has not begun where you are (America/Chicago). Choose today or earlier.",
        }
    ]
    assert results[1]["errors"][0]["field"] == "competency"
    assert HoursEntry.objects.filter(apprentice=cast.ana).count() == 1


def test_a_suspension_and_a_full_day_are_the_servers_to_judge(cast: Cast) -> None:
    results = send(cast, written(cast, minutes=1440), written(cast, minutes=1))
    assert [row["result"] for row in results] == ["saved", "refused"]
    assert "24 hours" in results[1]["errors"][0]["detail"]


def test_a_day_that_others_filled_meanwhile_shows_both(cast: Cast) -> None:
    (at_the_desk,) = cast.log(cast.ana, cast.ojt(minutes=450, day=DAY, note="At the desk"))
    entry = written(cast)
    (result,) = send(cast, entry)
    assert (result["result"], result["id"]) == ("conflict", None)
    (other,) = result["others"]
    assert (other["id"], other["minutes"], other["note"]) == (str(at_the_desk.uid), 450, "At the desk")
    (result,) = send(cast, entry | {"seen": [other["mark"]]})
    assert result["result"] == "saved"
    assert HoursEntry.objects.filter(apprentice=cast.ana).count() == 2


def test_what_the_writer_saw_is_no_conflict_unless_it_changed(cast: Cast) -> None:
    (seen,) = cast.log(cast.ana, cast.ojt(minutes=60, day=DAY))
    before = mark(seen)
    assert send(cast, written(cast, seen=[before]))[0]["result"] == "saved"
    HoursEntry.objects.filter(apprentice=cast.ana, client_uid__isnull=False).delete()
    seen.change(by=cast.ana_user, now=NOW, minutes=480)
    assert send(cast, written(cast, seen=[before]))[0]["result"] == "conflict"


def test_approval_is_no_change_of_what_the_writer_saw(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt(minutes=60, day=DAY))
    before = mark(entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    assert send(cast, written(cast, seen=[before]))[0]["result"] == "saved"


def test_what_the_phone_sent_before_is_no_conflict_with_itself(cast: Cast) -> None:
    first = written(cast)
    send(cast, first)
    (result,) = send(cast, written(cast, minutes=20), ours=[first["client_uid"]])
    assert result["result"] == "saved"
    (result,) = send(cast, written(cast, minutes=30))
    assert result["result"] == "conflict"


def test_an_entry_that_says_something_else_by_now_is_replaced_only_on_purpose(cast: Cast) -> None:
    entry = written(cast)
    (saved,) = send(cast, entry)
    HoursEntry.objects.get(uid=saved["id"]).change(by=cast.ana_user, now=NOW, minutes=480)
    (result,) = send(cast, entry)
    assert (result["result"], result["id"]) == ("conflict", saved["id"])
    assert [other["minutes"] for other in result["others"]] == [480]
    (result,) = send(cast, entry | {"replaces": True})
    assert (result["result"], HoursEntry.objects.get().minutes) == ("saved", 90)


def test_what_is_submitted_already_is_not_replaced_but_explained(cast: Cast) -> None:
    entry = written(cast)
    (saved,) = send(cast, entry)
    HoursEntry.objects.get().move("submit", by=cast.ana_user, now=NOW)
    (result,) = send(cast, entry | {"minutes": 100, "replaces": True})
    assert result["result"] == "refused"
    assert "taken back" in result["errors"][0]["detail"]
    assert HoursEntry.objects.get(uid=saved["id"]).minutes == 90


def test_nobody_sends_for_somebody_else(cast: Cast) -> None:
    entries = [written(cast), written(cast, apprentice=str(cast.chen.uid))]
    for person in (cast.ben_user, cast.marcus, cast.olga):
        _, answer = Rest(person).post("hours/batch/", {"entries": entries})
        assert {row["result"] for row in answer["results"]} == {"refused"}
    assert not HoursEntry.objects.exists()


def test_a_revoked_token_sends_nothing(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    ApiToken.objects.get(user=cast.ana_user).revoke(now=NOW)
    status, answer = ana.post("hours/batch/", {"entries": [written(cast)]})
    assert (status, "revoked" in answer["detail"]) == (401, True)


def test_the_clock_of_the_device_is_told_and_decides_nothing(cast: Cast) -> None:
    sent = {"entries": [written(cast, device_at="2026-11-20T20:00:00Z")], "sent_at": "2026-11-20T20:00:00Z"}
    _, answer = Rest(cast.ana_user).post("hours/batch/", sent)
    assert (answer["clock_ahead"], answer["results"][0]["result"]) == (7200, "saved")
    entry = HoursEntry.objects.get()
    assert (entry.created_at, entry.device_at) == (NOW, NOW + timedelta(hours=2))


@pytest.mark.parametrize("body", [{}, {"entries": []}, {"entries": [{}] * 51}, {"entries": ["x"]}])
def test_a_batch_that_is_none_is_refused_whole(cast: Cast, body: dict[str, Any]) -> None:
    assert Rest(cast.ana_user).post("hours/batch/", body)[0] == 400
