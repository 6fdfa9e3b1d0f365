"""Scans of the pages that history was written from: kept by the office, read with one record."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.refusals import NotAllowed, Refusal
from ledger import verification
from ojt_logs import record
from ojt_logs.models import HoursBatch, HoursEntry, PrivacyReport, Scan, SignOff
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_files import paper, photo
from tests.ojt_logs.test_history_from_paper import ANA_DAY, SIGN, brought, history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

BEN_DAY = ["Ben Ortiz", "ben@example.org", "2026-03-02", "", "1", "", "", "8", ""]


@pytest.fixture
def batch(cast: Cast) -> HoursBatch:
    """A day and a signature of Ana's, and a day of Ben's."""
    made = brought(cast, history(ANA_DAY, BEN_DAY, signed=[SIGN]))
    assert made is not None
    return made


def send(cast: Cast, batch: HoursBatch, *files: bytes, by: str = "nora", **fields: Any) -> Any:
    typed = {"apprentice": str(cast.ana.uid), "looked": "on"} | fields
    sent = [SimpleUploadedFile(f"page {number}.jpg", data) for number, data in enumerate(files, start=1)]
    address = reverse("scans-add", args=[batch.uid])
    return signed_in(getattr(cast, by)).post(address, typed | {"file": sent}, follow=True)


def whole() -> bool:
    return not list(record.compare()) and not list(verification.verify())


def test_pages_stand_with_the_batch_and_beside_hours_and_signatures(cast: Cast, batch: HoursBatch) -> None:
    cast.program.change(by=cast.nora, now=NOW, takes_files=False)
    page = send(cast, batch, photo(), paper(), b"no picture").content.decode()
    assert "Attached page 1.jpg." in page and "page 3.jpg:" in page
    first, second = Scan.objects.everyone()
    assert (first.media_type, second.media_type) == ("image/jpeg", "application/pdf")
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    other = HoursEntry.objects.get(apprentice=cast.ben)
    signed = SignOff.objects.filter(apprentice=cast.ana).first()
    link = reverse("scan", args=[first.uid])
    for person in (cast.nora, cast.ana_user, cast.marcus):
        assert link in text_of(signed_in(person), reverse("hours-entry", args=[entry.uid]))
        assert link in text_of(signed_in(person), reverse("sign-off", args=[signed.uid]))
        assert signed_in(person).get(link).status_code == 200
    assert link not in text_of(signed_in(cast.nora), reverse("hours-entry", args=[other.uid]))
    assert link in text_of(signed_in(cast.ruth), reverse("hours-batch", args=[batch.uid]))
    for person in (cast.ben_user, cast.priya, cast.olga):
        assert signed_in(person).get(link).status_code == 404
    assert whole()


def test_who_attaches_has_looked_and_says_whose_page_it_is(cast: Cast, batch: HoursBatch) -> None:
    assert "Look at every page first" in send(cast, batch, photo(), looked="").content.decode()
    assert "Say whose pages these are." in send(cast, batch, photo(), apprentice="").content.decode()
    assert "Choose a photo or a PDF first." in send(cast, batch).content.decode()
    assert (
        "Select a valid choice" in send(cast, batch, photo(), apprentice=str(cast.chen.uid)).content.decode()
    )
    assert send(cast, batch, photo(), by="ruth").status_code == 403
    assert not Scan.objects.exists()
    send(cast, batch, photo())
    assert "attached already" in send(cast, batch, photo()).content.decode()
    file: dict[str, Any] = {"now": NOW, "file": None, "size": 1, "name": "p.jpg"}
    with pytest.raises(NotAllowed):
        Scan.objects.attach(batch, cast.ana, by=cast.marcus, **file)
    with pytest.raises(Refusal, match="Nothing of theirs"):
        Scan.objects.attach(batch, cast.chen, by=cast.nora, **file)


def test_a_page_with_a_patient_is_hidden_and_its_file_deleted_by_two(
    cast: Cast, batch: HoursBatch, django_capture_on_commit_callbacks: Any
) -> None:
    send(cast, batch, photo())
    row = Scan.objects.get()
    link = reverse("scan", args=[row.uid])
    made = PrivacyReport.objects.report("scan", row, by=cast.ana_user, now=NOW, why="A name")
    assert signed_in(cast.nora).get(link).status_code == 404 and whole()
    made.agree(by=cast.nora, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        made.agree(by=cast.marcus, now=NOW)
    assert not row.file.storage.exists(row.file.name) and whole()
    assert Scan.objects.get().sha256 == made.sha256
