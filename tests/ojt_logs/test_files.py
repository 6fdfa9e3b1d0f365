"""Files attached to hours: written anew, shown to who may see the hours, kept with the record."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, StreamObject

from accounts.models import Consent, ConsentNeeded
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Program
from ojt_logs import record
from ojt_logs.files import LARGEST, clean
from ojt_logs.models import Evidence, HoursEntry, InvalidTransition
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **how: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **how)
    return written.getvalue()


def where_it_was_taken() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def paper(*, active: bool = False, password: str = "", pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if active:
        writer.add_attachment("payroll.xlsx", b"secret")
        beside = StreamObject()
        beside.set_data(b"secret of a page")
        writer.pages[0][NameObject("/AF")] = ArrayObject([writer._add_object(beside)])
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    script = b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>" if active else b"/Catalog"
    return written.getvalue().replace(b"/Catalog", script)


def read(data: bytes) -> Any:
    return clean(io.BytesIO(data), size=len(data))


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def entry(cast: Cast) -> HoursEntry:
    """A draft of Ana's, in a program that takes files."""
    cast.program.change(by=cast.nora, now=NOW, takes_files=True)
    (draft,) = cast.log(cast.ana, cast.ojt(note="Ten charts"))
    return HoursEntry.objects.select_related("apprentice__program").get(pk=draft.pk)


def attach(cast: Cast, entry: HoursEntry, data: bytes = b"", name: str = "desk.png") -> Evidence:
    data = data or photo("PNG")
    return Evidence.objects.attach(
        entry, by=cast.ana_user, now=NOW, file=io.BytesIO(data), size=len(data), name=name
    )


# What comes in


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_jpeg_without_where_it_was_taken(kind: str) -> None:
    found = read(photo(kind, exif=where_it_was_taken()))
    picture = Image.open(io.BytesIO(found.data))
    assert (found.media_type, picture.format, picture.size) == ("image/jpeg", "JPEG", (32, 64))
    assert not picture.getexif()


def test_a_large_photo_is_made_smaller() -> None:
    picture = Image.open(io.BytesIO(read(photo(size=(5000, 100))).data))
    assert picture.size == (2400, 48)


