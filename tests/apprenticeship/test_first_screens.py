"""Where people arrive, and the list of programs."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from apprenticeship.models import Program
from tests.cast import CANARY, NOW, STARTED, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def set_up(cast: Cast) -> None:
    """The first steps of Lakeside are over: somebody's hours were submitted and approved."""
    cast.approved(cast.ben)


def arrives_at(client: Client, user: User) -> str:
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_everybody_arrives_at_what_concerns_them_first(cast: Cast, client: Client) -> None:
    set_up(cast)
    board = reverse("program", args=[cast.program.uid])
    assert arrives_at(client, cast.ana_user) == reverse("week", args=[cast.ana.uid])
    assert arrives_at(client, cast.marcus) == reverse("review")
    assert arrives_at(client, cast.priya) == reverse("review")
    assert arrives_at(client, cast.nora) == board
    assert arrives_at(client, cast.ruth) == board


def test_coordinator_of_two_programs_arrives_at_the_list(cast: Cast, client: Client) -> None:
    set_up(cast)
    Program.objects.create(
        sponsor=cast.lakeside, name="Second", schedule=cast.program.schedule, approach="competency"
    )
    assert arrives_at(client, cast.nora) == reverse("programs")


def test_who_mentors_and_coordinates_arrives_where_something_waits(cast: Cast, client: Client) -> None:
    set_up(cast)
    Membership.objects.create(user=cast.marcus, sponsor=cast.lakeside, role="coordinator", starts_on=STARTED)
    assert arrives_at(client, cast.marcus) == reverse("program", args=[cast.program.uid])
    cast.submitted(cast.ana)
    assert arrives_at(client, cast.marcus) == reverse("review")


def test_somebody_without_a_role_arrives_at_the_standards(client: Client) -> None:
    user = User.objects.create_user("ivy@example.org", name="Ivy Stone")
    assert arrives_at(client, user) == reverse("standards")


def test_visitor_reads_what_this_is_and_finds_the_public_standards_only(cast: Cast, client: Client) -> None:
    answer = client.get("/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert reverse("account_login") in text and reverse("standards") in text
    assert reverse("schedule", args=[cast.program.schedule.uid]) not in text
    assert "Medical Records and Health Information" in text
    assert CANARY not in text and "Lakeside" not in text


def test_programs_are_those_of_ones_own_sponsor(cast: Cast, client: Client) -> None:
    for user in (cast.nora, cast.ruth, cast.marcus, cast.priya, cast.ana_user):
        client.force_login(user)
        text = client.get(reverse("programs")).content.decode()
        assert "Medical coders" in text and CANARY not in text
    client.force_login(cast.olga)
    assert "Lakeside" not in client.get(reverse("programs")).content.decode()


def test_only_those_who_may_open_a_board_get_a_link_to_it(cast: Cast, client: Client) -> None:
    board = reverse("program", args=[cast.program.uid])
    for user, may in ((cast.nora, True), (cast.ruth, True), (cast.marcus, False), (cast.ana_user, False)):
        client.force_login(user)
        assert (board in client.get(reverse("programs")).content.decode()) is may


def test_who_has_no_program_is_told_what_to_do(cast: Cast, client: Client) -> None:
    client.force_login(cast.ivy)
    assert "No program yet" in client.get(reverse("programs")).content.decode()
