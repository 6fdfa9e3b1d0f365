"""Browsers of tests: one for a person, on a phone of 390 pixels unless a test says otherwise.

Playwright keeps an event loop in the thread of the test; Django's database calls beside it are meant.
"""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from accounts.models import User
from tests.browser.signal import Line
from tests.cast import NOW, PASSWORD

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=15_000)

PHONE = {"width": 390, "height": 844}
OpenPage = Callable[..., Page]
Phone = Callable[[User], Page]
READY = "navigator.serviceWorker.ready.then((one) => one.active.state)"
KEPT = """async () => {
  const open = indexedDB.open("journeybook");
  await new Promise((done) => { open.onsuccess = done; });
  const rows = (name) => new Promise((done) => {
    const all = open.result.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => done(all.result);
  });
  const text = (row) => ({ ...row, iv: undefined, data: new TextDecoder("latin1").decode(row.data) });
  const found = { sealed: (await rows("sealed")).map(text), keys: (await rows("key")).map((one) => one.key) };
  open.result.close();
  return { ...found, keys: found.keys.map((key) => key.extractable) };
}"""
KNOWS = f"""async () => {{
  if (!(await indexedDB.databases()).some((one) => one.name === "journeybook")) return false;
  return (await ({KEPT})()).sealed.some((row) => row.kind === "logbook");
}}"""


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


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    line = Line(live_server.url)
    yield line
    line.close()


@pytest.fixture
def phone(browser: Browser, line: Line) -> Iterator[Phone]:
    """A page of somebody who signed in with e-mail and password, on a phone of their own or on a given one.

    What its console says fails the test, but for what a lost network makes it say.
    """
    said: list[str] = []
    opened: list[BrowserContext] = []

    def phone(person: User) -> Page:
        context = browser.new_context(base_url=line.url, viewport=PHONE)
        opened.append(context)
        prepare(context, said)
        page = context.new_page()
        come_in(page, person, line)
        return page

    yield phone
    for context in opened:
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
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(wanted)


def prepare(context: BrowserContext, said: list[str]) -> None:
    context.set_default_timeout(15_000)
    context.clock.set_fixed_time(NOW)
    context.on("console", lambda one: said.extend(complaint(one)) if "net::ERR_" not in one.text else None)
    context.on("weberror", lambda problem: said.append(str(problem.error)))


def come_in(page: Page, person: User, line: Line) -> None:
    """Sign in, and wait until the device has what it is to keep."""
    sign_in(page, person, wanted=f"{line.url}/me/")
    settled(page)


def settled(page: Page) -> None:
    assert page.evaluate(READY) in ("activated", "activating")
    soon(page, lambda: page.evaluate(KNOWS))


def soon(page: Page, true: Callable[[], Any]) -> None:
    """Wait until something is true; a promise of it would not do (`wait_for_function` does not await)."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def lose_signal(page: Page, line: Line) -> None:
    line.hang_up()
    page.context.set_offline(True)
    page.goto(f"{line.url}/reports/")
    expect(page).to_have_url(f"{line.url}/offline/")
    expect(page.get_by_text("No signal")).to_be_visible()


def find_signal(page: Page, line: Line) -> None:
    line.cut = False
    page.context.set_offline(False)
