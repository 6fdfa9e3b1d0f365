"""Patient information reported over REST: hidden at once, by whoever sees it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ledger import chain
from ojt_logs.models import HoursEntry, PrivacyReport
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

WORDS = "Chart of Mr. Hidden"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def entry(cast: Cast) -> HoursEntry:
    return cast.submitted(cast.ana, cast.ojt(minutes=60, note=WORDS))[0]


def report(person: Any, entry: HoursEntry, **more: Any) -> tuple[int, Any]:
    body = {"about": "entry", "id": str(entry.uid), "why": "A name"} | more
    return Rest(person).post("privacy-reports/", body)


def test_marcus_reports_a_note_which_is_hidden_from_everybody(cast: Cast, entry: HoursEntry) -> None:
    status, told = report(cast.marcus, entry)
    assert (status, told["thing"], told["outcome"]) == (201, "note of hours", "")
    for person in (cast.marcus, cast.nora, cast.ana_user):
        assert Rest(person).get(f"hours/{entry.uid}/")[1]["note"] != WORDS
        listed = Rest(person).get("privacy-reports/", apprentice=str(cast.ana.uid))[1]["results"]
        assert [one["id"] for one in listed] == [told["id"]] and WORDS not in str(listed)
    assert report(cast.nora, entry)[1]["code"] == "nothing_to_hide"
    assert Rest(cast.olga).get(f"privacy-reports/{told['id']}/")[0] == 404
    assert list(chain.verify()) == []


def test_what_one_does_not_see_one_does_not_report(cast: Cast, entry: HoursEntry) -> None:
    for person in (cast.olga, cast.ben_user, cast.lena):
        assert report(person, entry) == report(person, entry, id=str(uuid4()))
        assert report(person, entry)[0] == 404
    assert not PrivacyReport.objects.visible_to(cast.nora).exists()


def test_a_draft_is_changed_and_not_reported(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60, note=WORDS))
    assert report(cast.ana_user, draft)[1]["code"] == "still_a_draft"


@pytest.mark.parametrize(
    ("wrong", "field"), [({"about": "person"}, "about"), ({"id": "x"}, "id"), ({"why": " "}, "why")]
)
def test_bad_input_is_named(cast: Cast, entry: HoursEntry, wrong: Any, field: str) -> None:
    status, problem = report(cast.marcus, entry, **wrong)
    assert (status, problem["field"]) == (400, field)
    assert HoursEntry.objects.get().note == WORDS
