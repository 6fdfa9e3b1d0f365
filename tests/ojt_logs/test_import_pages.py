"""A coordinator brings hours in on a page: upload, look, match the columns, bring in, take out again."""

import csv
import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ojt_logs.models import HoursBatch, HoursEntry
from tests.cast import CANARY, NOW, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.ojt_logs.test_imports import ANA, BEN, table

pytestmark = pytest.mark.django_db


def upload(client: Client, cast: Cast, data: bytes, name: str = "payroll.csv") -> str:
    """The address of the page that shows what was read, or the page's text where the file is refused."""
    address = reverse("hours-import", args=[cast.lakeside.uid])
    answer = client.post(address, {"file": SimpleUploadedFile(name, data)})
    return answer["Location"] if answer.status_code == 302 else plain(answer.content)


def test_a_file_is_looked_at_then_brought_in_then_taken_out_again(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, cast, table(ANA, BEN))
    page = plain(nora.get(look).content)
    for words in (
        "Nothing is written yet",
        "Bring in 2 entries",
        "15 h 30 min of 2 apprentices",
        "Ana Reyes",
    ):
        assert words in page, words
    assert not HoursEntry.objects.exists()
    answer = nora.post(look, {"bring": "yes"}, follow=True)
    batch = HoursBatch.objects.get()
    page = plain(answer.content)
    for words in (
        "2 entries came in and wait for review",
        "Nora Bell",
        batch.sha256,
        "Row 2",
        "Take the file out",
    ):
        assert words in page, words
    assert nora.get(look).status_code == 404
    answer = nora.post(reverse("hours-batch-undo", args=[batch.uid]), follow=True)
    assert "2 entries of payroll.csv were taken out again" in plain(answer.content)
    assert not HoursEntry.objects.exists()


def test_wrong_rows_stand_on_the_page_with_their_numbers_and_there_is_no_button(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, cast, table(ANA, ["chen@example.org", "2026-11-19", "8", "", "", "", ""]))
    page = plain(nora.get(look).content)
    assert "Nobody registered here has the e-mail “chen@example.org”" in page
    assert "Bring in" not in page
    assert CANARY not in page
    answer = nora.post(look, {"bring": "yes"}, follow=True)
    assert "Nothing came in: 1 of 2 rows cannot. Row 3:" in plain(answer.content)


def test_columns_are_chosen_on_the_page_and_kept(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, cast, table(["Ana Reyes", "3/4/2026", "480"], headings=["Who", "When", "Much"]))
    assert "Say which column names the apprentice" in plain(nora.get(look).content)
    answer = nora.post(look, {"name": "0", "date": "1", "minutes": "2"}, follow=True)
    page = plain(answer.content)
    assert "“3/4/2026” is read as Mar 4, 2026; it could be Apr 3, 2026 as well." in page
    answer = nora.post(look, {"name": "0", "date": "1", "minutes": "2", "day_order": "day"}, follow=True)
    page = plain(answer.content)
    assert "Fri, Apr 3, 2026" in page
    nora.post(look, {"bring": "yes"})
    again = upload(nora, cast, table(["Ben Ortiz", "4/4/2026", "60"], headings=["Who", "When", "Much"]))
    assert "Sat, Apr 4, 2026" in plain(nora.get(again).content)


def test_one_column_means_one_thing(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, cast, table(ANA))
    answer = nora.post(look, {"email": "0", "name": "0", "date": "1", "hours": "2"})
    assert answer.status_code == 400
    assert "This column is “E-mail” already" in plain(answer.content)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_rows_are_taken_away_as_a_file_that_holds_no_formula(cast: Cast, ending: str) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, cast, table([*ANA[:6], "=HYPERLINK(1)"], ["=cmd()", *BEN[1:]]), "=evil.csv")
    answer = nora.get(look, {"format": ending})
    data = b"".join(answer)  # type: ignore[arg-type]
    assert "attachment" in answer["Content-Disposition"]
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert [row[1] for row in rows[1:]] == ["comes in", "cannot come in"]
        assert not [cell for row in rows for cell in row if cell.startswith("=")]
        assert "'=HYPERLINK(1)" in rows[1]


def test_a_file_that_is_no_table_is_refused_beside_its_field(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    assert "Nothing was read. hours.xlsx: is a program" in upload(
        nora, cast, b"MZ" + b"\x00" * 99, "hours.xlsx"
    )


def test_the_same_file_again_says_that_nothing_changed(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    nora.post(upload(nora, cast, table(ANA)), {"bring": "yes"})
    look = upload(nora, cast, table(ANA))
    assert "there is nothing to bring in" in plain(nora.get(look).content)
    answer = nora.post(look, {"bring": "yes"}, follow=True)
    assert "nothing changed" in plain(answer.content)
    assert HoursBatch.objects.count() == 1


def test_what_one_person_uploaded_nobody_else_finds(cast: Cast) -> None:
    look = upload(signed_in(cast.nora), cast, table(ANA))
    assert signed_in(cast.marcus).get(look).status_code == 403
    assert signed_in(cast.olga).get(look).status_code == 404
    nowhere = reverse("hours-import-look", args=[cast.lakeside.uid, uuid4()])
    assert signed_in(cast.nora).get(nowhere).status_code == 404


def test_a_reviewed_file_offers_no_way_back_and_an_auditor_reads_it(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    nora.post(upload(nora, cast, table(ANA)), {"bring": "yes"})
    HoursEntry.objects.get().move("approve", by=cast.marcus, now=NOW)
    page = reverse("hours-batch", args=[HoursBatch.objects.get().uid])
    assert "Take the file out" not in plain(nora.get(page).content)
    assert "payroll.csv" in plain(signed_in(cast.ruth).get(page).content)
    refused = nora.post(reverse("hours-batch-undo", args=[HoursBatch.objects.get().uid]))
    assert refused.status_code == 409


def test_the_history_of_an_entry_begins_with_its_file(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    nora.post(upload(nora, cast, table(ANA)), {"bring": "yes"})
    page = plain(nora.get(reverse("hours-entry", args=[HoursEntry.objects.get().uid])).content)
    assert "imported from payroll.csv, row 2 by Nora Bell on behalf" in page
    assert "Came in with a file" in page
    assert "as a draft, not on the record" not in page
