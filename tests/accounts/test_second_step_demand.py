"""A sponsor demands a second step of those who sign or administer: of whom, from when, what that stops."""

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factors import demand, lost
from accounts.models import ApiToken, Membership, Sponsor, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from ledger import chain
from ojt_logs.models import SignOff
from ojt_logs.other_records import compare
from tests.accounts.test_second_step import app_of, code
from tests.accounts.test_sign_in import HOUSES
from tests.cast import PASSWORD, Cast, _join, _user

pytestmark = pytest.mark.django_db

NEEDED = "/me/second-step/"


def today() -> date:
    return demand.authority_day(timezone.now())


def demanded(cast: Cast, sponsor: Sponsor | None = None, *, days: int = 0) -> None:
    """Nora's sponsor, or another one, demands a second step from today or some days later on."""
    day = today() + timedelta(days=days)
    demand.demand(sponsor or cast.lakeside, day, by=cast.nora, now=timezone.now())


def signed_in(user: User) -> Client:
    client = Client(REMOTE_ADDR=next(HOUSES))
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def with_app(user: User, *, secret: str = "") -> Client:
    """Somebody who signed in with an app."""
    secret = secret or app_of(user)
    client = signed_in(user)
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    return client


def token(user: User, *, second_step: bool = False) -> dict[str, str]:
    _, secret = ApiToken.objects.issue(
        user, name="x", scopes=["read", "sign"], days=9, now=timezone.now(), second_step=second_step
    )
    return {"authorization": f"Bearer {secret}"}


def test_nothing_is_demanded_before_somebody_sets_it(cast: Cast) -> None:
    assert signed_in(cast.marcus).get("/review/").status_code == 200


