"""What a new sponsor does first, and who is told so."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, Sponsor, User
from apprenticeship.models import Apprentice, Mentorship, Program
from ojt_logs.first_steps import first_steps, open_first_steps
from tests.cast import NOW, STARTED, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def left(user: User) -> list[str]:
    """The steps that this person still has to do."""
    return [step.title for one in first_steps(user) for step in one.steps if not step.done]


def arrives_at(client: Client) -> str:
    return client.get("/").headers["Location"]


def test_ivy_is_led_from_an_empty_shop_to_her_first_hours(cast: Cast) -> None:
    client = signed_in(cast.ivy)
    shop = Sponsor.objects.get(name="Ivy Stone Billing")
    Membership.objects.filter(user=cast.ivy, role="mentor").update(role="auditor")
    assert arrives_at(client) == reverse("first-steps")
    assert left(cast.ivy) == ["Program", "Mentors", "Apprentices", "Who looks after whom", "First hours"]
    program = Program.objects.create(
        sponsor=shop, name="Billers", schedule=cast.program.schedule, approach="competency"
    )
    assert left(cast.ivy)[0] == "Mentors"
    links = [step.url for step in first_steps(cast.ivy)[0].steps]
    assert links[1] == reverse("program", args=[program.uid])
    assert client.get(links[2]).context["form"]["role"].value() == "mentor"
    Invitation.objects.issue("dora@example.org", now=NOW, sponsor=shop, role="mentor")
    assert left(cast.ivy) == ["Apprentices", "Who looks after whom", "First hours"]
    apprentice = Apprentice.objects.register(program, cast.dara, started_on=STARTED, by=cast.ivy, now=NOW)
    assert left(cast.ivy) == ["Who looks after whom", "First hours"]
    assert reverse("registration", args=[apprentice.uid]) in text_of(client, reverse("first-steps"))
    Mentorship.objects.create(apprentice=apprentice, mentor=cast.ivy, starts_on=STARTED)
    (draft,) = cast.log(apprentice)
    assert left(cast.ivy) == ["First hours"]
    draft.move("submit", by=cast.dara, now=NOW)
    assert left(cast.ivy) == []
    links = [step.url for step in first_steps(cast.ivy)[0].steps]
    assert links[2:4] == [reverse("people", args=[shop.uid]), reverse("program", args=[program.uid])]
    assert arrives_at(client) == reverse("program", args=[program.uid])


def test_an_empty_site_begins_with_the_standards(db: None) -> None:
    nora = User.objects.create_user("nora@example.org", name="Nora Bell")
    sponsor = Sponsor.objects.create(name="Lakeside Health")
    Membership.objects.create(user=nora, sponsor=sponsor, role="coordinator", starts_on=STARTED)
    assert left(nora)[0] == "Standards" and len(left(nora)) == 6
    client = signed_in(nora)
    for name in ("first-steps", "programs", "reports", "standards", "search"):
        assert client.get(reverse(name)).status_code == 200
    assert "load_standards" in text_of(client, reverse("standards"))


def test_the_list_can_be_put_away_and_found_again(cast: Cast) -> None:
    client = signed_in(cast.nora)
    assert arrives_at(client) == reverse("first-steps")
    answer = client.post(reverse("first-steps-put-away", args=[cast.lakeside.uid]))
    assert answer.headers["Location"] == reverse("programs")
    assert arrives_at(client) == reverse("program", args=[cast.program.uid])
    assert reverse("first-steps") in text_of(client, reverse("programs"))
    assert "Put away" in text_of(client, reverse("first-steps"))


def test_only_who_runs_a_sponsor_is_told_what_to_set_up(cast: Cast) -> None:
    assert [one.sponsor for one in open_first_steps(cast.nora)] == [cast.lakeside]
    for user in (cast.ana_user, cast.marcus, cast.priya, cast.ruth):
        assert first_steps(user) == []
    Membership.objects.filter(user=cast.nora).update(ends_on=STARTED)
    assert first_steps(cast.nora) == []


def test_first_steps_cost_the_same_for_one_sponsor_and_for_many(cast: Cast) -> None:
    client = signed_in(cast.nora)
    few = queries(client, reverse("first-steps"))
    for number in range(4):
        sponsor = Sponsor.objects.create(name=f"Branch {number}")
        Membership.objects.create(user=cast.nora, sponsor=sponsor, role="coordinator", starts_on=STARTED)
    assert queries(client, reverse("first-steps")) == few
