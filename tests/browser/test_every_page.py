"""Every page that a person can reach by following links, on a small phone in light and on a desk in dark."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import resolve, reverse
from playwright.sync_api import Page

from accounts.models import User
from apprenticeship.models import Amendment, Credit, LegalHold
from apprenticeship.models.credits import CreditLine
from competencies.drafts.acts import change, look
from competencies.models import FrameworkStatement, LearningResource
from competencies.versions import adopt, begin_draft
from ojt_logs import attesting, disposing
from ojt_logs.imports.bringing import bring, plan_for
from ojt_logs.imports.payroll import bring_paid
from ojt_logs.imports.uploads import read
from ojt_logs.models import (
    Authentication,
    Disposal,
    Evidence,
    HoursEntry,
    NoWorkPeriod,
    PrivacyReport,
    Rating,
    SignOff,
    SignOffRequest,
)
from ojt_logs.models.course_results import Outcome
from reports.models import ReportRun
from tests.acts import attested_by_somebody, reviewed
from tests.browser.conftest import OpenPage
from tests.cast import NOW, PASSWORD, TODAY, Cast
from tests.ojt_logs.test_files import photo

pytestmark = pytest.mark.django_db(transaction=True)

EACH = 2
"""So many addresses of one URL name are looked at; a list leads to hundreds."""

RECORD = {
    "progress",
    "competency",
    "sign-off-request",
    "attestation",
    "attestation-links",
    "periodic-review",
    "periodic-reviews",
    "sheet",
    "course-result",
    "hours",
    "hours-entry",
    "no-work",
    "wages",
    "ask-for-work",
    "why",
    "credit",
    "sign-off",
    "sign-offs",
    "privacy-report",
    "registration",
    "registration-history",
}
OFFICE = {
    "registration-facts",
    "registration-elections",
    "mentor-assign",
    "mentor-end",
    "stand-in",
    "status-change",
    "enrol",
    "enrol-list",
    "raises",
    "reviewer",
    "credit-grant",
    "classes",
    "class",
    "class-new",
}
VERSIONS = {
    "standards-upload",
    "standards",
    "schedule",
    "schedule-adapt",
    "schedule-approve",
    "schedule-retire",
    "schedule-differences",
    "draft",
    "draft-about",
    "draft-add",
    "draft-change",
    "draft-remove",
    "draft-topics",
    "draft-finish",
}
MET = {
    "ana_user": {
        "receipt",
        "receipts",
        "notices",
        "notice-settings",
        "ask",
        "hand-phone",
        "amendment",
        "study",
        "week",
        "week-grid",
        "day",
        "hours-edit",
        "profile",
        "sign-ins",
        "mfa_index",
        "erasure",
        "about-you",
        "agency-form",
        "tokens",
        "offline",
        *RECORD,
    },
    "marcus": {
        "sign-off-request",
        "paper",
        "periodic-review",
        "periodic-review-new",
        "periodic-reviews",
        "review",
        "review-week",
        "sign",
        "sign-competency",
        "sign-off",
        "offline",
        "notices",
    },
    "priya": {
        "review",
        "review-week",
        "programs",
        "classes",
        "class",
        "course-result",
        "coverage",
        "coverage-course",
        "standards",
        "schedule",
        "crosswalk",
        "library",
        "library-import",
        "framework",
        "statement",
    },
    "nora": {
        "programs",
        "program",
        "program-new",
        "people",
        "people-invite",
        "invitations",
        "membership",
        "second-step",
        "employers",
        "program-settings",
        "program-elections",
        "program-hours",
        "log-for",
        "hours-import",
        "hours-batch",
        "history-start",
        "payroll",
        "paid-hours",
        "program-sign-offs",
        "program-reviews",
        "paper",
        "attestation-new",
        "for-registration",
        "reports",
        "report",
        "report-preview",
        "record",
        "public-keys",
        *RECORD,
        *OFFICE,
        *VERSIONS,
        "program-amend",
        "amendment",
        "privacy",
        "privacy-one",
        "waiting",
        "worth-a-look",
        "keeping",
        "disposal",
        "erasure-request",
        "erasure-for",
        "equal-opportunity",
        "hold",
        "hold-sponsor",
        "hold-lift",
        "hand-over",
    },
    "ruth": {"programs", "program", "reports", "progress", "registration", "record"},
    "operator": {"standards", "operations"},
    "visitor": {
        "home",
        "standards",
        "schedule",
        "crosswalk",
        "framework",
        "statement",
        "account_login",
        "account_reset_password",
        "glossary",
        "search",
    },
}
"""URL names that each person meets on the way from the first screen; only these are followed."""

STRUCTURE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = ["color-contrast", "link-in-text-block", "target-size"]
"""The rules whose answer the other screen can change."""
Screens = list[tuple[Any, Any, dict[str, object]]]
SCREENS: Screens = [
    (
        "light",
        {"width": 360, "height": 780},
        {"runOnly": STRUCTURE, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]},
    ),
    (
        "dark",
        {"width": 1280, "height": 900},
        {"runOnly": {"type": "rule", "values": LOOK}, "resultTypes": ["violations"]},
    ),
]


def fill(cast: Cast) -> None:
    """Something in every state that a page can show."""
    work = [cast.ojt(day=TODAY - timedelta(days=ago), minutes=450, note="Ten charts") for ago in (10, 11)]
    cast.approved(cast.ana, *work, cast.ri(day=TODAY - timedelta(days=9)))
    cast.submitted(cast.ana, cast.ojt("1b", minutes=240, note="Clinic notes"), cast.ri(minutes=90))
    cast.submitted(cast.ben, cast.ojt("2a", minutes=480))
    (sent,) = cast.submitted(cast.ana, cast.ojt("2c", minutes=60, day=TODAY - timedelta(days=2)))
    HoursEntry.objects.filter(pk=sent.pk).move("return", by=cast.marcus, now=NOW, reason="Which policy?")
    book = LearningResource.objects.keep(
        cast.lakeside, by=cast.priya, now=NOW, title="A book", address="https://example.org/book"
    )
    book.use_for(FrameworkStatement.objects.filter(kind="statement")[0]).pin(by=cast.priya, now=NOW)
    cast.log(cast.ana, cast.ojt("3a", minutes=30, day=TODAY - timedelta(days=1)))
    with_files(cast)
    cast.sign(cast.ana, "2g")
    seen = {"evidence": "A transcript", "decided_on": TODAY, "wage_step": None}
    given = [CreditLine(600, cast.function(1)), CreditLine(competency=cast.competency("3a"))]
    Credit.objects.grant(cast.ana, given, **seen, by=cast.nora, now=NOW)
    for ago, why in ((0, "leave"), (30, "sick")):
        days = dict.fromkeys(("first_day", "last_day"), TODAY - timedelta(days=ago))
        row = NoWorkPeriod.objects.record(cast.ana, why, **days, by=cast.ana_user, now=NOW, note="Moving")
    row.withdraw(by=cast.nora, now=NOW, reason="She worked")
    disposing.ask(cast.ana_user, cast.lakeside, by=cast.ana_user, now=NOW, words="Please")
    proposed = Disposal.objects.create(sponsor=cast.lakeside, proposed_by=cast.nora, proposed_at=NOW)
    proposed.people.add(cast.ben)
    LegalHold.objects.place(cast.lakeside, apprentice=cast.ana, by=cast.nora, now=NOW, reason="Case 7")
    cast.program.change(by=cast.nora, now=NOW, review_months=3)
    reviewed(cast)
    attesting.accept(
        attested_by_somebody(cast), by=cast.marcus, now=NOW, authentication=Authentication("password", NOW)
    )
    own = Rating(cast.competency("1b").standards.all()[0], cast.level(3))
    named = [cast.competency(code) for code in ("1b", "3a")]
    SignOffRequest.objects.ask(
        cast.ana, by=cast.ana_user, now=NOW, competencies=named, ratings=[own], note="Friday?"
    )
    cast.grade(Outcome(cast.ana, True, "A", "Best of the class."))
    mistaken, *_ = cast.sign(cast.ana, "1a", value=3)
    cast.sign(cast.ana, "1a", value=2, day=TODAY - timedelta(days=1))
    SignOff.objects.withdraw(
        mistaken,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="Another chart was meant.",
    )
    changed = begin_draft(cast.program.schedule, sponsor=cast.lakeside).job_functions.get(number=1)
    seen = look(changed, ["title"])
    changed.title = f"{changed.title}, here as well"
    change(changed.schedule, changed, ["title"], seen=seen)
    after = adopt(cast.program.schedule, sponsor=cast.lakeside, now=NOW, minimum_ri_minutes=6000)
    Amendment.objects.propose(cast.ana, after, effective_on=TODAY, by=cast.nora, now=NOW)
    text = b"E-mail,Date,Hours\nben@example.org,2026-11-02,8\n"
    upload = read(text, name="payroll.csv", kind="hours")
    bring(upload, plan_for(upload, sponsor=cast.lakeside), sponsor=cast.lakeside, by=cast.nora, now=NOW)
    text = b"E-mail,Period start,Period end,Hours\nana@example.org,2026-11-02,2026-11-08,8\n"
    upload = read(text, name="paid.csv", kind="payroll")
    bring_paid(upload, plan_for(upload, sponsor=cast.lakeside), sponsor=cast.lakeside, by=cast.nora, now=NOW)
    running = ReportRun.objects.start(by=cast.nora, now=NOW, document="progress", program=cast.program)
    ReportRun.objects.claim(running.pk, now=NOW)
    failing = ReportRun.objects.start(by=cast.nora, now=NOW, document="schedule", program=cast.program)
    claimed = ReportRun.objects.claim(failing.pk, now=NOW)
    assert claimed and claimed.fail("The program has no schedule on paper.", now=NOW)


def with_files(cast: Cast) -> None:
    """A photo on waiting hours, and one that was reported."""
    row = HoursEntry.objects.filter(apprentice=cast.ana, status="submitted", kind="ojt").latest("pk")
    file, hidden = (
        Evidence.objects.attach(row, by=cast.ana_user, now=NOW, file=BytesIO(photo()), size=999, name=name)
        for name in ("desk.jpg", "chart.jpg")
    )
    PrivacyReport.objects.report("evidence", hidden, by=cast.marcus, now=NOW, why=f"A name, beside {file}")


def crawl(first: Page, names: set[str], beside: list[str]) -> Iterator[tuple[str, Page]]:
    """Open pages from the first screen and those `beside` along their links, EACH of every name, a tab for
    each."""
    waiting, taken = ["/", *beside], Counter[str]()
    seen = set(waiting)
    while waiting:
        page = first.context.new_page()
        answer = page.goto(waiting.pop(0))
        assert answer and answer.status == 200, page.url
        taken[name_of(page.url)] += 1
        yield urlsplit(page.url).path, page
        for address in page.locator("a[href]:not([download])").evaluate_all(
            "links => links.map(link => link.href)"
        ):
            address = address.partition("#")[0]
            if address in seen or urlsplit(address).netloc != urlsplit(page.url).netloc:
                continue
            seen.add(address)
            on_the_way = sum(name_of(one) == name_of(address) for one in waiting)
            if name_of(address) in names and taken[name_of(address)] + on_the_way < EACH:
                waiting.append(address)
        page.close()
    assert set(taken) == names


def signed_by(cast: Cast) -> list[str]:
    """What Marcus signed of Ana: behind the newer pages that his first screen leads to."""
    signed = SignOff.objects.ratings().filter(apprentice=cast.ana, signer=cast.marcus).latest("pk")
    review = cast.ana.periodic_reviews.latest("pk")
    return [reverse("sign-off", args=[signed.uid]), reverse("periodic-review", args=[review.uid])]


def role_of_a_mentor(cast: Cast) -> list[str]:
    """Where hours and apprentices are handed over from: behind the roles that Nora's pages lead to first."""
    return [reverse("membership", args=[cast.marcus.memberships.get().uid])]


