"""Logging a day and signing, by somebody without a mouse, and by somebody whose browser runs no script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.glossary import terms
from accounts.models import User
from ojt_logs.models import HoursEntry, SignOff
from tests.browser.conftest import OpenPage
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STOPS = 80
# A date field's own button is ringed by the browser, inside of the field.
FOCUSED = """async () => {
  const at = document.activeElement, label = at.labels?.[0];
  const frame = () => new Promise(requestAnimationFrame);
  const place = () => at.getBoundingClientRect().y;
  for (let y = NaN; y !== place(); await frame(), await frame()) y = place();
  const said = [at.getAttribute("aria-label"), label?.textContent, at.textContent, at.value];
  const inPicker = at.type === "date" && !at.matches(":focus-visible");
  const ringed = inPicker || [at, label].some((one) => one && getComputedStyle(one).outlineStyle !== "none");
  const box = at.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: said.find((text) => text?.trim())?.replace(/\\s+/g, " ").trim() ?? at.tagName,
    seen: ringed && Boolean(top) && (at.contains(top) || Boolean(label?.contains(top))),
  };
}"""


def somebody_with_keys(open_page: OpenPage, person: User, **wishes: Any) -> Page:
    """Whose pages jump to what has the focus: where they glide, it is under the foot for some frames."""
    return open_page(person, reduced_motion="reduce", **wishes)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control called `name` has the focus; every stop must show that it has it."""
    unseen = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if not stop["seen"]:
            unseen.append(stop["name"])
        if stop["name"].startswith(name):
            assert unseen == []
            return
    raise AssertionError(f"no Tab leads to “{name}”")


def logged(cast: Cast) -> list[tuple[str, int, str]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("pk")
    return [(str(row.competency and row.competency.code), row.minutes, row.note) for row in rows]


def signed(cast: Cast) -> list[tuple[str, int]]:
    rows = SignOff.objects.filter(apprentice=cast.ana).order_by("pk").select_related("rating")
    return [(row.method, row.rating.value) for row in rows if row.rating]


def test_ana_logs_a_day_by_keyboard_alone(cast: Cast, open_page: OpenPage) -> None:
    page = somebody_with_keys(open_page, cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/week/")
    tab_to(page, "Log today")
    page.keyboard.press("Enter")
    page.wait_for_url("**/days/2026-11-20/")
    tab_to(page, "What you did")
    page.keyboard.type("2g")
    tab_to(page, "Time")
    page.keyboard.type("7:30")
    tab_to(page, "Note")
    page.keyboard.press("Enter")
    tab_to(page, "Note (optional)")
    page.keyboard.type("Audit of ten charts")
    tab_to(page, "Another line")
    page.keyboard.press("Enter")
    page.keyboard.type("1b")
    tab_to(page, "Time")
    page.keyboard.type("0.5")
    tab_to(page, "Save day")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved Friday, Nov 20.")
    assert logged(cast) == [("2g", 450, "Audit of ten charts"), ("1b", 30, "")]


def test_marcus_signs_by_keyboard_alone(cast: Cast, open_page: OpenPage) -> None:
    page = somebody_with_keys(open_page, cast.marcus)
    page.goto("/review/")
    tab_to(page, "Sign off Ana Reyes")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/")
    tab_to(page, "2g")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/2g/")
    tab_to(page, "Reviewed work or audit")
    page.keyboard.press("ArrowLeft")
    tab_to(page, "3 satisf.")
    page.keyboard.press("Enter")
    tab_to(page, "3 satisf.")
    page.keyboard.press("ArrowRight")
    tab_to(page, "Read and sign 5 of 5: 4, 3, 3, 3, 3")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=1)).to_have_text("Read what you sign")
    tab_to(page, "Your password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "Sign 5 of 5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You signed 5 ratings of 2g")
    assert signed(cast) == [("observed", value) for value in (4, 3, 3, 3, 3)]


def test_ana_logs_a_day_without_scripts(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user, java_script_enabled=False)
    page.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    page.get_by_label("What you did").select_option("2g")
    page.get_by_role("textbox", name="Time").fill("7:30")
    page.get_by_role("button", name="Another line").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7:30 h")
    second = page.get_by_role("group", name="Entry 2", exact=True)
    second.get_by_label("What you did").select_option("1b")
    second.get_by_role("textbox", name="Time").fill("0.5")
    page.get_by_role("button", name="Save day").click()
    expect(page.get_by_role("status")).to_contain_text("Saved Friday, Nov 20.")
    page.get_by_role("button", name="Submit week").click()
    expect(page.get_by_role("status")).to_contain_text("Submitted 2 entries, 8 h")
    assert logged(cast) == [("2g", 450, ""), ("1b", 30, "")]


def test_marcus_signs_without_scripts(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.marcus, java_script_enabled=False)
    page.goto(f"/apprentices/{cast.ana.uid}/sign/2g/")
    statements = page.get_by_role("group", name="Set all unrated")
    page.get_by_role("radio", name="4 competent").first.check()
    statements.get_by_role("button", name="3 satisf.").click()
    page.get_by_role("button", name="Clear the rating").last.click()
    page.get_by_role("button", name="Read and sign 4 of 5: 4, 3, 3, 3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Read what you sign")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign 4 of 5").click()
    expect(page.get_by_role("status")).to_contain_text("You signed 4 ratings of 2g")
    assert signed(cast) == [("reviewed", value) for value in (4, 3, 3, 3)]


def test_ana_reads_what_a_word_means_by_keyboard_without_scripts(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user, java_script_enabled=False)
    page.goto(f"/apprentices/{cast.ana.uid}/progress/")
    help = page.get_by_text(terms()["job-function"].says)
    expect(help).to_be_hidden()
    page.get_by_role("button", name="What is this: Job function?").focus()
    page.keyboard.press("Enter")
    expect(help).to_be_visible()
    page.keyboard.press("Escape")
    expect(help).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/#job-function")


def test_nora_finds_a_person_with_one_key(cast: Cast, open_page: OpenPage) -> None:
    page = somebody_with_keys(open_page, cast.nora, viewport={"width": 1280, "height": 800})
    page.goto("/reports/")
    page.keyboard.press("/")
    page.keyboard.type("reyes/")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=reyes")
    expect(page.get_by_role("link", name="Ana Reyes")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("checkbox", name="key opens the search").uncheck()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_the_search_is_one_link_away_on_a_phone(cast: Cast, open_page: OpenPage) -> None:
    page = somebody_with_keys(open_page, cast.nora)
    page.goto("/reports/")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.goto("/reports/")
    page.get_by_role("link", name="Search").click()
    page.wait_for_url("**/search/")
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_where_a_word_is_explained(cast: Cast, open_page: OpenPage, width: int) -> None:
    page = somebody_with_keys(
        open_page, cast.ana_user, viewport={"width": width, "height": 780}, color_scheme="dark"
    )
    page.goto(f"/apprentices/{cast.ana.uid}/week/")
    page.get_by_role("button", name="What is this: Related instruction (RI)?").click()
    expect(page.get_by_text(terms()["ri"].says)).to_be_in_viewport(ratio=1)
    assert Axe().run(page).response["violations"] == []
