"""One search over people, programs, standards and words: everybody finds what they may see, and no more."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, User
from accounts.spelling import fold
from apprenticeship.models import Apprentice
from tests.cast import CANARY, NOW, STARTED, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def found(client: Client, who: User | None, text: str, **query: Any) -> dict[str, list[str]]:
    """By kind, what stands on the page for `who`."""
    client.logout()
    if who:
        client.force_login(who)
    answer = client.get(reverse("search"), {"q": text, **query})
    assert answer.status_code == 200
    return {
        kind.kind: [str(getattr(row, "document", row)) for row in kind.rows]
        for kind in answer.context["found"]
    }


def register(cast: Cast, name: str, email: str) -> Apprentice:
    user = User.objects.create_user(email, name=name)
    return Apprentice.objects.register(cast.program, user, started_on=STARTED, by=cast.nora, now=NOW)


@pytest.mark.parametrize("typed", ["José", "jose", "JOSE nunez", "nuñez", "uñe", "łoś", "los jos"])
def test_a_name_is_found_with_or_without_its_accents(cast: Cast, client: Client, typed: str) -> None:
    register(cast, "José Nuñez-Łoś", "jose@example.org")
    assert found(client, cast.nora, typed)["apprentices"] == ["José Nuñez-Łoś"]


def test_a_name_that_was_changed_is_found_by_the_new_one(cast: Cast, client: Client) -> None:
    cast.ana_user.name = "Ana Ångström"
    cast.ana_user.save(update_fields=["name"])
    assert found(client, cast.nora, "angstrom")["apprentices"] == ["Ana Ångström"]
    assert found(client, cast.nora, "reyes") == {}


def test_everybody_finds_the_people_they_may_see(cast: Cast, client: Client) -> None:
    ben = {"apprentices": ["Ben Ortiz"]}
    for who in (cast.nora, cast.ruth, cast.marcus, cast.lena, cast.priya, cast.ben_user):
        assert found(client, who, "ortiz") == ben, who
    for who in (cast.ana_user, cast.olga, cast.ivy, None):
        assert found(client, who, "ortiz") == {}, who


def test_staff_are_found_by_those_who_coordinate_or_audit(cast: Cast, client: Client) -> None:
    for who in (cast.nora, cast.ruth):
        assert found(client, who, "webb") == {"staff": ["Marcus Webb, mentor at Lakeside Health"]}
    for who in (cast.ana_user, cast.marcus, cast.olga, None):
        assert found(client, who, "webb") == {}
    Membership.objects.filter(user=cast.marcus).update(ends_on=STARTED)
    assert found(client, cast.nora, "webb") == {}


def test_nothing_of_another_sponsor_appears(cast: Cast, client: Client) -> None:
    for who in (cast.ana_user, cast.marcus, cast.priya, cast.nora, cast.ruth, cast.ivy, None):
        assert found(client, who, CANARY) == {}, who
        assert CANARY not in client.get(reverse("search"), {"q": "coders"}).text
    assert found(client, cast.olga, CANARY).keys() >= {"apprentices", "staff", "programs"}
    assert "Lakeside" not in client.get(reverse("search"), {"q": "coders"}).text


@pytest.mark.parametrize(
    "code", ["1114", "1114CB", " 1114 cb", "RAPIDS 1114", "29-2071", "29207100", "O*NET 29-2071.00"]
)
def test_a_program_and_its_standards_are_found_by_code(cast: Cast, client: Client, code: str) -> None:
    for who in (cast.nora, cast.ana_user):
        kinds = found(client, who, code)
        assert kinds["programs"] == ["Medical coders"]
        assert len(kinds["standards"]) == 2


def test_part_of_a_programs_name_is_enough(cast: Cast, client: Client) -> None:
    assert found(client, cast.nora, "coder medic")["programs"] == ["Medical coders"]


def test_a_visitor_finds_public_standards_and_words_only(cast: Cast, client: Client) -> None:
    kinds = found(client, None, "1114")
    assert kinds.keys() == {"standards"}
    assert len(kinds["standards"]) == 1
    (word,) = found(client, None, "rti")["words"]
    assert "Related instruction" in word


def test_the_results_open_what_one_may_open(cast: Cast, client: Client) -> None:
    progress, board = reverse("progress", args=[cast.ana.uid]), reverse("program", args=[cast.program.uid])
    for who, opens in ((cast.nora, True), (cast.marcus, True), (cast.ana_user, True), (cast.priya, False)):
        client.force_login(who)
        assert (progress in client.get(reverse("search"), {"q": "reyes"}).text) is opens
    membership = reverse("membership", args=[cast.marcus.memberships.get().uid])
    for who in (cast.nora, cast.ruth):
        client.force_login(who)
        assert membership in client.get(reverse("search"), {"q": "webb"}).text
        assert client.get(membership).status_code == 200
    for who, opens in ((cast.nora, True), (cast.ruth, True), (cast.marcus, False), (cast.ana_user, False)):
        client.force_login(who)
        assert (board in client.get(reverse("search"), {"q": "coders"}).text) is opens


def test_a_few_of_each_kind_lead_to_all_of_it(cast: Cast, client: Client) -> None:
    names = [f"Kim Number {number:02}" for number in range(60)]
    for number, name in enumerate(names):
        register(cast, name, f"kim{number}@example.org")
    assert found(client, cast.nora, "kim")["apprentices"] == names[:5]
    more, seen = reverse("search") + "?q=kim&kind=apprentices", list[str]()
    while more:
        (page,) = client.get(more).context["found"]
        seen += [str(row) for row in page.rows]
        more = page.more
    assert seen == names


def test_the_search_makes_no_more_queries_when_there_is_more(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("search"), {"q": "e"})
        return len(captured)

    few = queries()
    for number in range(12):
        register(cast, f"Eve {number}", f"eve{number}@example.org")
    assert queries() == few <= 16


@pytest.mark.parametrize(
    "address",
    ["?q=%00", "?q=a&kind=nonsense", "?q=ana&kind=apprentices&page=x", "?q=ana&kind=staff&page=%00", "?q="],
)
def test_an_address_that_was_tampered_with_is_answered(cast: Cast, client: Client, address: str) -> None:
    client.force_login(cast.nora)
    assert client.get(reverse("search") + address).status_code == 200


def test_nothing_found_says_the_next_step(cast: Cast, client: Client) -> None:
    text = client.get(reverse("search"), {"q": "zeppelin"}).text
    assert "Nothing found for “zeppelin”" in text and "after signing in" in text


def test_a_name_is_folded_as_people_type_it() -> None:
    assert fold("  José NUÑEZ-Łoś ") == "jose nunez-los"
    assert fold("Weiß Ærø O’Neil") == "weiss aero o'neil"
