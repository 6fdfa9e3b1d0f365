"""Passkeys in a real browser with a virtual authenticator, and without one."""

import json
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import SignIn
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(live_server: LiveServer) -> str:
    """Passkeys belong to a name, never to a number."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def finger(page: Page) -> Iterator[None]:
    """A device whose owner puts a finger on it whenever it asks."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    owner = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": kind | owner})
    yield


def sign_in(page: Page, at: str, email: str) -> None:
    page.goto(f"{at}/accounts/login/?next=/accounts/2fa/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page, at: str) -> None:
    page.goto(f"{at}/accounts/logout/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(lambda url: "/logout/" not in url)
    page.goto(f"{at}/accounts/login/")


def test_marcus_adds_a_passkey_and_signs_in_with_it_alone(
    page: Page, at: str, finger: None, cast: Cast
) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
    sign_in(page, at, cast.marcus.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name of this passkey").fill("Ward phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{at}/accounts/2fa/webauthn/")
    expect(page.get_by_text("signs in alone")).to_be_visible()
    sign_out(page, at)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    assert SignIn.objects.visible_to(cast.marcus).latest("at").how == "passkey"
    page.goto(f"{at}/me/sign-ins/")
    expect(page.get_by_text("Passkey ·").first).to_be_visible()
    assert refused == []


def test_after_the_password_a_passkey_is_the_second_step(
    page: Page, at: str, finger: None, cast: Cast
) -> None:
    sign_in(page, at, cast.marcus.email)
    page.goto(f"{at}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Sign in with it alone").uncheck()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page, at)
    sign_in(page, at, cast.marcus.email)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("It is on.")).to_be_visible()
    assert SignIn.objects.visible_to(cast.marcus).latest("at").how == "key"


def test_a_device_that_gives_none_says_so_and_leaves_the_other_way(page: Page, at: str, cast: Cast) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")  # and no authenticator
    page.goto(f"{at}/accounts/login/")
    button = page.get_by_role("button", name="Sign in with a passkey")
    expect(button).to_be_visible()
    forged = {"type": "public-key", "id": "eA", "rawId": "eA", "clientExtensionResults": {}}
    token = page.locator("[data-passkey] [name=csrfmiddlewaretoken]").get_attribute("value") or ""
    for response in ({}, {"userHandle": None}, "x", None):
        answer = page.request.post(
            f"{at}/accounts/2fa/webauthn/login/",
            form={"csrfmiddlewaretoken": token, "credential": json.dumps(forged | {"response": response})},
            max_redirects=0,
            headers={"Referer": at},
        )
        assert answer.status == 302
    assert not Authenticator.objects.exists()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_browser_without_passkeys_is_not_told_of_them_at_the_sign_in(page: Page, at: str) -> None:
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{at}/accounts/login/")
    expect(page.locator("[data-passkey]")).to_have_count(0)
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_text("Passkeys need a browser")).to_have_count(0)
