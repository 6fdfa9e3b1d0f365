"""The pages about oneself in a real browser: nothing for axe to find, nothing wider than a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests.accounts.test_pages import OPEN, OWN, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = [("light", 360), ("dark", 1280)]


def complaints(page: Page, address: str) -> list[str]:
    """What a person with a narrow screen or a screen reader would stumble over at `address`."""
    page.goto(address)
    found = [f"{address}: {problem['id']}" for problem in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{address}: wider than the screen")
    return found


def open_page(browser: Browser, scheme: Any, width: int, console: list[str]) -> Page:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.on("console", lambda message: console.append(message.text))
    return page


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_axe_finds_nothing_on_the_way_in(browser: Browser, live_server: Any, scheme: str, width: int) -> None:
    page = open_page(browser, scheme, width, [])
    assert [line for address in OPEN for line in complaints(page, live_server.url + address)] == []
    page.close()


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_axe_finds_nothing_on_ones_own_pages(
    browser: Browser, live_server: Any, scheme: str, width: int
) -> None:
    User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")
    console: list[str] = []
    page = open_page(browser, scheme, width, console)
    page.goto(live_server.url + "/accounts/login/?next=/me/tokens/new/")
    page.get_by_label("E-mail").fill("ana@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert complaints(page, page.url) == []
    page.get_by_role("button", name="I agree to electronic records").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    assert [line for address in OWN for line in complaints(page, live_server.url + address)] == []
    assert console == []
    page.close()


def test_the_account_menu_opens_and_closes_by_keyboard(browser: Browser, live_server: Any) -> None:
    User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")
    page = open_page(browser, "light", 360, [])
    page.goto(live_server.url + "/accounts/login/?next=/me/")
    page.get_by_label("E-mail").fill("ana@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Ana").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Sign out").is_visible()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Enter")
    with page.expect_navigation():  # the next request must not overtake the signing out
        page.get_by_role("button", name="Sign out").click()
    page.goto(live_server.url + "/me/")
    assert "/accounts/login/" in page.url
    page.close()
