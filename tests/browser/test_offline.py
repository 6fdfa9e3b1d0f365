"""The logbook without signal, on a phone: nothing is lost, nothing comes twice, nobody else reads it."""

import contextlib
import json
import os
import signal
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from accounts.durations import parse_minutes
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.offline import FILES
from tests.accounts.test_durations import READ, REFUSED
from tests.browser.conftest import (
    KEPT,
    PHONE,
    Phone,
    come_in,
    find_signal,
    lose_signal,
    prepare,
    settled,
    soon,
)
from tests.browser.signal import Line
from tests.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "Second look at ten cardiology charts"
REASON = "There was no query to send."
CACHED = """async () => (await Promise.all((await caches.keys()).map(async (name) => {
  const cache = await caches.open(name);
  const text = async (one) => (await cache.match(one)).text();
  return Promise.all((await cache.keys()).map(async (one) => [one.url, await text(one)]));
}))).flat()"""


def write(page: Page, about: str, minutes: str, note: str = "", day: str = "") -> None:
    before = page.locator("[data-waiting] > li").count()
    if day:
        page.get_by_label("Day").fill(day)
    page.get_by_label("What you did").select_option(about)
    page.get_by_label("Time").fill(minutes)
    if note:
        page.locator("summary").click()
        page.get_by_role("textbox", name="Note").fill(note)
    page.get_by_role("button", name="Save on this device").click()
    expect(page.locator("[data-waiting] > li")).to_have_count(before + 1)


def rows_of(cast: Cast) -> list[tuple[date, int, str]]:
    rows = HoursEntry.objects.filter(apprentice=cast.ana).order_by("pk")
    return [(row.date, row.minutes, row.note) for row in rows]


def waits(page: Page) -> Locator:
    """What every page of the apprentice says of what waits."""
    return page.locator("[data-unsent]")


def test_time_is_read_as_the_server_reads_it(cast: Cast, phone: Phone) -> None:
    page = phone(cast.ana_user)
    read = """async (texts) => {
      const { parseMinutes } = await import("/static/offline/durations.js");
      const read = (text) => {
        try { return parseMinutes(text); } catch (problem) { return problem.message; }
      };
      return texts.map(read);
    }"""
    assert page.evaluate(read, list(READ)) == list(READ.values())
    odd = [*REFUSED, "7.34", "7.345", "0.01", "24.1", "7.5h30", "1" * 7, "00:59"]
    assert page.evaluate(read, odd) == [by_server(text) for text in odd]
    every = [f"{minutes / 60:.2f}" for minutes in range(0, 1441, 7)]
    assert page.evaluate(read, every) == [by_server(text) for text in every]


def by_server(text: str) -> int | str:
    try:
        return parse_minutes(text)
    except ValueError as problem:
        return str(problem)


