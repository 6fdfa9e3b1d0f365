"""The demo played: everybody's acts in the order of time, all of them or none."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ojt_logs.demo.probation import acts_of_probation
from ojt_logs.demo.results import acts_of_classes
from ojt_logs.demo.signing import acts_of_signing
from ojt_logs.demo.stage import Stage, everybody_of, set_stage
from ojt_logs.demo.story import acts_of_payroll, acts_of_reading, acts_of_story
from ojt_logs.demo.work import Act, acts_of_work


def load(plan: dict[str, Any], *, now: datetime) -> Stage:
    """Bring the whole demo in as of `now`, in one transaction. Needs the standards and an empty site."""
    with transaction.atomic():
        stage = set_stage(plan, now=now)
        for moment, act in sorted(_acts(stage), key=lambda pair: pair[0]):
            if moment <= now:
                act(moment)
    return stage


def _acts(stage: Stage) -> list[Act]:
    everybody = everybody_of(stage.plan)
    hours = [act for one in everybody for act in acts_of_work(stage, one)]
    signed = [act for one in everybody for act in acts_of_signing(stage, one)]
    passed = [act for one in everybody for act in acts_of_probation(stage, one)]
    told = [act for one in everybody for act in acts_of_story(stage, one)]
    office = [*acts_of_classes(stage), *acts_of_payroll(stage), *acts_of_reading(stage)]
    return [*hours, *signed, *passed, *told, *office]
