"""What a program states for its registration: ratio, wages, probation, selection."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apprenticeship.models import WageStep
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "wage",
    [
        {},
        {"percent": Decimal(50), "cents": 1200},
        {"percent": Decimal("100.5")},
        {"percent": 0},
        {"cents": 0},
    ],
)
def test_a_wage_step_is_either_per_cent_or_dollars(cast: Cast, wage: dict[str, Decimal | int]) -> None:
    WageStep.objects.create(program=cast.program, number=1, percent=Decimal("52.5"))
    WageStep.objects.create(program=cast.program, number=2, cents=1450)
    with pytest.raises(IntegrityError), transaction.atomic():
        WageStep.objects.create(program=cast.program, number=3, **wage)


@pytest.mark.parametrize("ratio", [(1, None), (None, 1), (0, 1), (1, 0)])
def test_a_ratio_has_both_numbers(cast: Cast, ratio: tuple[int | None, int | None]) -> None:
    cast.program.ratio_apprentices, cast.program.ratio_journeyworkers = ratio
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.program.save()
