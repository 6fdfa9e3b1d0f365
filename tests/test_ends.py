"""A right that ended ends everywhere at the next request: pages, REST, what is queued, what was built, mails.

Each way in which a right ends meets each door at which it counted until then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.models import ApiToken, Membership, User
from apprenticeship.models import Mentorship
from ojt_logs import tasks
from reports.models import DocumentKind, ReportRun
from tests.api.client import Rest
from tests.api.test_batch_api import send, written
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import signed_in
from tests.reports.building import built

pytestmark = pytest.mark.django_db

TOMORROW = NOW + timedelta(days=1)


@dataclass
class Holder:
    """Somebody at all their doors, opened while the right stood."""

    cast: Cast
    user: User

    def __post_init__(self) -> None:
        self.browser, self.rest = signed_in(self.user), Rest(self.user)
        ask = {"document": DocumentKind.PROGRESS, "apprentice": self.cast.ana, "by": self.user}
        self.finished = built(ReportRun.objects.start(now=NOW, **ask))
        week = {"from_day": TODAY - timedelta(days=7), "to_day": TODAY}
        self.queued = ReportRun.objects.start(now=NOW, **ask | {"document": DocumentKind.HOURS} | week)

    def doors(self) -> dict[str, bool]:
        """Which of them are open."""
        ana = self.cast.ana
        (entry,) = ana.hours.filter(status="submitted")
        page, paper = reverse("progress", args=[ana.uid]), reverse("report-file", args=[self.finished.uid])
        move = {"entries": [str(entry.uid)], "move": "approve"}
        return {
            "page": self.browser.get(page).status_code == 200,
            "paper that was built": self.browser.get(paper).status_code == 200,
            "REST": self.rest.get(f"apprentices/{ana.uid}/progress/")[0] == 200,
            "search": b"Ana Reyes" in self.browser.get("/search/?q=Ana").content,
            "act": self.rest.post("hours/move/", move)[0] == 200,
            "queued report": built(self.queued).state == "done",
        }


@pytest.fixture
def filled(cast: Cast, settings: Any, tmp_path: Any) -> Iterator[Cast]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        cast.submitted(cast.ana, cast.ojt(minutes=60))
        yield cast


def membership_ends(cast: Cast, user: User) -> None:
    Membership.objects.filter(user=user, sponsor=cast.lakeside).update(ends_on=TODAY)


def mentorship_ends(cast: Cast, user: User) -> None:
    """The day before the work that waits: hours of days before are still theirs to approve."""
    for row in Mentorship.objects.filter(apprentice=cast.ana, mentor=user):
        row.end(on=TODAY - timedelta(days=1), by=cast.nora, now=NOW)


def account_is_closed(cast: Cast, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


ENDS: dict[str, tuple[str, Callable[[Cast, User], None]]] = {
    "coordinator": ("nora", membership_ends),
    "auditor": ("ruth", membership_ends),
    "mentor": ("marcus", mentorship_ends),
    "mentor who left": ("marcus", membership_ends),
    "closed account": ("marcus", account_is_closed),
}


@pytest.mark.parametrize("how", ENDS)
def test_no_door_stays_open(filled: Cast, how: str) -> None:
    who, end = ENDS[how]
    holder = Holder(filled, getattr(filled, who))
    assert holder.browser.get(reverse("progress", args=[filled.ana.uid])).status_code == 200
    end(filled, holder.user)
    with time_machine.travel(TOMORROW, tick=False):
        assert [door for door, is_open in holder.doors().items() if is_open] == []
        tasks.mail_notices()
        tasks.mail_digests()
        assert [one.subject for one in mail.outbox if one.to == [holder.user.email]] == []


def test_each_door_was_open(filled: Cast) -> None:
    doors = Holder(filled, filled.marcus).doors()
    assert [door for door, is_open in doors.items() if not is_open] == []


def test_a_revoked_token_opens_nothing_more(filled: Cast) -> None:
    rest = Rest(filled.marcus)
    assert rest.get("me/")[0] == 200
    ApiToken.objects.get(user=filled.marcus).revoke(now=NOW)
    assert rest.get("me/")[0] == 401


def test_what_waits_on_a_phone_is_judged_when_it_arrives(cast: Cast) -> None:
    """Ana's registration ended while her phone was without signal: days before count, later ones do not."""
    waiting = [written(cast, date=day.isoformat()) for day in (TODAY - timedelta(days=3), TODAY)]
    said = {"effective_on": TODAY - timedelta(days=1), "reason": "She moved"}
    cast.ana.change_status("cancelled", by=cast.nora, now=NOW, **said)
    with time_machine.travel(NOW, tick=False):
        before, after = send(cast, *waiting)
    assert before["result"] == "saved"
    assert (after["result"], after["id"]) == ("refused", None) and after["errors"]
