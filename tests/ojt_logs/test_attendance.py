"""Attendance of a whole class: recorded by its instructor, approved in the same act."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Consent, ConsentNeeded
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.attendance import Attended, record_attendance
from ojt_logs.models import HoursEntry, HoursTotal
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import plain, signed_in

pytestmark = pytest.mark.django_db

DAY = TODAY - timedelta(days=1)


def recorded(
    cast: Cast, *people: Apprentice, key: UUID | None = None, minutes: int = 150, **other: Any
) -> list[HoursEntry]:
    rows = [Attended(one, minutes, paid=True, regular_hours=False) for one in people]
    usual = {"day": DAY, "by": cast.priya, "now": NOW, "key": key or uuid4()}
    return record_attendance(cast.klass, rows, **(usual | other))


def well() -> bool:
    return not list(record.compare()) and not list(rollup.differences())


def test_an_instructor_records_a_class_and_its_hours_are_approved(cast: Cast) -> None:
    entries = recorded(cast, cast.ana, cast.ben)
    assert {(one.status, one.minutes, one.paid, one.regular_hours) for one in entries} == {
        ("approved", 150, True, False)
    }
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 300
    told = chain.entries_of(cast.ana.uid).get(act="hours.attend")
    assert told.actor == cast.priya.uid and f'"class":"{cast.klass.uid}"' in told.payload.body
    assert '"paid":true' in told.payload.body
    assert well()


@pytest.mark.parametrize("who", ["marcus", "nora", "ruth", "ana_user", "ivy", "olga"])
def test_nobody_but_the_instructor_of_the_class_records_it(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        recorded(cast, cast.ana, by=getattr(cast, who))
    assert not HoursEntry.objects.exists()


def test_only_the_roster_and_the_days_of_the_class_are_recorded(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="on the roster"):
        recorded(cast, cast.ana, cast.chen)
    with pytest.raises(NotAllowed, match="or twice"):
        recorded(cast, cast.ana, cast.ana)
    with pytest.raises(Refusal, match="not held on this day"):
        recorded(cast, cast.ana, day=STARTED - timedelta(days=1))
    with pytest.raises(Refusal, match="has not begun"):
        recorded(cast, cast.ana, day=TODAY + timedelta(days=1))
    Consent.objects.withdraw(cast.priya, now=NOW)
    with pytest.raises(ConsentNeeded):
        recorded(cast, cast.ana)
    assert not HoursEntry.objects.exists()


def test_what_makes_no_sense_for_one_keeps_all_out(cast: Cast) -> None:
    cast.submitted(cast.ben, cast.ojt(minutes=1400, day=DAY))
    with pytest.raises(Refusal, match=r"^Ben Ortiz: "):
        recorded(cast, cast.ana, cast.ben)
    assert not HoursEntry.objects.filter(kind="ri").exists()


def test_a_form_sent_again_adds_only_whom_it_did_not_have(cast: Cast) -> None:
    key = uuid4()
    recorded(cast, cast.ana, key=key)
    assert len(recorded(cast, cast.ana, cast.ben, key=key)) == 2
    assert HoursEntry.objects.count() == 2
    assert well()


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_in_one_moment_counts_once(transactional_db: None, cast: Cast) -> None:
    key = uuid4()
    at_once(*[lambda: recorded(cast, cast.ana, cast.ben, key=key)] * 2)
    assert HoursEntry.objects.count() == 2
    assert well()


def test_work_is_neither_paid_nor_unpaid_class_time(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).update(paid=True)


def test_attendance_is_recorded_on_the_page_of_the_class(cast: Cast) -> None:
    priya = signed_in(cast.priya)
    page = reverse("class", args=[cast.klass.uid])
    assert "Record attendance" in plain(priya.get(page).content)
    assert "Record attendance" not in plain(signed_in(cast.nora).get(page).content)
    typed = {
        "attendance-date": DAY.isoformat(),
        "attendance-minutes": "2:30",
        "attendance-paid": "no",
        "attendance-regular_hours": "yes",
        "attendance-key": str(uuid4()),
        f"attendance-there_{cast.ana.pk}": "on",
        f"attendance-there_{cast.ben.pk}": "on",
        f"attendance-minutes_{cast.ben.pk}": "1:00",
    }
    act = reverse("class-attendance", args=[cast.klass.uid])
    wrong = priya.post(act, typed | {"attendance-minutes": "soon"})
    assert wrong.status_code == 400 and "is not a time" in plain(wrong.content)
    told = plain(priya.post(act, typed, follow=True).content)
    assert "Attendance of 2 apprentices is recorded" in told
    assert list(HoursEntry.objects.order_by("minutes").values_list("minutes", "paid", "regular_hours")) == [
        (60, False, True),
        (150, False, True),
    ]
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    shown = plain(signed_in(cast.ana_user).get(reverse("hours-entry", args=[entry.uid])).content)
    assert "Recorded in class and approved" in shown and "in regular hours" in shown


def send(cast: Cast, rest: Rest, *rows: dict[str, Any]) -> tuple[int, Any]:
    body = {"class": str(cast.klass.uid), "date": DAY.isoformat(), "rows": list(rows)}
    answer = rest.client.post("/api/v1/attendance/", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_class_is_recorded_over_rest_with_a_result_a_row(cast: Cast) -> None:
    priya = Rest(cast.priya, scopes=["write"])
    ana = {"apprentice": str(cast.ana.uid), "minutes": 120, "paid": True}
    status, told = send(cast, priya, ana)
    assert (status, told[0]["status"], told[0]["new"]) == (201, "approved", True)
    status, told = send(cast, priya, ana, {"apprentice": str(cast.ben.uid), "minutes": 60})
    assert [(one["apprentice"], one["new"]) for one in told] == [
        (str(cast.ana.uid), False),
        (str(cast.ben.uid), True),
    ]
    status, told = send(cast, priya, ana, {"apprentice": str(cast.chen.uid), "minutes": 60})
    assert (status, told["errors"][0]["field"]) == (400, "rows.1.apprentice")
    status, _ = send(cast, priya, *[ana] * 501)
    assert status == 400
    status, _ = send(cast, Rest(cast.marcus, scopes=["write"]), ana)
    assert status in (400, 403)
    assert HoursEntry.objects.count() == 2


def test_an_apprentice_takes_the_place_of_nobodys_recording_beforehand(cast: Cast) -> None:
    name = uuid5(uuid5(cast.klass.uid, DAY.isoformat()), str(cast.ana.uid))
    sent = {"client_uid": str(name), "apprentice": str(cast.ana.uid), "kind": "ri", "date": DAY.isoformat()}
    sent |= {"course": str(cast.klass.course.uid), "minutes": 60}
    _, answer = Rest(cast.ana_user).post("hours/batch/", {"entries": [sent]})
    assert answer["results"][0]["result"] == "refused"
    body = {"class": str(cast.klass.uid), "date": DAY.isoformat()}
    rows = [{"apprentice": str(cast.ana.uid), "minutes": 150}]
    status, (row,) = Rest(cast.priya).post("attendance/", body | {"rows": rows})
    assert (status, row["new"], row["status"], row["minutes"]) == (201, True, "approved", 150)
