"""Amendments over REST: read, acknowledged by the apprentice, taken back by the coordinator."""

from collections.abc import Iterator

import pytest
import time_machine

from apprenticeship.models import Amendment
from competencies.versions import adopt
from ledger import chain
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def proposed(cast: Cast) -> Amendment:
    after = adopt(cast.program.schedule, sponsor=cast.lakeside, now=NOW, minimum_ri_minutes=6000)
    return Amendment.objects.propose(cast.ana, after, effective_on=TODAY, by=cast.nora, now=NOW)


def test_ana_acknowledges_once_and_learns_by_the_other_version(cast: Cast, proposed: Amendment) -> None:
    ana = Rest(cast.ana_user)
    (row,) = ana.get("amendments/", apprentice=str(cast.ana.uid))[1]["results"]
    assert (row["after"], row["acknowledged_at"]) == (str(proposed.after.uid), None)
    for person, status in ((cast.nora, 403), (cast.marcus, 404), (cast.ben_user, 404), (cast.olga, 404)):
        assert Rest(person).post(f"amendments/{row['id']}/acknowledge/")[0] == status, person
    assert ana.post(f"amendments/{row['id']}/acknowledge/")[1]["acknowledged_at"]
    cast.ana.refresh_from_db()
    assert cast.ana.schedule == proposed.after
    assert ana.post(f"amendments/{row['id']}/acknowledge/")[1]["code"] == "amendment_closed"
    assert Rest(cast.nora).post(f"amendments/{row['id']}/withdraw/")[1]["code"] == "amendment_closed"
    assert list(chain.verify()) == []


def test_nora_takes_it_back_before(cast: Cast, proposed: Amendment) -> None:
    address = f"amendments/{proposed.uid}/withdraw/"
    for person, status in ((cast.ana_user, 403), (cast.ruth, 403), (cast.marcus, 404), (cast.olga, 404)):
        assert Rest(person).post(address)[0] == status, person
    assert Rest(cast.nora, scopes=["read"]).post(address)[0] == 403
    assert Rest(cast.nora).post(address)[1]["withdrawn_at"]
    assert (
        Rest(cast.ana_user).post(f"amendments/{proposed.uid}/acknowledge/")[1]["code"] == "amendment_closed"
    )
    assert Rest(cast.ana_user).get("amendments/x/")[0] == 404
