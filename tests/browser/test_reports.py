"""Nora's part: the board, papers that a real worker builds, and the same figures for a program of hers."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from machine.programs import Programs
from reports.models import ReportRun
from tests.browser.conftest import OpenPage, sign_in
from tests.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = ["-m", "celery", "--app", "apprenticeship", "--quiet", "worker", "--pool", "solo"]
CALM = ["--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"]
SOON = 90_000
"""Milliseconds: a worker that is still starting needs some of them."""


@pytest.fixture
def worker(outside: dict[str, str]) -> Iterator[None]:
    """A Celery worker as a program of its own, on the database, the queue and the files of this test."""
    with Programs() as programs:
        programs.start("task worker", [sys.executable, *WORKER, *CALM], env=outside)
        yield


def text_of(path: Path) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(path).pages).split())


def fetched(page: Page) -> str:
    """The words of the report on this page, as soon as it can be downloaded."""
    expect(page.get_by_role("region", name="About this report")).to_contain_text("SHA-256", timeout=SOON)
    link = page.get_by_role("link", name="Download PDF")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".pdf")
    return text_of(download.value.path())


def ask_for(page: Page, document: str, about: str) -> None:
    page.goto("/reports/")
    if not page.get_by_label("About").is_visible():
        page.get_by_text("New report").click()
    page.get_by_role("radio", name=document).check()
    page.get_by_label("About").select_option(label=f"{about}, Medical coders")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(about)


def test_nora_fetches_anas_signed_schedule_and_the_programs_report(
    cast: Cast, open_page: OpenPage, worker: None
) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=450), cast.ri(minutes=120))
    signed = cast.sign(cast.ana, "2g")
    page = open_page()
    sign_in(page, cast.nora, wanted=f"/programs/{cast.program.uid}/")
    expect(page.get_by_role("row", name="Ana Reyes")).to_contain_text("7 %")
    page.get_by_role("button", name="Progress PDF").click()
    program = fetched(page)
    assert "Ana Reyes" in program and "Ben Ortiz" in program and "7 %" in program

    ask_for(page, "Work process schedule", "Ana Reyes")
    schedule = fetched(page)
    assert "1114CB" in schedule
    assert "MW" in schedule
    assert all(row.record_id in schedule for row in signed)


def test_the_page_follows_the_worker_and_offers_another_try(
    cast: Cast, open_page: OpenPage, request: pytest.FixtureRequest
) -> None:
    page = open_page(cast.nora)
    ask_for(page, "Progress report", "Ana Reyes")
    status = page.get_by_role("region", name="How far it is")
    expect(status).to_contain_text("Queued")
    taken = ReportRun.objects.claim(ReportRun.objects.get().pk, now=NOW)
    assert taken and taken.advance(40, now=NOW)
    expect(status).to_contain_text("40 %")
    taken.fail("It could not be built. Try again.", now=NOW)
    expect(status).to_contain_text("It could not be built. Try again.")
    request.getfixturevalue("worker")
    page.get_by_role("button", name="Try again").click()
    assert "Ana Reyes" in fetched(page)


def test_a_program_of_anas_pulls_the_figures_of_her_page(
    cast: Cast, open_page: OpenPage, live_server: Any
) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=450))
    cast.sign(cast.ana, "2g")
    page = open_page()
    sign_in(page, cast.ana_user, wanted="/me/tokens/")
    page.goto("/me/tokens/new/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("What is it for?").fill("My home screen")
    page.get_by_role("button", name="Make").click()
    secret = page.locator(".secret").inner_text()
    answer = requests.get(
        f"{live_server.url}/api/v1/apprentices/{cast.ana.uid}/progress/",
        headers={"Authorization": f"Bearer {secret}"},
        timeout=20,
    )
    assert answer.status_code == 200
    page.goto(f"/apprentices/{cast.ana.uid}/progress/")
    figures = answer.json()
    expect(page.get_by_role("img", name=f"{figures['percent']} % signed")).to_be_visible()
    whole = page.get_by_role("region", name="The whole")
    expect(whole).to_contain_text("{met} of {counted} standards signed".format(**figures["standards"]))
    assert figures["ojt_minutes"]["approved"] == 450
