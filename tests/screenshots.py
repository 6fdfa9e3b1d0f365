"""Take a picture of every page for everybody: `python -m tests.screenshots [FOLDER]`, or `make screenshots`.

Fills a database of its own with the demo, starts the site and a worker on it with the clock at noon of
Nov 20, 2026, and leaves PERSON-PAGE-WIDTH-SCHEME.png in FOLDER (`var/screenshots` unless said otherwise).
"""

import os
import secrets
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, Route, sync_playwright

from machine.programs import ROOT, Problem, Programs, main, say
from tests.servers import free_port

if TYPE_CHECKING:
    from apprenticeship.models import Apprentice

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 844
PASSWORD = "journeybook-demo"
TRIES = 300

Act = Callable[[Page], None]


def _nothing(page: Page) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Picture:
    """One page: what its picture is called, where it is, and what is done on it before."""

    name: str
    path: str
    act: Act = _nothing


def _unfold(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")


def _press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _rate(page: Page) -> None:
    page.get_by_role("radio", name="4 competent").first.check()
    page.get_by_role("group", name="Set all unrated").get_by_role("button").first.click()


def _read(page: Page) -> None:
    _rate(page)
    page.get_by_role("button", name="Read and sign").click()


def _refused_line(page: Page) -> None:
    page.get_by_label("What you did").last.select_option("2g")
    page.get_by_role("textbox", name="Time").last.fill("25h")
    page.get_by_role("button", name="Save day").click()


def _build(page: Page) -> None:
    page.get_by_role("button", name="Progress PDF").click()
    page.get_by_role("link", name="Download PDF").wait_for(timeout=60_000)


def pictures() -> dict[str, list[Picture]]:
    """What is pictured of whom, after the demo was loaded; asks the database for the addresses."""
    from django.urls import reverse

    from competencies.models import Framework, WorkProcessSchedule
    from ojt_logs.models import HoursEntry
    from reports.prints import proof_of

    ana, chen = _apprentice("Ana Reyes"), _apprentice("Chen Park")
    own, program = f"/apprentices/{ana.uid}", f"/programs/{ana.program.uid}/"
    coders = WorkProcessSchedule.objects.filter(sponsor=None, occupation__rapids_code="1114")
    national = coders.earliest("pk").uid
    entries = HoursEntry.objects.everyone()
    approved, returned = (
        entries.filter(apprentice=ana, status=state).latest("pk") for state in ("approved", "returned")
    )
    corrected = entries.filter(apprentice=chen, status="superseded").latest("pk")
    withdrawn = chen.sign_offs.filter(withdraws=None, withdrawals__isnull=False).latest("pk")
    proof = proof_of(ana.uid)
    assert proof  # the demo has a record
    of_ana, of_sponsor = {"args": [ana.uid]}, {"args": [ana.program.sponsor.uid]}
    return {
        "visitor": [
            Picture("home", "/"),
            Picture("sign-in", "/accounts/login/"),
            Picture("password-reset", "/accounts/password/reset/"),
            Picture("by-invitation", "/signup/"),
            Picture("standards", "/standards/"),
            Picture("standards-1114", "/standards/?q=1114"),
            Picture("glossary", "/glossary/"),
            Picture("tour", "/demo/"),
            Picture("schedule", f"/standards/schedules/{national}/"),
            Picture("schedule-2g", f"/standards/schedules/{national}/#2g"),
            Picture("framework", f"/standards/frameworks/{Framework.objects.get().uid}/"),
            Picture("not-found", "/nowhere/"),
            Picture("verify", reverse("verify", args=[proof.code])),
            Picture("verify-unknown", reverse("verify", args=["nothing"])),
            Picture("public-keys", reverse("public-keys")),
        ],
        "ana": [
            Picture("week", "/"),
            Picture("week-before", f"{own}/week/?of=2026-11-11"),
            Picture("day", f"{own}/days/2026-11-20/"),
            Picture("day-refused", f"{own}/days/2026-11-20/", _refused_line),
            Picture("day-on-record", f"{own}/days/2026-11-18/"),
            Picture("hours", f"{own}/hours/"),
            Picture("hours-filtered", f"{own}/hours/?about=2g&state=approved"),
            Picture("entry", f"/hours/{approved.uid}/"),
            Picture("entry-mend", f"/hours/{returned.uid}/edit/"),
            Picture("progress", f"{own}/progress/"),
            Picture("progress-open", f"{own}/progress/", _unfold),
            Picture("competency", f"{own}/progress/2b/"),
            Picture("profile", "/me/"),
            Picture("tokens", "/me/tokens/"),
            Picture("electronic-records", "/me/consent/"),
            Picture("electronic-records-withdraw", "/me/consent/withdraw/"),
            Picture("reports", "/reports/", _unfold),
            Picture("is-it-still-you", "/me/tokens/new/"),
            Picture("refusal", f"/apprentices/{chen.uid}/sign/"),
            Picture("record", reverse("record", **of_ana)),
            Picture("about-you", reverse("about-you", **of_ana)),
            Picture("erasure", reverse("erasure")),
            Picture("sign-ins", reverse("sign-ins")),
            Picture("second-step", reverse("mfa_index")),
            Picture("second-step-app", reverse("mfa_activate_totp")),
            Picture("second-step-passkey", reverse("mfa_add_webauthn")),
        ],
        "nora": [
            Picture("program", "/"),
            Picture("program-waiting", f"{program}?show=waiting&sort=waiting"),
            Picture("search", "/search/?q=coder"),
            Picture("first-steps", "/start/"),
            Picture("progress", f"{own}/progress/"),
            Picture("competency", f"/apprentices/{chen.uid}/progress/3a/"),
            Picture("entry-corrected", f"/hours/{corrected.uid}/"),
            Picture("sign-off-withdrawn", f"/sign-offs/{withdrawn.uid}/"),
            Picture("schedule", f"/standards/schedules/{ana.program.schedule.uid}/"),
            Picture("report", program, _build),
            Picture("reports", "/reports/", _unfold),
            Picture("record", reverse("record", **of_ana)),
            Picture("hold", reverse("hold", **of_ana)),
            Picture("keeping", reverse("keeping", **of_sponsor)),
            Picture("second-step", reverse("second-step", **of_sponsor)),
            Picture("people", reverse("people", **of_sponsor)),
            Picture("registration", reverse("registration", **of_ana)),
            Picture("wages", reverse("wages", **of_ana)),
            Picture("worth-a-look", reverse("worth-a-look", args=[ana.program.uid])),
        ],
        "ruth": [Picture("program", "/"), Picture("progress", f"{own}/progress/")],
        "olga": [Picture("program", "/")],
        "marcus": [
            Picture("review", "/"),
            Picture("review-week", f"/review/{ana.uid}/2026-11-16/"),
            Picture("sign", f"{own}/sign/"),
            Picture("sign-competency", f"{own}/sign/2g/"),
            Picture("sign-rated", f"{own}/sign/2g/", _rate),
            Picture("sign-read", f"{own}/sign/2g/", _read),
            Picture("progress", f"{own}/progress/"),
            Picture("approved", "/review/", _press("Approve week")),
        ],
        "priya": [Picture("review", "/"), Picture("approved", "/review/", _press("Approve week"))],
    }


def _apprentice(name: str) -> "Apprentice":
    from apprenticeship.models import Apprentice

    return Apprentice.objects.everyone().select_related("program__schedule").get(user__name=name)


def take(chrome: Browser, address: str, person: str, wanted: list[Picture], folder: Path) -> Iterator[str]:
    """The pictures of one person, in every width and scheme; yields the name of each page."""
    page = signed_in(chrome, address, person)
    for picture in wanted:
        page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        page.goto(picture.path)
        picture.act(page)
        page.wait_for_load_state("networkidle")
        _four(page, folder / f"{person}-{picture.name}")
        yield f"{person}-{picture.name}"
    page.context.close()


def signed_in(chrome: Browser, address: str, person: str, *, scale: int = 1) -> Page:
    """A page of a browser of their own, after signing in; a visitor's as it comes."""
    context = chrome.new_context(base_url=address, reduced_motion="reduce", device_scale_factor=scale)
    context.route("**/journeybook*.css", _with_its_letters)
    page = context.new_page()
    if person != "visitor":
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(_email(person))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/accounts/" not in url)
    return page


def _with_its_letters(route: Route) -> None:
    """A page shows other letters rather than move when its own come late; a picture waits for them."""
    answer = route.fetch()
    sheet = answer.text().replace("font-display: optional", "font-display: block")
    route.fulfill(response=answer, body=sheet)


def _email(person: str) -> str:
    return f"{person}@{'harbor' if person == 'olga' else 'lakeside'}.example"


def _four(page: Page, name: Path) -> None:
    """Of the whole page, in a window as high as it is: what sticks to the foot stands where it ends."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{name}-{width}-{scheme}.png")


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium; root may not use its sandbox."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--disable-gpu", *root]
        )
        yield chrome
        chrome.close()


@contextmanager
def site() -> Iterator[str]:
    """The demo in a folder of its own, served with a worker beside it; yields the address."""
    folder = Path(tempfile.mkdtemp(prefix="journeybook-pictures-"))
    try:
        with _served(folder) as address:
            yield address
    except Problem:
        say((folder / "log").read_text()[-3000:])
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
        "DEBUG": "0",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "DJANGO_SETTINGS_MODULE": "apprenticeship.settings",
        "LEDGER_KEY": secrets.token_urlsafe(48),
        "PRIVATE_KEYS": secrets.token_urlsafe(48),
        "REDIS_URL": "",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SITE_URL": address,
        "STATIC_ROOT": f"{folder}/static",
        "VAR_DIR": str(folder),
    }
    _fill()
    calm = ["--loglevel", "warning", "--pool", "solo", "--without-gossip", "--without-mingle"]
    worker = ["-m", "tests.frozen", "--app", "apprenticeship", "--quiet", "worker", *calm]
    web = ["tests.frozen", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"]
    with Programs() as programs, (folder / "log").open("w") as log:
        quiet = {"stdout": log, "stderr": log}
        gunicorn = [sys.executable, "-m", "gunicorn", *web, "--no-control-socket"]
        programs.start("web server", gunicorn, **quiet)
        programs.start("task worker", [sys.executable, *worker], **quiet)
        _await(address, programs)
        yield address


def _fill() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("load_standards", verbosity=0)
    call_command("load_demo", "--today", "2026-11-20", "--even-without-debug")
    call_command("collectstatic", "--no-input", verbosity=0)


def _await(address: str, programs: Programs) -> None:
    for _ in range(TRIES):
        programs.check()
        with suppress(OSError), urllib.request.urlopen(address, timeout=20):  # noqa: S310
            return
        time.sleep(0.2)
    raise Problem("the site did not answer within a minute; its last words are above.")


def screenshots() -> None:
    """All pictures, into the folder named on the command line."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "var" / "screenshots").resolve()
    target.mkdir(parents=True, exist_ok=True)
    from tests.pictures import keep

    with site() as address, browser() as chrome:
        wanted = pictures()
        for name in keep(chrome, address, wanted):
            say(f"docs/pictures/{name}.webp")
        for person, pages in wanted.items():
            for name in take(chrome, address, person, pages, target):
                say(name)
    say(f"{sum(map(len, wanted.values())) * len(WIDTHS) * len(SCHEMES)} pictures are in {target}")


if __name__ == "__main__":
    sys.exit(main(screenshots))
