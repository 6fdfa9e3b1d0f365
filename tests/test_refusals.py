"""Everything that must be refused, over page and API alike: a clear sentence, and nothing half-written.

The table is tests/refusals.py. Both ways must refuse with a sentence that names the remedy, the API by its
field and the page beside it, and leave every row and chain as it was.
"""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.apps import apps

from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.refusals import CASES, GUAM_IN_THE_MORNING, living_in, log

pytestmark = pytest.mark.django_db

RECORD = ("ledger", "apprenticeship", "ojt_logs", "reports")


def everything() -> dict[str, list[Any]]:
    """Every row of the record, column by column."""
    models = [model for label in RECORD for model in apps.get_app_config(label).get_models()]
    return {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in models}


@pytest.mark.parametrize("name", CASES)
def test_the_page_refuses_with_the_remedy_and_writes_nothing(cast: Cast, name: str) -> None:
    case = CASES[name]
    with time_machine.travel(NOW, tick=False):
        asked = case.wish(cast)
    with time_machine.travel(asked.at, tick=False):
        client = signed_in(getattr(cast, case.who))
        before = everything()
        answer = client.post(asked.address, asked.form)
    page = plain(answer.content)
    assert answer.status_code == case.page, page
    assert case.says in (beside(page, case.beside) if case.beside else page)
    assert everything() == before


@pytest.mark.parametrize("name", CASES)
def test_the_api_refuses_by_field_with_the_remedy_and_writes_nothing(cast: Cast, name: str) -> None:
    case = CASES[name]
    with time_machine.travel(NOW, tick=False):
        asked = case.wish(cast)
    with time_machine.travel(asked.at, tick=False):
        client = Rest(getattr(cast, case.who))
        before = everything()
        status, answer = getattr(client, asked.method)(*filter(None, (asked.path, asked.body)))
    assert (status, answer["field"]) == (case.rest, case.field), answer
    assert case.rest_says in answer["detail"]
    assert everything() == before


@pytest.mark.parametrize("way", ["page", "api"])
def test_the_morning_in_guam_is_today_though_it_is_yesterday_in_utc(cast: Cast, way: str) -> None:
    living_in(cast, "Pacific/Guam")
    asked = log(cast, day=date(2026, 11, 21))
    with time_machine.travel(GUAM_IN_THE_MORNING, tick=False):
        if way == "page":
            assert signed_in(cast.ana_user).post(asked.address, asked.form).status_code == 302
        else:
            assert Rest(cast.ana_user).post(asked.path, asked.body)[0] == 201
    assert HoursEntry.objects.get().date == date(2026, 11, 21)


def beside(page: str, field: str) -> str:
    """What the page says of one field of a form; `*` stands for the rest of a name."""
    name = re.escape(field).replace(r"\*", '[^_"]+')
    return " ".join(re.findall(rf'<ul class="errorlist[^"]*" id="id_{name}_error">(.*?)</ul>', page))
