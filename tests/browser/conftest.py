"""Browsers of tests: one for a person, on a phone of 390 pixels unless a test says otherwise.

Playwright keeps an event loop in the thread of the test; Django's database calls beside it are meant.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from accounts.models import User
from tests.cast import NOW, PASSWORD

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=15_000)

PHONE = {"width": 390, "height": 844}
OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The site's clock: Friday noon in Chicago, going on from there. `shift()` lets time pass at once."""
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[OpenPage]:
    """A page in a browser of its own (own cookies), which fails the test by what it writes on its console."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(person: User | None = None, **wishes: Any) -> Page:
        context = browser.new_context(**{"base_url": live_server.url, "viewport": PHONE, **wishes})
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.on("console", lambda message: said.extend(complaint(message)))
        context.on("weberror", lambda problem: said.append(str(problem.error)))
        if person:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def complaint(message: ConsoleMessage) -> list[str]:
    """The message, unless it only repeats that this very page was answered with a refusal."""
    here, address = message.page and message.page.url, message.location["url"]
    refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
    return [] if refused and here == address else [f"{here}: {message.text}"]


def session_of(person: User) -> str:
    """The key of a session in which `person` is signed in, without a password check that could sign."""
    client = Client()
    client.force_login(person)
    assert client.session[SESSION_KEY]
    return str(client.session.session_key)


def sign_in(page: Page, person: User, *, wanted: str) -> None:
    """Ask for a page as a stranger, sign in with e-mail and password, and arrive there."""
    page.goto(wanted)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(wanted)
