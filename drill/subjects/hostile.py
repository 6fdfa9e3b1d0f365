"""What nobody means well by: in every request and form, in every text, at every door for files."""

import logging
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from drill.figures import Figure, at_least, at_most, none_of
from drill.ground import Ground

TITLE = "Hostile input"
SECONDS = 480
NOT_RUN = ("scripts in Firefox and Safari: there is Chromium alone here",)

SEED = 20261120
CASES, POSTS = 10_000, 2_000
WHO = ("ana_user", "ben_user", "marcus", "priya", "nora", "ruth", "olga", None)
REST_SECONDS = 160
"""Kept for the API while pages are opened."""
LAST_SECONDS = 30
"""Kept to tell what was found; the API is asked as long as there is time."""


def figures(ground: Ground) -> Iterator[Figure]:
    import time_machine
    from django.conf import settings

    from tests.browser.test_every_page import fill
    from tests.cast import NOW

    logging.disable(logging.CRITICAL)
    settings.ALLOWED_HOSTS = ["*"]
    settings.ACCOUNT_RATE_LIMITS = False
    yield from at_every_door(ground)
    with time_machine.travel(NOW, tick=True):
        fill(ground.cast)
        yield from in_every_form(ground)
        yield from on_every_page(ground)
        yield from over_rest(ground)


# ---- Files


def at_every_door(ground: Ground) -> Iterator[Figure]:
    """Every hostile file at every place that takes files."""
    from tests.fuzz.test_uploads import MEGABYTES, SECONDS, taken, wrong

    rows = taken(ground.environment)
    bad = [f"{row['file']} as {row['door']}: {row['kind']}" for row in rows if wrong(row)]
    yield none_of("hostile files that were not refused in words", bad, among=len(rows))
    yield at_most("the longest that a refusal took", SECONDS, max(row["seconds"] for row in rows))
    most = max(row["megabytes"] for row in rows)
    yield at_most("the most memory that one took", MEGABYTES, most, unit="MB")


# ---- Forms


def in_every_form(ground: Ground) -> Iterator[Figure]:
    """POSTS ways of filling in the forms that people meet, spread over all of them."""
    from tests.fuzz.forms import sent, ways

    forms = list(met(ground))
    dice, wrong, count = random.Random(SEED), list[str](), 0
    share = -(-POSTS // sum(bool(form.to_fill_in) for form, _ in forms))
    for form, client in forms:
        for posted in ways(form, dice, share):
            wrong += sent(client, posted)
            count += 1
    lost = [one for one in wrong if one.endswith("is lost")]
    yield at_least("ways in which forms were sent", POSTS, count, note=f"{len(forms)} forms")
    yield none_of("forms that broke down", [one for one in wrong if one not in lost], among=count)
    yield none_of("typing that was lost in a refusal", lost, among=count)


def met(ground: Ground) -> Iterator[tuple[Any, Any]]:
    """Each form that somebody meets on the way along the links, once, with the browser of that person."""
    from tests.fuzz.forms import Forms
    from tests.fuzz.pages import crawl

    seen = set()
    for who in WHO:
        client = browser_of(ground, who)
        for path, html in list(crawl(client)):
            for form in Forms(html, page=path).forms:
                if form.key not in seen:
                    seen.add(form.key)
                    yield form, client


def browser_of(ground: Ground, who: str | None) -> Any:
    from django.test import Client

    from tests.ojt_logs.pages import signed_in

    return signed_in(getattr(ground.cast, who)) if who else Client()


# ---- REST


def over_rest(ground: Ground) -> Iterator[Figure]:
    """Every role, one after the other, until CASES are sent or the time for it is over."""
    from tests.fuzz.rest import ROLES, tried

    cases, failures, server = 0, dict[str, str](), 0
    for number, (who, scopes) in enumerate(ROLES.values()):
        share = max(5, (ground.left() - LAST_SECONDS) / (len(ROLES) - number))
        person = getattr(ground.cast, who) if who else None
        found = tried(person, scopes=scopes, seed=SEED, examples=20, seconds=int(share))
        cases += found.cases
        failures |= found.failures
        server += sum(count for status, count in found.statuses.items() if status >= 500)
    yield at_least("requests to the API", CASES, cases, note=f"as {len(ROLES)} kinds of people and tokens")
    yield Figure("server errors among them", "0", str(server), not server)
    yield none_of("answers that the schema does not describe", list(failures), among=cases)


# ---- Pages


def on_every_page(ground: Ground) -> Iterator[Figure]:
    """Scripts in every text of the record; pages are read as text, then opened in Chromium."""
    from tests.fuzz.pages import Seen, crawl
    from tests.fuzz.payloads import SCRIPTS
    from tests.fuzz.poison import all_rows, poisoned, several

    number = poisoned(all_rows(), several(SCRIPTS, start=7))
    paths, odd = dict[str | None, list[str]](), list[str]()
    for who in WHO:
        pages = list(crawl(browser_of(ground, who), each=1))
        paths[who] = [path for path, _ in pages]
        odd += [f"{path}: {one}" for path, html in pages for one in Seen(html).odd]
    count = sum(map(len, paths.values()))
    yield at_least("texts of the record that held scripts", 500, number, note=f"{len(SCRIPTS)} scripts")
    yield none_of("pages with a tag or an attribute out of a text", odd, among=count)
    opened, said = in_chromium(ground, paths)
    yield none_of("pages that ran something, or tried to", said, among=opened)


def in_chromium(ground: Ground, paths: dict[str | None, list[str]]) -> tuple[int, list[str]]:
    """How many pages were opened, and every dialog, foreign script and complaint of the console."""
    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    call_command("collectstatic", verbosity=0, interactive=False)
    ground.web()
    opened, said = 0, list[str]()
    with sync_playwright() as engine, closing(chromium(engine)) as browser:
        for who, addresses in paths.items():
            page = tab(browser, ground, who, said)
            for path in addresses:
                if ground.left() < REST_SECONDS:
                    return opened, said
                page.goto(path)
                opened += 1
                foreign = page.evaluate(FOREIGN)
                said += [f"{path}: {foreign} scripts"] if foreign else []
    return opened, said


def chromium(engine: Any) -> Any:
    return engine.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])


CHROMIUM = Path("/usr/bin/chromium")
FOREIGN = (
    r"[...document.scripts].filter(one => !one.src && !/^application.(ld.)?json$/.test(one.type)).length"
)
"""Scripts that stand in the page itself: ours are files, but for what is data."""


def tab(browser: Any, ground: Ground, who: str | None, said: list[str]) -> Any:
    """A page of this person that writes down what it should not do."""
    from tests.browser.conftest import complaint, session_of

    origin = ground.environment["SITE_URL"]
    context = browser.new_context(base_url=origin)
    if who:
        key = session_of(getattr(ground.cast, who))
        context.add_cookies([{"name": "sessionid", "value": key, "url": origin}])
    context.on("console", lambda message: said.extend(complaint(message)))
    page = context.new_page()

    def refuse(dialog: Any) -> None:
        said.append(f"{page.url}: a dialog")
        dialog.dismiss()

    page.on("dialog", refuse)
    return page