def somebody(cast: Cast, who: str) -> User | None:
    """One of the cast, the operator of the site, or a visitor."""
    if who == "operator":
        return User.objects.create_superuser("op@example.org", PASSWORD, name="Op Erator")
    return getattr(cast, who, None)


BESIDE = {"marcus": signed_by, "nora": role_of_a_mentor}


def name_of(address: str) -> str:
    return str(resolve(urlsplit(address).path).url_name)


RUN_AXE = """options => axe.run(options).then(({ violations }) => violations.map(
  ({ id, nodes }) => `${id} ${JSON.stringify(nodes.slice(0, 3).map((node) => node.target))}`))"""


MOVED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().filter((one) => !one.hadRecentInput)
    .flatMap(({ sources }) => sources.map(({ node }) => node?.id || node?.className || node?.nodeName)))
  ).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done([]), 100);
})"""
"""What the browser moved after it was first shown: a press that was on its way to it lands elsewhere."""


AWAITED = """() => performance.getEntriesByType("resource")
  .filter((one) => one.renderBlockingStatus === "blocking").map((one) => new URL(one.name).pathname)"""
"""What the browser waited for before it showed anything: scripts that are not deferred, and stylesheets."""


def complaints(page: Page, path: str, screens: Screens = SCREENS) -> Iterator[str]:
    """What a slow line, a quick hand, a narrow or dark screen, or a screen reader would stumble over."""
    if (awaited := page.evaluate(AWAITED)) != ["/static/journeybook.css"]:
        yield f"{path}: shown after {awaited}"
    if page.evaluate(MOVED):
        page.reload()  # on a busy machine letters may come late once; then they are there
    if moved := page.evaluate(MOVED):
        yield f"{path}: moved while it was read: {moved}"
    page.evaluate(AXE_SCRIPT)
    for scheme, size, rules in screens:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{path}: wider than {size['width']} pixels"
        yield from (f"{path}, {scheme}: {problem}" for problem in page.evaluate(RUN_AXE, rules))
    for landmark in ("main", "contentinfo"):
        if page.get_by_role(landmark).count() != 1:  # type: ignore[arg-type]
            yield f"{path}: no {landmark}"
    if page.locator("h1:visible").count() != 1:
        yield f"{path}: not one main heading"


def stumbled_over(pages: Iterator[tuple[str, Page]]) -> Iterator[str]:
    """The complaints about all pages. The second of a name has the same letters and colours as the first:
    it is read on one screen."""
    names = set()
    for path, page in pages:
        yield from complaints(page, path, SCREENS[:1] if name_of(path) in names else SCREENS)
        names.add(name_of(path))


@pytest.mark.parametrize("who", MET)
def test_nobody_stumbles_on_any_page(cast: Cast, open_page: OpenPage, who: str) -> None:
    fill(cast)
    first = open_page(somebody(cast, who), reduced_motion="reduce")
    pages = crawl(first, MET[who], BESIDE[who](cast) if who in BESIDE else [])
    assert list(stumbled_over(pages)) == []