def test_the_demand_holds_for_a_session_that_was_open_before(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    assert marcus.get("/review/").status_code == 200
    demanded(cast)
    for path in ("/review/", f"/apprentices/{cast.ana.uid}/progress/", "/", "/search/?q=ana"):
        answer = marcus.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith(NEEDED)
    page = marcus.get(NEEDED).text
    assert cast.lakeside.name in page and "nobody who learns a password signs in your name" in page
    assert marcus.post("/accounts/logout/").status_code == 302


def test_nothing_is_done_either(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    demanded(cast)
    path = f"/apprentices/{cast.ana.uid}/sign/2g/"
    assert marcus.post(path, {"step": "sign"})["Location"] == NEEDED
    assert not SignOff.objects.exists()
    assert marcus.get("/review/", headers={"hx-request": "true"})["HX-Redirect"] == NEEDED


def test_data_for_scripts_and_the_api_are_refused_with_the_remedy(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    demanded(cast)
    for path in ("/api/v1/apprentices/", "/offline/device/", "/offline/logbook/"):
        answer = marcus.get(path)
        assert answer.status_code == 403
        assert answer.json()["code"] == "second_step_needed"
        assert cast.lakeside.name in answer.json()["detail"]


def test_whoever_showed_a_second_step_goes_on(cast: Cast) -> None:
    demanded(cast)
    assert with_app(cast.marcus).get("/review/").status_code == 200


def test_who_has_one_and_did_not_show_it_in_this_session_is_asked_for_it(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    secret = app_of(cast.marcus)
    demanded(cast)
    asked = marcus.get("/review/")
    assert asked["Location"] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    shown = marcus.post(asked["Location"], {"code": code(secret), "next": "/review/"})
    assert shown["Location"] == "/review/"
    assert marcus.get("/review/").status_code == 200


def test_a_second_step_that_was_taken_off_is_none(cast: Cast) -> None:
    marcus = with_app(cast.marcus)
    demanded(cast)
    Authenticator.objects.filter(user=cast.marcus).delete()
    assert marcus.get("/review/")["Location"].startswith(NEEDED)


def test_setting_one_up_opens_the_session_that_did(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    demanded(cast)
    marcus.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = marcus.get("/accounts/2fa/totp/activate/").context["form"].secret
    marcus.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert marcus.get("/review/").status_code == 200


@pytest.mark.parametrize("is_demanded", [True, False])
def test_a_session_opened_with_the_password_alone_changes_no_second_step(
    cast: Cast, is_demanded: bool
) -> None:
    thief = signed_in(cast.marcus)
    secret = app_of(cast.marcus)
    if is_demanded:
        demanded(cast)
    before = list(Authenticator.objects.order_by("pk").values())
    thief.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for page in ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", "webauthn/add/"):
        for answer in (thief.get(f"/accounts/2fa/{page}"), thief.post(f"/accounts/2fa/{page}")):
            assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert list(Authenticator.objects.order_by("pk").values()) == before
    thief.post("/accounts/2fa/reauthenticate/", {"code": code(secret)})
    assert thief.get("/accounts/2fa/recovery-codes/").status_code == 200


def test_apprentices_and_auditors_are_not_asked(cast: Cast) -> None:
    demanded(cast)
    assert signed_in(cast.ana_user).get(f"/apprentices/{cast.ana.uid}/week/").status_code == 200
    assert signed_in(cast.ruth).get("/programs/").status_code == 200


def test_the_equal_opportunity_officer_is_asked(cast: Cast) -> None:
    officer = _join(_user("Iris Vale"), cast.lakeside, "officer")
    demanded(cast)
    path = f"/sponsors/{cast.lakeside.uid}/equal-opportunity/"
    assert signed_in(officer).get(path)["Location"].startswith(NEEDED)
    assert with_app(officer).get(path).status_code == 200


def test_a_request_reads_what_is_demanded_together_with_its_person(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    with CaptureQueriesContext(connection) as asked:
        assert marcus.get("/review/").status_code == 200
    about = [one["sql"] for one in asked if 'second_step_from" IS NOT NULL' in one["sql"]]
    assert len(about) == 1 and '"accounts_user"."email"' in about[0]


def test_another_sponsor_demands_nothing_of_lakeside(cast: Cast) -> None:
    demanded(cast, cast.harbor)
    assert signed_in(cast.nora).get("/programs/").status_code == 200
    assert signed_in(cast.olga).get("/programs/").status_code == 302


def test_of_several_sponsors_the_strictest_counts_everywhere(cast: Cast) -> None:
    Membership.objects.create(
        user=cast.ana_user, sponsor=cast.harbor, role="mentor", starts_on=today() - timedelta(days=9)
    )
    demanded(cast, cast.harbor, days=0)
    demanded(cast, cast.lakeside, days=30)
    assert signed_in(cast.ana_user).get(f"/apprentices/{cast.ana.uid}/week/").status_code == 302


def test_a_first_day_to_come_is_announced_and_stops_nothing(cast: Cast) -> None:
    demanded(cast, days=7)
    marcus = signed_in(cast.marcus)
    page = marcus.get("/review/")
    assert page.status_code == 200 and "demands a second step at sign-in. Set it up" in page.text


def test_tokens_made_without_a_second_step_are_refused_with_the_remedy(cast: Cast) -> None:
    client, before = Client(), token(cast.marcus)
    assert client.get("/api/v1/apprentices/", headers=before).status_code == 200
    demanded(cast)
    refused = client.get("/api/v1/apprentices/", headers=before)
    assert refused.status_code == 403 and refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "second_step_needed" and "make a new token" in refused.json()["detail"]
    good = token(cast.marcus, second_step=True)
    assert client.get("/api/v1/apprentices/", headers=good).status_code == 403
    app_of(cast.marcus)
    assert client.get("/api/v1/apprentices/", headers=good).status_code == 200
    assert client.get("/api/v1/apprentices/", headers=token(cast.ana_user)).status_code == 200


def test_a_token_keeps_whether_its_session_had_shown_a_second_step(cast: Cast) -> None:
    wish = {"name": "Payroll", "scopes": ["read"], "days": "30"}
    secret = app_of(cast.marcus)
    marcus = with_app(cast.marcus, secret=secret)
    marcus.post("/accounts/2fa/reauthenticate/", {"code": code(secret, steps=1)})
    marcus.post("/me/tokens/new/", wish)
    ana = signed_in(cast.ana_user)
    ana.post("/accounts/reauthenticate/", {"password": PASSWORD})
    ana.post("/me/tokens/new/", wish)
    made = ApiToken.objects.order_by("pk").values_list("user", "second_step")
    assert list(made) == [(cast.marcus.pk, True), (cast.ana_user.pk, False)]


def test_nora_sets_it_after_showing_who_she_is_and_the_record_tells(cast: Cast) -> None:
    nora, path = signed_in(cast.nora), f"/sponsors/{cast.lakeside.uid}/second-step/"
    sent = nora.post(path + "set/", {"first_day": today().isoformat()})
    assert sent["Location"].startswith("/accounts/reauthenticate/")
    nora.post("/accounts/reauthenticate/", {"password": PASSWORD})
    past = nora.post(path + "set/", {"first_day": (today() - timedelta(days=1)).isoformat()})
    assert past.status_code == 400 and "Choose today" in past.text
    nora.post(path + "set/", {"first_day": today().isoformat()})
    cast.lakeside.refresh_from_db()
    assert cast.lakeside.second_step_from == today()
    entry = chain.entries_of(cast.lakeside.uid).get(act="second_step.require")
    assert entry.actor == cast.nora.uid and today().isoformat() in entry.payload.body
    assert not list(compare())
    Sponsor.objects.filter(pk=cast.lakeside.pk).update(second_step_from=None)
    assert [(one.subject, one.kind) for one in compare()] == [(cast.lakeside.uid, "sponsor")]


@pytest.mark.parametrize(("who", "status"), [("marcus", 403), ("ruth", 403), ("olga", 404)])
def test_nobody_but_its_coordinators_sets_a_sponsors_demand_or_resets_anybody(
    cast: Cast, who: str, status: int
) -> None:
    secret = app_of(cast.lena)
    client, row = signed_in(getattr(cast, who)), membership(cast.lena)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    sent = client.post(f"/sponsors/{cast.lakeside.uid}/second-step/set/", {"first_day": ""})
    assert sent.status_code == status
    assert client.post(f"/memberships/{row.uid}/second-step/reset/").status_code in (403, 404)
    assert with_app(cast.lena, secret=secret).get("/review/").status_code == 200


def test_nora_sees_who_has_one_and_the_auditor_does_not(cast: Cast) -> None:
    app_of(cast.marcus)
    path = f"/sponsors/{cast.lakeside.uid}/people/"
    assert signed_in(cast.nora).get(path).text.count(">second step<") == 1
    assert ">second step<" not in signed_in(cast.ruth).get(path).text


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_nora_takes_off_what_marcus_lost_and_he_is_told(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    marcus, nora = with_app(cast.marcus), signed_in(cast.nora)
    held = token(cast.marcus)
    row = membership(cast.marcus)
    assert "Take it off" in nora.get(f"/memberships/{row.uid}/").text
    sent = nora.post(f"/memberships/{row.uid}/second-step/reset/")
    assert sent["Location"].startswith("/accounts/reauthenticate/")
    nora.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        nora.post(f"/memberships/{row.uid}/second-step/reset/")
    assert not Authenticator.objects.filter(user=cast.marcus).exists()
    assert marcus.get("/review/").status_code == 302
    assert Client().get("/api/v1/apprentices/", headers=held).status_code == 401
    entry = chain.entries_of(cast.marcus.uid).get(act="second_step.reset")
    assert entry.actor == cast.nora.uid and str(cast.lakeside.uid) in entry.payload.body
    assert [letter.to for letter in mail.outbox] == [[cast.marcus.email]]
    assert "Nora" in mail.outbox[0].body and not list(compare())


def test_nobody_takes_off_their_own_or_of_somebody_who_works_elsewhere_too(cast: Cast) -> None:
    now = timezone.now()
    for user in (cast.nora, cast.marcus):
        app_of(user)
    with pytest.raises(NotAllowed, match="Nobody resets their own"):
        lost.help_with(membership(cast.nora), by=cast.nora, now=now)
    Membership.objects.create(user=cast.marcus, sponsor=cast.harbor, role="auditor", starts_on=today())
    with pytest.raises(Conflict, match="other organisations too"):
        lost.help_with(membership_at(cast.marcus, cast.lakeside), by=cast.nora, now=now)
    with pytest.raises(Conflict, match="no second step"):
        lost.help_with(membership(cast.lena), by=cast.nora, now=now)
    assert Authenticator.objects.filter(type="totp").count() == 2


def membership_at(user: User, sponsor: Sponsor) -> Membership:
    return Membership.objects.get(user=user, sponsor=sponsor)


def test_whose_role_has_ended_is_not_helped_by_the_sponsor(cast: Cast) -> None:
    app_of(cast.lena)
    Membership.objects.filter(user=cast.lena).update(ends_on=today(), cut_short=True)
    with pytest.raises(Conflict, match="has ended"):
        lost.help_with(membership(cast.lena), by=cast.nora, now=timezone.now())


def test_a_day_that_has_passed_is_no_first_day(cast: Cast) -> None:
    with pytest.raises(Refusal, match="Choose today"):
        demanded(cast, days=-1)
