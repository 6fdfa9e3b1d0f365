"""Photos of a sheet that was signed in ink, beside the ratings that were copied from it."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed
from apprenticeship.models import Program
from ojt_logs import record
from ojt_logs.models import Authentication, Evidence, Origin, PrivacyReport, Rating, SignOff
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in
from tests.ojt_logs.test_files import photo, sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def copied(cast: Cast, *, code: str = "2g", paper: bool = True, **fields: Any) -> list[SignOff]:
    """Nora copies a sheet of Lena's; without `paper` Marcus signs what he saw."""
    rated = [Rating(one, cast.level(3)) for one in cast.competency(code).standards.all()]
    given = {
        "by": cast.nora if paper else cast.marcus,
        "now": NOW,
        "authentication": Authentication("password", NOW - timedelta(minutes=1)),
        "method": "paper" if paper else "observed",
        "observed_from": TODAY,
        "observed_to": TODAY,
        "ratings": rated,
        **({"origin": Origin(original_at="Blue folder", ink="Lena Fox")} if paper else {}),
    }
    return SignOff.objects.record(cast.ana, **given | fields)  # type: ignore[arg-type]


def attach(row: SignOff, by: Any, data: bytes | None = None) -> Evidence:
    data = data or photo()
    return Evidence.objects.attach_sheet(
        row, by=by, now=NOW, file=io.BytesIO(data), size=len(data), name="sheet.png"
    )


def test_nora_attaches_a_photo_of_the_sheet_and_all_its_ratings_show_it(cast: Cast) -> None:
    rows = copied(cast)
    other = copied(cast, code="2e", now=NOW + timedelta(seconds=1))[0]
    nora = signed_in(cast.nora)
    page = nora.get(reverse("sign-off", args=[rows[0].uid])).content.decode()
    assert "Photos or PDFs of the sheet" in page and "No patient names" in page
    file = SimpleUploadedFile("sheet.png", photo("PNG"), "image/png")
    answer = nora.post(reverse("sign-off-sheet", args=[rows[0].uid]), {"file": file})
    assert answer.status_code == 302
    row = Evidence.objects.get()
    assert (row.name, row.media_type, row.kept, row.apprentice) == ("sheet.jpg", "image/jpeg", True, cast.ana)
    address = reverse("evidence", args=[row.uid])
    for person in (cast.ana_user, cast.marcus, cast.ruth):
        reader = signed_in(person)
        for one in rows:
            page = reader.get(reverse("sign-off", args=[one.uid])).content.decode()
            assert address in page and "Photos or PDFs" not in page
        assert address not in reader.get(reverse("sign-off", args=[other.uid])).content.decode()
        assert reader.get(address).status_code == 200
    for stranger in (cast.olga, cast.dara):
        assert signed_in(stranger).get(address).status_code == 404
    said = Rest(cast.ana_user).get(f"files/{row.uid}/")[1]
    assert (said["entry"], said["sign_off"]) == (None, str(rows[0].uid))
    assert Rest(cast.ana_user).delete(f"files/{row.uid}/")[0] == 403
    assert not list(record.compare())


def test_who_copied_it_attaches_it_and_only_to_a_sheet_in_a_program_that_takes_files(cast: Cast) -> None:
    (row, *_), (seen, *_) = copied(cast), copied(cast, code="2e", paper=False)
    with pytest.raises(NotAllowed):
        attach(row, cast.marcus)
    with pytest.raises(Conflict, match="sheet of paper"):
        attach(seen, cast.marcus)
    Program.objects.filter(pk=cast.program.pk).update(takes_files=False)
    row = SignOff.objects.get(pk=row.pk)
    with pytest.raises(Conflict, match="switched off"):
        attach(row, cast.nora)
    page = plain(signed_in(cast.nora).get(reverse("sign-off", args=[row.uid])).content)
    assert "Photos or PDFs" not in page and not Evidence.objects.exists()


def test_a_sheet_stays_and_verify_notices_another_file(cast: Cast) -> None:
    row = attach(copied(cast)[0], cast.nora)
    with pytest.raises(NotAllowed, match="stays on the record"):
        row.take_off(by=cast.nora, now=NOW)
    refused = signed_in(cast.ana_user).post(reverse("evidence-remove", args=[row.uid]))
    assert refused.status_code == 403
    for change in ("DELETE FROM ojt_logs_evidence", "UPDATE ojt_logs_evidence SET sha256 = 'x'"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(change)
    assert not list(record.compare())


def test_patient_information_on_a_sheet_is_hidden_at_once(cast: Cast) -> None:
    row = attach(copied(cast)[0], cast.nora)
    PrivacyReport.objects.report("evidence", row, by=cast.ana_user, now=NOW, why="A name is on it.")
    assert signed_in(cast.nora).get(reverse("evidence", args=[row.uid])).status_code == 404
    assert not list(record.compare())
