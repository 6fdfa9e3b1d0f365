"""Photos and PDFs of an entry over REST, by the rules of its page."""

import io
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
import time_machine
from PIL import Image

from ojt_logs.files import LARGEST
from ojt_logs.models import Evidence, HoursEntry
from ojt_logs.models.evidence import MOST_FILES
from tests.api.client import Rest
from tests.cast import NOW, Cast
from tests.ojt_logs.test_files import paper, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def entry(cast: Cast) -> HoursEntry:
    return cast.submitted(cast.ana, cast.ojt(minutes=60))[0]


def test_ana_attaches_lists_reads_and_takes_off(cast: Cast, entry: HoursEntry) -> None:
    ana, address = Rest(cast.ana_user), f"hours/{entry.uid}/files/"
    status, row = ana.upload(address, photo("PNG"), name="desk.png")
    assert (status, row["name"], row["media_type"]) == (201, "desk.jpg", "image/jpeg")
    assert row["entry"] == str(entry.uid) and len(row["sha256"]) == 64
    assert ana.upload(address, paper(), name="sheet.pdf")[1]["media_type"] == "application/pdf"
    status, rows = ana.get(address)
    assert (status, [one["name"] for one in rows]) == (200, ["desk.jpg", "sheet.pdf"])
    assert ana.get(f"files/{row['id']}/") == (200, row)
    assert ana.delete(f"files/{row['id']}/") == (204, None)
    assert [one["name"] for one in ana.get(address)[1]] == ["sheet.pdf"]
    assert ana.get(f"files/{row['id']}/")[0] == ana.delete(f"files/{row['id']}/")[0] == 404


def test_the_content_is_what_was_written_anew_and_may_not_act(cast: Cast, entry: HoursEntry) -> None:
    _, row = Rest(cast.ana_user).upload(f"hours/{entry.uid}/files/", photo(), name="desk.jpg")
    answer = Rest(cast.marcus).client.get(f"/api/v1/files/{row['id']}/content/")
    data = b"".join(answer)
    assert (answer["Content-Type"], len(data)) == ("image/jpeg", row["size"])
    assert Image.open(io.BytesIO(data)).size == (64, 32)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_who_sees_the_entry_reads_and_nobody_else_attaches(cast: Cast, entry: HoursEntry) -> None:
    _, row = Rest(cast.ana_user).upload(f"hours/{entry.uid}/files/", photo(), name="desk.jpg")
    for person, reads, acts in (
        (cast.marcus, 200, 403),
        (cast.nora, 200, 403),
        (cast.ruth, 200, 403),
        (cast.ben_user, 404, 404),
        (cast.olga, 404, 404),
    ):
        rest = Rest(person)
        assert rest.get(f"hours/{entry.uid}/files/")[0] == rest.get(f"files/{row['id']}/")[0] == reads
        assert rest.upload(f"hours/{entry.uid}/files/", photo(), name="a.jpg")[0] == acts
        assert rest.delete(f"files/{row['id']}/")[0] == acts
    assert Rest(cast.ana_user, scopes=["read"]).delete(f"files/{row['id']}/")[0] == 403
    assert Evidence.objects.there().count() == 1


def test_a_draft_and_its_files_are_private(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    _, row = Rest(cast.ana_user).upload(f"hours/{draft.uid}/files/", photo(), name="desk.jpg")
    marcus = Rest(cast.marcus)
    assert marcus.get(f"hours/{draft.uid}/files/")[0] == marcus.get(f"files/{row['id']}/")[0] == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "file"),
        (b"GIF89a", 400, "file"),
        (paper(password="secret"), 400, "file"),
        (b"x" * (LARGEST + 1), 400, "file"),
        (b"x" * (LARGEST + 300_000), 413, "too_large"),
    ],
)
def test_what_is_no_photo_and_no_pdf_is_refused(
    cast: Cast, entry: HoursEntry, data: bytes, status: int, code: str
) -> None:
    found, problem = Rest(cast.ana_user).upload(f"hours/{entry.uid}/files/", data, name="x.jpg")
    assert (found, problem["code"]) == (status, code)
    assert not Evidence.objects.exists()


def test_a_form_without_a_file_and_json_are_refused(cast: Cast, entry: HoursEntry) -> None:
    ana, path = Rest(cast.ana_user), f"/api/v1/hours/{entry.uid}/files/"
    assert (answer := ana.client.post(path, {"file": "text"})).status_code == 400
    assert answer.json()["field"] == "file"
    assert ana.client.post(path, {}).status_code == 400
    assert ana.post(f"hours/{entry.uid}/files/")[0] == 415


def test_approved_hours_and_programs_without_files_take_none(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    (done,) = cast.approved(cast.ana, cast.ojt(minutes=60))
    status, problem = ana.upload(f"hours/{done.uid}/files/", photo(), name="desk.jpg")
    assert (status, problem["code"]) == (409, "invalid_transition")
    cast.program.change(by=cast.nora, now=NOW, takes_files=False)
    (draft,) = cast.log(cast.ana, cast.ojt("2b", minutes=60))
    status, problem = ana.upload(f"hours/{draft.uid}/files/", photo(), name="desk.jpg")
    assert (status, problem["code"]) == (409, "no_files")


def test_the_eleventh_file_is_refused_and_the_same_request_counts_once(cast: Cast, entry: HoursEntry) -> None:
    ana, address, key = Rest(cast.ana_user), f"hours/{entry.uid}/files/", str(uuid4())
    first = ana.upload(address, photo(), name="desk.jpg", key=key)
    assert ana.upload(address, photo(), name="desk.jpg", key=key) == first
    assert ana.upload(address, photo("PNG"), name="desk.jpg", key=key)[0] == 422
    statuses = [ana.upload(address, photo(), name="desk.jpg")[0] for _ in range(MOST_FILES)]
    assert statuses == [201] * (MOST_FILES - 1) + [400]
