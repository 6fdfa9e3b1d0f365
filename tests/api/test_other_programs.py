"""What another program needs of the hours: its own numbers, each written once, and what is new."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ledger import triggers
from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def hours(cast: Cast, **said: Any) -> dict[str, Any]:
    line = {"kind": "ojt", "date": "2026-11-20", "job_function": 2, "minutes": 60}
    return {"apprentice": str(cast.ana.uid), **line, **said}


def test_the_same_number_is_written_once_and_answers_with_the_first_entry(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    status, first = ana.post("hours/", hours(cast, external_id="clock 17"))
    assert (status, first["external_id"]) == (201, "clock 17")
    HoursEntry.objects.update(created_at=NOW - timedelta(hours=1))
    status, second = ana.post("hours/", hours(cast, external_id="clock 17", minutes=90))
    assert (status, second["id"], second["minutes"]) == (200, first["id"], 60)
    assert ana.post("hours/", hours(cast, external_id="clock 18"))[0] == 201
    assert ana.post("hours/", hours(cast))[0] == ana.post("hours/", hours(cast))[0] == 201
    found = ana.get("hours/", external_id="clock 17")[1]["results"]
    assert [row["id"] for row in found] == [first["id"]]


def test_the_number_is_the_registrations_own(cast: Cast) -> None:
    Rest(cast.ana_user).post("hours/", hours(cast, external_id="17"))
    theirs = hours(cast, external_id="17") | {"apprentice": str(cast.ben.uid)}
    assert Rest(cast.ben_user).post("hours/", theirs)[0] == 201


def test_what_changed_since_a_moment_is_told_whatever_changed_it(cast: Cast) -> None:
    drafts = cast.log(cast.ana, *(cast.ojt(minutes=minutes) for minutes in (10, 20, 30, 40, 50)))
    later = NOW + timedelta(minutes=5)
    ids = [one.pk for one in drafts[1:]]
    HoursEntry.objects.filter(pk__in=ids).move("submit", by=cast.ana_user, now=NOW)
    drafts[0].change(by=cast.ana_user, now=later, minutes=15)
    drafts[1].refresh_from_db()
    drafts[1].move("recall", by=cast.ana_user, now=later)
    drafts[2].refresh_from_db()
    drafts[2].move("approve", by=cast.marcus, now=later)
    drafts[3].refresh_from_db()
    drafts[3].move("approve", by=cast.marcus, now=NOW)
    drafts[3].move("undo", by=cast.marcus, now=NOW + timedelta(seconds=30))
    ana = Rest(cast.ana_user)

    def since(moment: str) -> list[int]:
        rows = ana.get("hours/", updated_since=moment)[1]["results"]
        return sorted(row["minutes"] for row in rows)

    assert since("2026-11-20T18:05:00Z") == [15, 20, 30]
    assert since("2026-11-20T12:00:10-06:00") == [15, 20, 30, 40]
    assert since("2026-11-20T18:00:00Z") == [15, 20, 30, 40, 50]
    assert ana.get("hours/", updated_since="yesterday")[0] == 400


def test_hours_from_before_tell_by_their_other_moments(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=10))
    triggers.remove(connection)
    HoursEntry.objects.update(changed_at=None)
    ana = Rest(cast.ana_user)
    assert len(ana.get("hours/", updated_since="2026-11-20T18:00:00Z")[1]["results"]) == 1
    assert len(ana.get("hours/", updated_since="2026-11-20T18:00:01Z")[1]["results"]) == 0
