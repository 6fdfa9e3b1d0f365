"""Published standards over REST, without a token."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import CANARY, Cast

pytestmark = pytest.mark.django_db


def get(path: str, **query: Any) -> tuple[int, Any]:
    response = Client().get(f"/api/v1/{path}", query)
    return response.status_code, response.json()


@pytest.mark.parametrize("code", ["1114", "1114CB", "1114cb", "1114-CB"])
def test_the_medical_coder_schedule_is_found_by_code_in_any_spelling(cast: Cast, code: str) -> None:
    status, page = get("schedules/", rapids_code=code)
    assert status == 200
    assert [row["occupation"]["rapids_code"] for row in page["results"]] == ["1114"]
    assert get("schedules/", onet_code="29207100")[1]["results"] == page["results"]


def test_a_schedule_comes_with_every_level(cast: Cast) -> None:
    _, page = get("schedules/", rapids_code="1114")
    status, schedule = get(f"schedules/{page['results'][0]['id']}/")
    assert status == 200
    assert schedule["approach"] is None
    functions = schedule["job_functions"]
    assert [function["core"] for function in functions] == [True] * 4 + [False]
    competencies = [one for function in functions for one in function["competencies"]]
    assert [one["code"] for one in competencies][2:9] == ["2a", "2b", "2c", "2d", "2e", "2f", "2g"]
    assert sum(len(one["performance_standards"]) for one in competencies) == 78
    counts = {
        name: sum(len(function["related_instruction"][name]) for function in functions)
        for name in ("skills", "knowledge", "tools")
    }
    assert counts == {"skills": 17, "knowledge": 21, "tools": 14}


def test_a_framework_comes_as_a_tree_with_its_counts(cast: Cast) -> None:
    _, page = get("frameworks/")
    _, framework = get(f"frameworks/{page['results'][0]['id']}/")
    statements = [
        one
        for domain in framework["domains"]
        for subdomain in domain["subdomains"]
        for one in subdomain["statements"]
    ]
    assert len(statements) == 75
    assert sum(one["resource_count"] for one in statements) == 3516


def test_a_sponsors_own_copy_is_not_public(cast: Cast) -> None:
    uid = cast.program.schedule.uid
    for path in (f"schedules/{uid}/", "schedules/not-an-id/", "frameworks/not-an-id/"):
        status, answer = get(path)
        assert (status, answer["code"]) == (404, "not_found")
    assert CANARY not in str(get("schedules/"))


def test_a_code_that_is_none_finds_nothing(cast: Cast) -> None:
    assert get("schedules/", rapids_code="no code")[1]["results"] == []
