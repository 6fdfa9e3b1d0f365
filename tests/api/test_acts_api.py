"""Acts of pages over REST: moves of several at once, disputes, corrections, answers, files taken out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ledger import chain
from ojt_logs.behalf import Work, log_for
from ojt_logs.imports.bringing import bring, plan_for
from ojt_logs.imports.uploads import read as read_file
from ojt_logs.models import HoursEntry, ReviewAnswer
from tests.acts import reviewed
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


# ---- Several at once


def move(person: Any, name: str, entries: list[HoursEntry], **more: Any) -> tuple[int, Any]:
    return Rest(person).post(
        "hours/move/", {"move": name, "entries": [str(one.uid) for one in entries]} | more
    )


def test_marcus_returns_a_week_approves_it_and_undoes_that(cast: Cast) -> None:
    rows = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("2b", minutes=90, day=YESTERDAY))
    assert move(cast.marcus, "return", rows)[1]["code"] == "reason_required"
    status, told = move(cast.marcus, "return", rows, reason="Was this 2a?")
    assert status == 200 and [one["status"] for one in told] == ["returned"] * 2
    assert move(cast.ana_user, "submit", rows)[0] == 200
    assert [one["status"] for one in move(cast.marcus, "approve", rows)[1]] == ["approved"] * 2
    assert [one["status"] for one in move(cast.marcus, "undo", rows)[1]] == ["submitted"] * 2
    assert [one["status"] for one in move(cast.ana_user, "recall", rows)[1]] == ["draft"] * 2
    assert list(chain.verify()) == []


def test_all_of_them_or_none(cast: Cast) -> None:
    work, taught = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri(minutes=60))
    assert move(cast.marcus, "approve", [work, taught])[0] == 403, "he does not review the class"
    (done,) = cast.approved(cast.ana, cast.ojt("2b", minutes=30))
    assert move(cast.marcus, "approve", [work, done])[1]["code"] == "invalid_transition"
    seen = (NOW - timedelta(hours=1)).isoformat()
    assert move(cast.marcus, "approve", [work], seen=seen)[1]["code"] == "changed_since"
    assert move(cast.nora, "approve", [work])[0] == move(cast.ana_user, "approve", [work])[0] == 403
    work.refresh_from_db()
    assert work.status == "submitted"


@pytest.mark.parametrize(
    "wrong", [{"move": "supersede"}, {"move": "dispute"}, {"entries": []}, {"entries": ["x"]}]
)
def test_a_move_that_is_none_and_entries_that_are_none_are_refused(cast: Cast, wrong: Any) -> None:
    body = {"move": "approve", "entries": [str(uuid4())]} | wrong
    assert Rest(cast.marcus).post("hours/move/", body)[0] == 400


def test_entries_of_another_sponsor_are_those_of_nobody(cast: Cast) -> None:
    rows = cast.submitted(cast.ana, cast.ojt(minutes=60))
    body = {"move": "approve", "entries": [str(uuid4())]}
    assert move(cast.olga, "approve", rows) == Rest(cast.olga).post("hours/move/", body)


# ---- Disputes, corrections, reviews, files


def test_ana_disputes_what_marcus_logged_for_her_and_settles_it(cast: Cast) -> None:
    (row,) = log_for([cast.ana], Work(cast.ojt(minutes=60), uuid4()), by=cast.marcus, now=NOW)
    ana, marcus = Rest(cast.ana_user), Rest(cast.marcus)
    assert ana.post(f"hours/{row.uid}/dispute/")[1]["code"] == "reason_required"
    status, told = ana.post(f"hours/{row.uid}/dispute/", {"reason": "I was away."})
    assert (status, told["dispute_reason"], told["status"]) == (200, "I was away.", "submitted")
    assert marcus.post(f"hours/{row.uid}/approve/")[1]["code"] == "disputed"
    assert marcus.post(f"hours/{row.uid}/settle/")[0] == 403
    assert ana.post(f"hours/{row.uid}/settle/")[1]["dispute_reason"] == ""
    assert marcus.post(f"hours/{row.uid}/approve/")[0] == 200
    (own,) = cast.submitted(cast.ana, cast.ojt("2b", minutes=60))
    assert ana.post(f"hours/{own.uid}/dispute/", {"reason": "No."})[1]["code"] == "own_hours"


def test_ana_corrects_approved_hours(cast: Cast) -> None:
    (done,) = cast.approved(cast.ana, cast.ojt(minutes=60, note="Ten charts"))
    ana, address = Rest(cast.ana_user), f"hours/{done.uid}/correct/"
    assert ana.post(address, {"minutes": 90})[1]["field"] == "correction_reason"
    status, new = ana.post(address, {"minutes": 90, "reason": "Half an hour more."})
    assert (status, new["minutes"], new["corrects"]) == (201, 90, str(done.uid))
    assert (new["competency"], new["note"], new["status"]) == ("2g", "Ten charts", "draft")
    assert ana.post(address, {"minutes": 80, "reason": "No."})[1]["code"] == "correction_open"
    assert Rest(cast.marcus).post(address, {"minutes": 80, "reason": "No."})[0] == 403
    assert Rest(cast.olga).post(address, {"minutes": 80, "reason": "No."})[0] == 404
    assert (
        ana.post(f"hours/{new['id']}/submit/")[0] == Rest(cast.marcus).post(f"hours/{new['id']}/approve/")[0]
    )
    done.refresh_from_db()
    assert done.status == "superseded"


def test_ana_answers_a_review_once(cast: Cast) -> None:
    address = f"periodic-reviews/{reviewed(cast).uid}/respond/"
    ana = Rest(cast.ana_user)
    assert ana.post(address, {"agrees": False})[1]["field"] == "words"
    assert Rest(cast.marcus).post(address, {"agrees": True})[0] == 403
    assert Rest(cast.olga).post(address, {"agrees": True})[0] == 404
    status, answer = ana.post(address, {"agrees": False, "words": "I was on time."})
    assert (status, answer["agrees"], answer["words"]) == (201, False, "I was on time.")
    assert ana.post(address, {"agrees": True})[1]["code"] == "answered_already"
    assert ReviewAnswer.objects.count() == 1


def test_nora_takes_a_file_of_hours_out_again(cast: Cast) -> None:
    text = b"E-mail,Date,Hours\nana@example.org,2026-11-19,8\nben@example.org,2026-11-19,8\n"
    file = read_file(text, name="payroll.csv", kind="hours")
    by = {"sponsor": cast.lakeside, "by": cast.nora, "now": NOW}
    batch = bring(file, plan_for(file, sponsor=cast.lakeside), **by).batch
    assert batch
    address = f"hours-files/{batch.uid}/undo/"
    assert Rest(cast.marcus).post(address)[0] == Rest(cast.olga).post(address)[0] == 404
    assert Rest(cast.ruth).post(address)[0] == 403
    assert Rest(cast.nora).post(address) == (200, {"removed": 2})
    assert Rest(cast.nora).post(address)[1]["code"] == "batch_touched"
    assert not HoursEntry.objects.exists()
