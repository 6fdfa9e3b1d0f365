"""The documents of the API, which Swagger writes in the browser, under the policy of every other page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_documents_of_the_api_are_readable_and_break_no_rule_of_the_site(
    cast: Cast, open_page: OpenPage
) -> None:
    """A refusal of the Content-Security-Policy would stand on the console, which fails the test."""
    page = open_page(cast.nora, viewport={"width": 1280, "height": 900})
    page.goto("/api/v1/docs/")
    page.locator("[id$='hours_list'] button").first.click()
    expect(page.get_by_text("Try it out").first).to_be_visible()
