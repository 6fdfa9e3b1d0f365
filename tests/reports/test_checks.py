"""Whether a record is whole, as people ask: on a page, over REST, and with a print-out in hand."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdfium2 import PdfDocument

from ledger import checkpoints, triggers
from ledger.codes import code_of, read
from ledger.models import Chain, Entry
from reports import checking
from reports.checking import Answer, answer
from reports.prints import proof_of
from tests.cast import NOW, Cast
from tests.pdf.papers import paper_of, run_of

pytestmark = pytest.mark.django_db


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def scanned(data: bytes, *, page: int = -1) -> list[str]:
    """What a phone reads in the codes of a page, printed at 300 dots an inch."""
    document = PdfDocument(BytesIO(data))
    picture = document[page % len(document)].render(scale=300 / 72).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def code(cast: Cast) -> str:
    proof = proof_of(cast.ana.uid)
    assert proof
    return proof.code


@pytest.mark.once
@pytest.mark.parametrize("document", ["schedule", "hours", "progress", "transcript"])
def test_every_paper_about_a_person_has_a_code_that_opens_its_check(
    cast: Cast, client: Client, document: str
) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60))
    checkpoints.sign(at=NOW - timedelta(days=1))
    paper = paper_of(run_of(cast, document=document, apprentice=cast.ana))
    head = Chain.objects.get(subject=cast.ana.uid).head
    assert f"record head {head[:4]} {head[4:8]} · checkpoint Nov 19, 2026" in paper.pages[0]
    for page in range(len(paper.pages)):
        (address, *same) = set(scanned(paper.data, page=page))
        assert same == []
    assert "QR code of the address beside it" in {str(one.get("/Alt")) for one in paper.elements()}
    response = client.get(address.removeprefix("http://127.0.0.1:8000"))
    assert response.context["told"].answer is Answer.CURRENT
    assert address in paper.text.replace(" ", "")


@pytest.mark.once
def test_a_paper_about_nobody_has_none(cast: Cast) -> None:
    paper = paper_of(run_of(cast, document="schedule", program=cast.program))
    assert scanned(paper.data) == []
    assert "record head" not in paper.text


def test_a_print_out_is_current_until_the_record_grows(cast: Cast) -> None:
    printed = code(cast)
    assert answer(printed).answer is Answer.CURRENT
    cast.approved(cast.ana, cast.ojt(minutes=60))
    told = answer(printed)
    assert (told.answer, told.since, told.newest_at) == (Answer.GROWN, 2, NOW)
    assert answer(code(cast)).answer is Answer.CURRENT


def test_printing_once_more_makes_no_print_out_old(cast: Cast, client: Client) -> None:
    run = run_of(cast, document="transcript", apprentice=cast.ana)
    printed = code(cast)
    run = type(run).objects.claim(run.pk, now=NOW) or run
    assert run.finish(file_name="t.pdf", sha256="0" * 64, size=1, told={cast.ana.uid: "0" * 64}, now=NOW)
    assert answer(printed).answer is Answer.CURRENT


ALTERATIONS: dict[str, Callable[[Cast], None]] = {
    "an entry": lambda cast: sql("UPDATE ledger_entry SET act = 'hours.return' WHERE act = 'hours.approve'"),
    "a row": lambda cast: sql("UPDATE ojt_logs_hoursentry SET minutes = 61"),
    "the totals": lambda cast: sql("UPDATE ojt_logs_hourstotal SET approved = 6000"),
    "the schedule": lambda cast: sql(
        "UPDATE competencies_performancestandard SET required_demonstrations = required_demonstrations + 1"
    ),
    "the end": lambda cast: _cut(cast),
}


def _cut(cast: Cast) -> None:
    """Back to the first entry, as a backup would be, and no checkpoint was taken."""
    first = Entry.objects.get(chain__subject=cast.ana.uid, sequence=1)
    sql("DELETE FROM ledger_payload WHERE entry_id > %s", first.pk)
    sql("DELETE FROM ledger_entry WHERE id > %s", first.pk)
    sql("UPDATE ledger_chain SET length = 1, head = %s WHERE id = %s", first.digest, first.chain_id)


@pytest.mark.parametrize("what", ALTERATIONS)
def test_a_print_out_of_a_record_that_was_altered_does_not_verify(cast: Cast, what: str) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60))
    printed = code(cast)
    triggers.remove(connection)
    ALTERATIONS[what](cast)
    assert answer(printed).answer is Answer.BROKEN


def test_a_record_that_nobody_can_wait_for_is_not_checked_on_the_page(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = code(cast)
    monkeypatch.setattr(checking, "MOST_AT_ONCE", 1)
    assert "Too long to check here" in client.get(reverse("verify", args=[printed])).text


def test_the_page_names_nobody_and_answers_alike_to_codes_of_nobody(cast: Cast, client: Client) -> None:
    real = code(cast)
    page = client.get(reverse("verify", args=[real]))
    for word in ("Ana", "Reyes", "Lakeside", cast.program.name, str(cast.ana.uid)):
        assert word not in page.content.decode()
    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
    other = "A" if real[30] != "A" else "B"
    strange = [real[:30] + other + real[31:], real[:-1], real + "A", "x", "../..", "é" * 59, "%00"]
    bodies = {client.get(f"/verify/{one}/").content for one in strange if "/" not in one}
    assert len(bodies) == 1
    assert b"Unknown" in bodies.pop()


def test_a_code_tells_nothing_and_differs_with_every_state(cast: Cast) -> None:
    ana, ben = cast.ana.uid, cast.ben.uid
    codes = {code_of(who, length=n, head="ab" * 32) for who in (ana, ben) for n in range(1, 40)}
    assert len(codes) == 78
    assert len({one[:8] for one in codes}) == 78, "no part of it stays the same for one person"
    told = read(code_of(ana, length=7, head="ab" * 32))
    assert told and (told.subject, told.length, told.head) == (ana, 7, "ab" * 8)


def test_somebody_who_tries_codes_is_slowed_down(cast: Cast, client: Client) -> None:
    answers = [client.get("/verify/x/").status_code for _ in range(32)]
    assert (answers[0], answers[-1]) == (200, 429)


def test_auditor_reads_that_the_record_is_whole_and_what_is_wrong_when_it_is_not(
    cast: Cast, client: Client
) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60))
    checkpoints.sign(at=NOW)
    client.force_login(cast.ruth)
    page = client.get(reverse("record", args=[cast.ana.uid])).content.decode()
    assert "The record is whole" in page and Chain.objects.get(subject=cast.ana.uid).head in page
    triggers.remove(connection)
    sql("UPDATE ojt_logs_hoursentry SET minutes = 61")
    sql("UPDATE ledger_entry SET actor = NULL WHERE act = 'hours.submit'")
    page = client.get(reverse("record", args=[cast.ana.uid])).content.decode()
    assert "The record is not whole" in page and "edited" in page and "otherwise about minutes" in page
    told = client.get(reverse("api-verification", args=[cast.ana.uid])).json()
    assert told["whole"] is False
    assert {one["damage"] for one in told["findings"]} == {"edited", "rows differ"}


def test_a_record_that_nobody_can_wait_for_is_refused_with_the_remedy(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_AT_ONCE", 1)
    cast.approved(cast.ana, cast.ojt(minutes=60))
    client.force_login(cast.nora)
    assert (
        "Ask for the whole record instead"
        in client.get(reverse("record", args=[cast.ana.uid])).content.decode()
    )
    told = client.get(reverse("api-verification", args=[cast.ana.uid]))
    assert (told.status_code, told.json()["code"]) == (409, "too_long")
