"""Each night totals are compared with the entries: what differs is told, and stays as it is."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apprenticeship.models import Apprentice
from ojt_logs import rollup
from ojt_logs.models import HoursTotal, Recount
from ojt_logs.models.recounts import KEPT
from ojt_logs.tasks import compare_totals
from reports import health
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """Ana and Ben have approved hours."""
    for person in (cast.ana, cast.ben):
        cast.approved(person, cast.ojt(minutes=240))
    return cast


def found() -> health.Found:
    return health.examine(now=timezone.now())["totals"]


def test_right_totals_are_compared_and_nothing_is_said(
    worked: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    compare_totals()
    recount = Recount.objects.get()
    assert (recount.people, recount.differences) == (Apprentice.objects.count(), 0)
    assert recount.finished_at
    assert (found(), caplog.messages) == (health.OK, [])


def test_total_that_was_changed_past_the_rules_is_told_and_not_repaired(
    worked: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    HoursTotal.objects.filter(apprentice=worked.ben).update(approved=F("approved") + 60)
    with caplog.at_level(logging.ERROR, "ojt_logs.rollup"):
        compare_totals()
    (sentence,) = caplog.messages
    assert sentence.startswith(f"Totals of apprentice {worked.ben.pk}, ojt")
    assert "kept (0, 300), counted (0, 240)" in sentence
    assert (found().word, found().fails) == ("differ", False)
    assert HoursTotal.objects.get(apprentice=worked.ben).approved == 300
    HoursTotal.objects.filter(apprentice=worked.ben).update(approved=240)
    compare_totals()
    assert found() == health.OK


def test_comparison_goes_on_where_it_was_broken_off(worked: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(rollup, "PEOPLE_AT_ONCE", 1)
    everybody = list(Apprentice.objects.order_by("pk").values_list("pk", flat=True))
    for number, person in enumerate(everybody, start=1):
        assert rollup.compare_on(now=NOW, seconds=0)
        recount = Recount.objects.get()
        assert (recount.people, recount.reached, recount.finished_at) == (number, person, None)
    assert not rollup.compare_on(now=NOW, seconds=0)
    assert Recount.objects.get().finished_at == NOW
    assert rollup.compare_on(now=NOW, seconds=0)
    assert Recount.objects.count() == 2


def test_worker_that_was_overtaken_leaves_the_rest_to_the_other(worked: Cast, monkeypatch: Any) -> None:
    compare = rollup._differences_of

    def overtaken(people: Any) -> Any:
        Recount.objects.update(reached=worked.ben.pk)
        return compare(people)

    monkeypatch.setattr(rollup, "_differences_of", overtaken)
    assert not rollup.compare_on(now=NOW)
    assert Recount.objects.get().people == 0


def test_old_comparisons_are_deleted(worked: Cast) -> None:
    Recount.objects.create(begun_at=NOW - KEPT - timedelta(days=1), finished_at=NOW - KEPT)
    rollup.compare_on(now=NOW)
    assert Recount.objects.get().begun_at == NOW
