"""Where a person may want to go, by what they are."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from tests.cast import STARTED, Cast

pytestmark = pytest.mark.django_db

PLACES = {
    "ana_user": ["Week", "Progress", "Hours", "Standards"],
    "marcus": ["Review", "Standards"],
    "priya": ["Review", "Programs", "Standards"],
    "nora": ["Programs", "Reports", "Standards"],
    "ruth": ["Programs", "Reports", "Standards"],
    "ivy": ["Review", "Programs", "Reports", "Standards"],
}


def offered(user: User | None) -> list[str]:
    phone = Client()
    if user:
        phone.force_login(user, backend="accounts.sign_in.OwnAddress")
    return [link.label for link in phone.get("/signup/").context["nav"]]


def test_everybody_is_offered_what_their_roles_open(cast: Cast) -> None:
    assert {name: offered(getattr(cast, name)) for name in PLACES} == PLACES


def test_a_visitor_is_offered_the_standards() -> None:
    assert offered(None) == ["Standards"]


def test_an_apprentice_who_also_mentors_is_offered_both(cast: Cast) -> None:
    Membership.objects.create(user=cast.ana_user, sponsor=cast.lakeside, role="mentor", starts_on=STARTED)
    assert offered(cast.ana_user) == ["Week", "Progress", "Hours", "Review", "Standards"]


def test_a_role_that_ended_is_offered_no_more(cast: Cast) -> None:
    Membership.objects.filter(user=cast.nora).update(ends_on=STARTED)
    assert offered(cast.nora) == ["Standards"]


def test_an_apprentice_is_led_to_their_own_week(cast: Cast) -> None:
    phone = Client()
    phone.force_login(cast.ana_user, backend="accounts.sign_in.OwnAddress")
    assert f'href="/apprentices/{cast.ana.uid}/week/"' in phone.get("/signup/").text


def test_the_place_one_is_at_is_marked(client: Client) -> None:
    page = client.get("/standards/").text
    assert 'href="/standards/" aria-current="page"' in page


def test_the_place_stays_marked_below_a_registration_and_a_program(cast: Cast) -> None:
    desk = Client()
    desk.force_login(cast.nora, backend="accounts.sign_in.OwnAddress")
    row, ana = cast.ana.mentorships.get(), cast.ana.uid
    below = [
        reverse(name, args=[ana])
        for name in ("registration-facts", "registration-elections", "mentor-assign")
    ]
    below += [reverse(name, args=[row.uid]) for name in ("mentor-end", "stand-in")]
    below += [
        reverse("status-change", args=[ana, "suspended"]),
        reverse("class-new", args=[cast.program.uid]),
    ]
    for address in below:
        marked = [link.label for link in desk.get(address).context["nav"] if link.current]
        assert marked == ["Programs"], address


def test_the_place_stays_marked_below_the_standards_and_beside_a_program(cast: Cast) -> None:
    desk = Client()
    desk.force_login(cast.nora, backend="accounts.sign_in.OwnAddress")
    schedule = cast.program.schedule.uid
    places = {
        reverse("program-amend", args=[cast.program.uid]): "Programs",
        reverse("coverage", args=[cast.program.uid]): "Programs",
        reverse("sign-offs", args=[cast.ana.uid]): "Programs",
        reverse("study", args=[cast.ana.uid, "2e"]): "Programs",
        **{
            reverse(name, args=[schedule]): "Standards"
            for name in ("schedule-adapt", "schedule-differences", "schedule-retire", "crosswalk")
        },
        reverse("library"): "Standards",
        reverse("standards-upload"): "Standards",
    }
    marked = {
        address: [link.label for link in desk.get(address).context["nav"] if link.current]
        for address in places
    }
    assert marked == {address: [place] for address, place in places.items()}


def test_the_navigation_costs_two_queries_for_any_number_of_roles(
    cast: Cast, django_assert_num_queries: object
) -> None:
    from django.test import RequestFactory

    from accounts.context import navigation

    request = RequestFactory().get("/")
    request.user = cast.ivy
    request.resolver_match = None
    with django_assert_num_queries(2):  # type: ignore[operator]
        navigation(request)
