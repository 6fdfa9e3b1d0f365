"""The probations of the demo: who got through theirs has passed, as the coordinator decided in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apprenticeship.models import Apprentice, ProbationDecision
from ojt_logs.demo.stage import Stage
from ojt_logs.demo.work import Act

BEFORE = timedelta(days=2)


def acts_of_probation(stage: Stage, one: dict[str, Any]) -> Iterator[Act]:
    """The decision, shortly before a probation that has a day ends."""
    apprentice = stage.registration(one)
    if apprentice.probation_ends_on:
        yield stage.at(apprentice.probation_ends_on - BEFORE, "10:10"), partial(_pass, stage, apprentice)


def _pass(stage: Stage, apprentice: Apprentice, at: datetime) -> None:
    coordinator = stage.only("coordinator", apprentice.program)
    ProbationDecision.objects.decide(apprentice, "passed", by=coordinator, now=at)
