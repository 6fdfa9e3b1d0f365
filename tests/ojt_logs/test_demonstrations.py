"""A standard that is to be shown on two days, after the first of them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apprenticeship.models import Apprentice
from tests.cast import TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_progress import register, sign, skill, standard, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


@pytest.fixture
def shown_once(cast: Cast) -> Apprentice:
    """One of the two standards of 1a was passed yesterday; it asks for two days."""
    skills = skill("a", standard("Cuts.", times=2), standard("Joins."))
    apprentice = register(cast, work(1, skills))
    sign(apprentice, "1a", by=cast.marcus, day=TODAY - timedelta(days=1))
    return apprentice


def test_a_disagreement_shows_before_every_demonstration_is_signed(
    cast: Cast, shown_once: Apprentice
) -> None:
    lower = sign(shown_once, "1a", by=cast.marcus, value=2)
    nora = signed_in(cast.nora)
    assert "rated this lower after" in text_of(nora, reverse("competency", args=[shown_once.uid, "1a"]))
    assert "Disagrees with an earlier pass" in text_of(nora, reverse("sign-off", args=[lower.uid]))


def test_a_standard_shown_once_of_twice_is_not_told_as_signed(cast: Cast, shown_once: Apprentice) -> None:
    marcus, page = signed_in(cast.marcus), reverse("sign-competency", args=[shown_once.uid, "1a"])
    assert "0 of 2 signed" in text_of(marcus, page)
    sign(shown_once, "1a", by=cast.marcus)
    assert "1 of 2 signed" in text_of(marcus, page)
