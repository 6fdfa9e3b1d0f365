"""Somebody learns at two sponsors: what an office writes there tells and takes nothing of the other."""

from uuid import uuid4

import pytest

from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ojt_logs.behalf import Work, log_for
from ojt_logs.models import HoursEntry, Line
from ojt_logs.models.rules import problems_of, problems_of_new
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast) -> Apprentice:
    """Ana as Harbor registered her too: her address and her name were enough."""
    return Apprentice.objects.register(
        cast.other_program, cast.ana_user, started_on=cast.ana.started_on, by=cast.olga, now=NOW
    )


def line(ana: Apprentice, *, minutes: int) -> Line:
    return Line("ojt", TODAY, minutes, ana.schedule.job_functions.all()[0])


def by_olga(cast: Cast, ana: Apprentice, *, minutes: int) -> None:
    log_for([ana], Work(line(ana, minutes=minutes), uuid4()), by=cast.olga, now=NOW)


def test_olga_learns_nothing_of_anas_hours_at_lakeside_by_filling_her_day(
    cast: Cast, ana: Apprentice
) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=480))
    by_olga(cast, ana, minutes=1440)
    with pytest.raises(Refusal, match="more than 24 hours; 0 h is left"):
        by_olga(cast, ana, minutes=1)


def test_olga_keeps_ana_from_no_hours_at_lakeside(cast: Cast, ana: Apprentice) -> None:
    by_olga(cast, ana, minutes=1440)
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=480))
    assert problems_of([entry], now=NOW) == {}
    entry.move("approve", by=cast.marcus, now=NOW)


def test_what_ana_writes_herself_has_one_day_at_both(cast: Cast, ana: Apprentice) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=480))
    own = HoursEntry(apprentice=ana, created_by=cast.ana_user, **vars(line(ana, minutes=1000)))
    (found,) = problems_of_new([own], now=NOW)
    assert "16 h is left" in found["minutes"][0]
