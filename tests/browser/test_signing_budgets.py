"""Being signed and signing on a phone: what each flow costs a thumb, and whose a phone handed over stays."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from ojt_logs.models import AttestationLink, OutsideAttestation, PeriodicReview, SignOff, SignOffRequest
from tests.browser.budget import budget
from tests.browser.conftest import OpenPage
from tests.browser.test_every_page import complaints
from tests.cast import NOW, PASSWORD, Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

STANDARDS = 5
"""Of competency 2g."""
TYPED = len(PASSWORD)


def ask(cast: Cast) -> SignOffRequest:
    named = [cast.competency("2g")]
    return SignOffRequest.objects.ask(cast.ana, by=cast.ana_user, now=NOW, competencies=named)


def rate_each(page: Page, value: int) -> None:
    for group in page.locator("fieldset.rate").all():
        group.locator(f"label:has(input[value='{value}'])").click()


def sign(page: Page, button: str = "Read and sign") -> None:
    page.get_by_role("button", name=re.compile(button)).last.click()
    page.get_by_label(re.compile("assword")).fill(PASSWORD)
    page.get_by_role("button", name=f"Sign {STANDARDS} of {STANDARDS}").click()


def test_ana_asks_in_two_taps_without_typing(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/progress/2g/")
    with budget(page, "ask for a sign-off", taps=2):
        page.get_by_role("link", name="Ask for a sign-off").click()
        page.get_by_role("button", name="Ask Marcus Webb").click()
        expect(page.get_by_role("status")).to_contain_text("Asked for 2g. It waits for Marcus Webb.")
    assert SignOffRequest.objects.get().state == "open"


def test_a_mentor_answers_with_fewer_than_two_taps_a_standard(cast: Cast, open_page: OpenPage) -> None:
    row = ask(cast)
    page = open_page(cast.marcus)
    page.goto("/")
    with budget(page, "rate each standard and sign", taps=2 * STANDARDS - 1, keys=TYPED):
        page.get_by_role("link", name="Rate 2g of Ana Reyes").click()
        rate_each(page, 3)
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("You signed 5 ratings of 2g for Ana Reyes")
    row.refresh_from_db()
    assert (row.state, SignOff.objects.filter(passed=True).count()) == ("answered", STANDARDS)


def test_set_all_unrated_stands_above_and_signs_all_in_five_taps(cast: Cast, open_page: OpenPage) -> None:
    ask(cast)
    page = open_page(cast.marcus)
    page.goto("/")
    with budget(page, "set all unrated to 3 and sign", taps=5, keys=TYPED):
        page.get_by_role("link", name="Rate 2g of Ana Reyes").click()
        page.get_by_role("button", name="3 satisf.").click()
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("You signed 5 ratings")
    assert SignOff.objects.filter(rating__value=3).count() == STANDARDS


def test_a_phone_handed_over_signs_once_and_stays_the_apprentices(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.ana_user)
    page.goto(f"/apprentices/{cast.ana.uid}/progress/2g/")
    with budget(page, "hand over the phone and sign", taps=5, keys=TYPED):
        page.get_by_role("link", name="Hand the phone to your mentor").click()
        page.get_by_role("button", name="3 satisf.").click()
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("The phone is yours again.")
    assert {row.authentication for row in SignOff.objects.all()} == {"handed"}
    with suppress(Error):  # a browser asks before it sends a form again
        page.go_back()
    expect(page.get_by_label(re.compile("assword"))).to_have_count(0)
    page.goto("/me/")
    expect(page.get_by_role("region", name="As papers print you")).to_contain_text("Ana Reyes")
    answer = page.goto(f"/apprentices/{cast.ana.uid}/sign/2g/")
    assert answer and answer.status == 403


def test_a_journeyworker_scans_attests_and_a_mentor_accepts(cast: Cast, open_page: OpenPage) -> None:
    marcus = open_page(cast.marcus)
    marcus.goto(f"/apprentices/{cast.ana.uid}/attestations/new/?of=2g")
    with budget(marcus, "make a code", taps=2):
        marcus.get_by_label("As a printed code").check()
        marcus.get_by_role("button", name="Make the link").click()
        expect(marcus.get_by_role("img", name="QR code")).to_be_visible()
    assert list(complaints(marcus, "attestation-made")) == []
    token = marcus.locator(".qr-address").inner_text().rstrip("/").rpartition("/")[2]

    person = open_page()
    person.goto(f"/attest/{token}/")
    assert list(complaints(person, "attest")) == []
    words = {
        "Your name": "Eli Ruiz",
        "Your trade": "Coder",
        "Your employer": "North",
        "Your e-mail": "e@n.example",
    }
    with budget(person, "attest", taps=4 + STANDARDS + 3, keys=sum(map(len, words.values()))):
        for label, text in words.items():
            person.get_by_label(label).fill(text)
        rate_each(person, 3)
        person.get_by_role("button", name=re.compile("Read 5 of 5")).click()
        person.get_by_label("I have read it").check()
        person.get_by_role("button", name="Attest to it").click()
        expect(person.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert list(complaints(person, "attest-done")) == []

    marcus.goto("/")
    with budget(marcus, "accept an attestation", taps=3, keys=TYPED):
        marcus.get_by_role("link", name="Read what Eli Ruiz attests").click()
        marcus.get_by_label("Your password").fill(PASSWORD)
        marcus.get_by_role("button", name="Accept and sign").click()
        expect(marcus.get_by_role("status")).to_contain_text("You signed 5 ratings, referring to Eli Ruiz.")
    row = OutsideAttestation.objects.get()
    assert SignOff.objects.filter(attested=row).count() == STANDARDS
    assert AttestationLink.objects.get().used_at


def test_a_review_is_written_signed_and_acknowledged_in_one_tap(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.marcus, reduced_motion="reduce")
    page.goto(f"/apprentices/{cast.ana.uid}/reviews/new/")
    for label in ("Progress on the job", "Conduct", "Safety", "Related instruction", "Aims until"):
        page.get_by_label(label).fill("Well.")
    with page.expect_navigation():
        page.get_by_role("button", name="Read and sign").click()
    assert list(complaints(page, "periodic-review-confirm")) == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the review").click()
    expect(page.get_by_role("status")).to_contain_text("Signed.")
    ana = open_page(cast.ana_user, reduced_motion="reduce")
    ana.goto(page.url)
    with budget(ana, "acknowledge a review", taps=1):
        ana.get_by_role("button", name="I have read it").click()
        expect(ana.get_by_role("status")).to_contain_text("Your answer stands on the record")
    assert PeriodicReview.objects.get().answer.agrees


def test_the_confirming_pages_are_read_by_everybody(cast: Cast, open_page: OpenPage) -> None:
    ana = open_page(cast.ana_user, reduced_motion="reduce")
    ana.goto(f"/apprentices/{cast.ana.uid}/hand-phone/2g/")
    rate_each(ana, 3)
    with ana.expect_navigation():
        ana.get_by_role("button", name=re.compile("Read and sign")).last.click()
    assert list(complaints(ana, "hand-over")) == []
    nora = open_page(cast.nora, reduced_motion="reduce")
    nora.goto(f"/apprentices/{cast.ana.uid}/paper/2g/")
    assert list(complaints(nora, "paper")) == []
    nora.get_by_label("Where is the original").fill("Blue folder")
    nora.get_by_label("Who signed the sheet").fill("Lena Fox")
    rate_each(nora, 3)
    with nora.expect_navigation():
        nora.get_by_role("button", name=re.compile("Read and sign")).last.click()
    assert list(complaints(nora, "paper-confirm")) == []