def test_a_pdf_keeps_its_pages_and_loses_what_acts() -> None:
    given = paper(active=True, pages=3)
    assert b"app.alert" in given
    found = read(given)
    reader = PdfReader(io.BytesIO(found.data))
    assert (found.media_type, len(reader.pages)) == ("application/pdf", 3)
    assert b"app.alert" not in found.data and not reader.attachments and b"secret" not in found.data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no photo and no PDF"),
        (b"<html><script>1</script></html>", "no photo and no PDF"),
        (b"", "no photo and no PDF"),
        (photo("GIF"), "no photo and no PDF"),
        (photo("JPEG")[:300], "no photo and no PDF"),
        (b"%PDF-1.7 and nothing else", "cannot be read"),
        (paper(password="x"), "locked with a password"),
        (paper(pages=61), "more than 60 pages"),
        (photo("PNG", size=(9000, 7000)), "60 megapixels"),
    ],
)
def test_what_is_no_evidence_is_refused_with_the_remedy(data: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        read(data)


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(Refusal, match="larger than 10 MB"):
        clean(io.BytesIO(b"never read"), size=LARGEST + 1)


# Who, and when


def test_health_programs_take_no_files_at_first(cast: Cast) -> None:
    coders = Program.objects.start(
        cast.lakeside, cast.program.schedule, by=cast.nora, now=NOW, name="More coders", approach="competency"
    )
    assert not coders.takes_files  # O*NET 29-2072
    cast.program.change(by=cast.nora, now=NOW, takes_files=False)
    (draft,) = cast.log(cast.ana, cast.ojt())
    with pytest.raises(Conflict, match="switched off"):
        attach(cast, draft)
    assert "Photos or PDFs" not in text_of(signed_in(cast.ana_user), f"/hours/{draft.uid}/")


def test_the_apprentice_attaches_and_takes_off_on_the_page(cast: Cast, entry: HoursEntry) -> None:
    client = signed_in(cast.ana_user)
    files = [SimpleUploadedFile("my desk.png", photo("PNG")), SimpleUploadedFile("no.html", b"<html>")]
    said = client.post(f"/hours/{entry.uid}/files/", {"file": files}, follow=True).content.decode()
    assert "Attached my desk.png." in said and "no.html: This is no photo" in said
    row = Evidence.objects.get()
    assert row.name == "my desk.jpg" and row.name in said
    shown = client.get(f"/evidence/{row.uid}/")
    assert shown["Content-Type"] == "image/jpeg" and shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"] and b"".join(shown)[:2] == b"\xff\xd8"
    client.post(f"/evidence/{row.uid}/remove/")
    assert client.get(f"/evidence/{row.uid}/").status_code == 404
    assert not Evidence.objects.there().exists()


def test_a_pdf_is_a_download(cast: Cast, entry: HoursEntry) -> None:
    row = attach(cast, entry, paper(), name="../../etc/report.exe")
    assert row.name == "report.pdf"
    shown = signed_in(cast.ana_user).get(f"/evidence/{row.uid}/")
    assert shown["Content-Disposition"].startswith("attachment")
    b"".join(shown)


def test_nobody_else_attaches_and_a_stranger_sees_nothing(cast: Cast, entry: HoursEntry) -> None:
    row = attach(cast, entry)
    with pytest.raises(NotAllowed):
        Evidence.objects.attach(entry, by=cast.marcus, now=NOW, file=io.BytesIO(photo()), size=9, name="x")
    for person in (cast.marcus, cast.nora, cast.olga):  # a draft is private
        assert signed_in(person).get(f"/evidence/{row.uid}/").status_code == 404
    entry.move("submit", by=cast.ana_user, now=NOW)
    for person, answer in ((cast.marcus, 200), (cast.nora, 200), (cast.olga, 404), (cast.ben_user, 404)):
        shown = signed_in(person).get(f"/evidence/{row.uid}/")
        assert shown.status_code == answer
        if shown.streaming:
            b"".join(shown)
    assert Client().get(f"/evidence/{row.uid}/").status_code == 302


def test_files_come_until_the_hours_are_approved(cast: Cast, entry: HoursEntry) -> None:
    entry.move("submit", by=cast.ana_user, now=NOW)
    attach(cast, entry)
    assert list(record.compare()) == []
    entry.move("approve", by=cast.marcus, now=NOW)
    with pytest.raises(InvalidTransition, match="Approved hours keep the files"):
        attach(cast, entry)
    with pytest.raises(InvalidTransition, match="Approved hours keep the files"):
        Evidence.objects.get().take_off(by=cast.ana_user, now=NOW)
    assert list(record.compare()) == []


def test_a_file_that_the_record_tells_of_cannot_be_deleted(cast: Cast, entry: HoursEntry) -> None:
    entry.move("submit", by=cast.ana_user, now=NOW)
    attach(cast, entry)
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.evidence.all().delete()


def test_a_deleted_draft_takes_its_files_along(
    cast: Cast, entry: HoursEntry, django_capture_on_commit_callbacks: Any
) -> None:
    row = attach(cast, entry)
    assert row.file.storage.exists(row.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        entry.remove(by=cast.ana_user)
    assert not Evidence.objects.exists() and not row.file.storage.exists(row.file.name)


def test_a_file_swapped_or_lost_behind_the_ledger_is_named(cast: Cast, entry: HoursEntry) -> None:
    row = attach(cast, entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    for statement in ("DELETE FROM ojt_logs_evidence", "UPDATE ojt_logs_evidence SET sha256 = 'other'"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(statement)
    sql("UPDATE ojt_logs_evidence SET removed_at = '2026-11-20'")
    (found,) = record.compare()
    assert "evidence" in str(found) and str(row.entry.uid) in str(found)


def test_a_file_comes_onto_the_record_only_of_who_agreed_to_it(cast: Cast, entry: HoursEntry) -> None:
    attach(cast, entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    Consent.objects.withdraw(cast.ana_user, now=NOW)
    with pytest.raises(ConsentNeeded):
        attach(cast, entry)
    with pytest.raises(ConsentNeeded):
        Evidence.objects.get().take_off(by=cast.ana_user, now=NOW)


def test_an_exchanged_photo_is_found_and_not_shown(cast: Cast, entry: HoursEntry, client: Client) -> None:
    row = attach(cast, entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    page = reverse("evidence", args=[row.uid])
    client.force_login(cast.ana_user)
    assert client.get(page).status_code == 200
    with open(row.file.path, "wb") as file:
        file.write(photo(size=(8, 8)))
    (found,) = record.compare_one(cast.ana)
    assert (found.object, found.problem) == (row.uid, "its file is not the one that was attached")
    assert client.get(page).status_code == 409
    row.file.storage.delete(row.file.name)
    assert [one.problem for one in record.compare_one(cast.ana)] == ["its file is gone"]
