"""The list of programs: filtered, sorted, taken away as a file."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from apprenticeship.models import Program
from tests.cast import CANARY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(cast: Cast) -> Client:
    """Nora's browser, with a second program at her sponsor."""
    Program.objects.create(
        sponsor=cast.lakeside, name="=Billing", schedule=cast.program.schedule, approach="hybrid"
    )
    return signed_in(cast.nora)


def names(client: Client, words: str) -> list[str]:
    return [program.name for program in client.get(f"{reverse('programs')}?{words}").context["listing"].rows]


def rows(client: Client, words: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{reverse('programs')}?format=csv&{words}")
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_programs_are_found_by_name_and_approach_and_sorted(nora: Client) -> None:
    assert names(nora, "sort=name") == ["=Billing", "Medical coders"]
    assert names(nora, "sort=active") == ["Medical coders", "=Billing"]
    assert names(nora, "q=CODER") == names(nora, "approach=competency") == ["Medical coders"]
    assert names(nora, "q=lakeside&approach=nonsense") == ["=Billing", "Medical coders"]
    assert "Nothing fits this filter" in nora.get(f"{reverse('programs')}?q=zzz").text


def test_the_file_has_the_programs_of_the_filter_and_no_formula(nora: Client) -> None:
    billing, coders = rows(nora)
    assert billing["Program"] == "'=Billing"
    assert (coders["Active apprentices"], coders["RAPIDS code"]) == ("2", "1114CB")
    assert [row["Approach"] for row in rows(nora, "approach=hybrid")] == ["Hybrid"]


@pytest.mark.parametrize("who", ["nora", "ana_user", "marcus", "ruth"])
def test_nobody_gets_another_sponsors_programs(cast: Cast, who: str) -> None:
    user: User = getattr(cast, who)
    found = rows(signed_in(user))
    assert [row["Program"] for row in found] == ["Medical coders"] and CANARY not in str(found)
