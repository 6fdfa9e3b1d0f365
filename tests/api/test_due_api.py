"""What is due over REST, and handing days in with a receipt."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from ojt_logs.models import HoursEntry, Receipt
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


def test_what_is_due_is_what_the_first_screen_says(cast: Cast) -> None:
    cast.program.change(by=cast.nora, now=NOW, reporting_period="week", reporting_due_days=2)
    cast.log(cast.ana, *[cast.ojt(minutes=60, day=TODAY - timedelta(days=back)) for back in (2, 3, 4)])
    status, rows = Rest(cast.ana_user).get(f"apprentices/{cast.ana.uid}/due/")
    now = rows[-1]
    assert (status, now["first"], now["last"]) == (200, "2026-11-16", "2026-11-22")
    assert (now["drafts"], now["missing"], now["is_overdue"]) == (3, ["2026-11-19"], False)
    assert now["due_before"] == "2026-11-25T06:00:00Z"
    assert now["says"].endswith("3 entries are not submitted; Nov 19 is missing")


def test_what_is_due_is_told_to_its_apprentice_alone(cast: Cast) -> None:
    days = {"first": str(YESTERDAY), "last": str(TODAY)}
    for person, status in ((cast.marcus, 403), (cast.nora, 403), (cast.ben_user, 404), (cast.olga, 404)):
        assert Rest(person).get(f"apprentices/{cast.ana.uid}/due/")[0] == status
        assert Rest(person).post(f"apprentices/{cast.ana.uid}/submit/", days)[0] == status


def test_handing_days_in_gives_the_receipt(cast: Cast) -> None:
    lines = [cast.ojt(minutes=60, day=day) for day in (TODAY, YESTERDAY, TODAY - timedelta(days=2))]
    cast.log(cast.ana, *lines)
    ana, address = Rest(cast.ana_user), f"apprentices/{cast.ana.uid}/submit/"
    days, key = {"first": str(YESTERDAY), "last": str(TODAY)}, str(uuid4())
    status, receipt = ana.post(address, days, key=key)
    assert (status, receipt["number"], receipt["entries"], receipt["minutes"]) == (201, 1, 2, 120)
    assert ana.get(f"receipts/{receipt['id']}/") == (200, receipt)
    assert ana.post(address, days, key=key) == (201, receipt)
    status, problem = ana.post(address, days)
    assert (status, problem["code"]) == (409, "nothing_to_submit")
    assert HoursEntry.objects.filter(status="draft").count() == 1 and Receipt.objects.count() == 1


@pytest.mark.parametrize("days", [{}, {"first": "2026-11-20"}, {"first": "soon", "last": "2026-11-20"}])
def test_handing_in_needs_days(cast: Cast, days: dict[str, str]) -> None:
    assert Rest(cast.ana_user).post(f"apprentices/{cast.ana.uid}/submit/", days)[0] == 400
