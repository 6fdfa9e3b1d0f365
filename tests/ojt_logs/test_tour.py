"""The tour of the demo: there with the demo, its password only with DEBUG on."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ojt_logs.demo.stage import people_of, read_plan
from ojt_logs.demo.tour import tour

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db: None) -> dict[str, Any]:
    """The demo's people, without the months that they played."""
    plan = read_plan()
    for email, name in {email: name for name, email, _ in people_of(plan)}.items():
        User.objects.create_user(email, plan["password"], name=name)
    return plan


def test_everybody_of_the_demo_is_on_the_tour_with_something_to_try(demo: dict[str, Any]) -> None:
    found = tour()
    assert found
    assert {guide.email for guide in found.people} == {email for _, email, _ in people_of(demo)}
    assert all(guide.sees and guide.tries for guide in found.people), "write a tour for these people"


def test_the_password_is_told_only_with_debug_on(demo: dict[str, Any], client: Client, settings: Any) -> None:
    page = client.get(reverse("tour"))
    assert page.status_code == 200 and "Ana Reyes" in page.text
    assert demo["password"] not in page.text and "@lakeside.example" not in page.text
    assert reverse("tour") not in client.get(reverse("account_login")).text
    settings.DEBUG = True
    page = client.get(reverse("tour"))
    assert demo["password"] in page.text and "ana@lakeside.example" in page.text
    for name in ("account_login", "home"):
        assert reverse("tour") in client.get(reverse(name)).text


def test_one_press_signs_in_as_somebody_of_the_demo(demo: dict[str, Any], client: Client) -> None:
    data = {"login": "nora@lakeside.example", "password": demo["password"]}
    assert client.post(reverse("account_login"), data).status_code == 302
    assert client.get(reverse("profile")).status_code == 200


def test_a_site_without_the_demo_has_no_tour(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    assert client.get(reverse("tour")).status_code == 404
    assert reverse("tour") not in client.get(reverse("account_login")).text
