"""One's notices over REST."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ojt_logs.models import Notice
from tests.acts import reviewed
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_ana_lists_her_notices_and_marks_them_as_read(cast: Cast) -> None:
    row, ana = reviewed(cast), Rest(cast.ana_user)
    (told,) = ana.get("notices/", read="no")[1]["results"]
    assert (told["about"], told["apprentice"]) == ("signed", str(cast.ana.uid))
    assert str(row.uid) in told["path"] and told["words"].startswith("Marcus Webb signed a periodic review")
    before = (NOW - timedelta(hours=1)).isoformat()
    assert ana.post("notices/read/", {"until": before})[1] == {"read": 0}
    assert ana.post("notices/read/", {"notices": [str(uuid4())]})[1] == {"read": 0}
    assert ana.post("notices/read/", {"notices": [told["id"]]})[1] == {"read": 1}
    assert ana.post("notices/read/")[1] == {"read": 0}
    assert ana.get("notices/", read="no")[1]["results"] == []
    assert ana.get("notices/")[1]["results"][0]["read_at"]


def test_nobody_reads_or_marks_those_of_somebody_else(cast: Cast) -> None:
    reviewed(cast)
    mine = Notice.objects.visible_to(cast.ana_user).get()
    for person in (cast.marcus, cast.nora, cast.ruth, cast.ben_user, cast.olga):
        assert Rest(person).get("notices/")[1]["results"] == []
        assert Rest(person).post("notices/read/", {"notices": [str(mine.uid)]})[1] == {"read": 0}
    assert Rest(cast.ana_user, scopes=["read"]).post("notices/read/")[0] == 403
    assert Notice.objects.visible_to(cast.ana_user).unread().count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"until": "soon"}, "until"), ({"notices": ["x"]}, "notices.0"), ({"notices": 1}, "notices")],
)
def test_bad_input_is_named(cast: Cast, wrong: Any, field: str) -> None:
    status, problem = Rest(cast.ana_user).post("notices/read/", wrong)
    assert (status, problem["field"]) == (400, field)
    assert Rest(cast.ana_user).get("notices/", read="perhaps")[1]["field"] == "read"
