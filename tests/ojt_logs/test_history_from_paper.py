"""History from paper: our workbook, dry run, attestation; counted, marked, never approved by anybody else."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Consent, ConsentNeeded
from accounts.refusals import Conflict, NotAllowed, Refusal
from competencies.imports.outline import Malformed
from ledger import chain
from ojt_logs import record, rollup
from ojt_logs.imports.history import HistoryFile, bring_history, last_day, read_file, read_history
from ojt_logs.imports.template import HOURS, ROSTER, SIGNED, template
from ojt_logs.models import Authentication, HoursBatch, HoursEntry, HoursTotal, SignOff
from ojt_logs.progress import progress_of
from tests.at_once import at_once
from tests.cast import CANARY, NOW, PASSWORD, Cast
from tests.competencies.test_workbook import xlsx
from tests.ojt_logs.pages import plain, signed_in

pytestmark = pytest.mark.django_db

ANA_DAY = ["Ana Reyes", "ana@example.org", "2026-03-02", "", "2", "2g", "", "8", "binder 3"]
ANA_MONTH = ["Ana Reyes", "ana@example.org", "", "2026-04", "1", "", "", "160", ""]
PAPERS = "Binder 3, training office"
FRESH = Authentication("password", NOW - timedelta(minutes=1))


SIGN = ["Ana Reyes", "ana@example.org", "2g", "", "4", "2026-03-06", "MW", "Maria West", ""]


def workbook(
    *hours: list[Any], roster: list[list[Any]] | None = None, signed: list[list[Any]] | None = None
) -> bytes:
    return xlsx(
        {
            "README": [["Read"]],
            "Roster": [list(ROSTER), *(roster or [])],
            "Hours": [list(HOURS), *hours],
            "Sign-offs": [list(SIGNED), *(signed or [])],
        }
    )


def history(*hours: list[Any], **more: Any) -> HistoryFile:
    return read_file(workbook(*hours, **more), name="history.xlsx")


def brought(cast: Cast, file: HistoryFile, **other: Any) -> HoursBatch | None:
    usual = {"by": cast.nora, "authentication": FRESH, "papers_at": PAPERS}
    return bring_history(file, sponsor=cast.lakeside, now=NOW, **(usual | other))


def well() -> bool:
    return not list(record.compare()) and not list(rollup.differences())


def test_the_workbook_that_we_supply_comes_back_as_we_read_it(cast: Cast) -> None:
    data = template(cast.lakeside, by=cast.nora)
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == ["README", "Roster", "Hours", "Sign-offs"]
    names = [row[0].value for row in book["Roster"].iter_rows(min_row=2)]
    assert names == ["Ana Reyes", "Ben Ortiz"]
    for place, value in enumerate(ANA_MONTH, start=1):
        book["Hours"].cell(2, place, value)
    filled = BytesIO()
    book.save(filled)
    found = read_history(
        read_file(filled.getvalue(), name="h.xlsx"), sponsor=cast.lakeside, by=cast.nora, now=NOW
    )
    assert (found.refused, len(found.new), len(found.roster)) == ([], 1, 2)


def test_attested_hours_count_and_say_that_they_are_from_paper(cast: Cast) -> None:
    batch = brought(cast, history(ANA_DAY, ANA_MONTH))
    assert batch and (batch.rows, batch.papers_at) == (2, PAPERS)
    day, month = HoursEntry.objects.order_by("date")
    assert (day.status, day.source, day.minutes, day.carried_over) == ("approved", "paper", 480, False)
    assert (month.date, month.minutes, month.carried_over) == (date(2026, 4, 30), 9600, True)
    assert day.provenance.words == "from paper, history.xlsx, row 2, attested by Nora Bell"
    assert month.provenance.words == (
        "from paper, history.xlsx, row 3, total of April 2026, attested by Nora Bell"
    )
    assert progress_of(cast.ana).ojt.approved == 480 + 9600
    assert well()


def test_the_ledger_tells_who_attested_to_what_and_how_they_proved_it(cast: Cast) -> None:
    batch = brought(cast, history(ANA_DAY))
    told = chain.entries_of(cast.ana.uid).get(act="hours.attest")
    assert batch and told.actor == cast.nora.uid
    for words in ('"attestation":"I compared this workbook', '"authentication":"password"', batch.sha256):
        assert words in told.payload.body
    assert PAPERS not in told.payload.body


def test_a_total_of_a_month_leaves_its_days_free(cast: Cast) -> None:
    brought(cast, history(ANA_MONTH))
    cast.submitted(cast.ana, cast.ojt(minutes=1440, day=date(2026, 4, 30)))
    assert well()


def test_only_the_total_of_a_month_may_exceed_a_day(cast: Cast) -> None:
    brought(cast, history(ANA_DAY))
    entry = HoursEntry.objects.get()
    for wrong in ({"minutes": 1441}, {"minutes": 31 * 1440 + 1, "carried_over": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HoursEntry.objects.bulk_create(
                [
                    HoursEntry(
                        apprentice=cast.ana,
                        kind="ojt",
                        date=entry.date,
                        created_by=cast.nora,
                        **{"minutes": 60} | wrong,
                    )
                ]
            )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09", date(2026, 9, 30)),
        ("9/2026", date(2026, 9, 30)),
        ("Sep 2026", date(2026, 9, 30)),
        ("December 2026", date(2026, 12, 31)),
        ("2024-02-01", date(2024, 2, 29)),
    ],
)
def test_months_in_the_usual_spellings(text: str, day: date) -> None:
    assert last_day(text) == day


WRONG = {
    "day and month": ([*ANA_DAY[:3], "2026-04", *ANA_DAY[4:]], "one of the two"),
    "neither": ([*ANA_DAY[:2], "", "", *ANA_DAY[4:]], "one of the two"),
    "no month": ([*ANA_MONTH[:3], "spring", *ANA_MONTH[4:]], "is no month"),
    "a long day": ([*ANA_DAY[:7], "25:00", ""], "at most 24 hours"),
    "a long month": ([*ANA_MONTH[:7], "745:00", ""], "at most 744 hours"),
    "before the start": ([*ANA_MONTH[:3], "2025-12", *ANA_MONTH[4:]], "began on Feb 2, 2026"),
    "another sponsor's apprentice": (["", "chen@example.org", *ANA_DAY[2:]], "Nobody registered here"),
    "no such job function": ([*ANA_DAY[:4], "77", "", *ANA_DAY[6:]], "none in the program"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_wrong_row_keeps_all_out(cast: Cast, case: str) -> None:
    row, words = WRONG[case]
    with pytest.raises(Refusal, match=words) as refused:
        brought(cast, history(ANA_DAY, row))
    assert "Hours, row 3" in refused.value.message
    assert CANARY not in refused.value.message
    assert not HoursEntry.objects.exists() and not HoursBatch.objects.exists()


def test_who_stands_in_the_roster_and_is_not_registered_stops_the_workbook(cast: Cast) -> None:
    roster = [["Eli Moss", "eli@example.org", "", "", "2026-02-02"], ["Ana Reyes", "", "", "", "2026-01-05"]]
    found = read_history(history(ANA_DAY, roster=roster), sponsor=cast.lakeside, by=cast.nora, now=NOW)
    assert [(row.sheet, row.number) for row in found.refused] == [("Roster", 2), ("Roster", 3)]
    assert "Enroll them first" in found.refused[0].sentences
    assert "is registered from 2026-02-02" in found.refused[1].sentences


def test_the_same_workbook_or_the_same_rows_twice_change_nothing(cast: Cast) -> None:
    file = history(ANA_DAY, ANA_MONTH)
    brought(cast, file)
    assert brought(cast, file) is None
    assert brought(cast, history(ANA_MONTH, ANA_DAY)) is None
    assert HoursEntry.objects.count() == 2


@pytest.mark.parametrize("who", ["marcus", "priya", "ruth", "ana_user", "ivy", "olga"])
def test_nobody_but_a_coordinator_of_the_sponsor_attests(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        brought(cast, history(ANA_DAY), by=getattr(cast, who))
    assert not HoursEntry.objects.exists()


def test_an_attestation_needs_a_fresh_proof_consent_and_a_place_of_the_papers(cast: Cast) -> None:
    stale = Authentication("password", NOW - timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="Enter your password again"):
        brought(cast, history(ANA_DAY), authentication=stale)
    with pytest.raises(Refusal, match="where the papers are kept"):
        brought(cast, history(ANA_DAY), papers_at="  ")
    Consent.objects.withdraw(cast.nora, now=NOW)
    with pytest.raises(ConsentNeeded):
        brought(cast, history(ANA_DAY))
    assert not HoursEntry.objects.exists()


def test_attested_hours_are_final_and_corrected_by_their_apprentice(cast: Cast) -> None:
    batch = brought(cast, history(ANA_MONTH))
    assert batch and not batch.is_undoable
    with pytest.raises(Conflict):
        batch.undo(by=cast.nora, now=NOW)
    entry = HoursEntry.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.update(minutes=1)
    line = cast.ojt(minutes=9000, day=entry.date)
    right = entry.correct(by=cast.ana_user, now=NOW, reason="150 hours", line=line)
    assert right.carried_over
    right.move("submit", by=cast.ana_user, now=NOW)
    right.move("approve", by=cast.marcus, now=NOW)
    assert sum(HoursTotal.objects.values_list("approved", flat=True)) == 9000
    assert well()


@pytest.mark.django_db(transaction=True)
def test_one_workbook_attested_twice_in_one_moment_comes_in_once(transactional_db: None, cast: Cast) -> None:
    file = history(ANA_DAY, ANA_MONTH)
    outcomes = at_once(lambda: brought(cast, file), lambda: brought(cast, file))
    assert sum(one is None for one in outcomes) == 1
    assert HoursEntry.objects.count() == 2
    assert well()


def test_another_workbook_is_refused() -> None:
    with pytest.raises(Malformed, match="no sheet Hours"):
        read_file(xlsx({"Sheet1": [["Name"], ["Ana"]]}), name="x.xlsx")


def test_history_is_brought_and_attested_on_pages(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    page = reverse("history-start", args=[cast.lakeside.uid])
    assert "Download the workbook" in plain(nora.get(page).content)
    taken = nora.get(reverse("history-workbook", args=[cast.lakeside.uid]))
    assert "attachment" in taken["Content-Disposition"] and taken.content.startswith(b"PK")
    data = SimpleUploadedFile("history.xlsx", workbook(ANA_DAY, ANA_MONTH))
    look = nora.post(page, {"file": data})["Location"]
    told = plain(nora.get(look).content)
    for words in ("total of April 2026", "168 h", "I compared this workbook", "Attest to 2 entries"):
        assert words in told, words
    refused = nora.post(look, {"papers_at": PAPERS, "password": "wrong"})
    assert refused.status_code >= 400 and not HoursEntry.objects.exists()
    told = plain(nora.post(look, {"papers_at": PAPERS, "password": PASSWORD}, follow=True).content)
    assert "2 entries from paper are on the record, attested by Nora Bell" in told
    assert PAPERS in told and "Take the file out" not in told
    entry = HoursEntry.objects.get(carried_over=True)
    told = plain(signed_in(cast.ana_user).get(reverse("hours-entry", args=[entry.uid])).content)
    assert "Attested from paper" in told and "attested by Nora Bell" in told


# ---- Signatures


def test_signatures_on_paper_count_and_say_who_signed_and_who_copied(cast: Cast) -> None:
    batch = brought(cast, history(ANA_DAY, signed=[SIGN]))
    standards = cast.competency("2g").standards.count()
    rows = SignOff.objects.filter(apprentice=cast.ana)
    assert batch and (batch.rows, batch.signatures, rows.count()) == (1, 1, standards)
    one = rows[0]
    assert (one.method, one.ink, one.original_at) == ("paper", "Maria West (MW)", PAPERS)
    assert (one.signer, one.observed_to, one.passed) == (cast.nora, date(2026, 3, 6), True)
    assert one.get_method_display() != "Observed" and "ink" in one.attestation.text
    assert progress_of(cast.ana).standards_met == standards
    told = chain.entries_of(cast.ana.uid).filter(act="sign_off.sign").first()
    assert told and '"ink":"Maria West (MW)"' in told.payload.body
    assert well()


def test_one_standard_is_signed_by_its_number(cast: Cast) -> None:
    brought(cast, history(signed=[[*SIGN[:3], "2", *SIGN[4:]]]))
    assert SignOff.objects.get().performance_standard == cast.competency("2g").standards.get(position=2)


def test_signatures_of_the_same_paper_twice_change_nothing(cast: Cast) -> None:
    brought(cast, history(signed=[SIGN]))
    many = SignOff.objects.count()
    assert brought(cast, history(signed=[SIGN])) is None
    assert brought(cast, history(ANA_DAY, signed=[SIGN, SIGN]))
    assert SignOff.objects.count() == many


UNSIGNED = {
    "no signer": ([*SIGN[:7], "", ""], "Write the name of whoever signed"),
    "no such competency": ([*SIGN[:2], "77z", *SIGN[3:]], "the program has none"),
    "no such standard": ([*SIGN[:3], "99", *SIGN[4:]], "has no standard"),
    "off the scale": ([*SIGN[:4], "9", *SIGN[5:]], "is not on the scale"),
    "before the start": ([*SIGN[:5], "2026-01-05", *SIGN[6:]], "began on Feb 2, 2026"),
    "tomorrow": ([*SIGN[:5], "2026-11-21", *SIGN[6:]], "tomorrow"),
    "another sponsor's apprentice": (["", "chen@example.org", *SIGN[2:]], "Nobody registered here"),
}


@pytest.mark.parametrize("case", UNSIGNED)
def test_a_wrong_signature_keeps_the_hours_out_too(cast: Cast, case: str) -> None:
    row, words = UNSIGNED[case]
    with pytest.raises(Refusal, match=words) as refused:
        brought(cast, history(ANA_DAY, signed=[SIGN, row]))
    assert "Sign-offs, row 3" in refused.value.message
    assert CANARY not in refused.value.message
    assert not HoursEntry.objects.exists() and not SignOff.objects.exists()


def test_who_is_registered_nowhere_is_enrolled_from_the_dry_run(
    cast: Cast,
) -> None:
    fred = ["Fred Holt", "fred@example.org", "", "Medical coders", "2026-03-01"]
    gail = ["Gail Moss", "gail@example.org", "2026-03-02", "", "1", "", "", "8", ""]
    days = [["Fred Holt", "fred@example.org", "2026-03-02", "", "1", "", "", "8", ""], gail]
    file = SimpleUploadedFile("h.xlsx", workbook(*days, roster=[fred]))
    nora = signed_in(cast.nora)
    look = nora.post(reverse("history-start", args=[cast.lakeside.uid]), {"file": file})["Location"]
    page = nora.get(look).content.decode()
    assert "Nobody registered here has the e-mail “fred@example.org”" in page
    assert "A workbook registers nobody." in page and f"Enroll 2 in {cast.program.name}" in page
    address = re.findall(r'href="(/programs/[^"]+/enrol/list/\?list=[^"]+)"', page)[0]
    form = nora.get(address).content.decode()
    assert (
        "Fred Holt &lt;fred@example.org&gt;, 2026-03-01" in form
        and "Gail Moss &lt;gail@example.org&gt;" in form
    )
    assert f'href="{look}"' in form
    people = "Fred Holt <fred@example.org>, 2026-03-01\nGail Moss <gail@example.org>, 2026-03-01"
    made = nora.post(address, {"people": people}).content.decode()
    assert f'href="{look}">Back to the workbook' in made
    again = plain(nora.get(look).content)
    assert "Not registered yet" not in again and "Attest to 2 entries" in again
    assert signed_in(cast.olga).get(address).status_code == 404
