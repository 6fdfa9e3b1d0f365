"""Paid hours beside logged ones: read from payroll files, compared by period, differences explained."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import NotAllowed, Refusal
from ojt_logs.imports import bringing
from ojt_logs.imports.payroll import bring_paid
from ojt_logs.imports.uploads import Upload, read
from ojt_logs.models import PaidHours, PayrollExplanation, PayrollFile
from tests.at_once import at_once
from tests.cast import CANARY, NOW, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.ojt_logs.test_imports import table

pytestmark = pytest.mark.django_db

HEADINGS = ["Employee", "Pay period start", "Pay period end", "Total hours"]
ANA = ["Reyes, Ana", "11/09/2026", "11/22/2026", "80.00"]
OVERTIME = [*ANA[:3], "1.25"]
ELSEWHERE = ["Olga Brandt", "11/09/2026", "11/22/2026", "80.00"]


def payroll(*rows: list[str], headings: list[str] = HEADINGS, name: str = "paid.csv") -> Upload:
    return read(table(*rows, headings=headings), name=name, kind="payroll")


def kept(cast: Cast, *rows: list[str], name: str = "paid.csv") -> PayrollFile:
    upload = payroll(*rows, name=name)
    plan = bringing.plan_for(upload, sponsor=cast.lakeside)
    return bring_paid(upload, plan, sponsor=cast.lakeside, by=cast.nora, now=NOW)


def row(cast: Cast) -> PaidHours:
    return PaidHours.objects.visible_to(cast.nora).current().against_logged().get()


def test_rows_of_one_period_are_added_up_and_others_of_the_firm_left_out(cast: Cast) -> None:
    kept(cast, ANA, OVERTIME, ELSEWHERE)
    paid = PaidHours.objects.get()
    assert (paid.apprentice, paid.minutes) == (cast.ana, 81 * 60 + 15)
    assert (paid.starts_on, paid.ends_on) == (date(2026, 11, 9), date(2026, 11, 22))


def test_what_was_logged_stands_against_what_was_paid(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=480, day=date(2026, 11, 9)), cast.ri(day=date(2026, 11, 10)))
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 20)))
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 8)))
    kept(cast, [*ANA[:3], "8"])
    found = row(cast)
    assert (found.approved, found.waiting, found.difference) == (480, 60, 60)  # type: ignore[attr-defined]


def test_a_row_that_names_one_day_counts_in_its_week(cast: Cast) -> None:
    headings = ["Employee", "Date", "Hours"]
    upload = payroll(["Ana Reyes", "11/18/2026", "8"], ["Ana Reyes", "11/20/2026", "7:30"], headings=headings)
    plan = bringing.plan_for(upload, sponsor=cast.lakeside)
    bring_paid(upload, plan, sponsor=cast.lakeside, by=cast.nora, now=NOW)
    paid = PaidHours.objects.get()
    assert (paid.starts_on, paid.ends_on, paid.minutes) == (date(2026, 11, 16), date(2026, 11, 22), 930)


def test_a_later_file_says_what_counts_and_the_same_file_changes_nothing(cast: Cast) -> None:
    first = kept(cast, ANA)
    assert kept(cast, ANA) == first
    kept(cast, [*ANA[:3], "72"], name="corrected.csv")
    assert PaidHours.objects.count() == 2
    assert row(cast).minutes == 72 * 60


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["Ana Reyes", "11/22/2026", "11/09/2026", "80"], "no pay period"),
        (["Ana Reyes", "1/1/2026", "11/09/2026", "80"], "no pay period"),
        (["Ana Reyes", "soon", "11/09/2026", "80"], "is no day"),
        (["Ana Reyes", "11/09/2026", "11/22/2026", "many"], "not a time"),
    ],
)
def test_one_wrong_row_keeps_all_out(cast: Cast, wrong: list[str], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        kept(cast, ANA, wrong)
    assert not PaidHours.objects.exists()


def test_another_sponsors_apprentice_in_a_payroll_is_a_stranger(cast: Cast) -> None:
    with pytest.raises(Refusal, match="No row of this file is about an apprentice of yours"):
        kept(cast, [cast.chen_user.name, *ANA[1:]])


@pytest.mark.parametrize("who", ["marcus", "ana_user", "ruth", "olga", "ivy"])
def test_nobody_but_a_coordinator_of_the_sponsor_reads_a_payroll_in(cast: Cast, who: str) -> None:
    upload = payroll(ANA)
    plan = bringing.plan_for(upload, sponsor=cast.lakeside)
    with pytest.raises(NotAllowed):
        bring_paid(upload, plan, sponsor=cast.lakeside, by=getattr(cast, who), now=NOW)


def test_what_was_paid_is_read_by_coordinators_and_auditors_alone(cast: Cast) -> None:
    kept(cast, ANA)
    seeing = [
        who
        for who in ("ana_user", "marcus", "priya", "nora", "ruth", "ivy", "olga")
        if PaidHours.objects.visible_to(getattr(cast, who)).exists()
    ]
    assert seeing == ["nora", "ruth"]


def test_an_explanation_stays_with_name_day_and_the_difference_of_then(cast: Cast) -> None:
    kept(cast, ANA)
    row(cast).explain("Paid leave, Nov 11", by=cast.nora, now=NOW)
    cast.submitted(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 12)))
    row(cast).explain("Two days of leave", by=cast.nora, now=NOW)
    said = list(PayrollExplanation.objects.values_list("text", "by__name", "difference"))
    assert said == [("Two days of leave", "Nora Bell", -4740), ("Paid leave, Nov 11", "Nora Bell", -4800)]
    with pytest.raises(IntegrityError), transaction.atomic():
        PayrollExplanation.objects.update(text="Nothing was said.")
    with pytest.raises(Refusal, match="Say why they differ"):
        row(cast).explain("  ", by=cast.nora, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_one_payroll_sent_twice_in_one_moment_is_kept_once(transactional_db: None, cast: Cast) -> None:
    at_once(lambda: kept(cast, ANA), lambda: kept(cast, ANA))
    assert (PayrollFile.objects.count(), PaidHours.objects.count()) == (1, 1)


def test_a_payroll_is_read_compared_explained_and_taken_away_on_pages(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    page = reverse("payroll", args=[cast.lakeside.uid])
    data = SimpleUploadedFile("=paid.csv", table(ANA, ELSEWHERE, headings=HEADINGS))
    look = nora.post(page, {"file": data})["Location"]
    told = plain(nora.get(look).content)
    assert "80 h" in told and "Compare with what was logged" in told and CANARY not in told
    told = plain(nora.post(look, {"bring": "yes"}, follow=True).content)
    assert "−80 h" in told and "not explained" in told
    one = reverse("paid-hours", args=[PaidHours.objects.get().uid])
    assert nora.post(one, {"text": ""}).status_code == 400
    told = plain(nora.post(one, {"text": "=Leave"}, follow=True).content)
    assert "“=Leave” Nora Bell" in told
    assert "not explained" not in plain(nora.get(page, {"show": "open"}).content)
    lines = b"".join(nora.get(page, {"format": "csv"})).decode("utf-8-sig")  # type: ignore[arg-type]
    (_, said) = csv.reader(io.StringIO(lines))
    assert "'=Leave" in said and "'=paid.csv" in said
    assert "−80 h" in plain(signed_in(cast.ruth).get(page).content)
    assert signed_in(cast.marcus).get(page).status_code == 403
