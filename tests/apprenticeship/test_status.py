"""A registration's status over time."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import StatusChange
from ledger import chain
from ledger.tombstones import digest
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


def change(cast: Cast, status: str, day: date, reason: str = "Leave.") -> None:
    cast.ana.change_status(status, effective_on=day, reason=reason, by=cast.nora, now=NOW)


def test_a_change_is_kept_with_reason_and_entry(cast: Cast) -> None:
    change(cast, "suspended", TODAY)
    (row,) = StatusChange.objects.filter(apprentice=cast.ana, status="suspended")
    newest = chain.entries_of(cast.ana.uid).last()
    assert newest and (newest.act, newest.object, newest.actor) == (
        "apprentice.status",
        row.uid,
        cast.nora.uid,
    )
    assert newest.payload.content and newest.payload.content["reason_sha256"] == digest("Leave.")


@pytest.mark.parametrize(
    ("day", "remedy"),
    [
        (TODAY + timedelta(days=1), "today or earlier"),
        (STARTED - timedelta(days=1), "changed last on Feb 2, 2026"),
    ],
)
def test_a_status_begins_between_the_last_change_and_today(cast: Cast, day: date, remedy: str) -> None:
    with pytest.raises(Refusal, match=remedy) as refused:
        change(cast, "completed", day)
    assert refused.value.field == "effective_on"
    cast.ana.refresh_from_db()
    assert (cast.ana.status, cast.ana.ended_on, cast.ana.status_on(TODAY)) == ("active", None, "active")


def test_a_reinstatement_is_not_earlier_than_the_suspension(cast: Cast) -> None:
    change(cast, "suspended", TODAY - timedelta(days=3))
    with pytest.raises(Refusal, match="changed last on Nov 17, 2026"):
        change(cast, "active", TODAY - timedelta(days=4))
    change(cast, "active", TODAY - timedelta(days=3))
    assert cast.ana.suspended_days(until=TODAY) == 0


def test_a_reason_is_asked_for_and_the_end_is_final(cast: Cast) -> None:
    with pytest.raises(Refusal, match="Say why"):
        change(cast, "cancelled", TODAY, reason=" ")
    change(cast, "cancelled", TODAY)
    for status in ("active", "suspended", "completed"):
        with pytest.raises(Conflict):
            change(cast, status, TODAY)


def test_a_coordinator_decides_nothing_about_their_own_apprenticeship(cast: Cast) -> None:
    Membership.objects.create(
        user=cast.ana_user, sponsor=cast.lakeside, role="coordinator", starts_on=STARTED
    )
    client, uid = signed_in(cast.ana_user), cast.ana.uid
    assignment = cast.ana.mentorships.get()
    own = [reverse("status-change", args=[uid, "completed"])]
    own += [reverse(name, args=[uid]) for name in ("registration-facts", "mentor-assign", "probation")]
    own += [reverse(name, args=[assignment.uid]) for name in ("stand-in", "mentor-end")]
    assert [client.post(address).status_code for address in own] == [403] * len(own)
    assert "Assign a mentor" not in client.get(reverse("registration", args=[uid])).text
    assert client.get(reverse("mentor-assign", args=[cast.ben.uid])).status_code == 200