def test_entries_wait_without_signal_and_go_out_when_it_is_back(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7h30", NOTE, "2026-11-19")
    write(page, "other", "45m", day="2026-11-20")
    expect(page.get_by_role("heading", name="2 waiting to be sent")).to_be_visible()
    assert rows_of(cast) == []
    find_signal(page, line)
    expect(page.get_by_role("status")).to_contain_text("2 entries were sent")
    assert rows_of(cast) == [(date(2026, 11, 19), 450, NOTE), (date(2026, 11, 20), 45, "")]
    assert kept(page)["sealed"][-1]["kind"] != "entry"


def test_same_as_the_day_before_is_one_tap(cast: Cast, phone: Phone, line: Line) -> None:
    cast.log(
        cast.ana, cast.ojt(minutes=450, day=date(2026, 11, 19)), cast.ri(minutes=60, day=date(2026, 11, 19))
    )
    page = phone(cast.ana_user)
    lose_signal(page, line)
    page.get_by_role("button", name="Same as Thu, Nov 19: 8 h 30 min").click()
    expect(page.locator("[data-waiting] > li")).to_have_count(2)
    expect(page.get_by_role("button", name="Same as")).to_be_hidden()
    find_signal(page, line)
    expect(page.get_by_role("status")).to_contain_text("2 entries were sent")
    assert rows_of(cast)[2:] == [(date(2026, 11, 20), 450, ""), (date(2026, 11, 20), 60, "")]


def test_what_is_typed_on_a_page_of_a_day_waits_when_the_signal_is_lost(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = phone(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/days/2026-11-20/")
    expect(page.locator("[data-line]")).to_have_count(1)
    page.get_by_label("What you did").select_option("2g")
    page.get_by_role("textbox", name="Time").fill("7h30")
    page.get_by_text("Note", exact=True).click()
    page.get_by_role("textbox", name="Note").fill(NOTE)
    line.hang_up()
    page.context.set_offline(True)
    page.get_by_role("button", name="Save day").click()
    expect(page).to_have_url(f"{line.url}/offline/")
    expect(page.get_by_role("heading", name="1 waiting to be sent")).to_be_visible()
    find_signal(page, line)
    expect(page.get_by_role("status")).to_contain_text("1 entry was sent")
    assert rows_of(cast) == [(date(2026, 11, 20), 450, NOTE)]


def test_what_waits_is_said_on_every_page_of_the_apprentice(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    for minutes in ("1:00", "2:00", "3:00"):
        write(page, "2g", minutes)
    line.cut = False
    line.block = b"/offline/device/"
    page.context.set_offline(False)
    for path in ("/me/", f"/apprentices/{cast.ana.uid}/progress/"):
        page.goto(path)
        expect(waits(page)).to_contain_text("3 entries waiting to be sent")
        assert Axe().run(page).response["violations"] == []
    line.block = b""
    page.reload()
    soon(page, lambda: len(rows_of(cast)) == 3)
    expect(waits(page)).to_be_hidden()
    assert [minutes for _, minutes, _ in rows_of(cast)] == [60, 120, 180]


def test_an_answer_that_is_lost_makes_nothing_twice(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    for number in range(1, 6):
        write(page, "2g", f"{number}m")
    line.lose_answers = b"/hours/batch/"
    find_signal(page, line)
    expect(page.get_by_role("status")).to_contain_text("There is no signal now")
    assert line.lost >= 1
    assert [minutes for _, minutes, _ in rows_of(cast)] == [1, 2, 3, 4, 5]
    expect(page.locator("[data-waiting] > li")).to_have_count(5)
    line.lose_answers = b""
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("status")).to_contain_text("5 entries were sent")
    assert [minutes for _, minutes, _ in rows_of(cast)] == [1, 2, 3, 4, 5]


def test_two_pages_that_send_at_once_send_once(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "1:00")
    other = page.context.new_page()
    other.goto(f"{line.url}/offline/")
    find_signal(page, line)
    for one in (page, other):
        expect(one.locator("[data-waiting] > li")).to_have_count(0)
    assert len(rows_of(cast)) == 1


def test_what_is_refused_comes_back_with_what_was_typed_and_the_remedy(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7h30", NOTE, "2026-01-15")
    write(page, "1b", "2:00", day="2026-11-20")
    find_signal(page, line)
    trouble = page.get_by_role("region", name="These need you")
    expect(trouble).to_contain_text("The apprenticeship began on")
    expect(trouble).to_contain_text(NOTE)
    assert [minutes for _, minutes, _ in rows_of(cast)] == [120]
    assert Axe().run(page).response["violations"] == []
    trouble.get_by_role("button", name="Change it").click()
    day = page.get_by_label("Day")
    expect(day).to_be_focused()
    expect(day).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Time")).to_have_value("7h30")
    expect(page.get_by_role("textbox", name="Note")).to_have_value(NOTE)
    day.fill("2026-11-16")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("status")).to_contain_text("1 entry was sent")
    expect(trouble).to_be_hidden()
    assert rows_of(cast)[-1] == (date(2026, 11, 16), 450, NOTE)


@pytest.mark.parametrize(("answer", "minutes"), [("Keep both", [450, 60]), ("Leave the record", [450])])
def test_a_day_that_was_changed_meanwhile_shows_both_and_asks(
    cast: Cast, phone: Phone, line: Line, answer: str, minutes: list[int]
) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "1b", "1:00", day="2026-11-20")
    cast.log(cast.ana, cast.ojt(minutes=450, note="At the desk"))
    find_signal(page, line)
    trouble = page.get_by_role("region", name="These need you")
    expect(trouble).to_contain_text("entries that you did not see")
    expect(trouble).to_contain_text("At the desk")
    expect(trouble).to_contain_text("1 h, 1b")
    assert Axe().run(page).response["violations"] == []
    assert len(rows_of(cast)) == 1
    trouble.get_by_role("button", name=answer).click()
    expect(trouble).to_be_hidden()
    expect(page.locator("[data-waiting] > li")).to_have_count(0)
    assert [one for _, one, _ in rows_of(cast)] == minutes


def test_an_entry_that_says_something_else_by_now_shows_both_and_asks(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "1:00")
    line.lose_answers = b"/hours/batch/"
    find_signal(page, line)
    expect(page.get_by_role("status")).to_contain_text("There is no signal now")
    nobody_sends(page)
    HoursEntry.objects.get().change(by=cast.ana_user, now=NOW, minutes=480)
    line.lose_answers = b""
    page.get_by_role("button", name="Send now").click()
    trouble = page.get_by_role("region", name="These need you")
    expect(trouble).to_contain_text("arrived before, and says something else")
    trouble.get_by_role("button", name="Use mine instead").click()
    expect(page.get_by_role("status")).to_contain_text("1 entry was sent")
    assert [minutes for _, minutes, _ in rows_of(cast)] == [60]


def nobody_sends(page: Page) -> None:
    """Wait until neither the page nor the worker, which tries by itself, has something on its way."""
    page.wait_for_timeout(2_000)
    soon(page, lambda: page.evaluate("navigator.locks.query().then((all) => !all.held.length)"))


def kept(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def says_nothing(page: Page, *words: str) -> None:
    """Nothing readable of these words is anywhere on the device."""
    stores = json.dumps(kept(page)) + json.dumps(page.evaluate(CACHED))
    stores += page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    assert [word for word in words if word in stores] == []


def test_what_waits_is_encrypted_and_its_key_cannot_be_read(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7:30", NOTE)
    found = kept(page)
    assert [row["kind"] for row in found["sealed"]].count("entry") == 1
    assert found["keys"] == [False]
    says_nothing(page, NOTE, "Reyes", "Lakeside", str(cast.ana.uid), str(cast.ana_user.uid))


def test_no_page_of_a_person_and_no_answer_is_ever_kept(cast: Cast, phone: Phone) -> None:
    page = phone(cast.ana_user)
    for path in ("week", "hours", "progress"):
        page.goto(f"/apprentices/{cast.ana.uid}/{path}/")
    page.evaluate("fetch('/api/v1/me/').then((answer) => answer.text())")
    found = page.evaluate(CACHED)
    paths = sorted(urlsplit(address).path for address, _ in found)
    assert paths == sorted(["/offline/", *(f"/static/{name}" for name in FILES)])
    assert not [address for address, text in found if "Ana" in text or "Lakeside" in text]


def sign_out(page: Page) -> None:
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def leave_with_one_entry(cast: Cast, phone: Phone, line: Line) -> Page:
    """Ana wrote an entry that does not get through, and goes to sign out."""
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7:30", NOTE, "2026-11-20")
    line.cut = False
    line.block = b"/hours/batch/"
    page.context.set_offline(False)
    page.goto("/me/")
    expect(waits(page)).to_contain_text("1 entry waiting")
    sign_out(page)
    expect(page.get_by_text("1 entry is not sent yet.")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    return page


def test_signing_out_sends_first_where_that_is_asked(cast: Cast, phone: Phone, line: Line) -> None:
    page = leave_with_one_entry(cast, phone, line)
    line.block = b""
    page.get_by_role("button", name="Send now, then sign out").click()
    page.wait_for_url(f"{line.url}/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert len(rows_of(cast)) == 1
    assert kept(page)["keys"] == []


def test_signing_out_discards_where_that_is_asked(cast: Cast, phone: Phone, line: Line) -> None:
    page = leave_with_one_entry(cast, phone, line)
    page.get_by_role("button", name="Discard").click()
    page.wait_for_url(f"{line.url}/")
    assert kept(page) == {"sealed": [], "keys": []}
    line.block = b""
    come_in(page, cast.ana_user, line)
    expect(waits(page)).to_be_hidden()
    assert rows_of(cast) == []


def test_what_is_kept_at_sign_out_is_nobody_elses_and_sent_by_its_writer(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = leave_with_one_entry(cast, phone, line)
    page.get_by_role("button", name="Keep for me").click()
    page.wait_for_url(f"{line.url}/")
    found = kept(page)
    assert (found["keys"], {row["kind"] for row in found["sealed"]}) == ([], {"entry"})
    line.block = b""
    come_in(page, cast.ben_user, line)
    says_nothing(page, NOTE, "Reyes", str(cast.ana.uid), str(cast.ana_user.uid))
    expect(waits(page)).to_be_hidden()
    lose_signal(page, line)
    expect(page.get_by_text("Ben", exact=True)).to_be_visible()
    expect(page.locator("[data-waiting] > li")).to_have_count(0)
    find_signal(page, line)
    page.goto("/me/")
    sign_out(page)
    page.wait_for_url(f"{line.url}/")
    assert rows_of(cast) == [] and not HoursEntry.objects.exists()
    come_in(page, cast.ana_user, line)
    soon(page, lambda: rows_of(cast))
    expect(waits(page)).to_be_hidden()
    assert rows_of(cast) == [(date(2026, 11, 20), 450, NOTE)]


def test_signing_out_without_signal_waits_for_it(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.ana_user)
    line.hang_up()
    page.context.set_offline(True)
    sign_out(page)
    expect(waits(page)).to_contain_text("Signing out needs signal")
    assert len(kept(page)["keys"]) == 1


def test_a_session_that_ended_elsewhere_sends_nothing_and_loses_nothing(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7:30", NOTE)
    Session.objects.all().delete()
    find_signal(page, line)
    expect(page.get_by_role("heading", name="Sign in to open your logbook")).to_be_visible()
    assert (rows_of(cast), kept(page)["keys"]) == ([], [])
    says_nothing(page, NOTE, "Reyes")
    come_in(page, cast.ana_user, line)
    soon(page, lambda: rows_of(cast))
    expect(waits(page)).to_be_hidden()
    assert len(rows_of(cast)) == 1


def test_somebody_else_who_signs_in_ends_what_the_device_could_read(
    cast: Cast, phone: Phone, line: Line
) -> None:
    page = phone(cast.ana_user)
    lose_signal(page, line)
    write(page, "2g", "7:30", NOTE)
    Session.objects.all().delete()
    line.block = b"/hours/batch/"
    page.context.clear_cookies()
    line.cut = False
    page.context.set_offline(False)
    come_in(page, cast.ben_user, line)
    assert len(kept(page)["keys"]) == 1
    says_nothing(page, NOTE, "Reyes")
    line.block = b""
    page.goto("/offline/")
    expect(page.locator("[data-waiting] > li")).to_have_count(0)
    assert not HoursEntry.objects.exists()


def test_marcus_rates_without_signal_and_signs_when_it_is_back(cast: Cast, phone: Phone, line: Line) -> None:
    page = phone(cast.marcus)
    lose_signal(page, line)
    page.get_by_label("Competency").select_option("2g")
    for group in page.locator("[data-standards] fieldset").all():
        group.get_by_role("radio", name="4").check()
    expect(page.get_by_label("Why")).to_have_count(5)
    expect(page.get_by_label("Why").first).to_be_hidden()
    page.locator("[data-standards] fieldset").first.get_by_role("radio", name="0").check()
    page.get_by_label("Why").first.fill(REASON)
    page.get_by_role("textbox", name="Note (optional)").fill(NOTE)
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("status")).to_contain_text("5 rated of 2g for Ana Reyes")
    says_nothing(page, NOTE, REASON, "Reyes")
    assert not SignOff.objects.exists()
    find_signal(page, line)
    page.goto("/review/")
    expect(waits(page)).to_contain_text("1 sign-off ready to sign")
    waits(page).get_by_role("link").click()
    page.get_by_role("link", name="Sign 2g for Ana Reyes").click()
    expect(page.get_by_role("radio", name="0 not seen").first).to_be_checked()
    expect(page.get_by_role("radio", name="4 competent").nth(1)).to_be_checked()
    expect(page.get_by_label("Why").first).to_have_value(REASON)
    expect(page.get_by_label("Note (optional)")).to_have_value(NOTE)
    page.get_by_role("button", name="Read and sign 5 of 5").click()
    page.get_by_role("button", name="Sign 5 of 5").click()
    expect(page.locator("main")).to_contain_text("You signed 5 ratings of 2g")
    assert SignOff.objects.filter(apprentice=cast.ana, note=NOTE).count() == 5
    assert SignOff.objects.get(rating__value=0).reason == REASON
    expect(waits(page)).to_be_hidden()


def start(playwright: Playwright, profile: Path, said: list[str]) -> BrowserContext:
    """A browser with a profile of its own, as a phone starts it again after it was killed."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--disable-gpu"],
        viewport=PHONE,
    )
    prepare(context, said)
    return context


def kill(profile: Path) -> None:
    """End every process of this profile at once, as a phone does that needs the memory."""
    ours = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(profile) in (folder / "cmdline").read_text():
                ours.append(int(folder.name))
    assert ours
    for pid in ours:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cookies_are_on_disk(profile: Path) -> bool:
    """Whether the browser has written its cookies down, which it does every half minute."""
    with sqlite3.connect(f"file:{profile}/Default/Cookies?mode=ro&immutable=1", uri=True) as base:
        return bool(base.execute("SELECT 1 FROM cookies WHERE name = 'device'").fetchall())


def test_fifty_entries_outlive_a_killed_browser_and_arrive_once_in_order(
    cast: Cast, playwright: Playwright, line: Line, tmp_path: Path
) -> None:
    said: list[str] = []
    page = start(playwright, tmp_path, said).pages[0]
    page.goto(f"{line.url}/accounts/login/?next=/me/")
    page.get_by_label("E-mail").fill(cast.ana_user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Stay signed in").check()
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/me/")
    settled(page)
    lose_signal(page, line)
    began = time.monotonic()
    for number in range(1, 51):
        write(page, "2g", f"{number}m", NOTE if number == 50 else "", f"2026-11-{19 + number % 2}")
    print(f"50 entries written in {time.monotonic() - began:.1f} s")
    while not cookies_are_on_disk(tmp_path):
        page.wait_for_timeout(500)
    kill(tmp_path)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert NOTE.encode() not in on_disk and NOTE.encode("utf-16-le") not in on_disk

    context = start(playwright, tmp_path, said)
    context.set_offline(True)
    page = context.pages[0]
    page.goto(f"{line.url}/")
    expect(page.get_by_role("heading", name="50 waiting to be sent")).to_be_visible()
    expect(page.locator("[data-waiting] > li").last).to_contain_text("50 min")
    assert rows_of(cast) == []
    find_signal(page, line)
    began = time.monotonic()
    expect(page.get_by_role("status")).to_contain_text("50 entries were sent", timeout=60_000)
    print(f"50 entries sent in {time.monotonic() - began:.1f} s")
    rows = rows_of(cast)
    assert [minutes for _, minutes, _ in rows] == list(range(1, 51))
    assert rows[-1] == (date(2026, 11, 19), 50, NOTE)
    context.close()
    assert said == []


def test_the_first_page_after_signing_in_stays_small(cast: Cast, phone: Phone) -> None:
    """Bytes on the wire of our scripts for every page, and of what the device keeps, once a version."""
    page = phone(cast.ana_user)
    sizes = {name: len(page.request.get(f"/static/{name}").body()) for name in FILES}
    scripts = {name: size for name, size in sizes.items() if name.startswith("offline/")}
    every_page = [f"offline/{name}.js" for name in ("page", "store", "logbook")]
    weight = sum(len(page.request.get(f"/static/{name}").body()) for name in every_page)
    shell = len(page.request.get("/offline/").body())
    book = len(page.request.get("/offline/logbook/").body())
    print(f"every page {weight}, scripts of the shell {sum(scripts.values())}, shell {shell}, logbook {book}")
    assert weight < 16_000
    assert sum(scripts.values()) < 48_000
    assert shell < 20_000 and book < 20_000


def test_the_logbook_opens_after_signing_in_from_it(cast: Cast, browser: Browser, line: Line) -> None:
    said: list[str] = []
    context = browser.new_context(base_url=line.url, viewport=PHONE)
    prepare(context, said)
    page = context.new_page()
    page.goto("/offline/")
    expect(page.get_by_label("Day")).to_be_hidden()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(cast.ana_user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{line.url}/offline/")
    expect(page.get_by_label("Day")).to_be_visible()
    write_with_signal(page)
    assert rows_of(cast) == [(date(2026, 11, 20), 95, "")]
    context.close()
    assert said == []


def write_with_signal(page: Page) -> None:
    page.get_by_label("What you did").select_option("2g")
    page.get_by_label("Time").fill("1:35")
    page.get_by_role("button", name="Save on this device").click()
    expect(page.get_by_role("status")).to_contain_text("1 entry was sent")
