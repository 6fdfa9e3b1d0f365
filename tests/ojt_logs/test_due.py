"""What the first screen says is due and missing, what is late, and the receipt of what was handed in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from ledger import triggers
from ojt_logs import record
from ojt_logs.due import dues_of
from ojt_logs.models import HoursEntry, NoWorkPeriod, Receipt
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

DAY = timedelta(days=1)
NOV_3 = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)


def reports(cast: Cast, **said: object) -> None:
    """How Lakeside's program has hours handed in."""
    cast.program.change(by=cast.nora, now=NOW, **said)
    cast.ana.refresh_from_db()


def worked(cast: Cast, first: date, last: date, *, but: tuple[date, ...] = ()) -> None:
    """Ana's working days, submitted in the evening of the last."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    lines = [cast.ojt(minutes=480, day=day) for day in days if day.weekday() < 5 and day not in but]
    cast.submitted(cast.ana, *lines, now=datetime(last.year, last.month, last.day, 23, 0, tzinfo=UTC))


def said(cast: Cast, now: datetime = NOW) -> list[str]:
    return [due.says for due in dues_of(cast.ana, now=now)]


def test_october_is_due_and_one_day_is_missing(cast: Cast) -> None:
    reports(cast, reporting_period="month", reporting_due_days=5, reporting_grace_days=0)
    worked(cast, date(2026, 9, 1), date(2026, 11, 2), but=(date(2026, 10, 29),))
    assert said(cast, NOV_3)[0] == "October 2026 is due Thu, Nov 5, 11:59 pm CST: Oct 29 is missing"
    assert said(cast, NOV_3)[1] == "November 2026 is due Sat, Dec 5, 11:59 pm CST"


def test_what_is_explained_is_not_missing(cast: Cast) -> None:
    reports(cast, reporting_period="month", reporting_due_days=5, reporting_grace_days=0)
    gap = date(2026, 10, 29)
    worked(cast, date(2026, 9, 1), date(2026, 11, 2), but=(gap, gap + DAY))
    assert "Oct 29 and Oct 30 are missing" in said(cast, NOV_3)[0]
    NoWorkPeriod.objects.record(
        cast.ana, "sick", first_day=gap, last_day=gap + DAY, by=cast.ana_user, now=NOV_3
    )
    cast.ana.refresh_from_db()
    assert said(cast, NOV_3) == ["November 2026 is due Sat, Dec 5, 11:59 pm CST"]


def test_days_on_which_somebody_never_works_are_not_missing(cast: Cast) -> None:
    for weeks in range(1, 5):
        saturday = date(2026, 11, 14) - timedelta(weeks=weeks)
        cast.submitted(cast.ana, cast.ojt(minutes=480, day=saturday))
    assert (
        said(cast)[0] == "Nov 9 – 15 was due Wed, Nov 18, 11:59 pm CST, and is on time until Sun, Nov 22, "
        "11:59 pm CST: Nov 14 is missing"
    )


def test_today_and_what_is_to_come_is_not_missing(cast: Cast) -> None:
    worked(cast, date(2026, 10, 12), TODAY - DAY)
    assert said(cast) == ["Nov 16 – 22 is due Wed, Nov 25, 11:59 pm CST"]


def test_old_gaps_are_told_no_more_but_old_drafts_are(cast: Cast) -> None:
    assert [one.split(" ")[0:4] for one in said(cast)] == [["Nov", "9", "–", "15"], ["Nov", "16", "–", "22"]]
    cast.log(cast.ana, cast.ojt(minutes=60, day=date(2026, 10, 14)))
    first = said(cast)[0]
    assert first == (
        "Oct 12 – 18 was due Wed, Oct 21, 11:59 pm CDT, and what is submitted now is marked late: "
        "1 entry is not submitted; Oct 12, Oct 13, Oct 15 and Oct 16 are missing"
    )


def test_the_first_screen_says_it_and_submits_an_earlier_period(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 12)))
    ana = signed_in(cast.ana_user)
    week = reverse("week", args=[cast.ana.uid])
    page = text_of(ana, week)
    assert "Nov 9 – 15 was due Wed, Nov 18, 11:59 pm CST" in page and "1 entry is not submitted" in page
    done = ana.post(reverse("period-submit", args=[cast.ana.uid, date(2026, 11, 9)]), follow=True)
    assert "Submitted 1 entry, 1 h, on Nov 20, 2026, 12:00 pm CST" in plain(done.content)
    assert HoursEntry.objects.get(apprentice=cast.ana).status == "submitted"


def test_a_mentor_is_told_nothing_of_what_is_due(cast: Cast) -> None:
    assert signed_in(cast.marcus).get(reverse("week", args=[cast.ana.uid])).status_code == 403


def test_more_hours_take_no_more_queries(cast: Cast) -> None:
    worked(cast, date(2026, 11, 16), date(2026, 11, 17))
    ana, week = signed_in(cast.ana_user), reverse("week", args=[cast.ana.uid])
    before = queries(ana, week)
    worked(cast, date(2026, 10, 1), date(2026, 11, 13))
    assert queries(ana, week) <= before


def test_what_is_due_is_read_in_four_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    reports(cast, reporting_period="month", reporting_due_days=5)
    cast.log(cast.ana, cast.ojt(minutes=60, day=date(2026, 3, 3)))
    ana = type(cast.ana).objects.everyone().select_related("user", "program").get(pk=cast.ana.pk)
    with django_assert_num_queries(4):
        assert len(dues_of(ana, now=NOW)) == 2


def test_what_is_submitted_after_the_grace_is_late_wherever_it_is_shown(cast: Cast) -> None:
    reports(cast, reporting_due_days=2, reporting_grace_days=1)
    on_time, late = cast.ojt(minutes=60, day=date(2026, 11, 16)), cast.ojt(minutes=60, day=date(2026, 11, 15))
    cast.submitted(cast.ana, on_time, late)
    flags = {row.date: row.is_late for row in HoursEntry.objects.filter(apprentice=cast.ana)}
    assert flags == {on_time.date: False, late.date: True}
    words = "logged 5 days later, submitted late"
    marcus = signed_in(cast.marcus)
    assert words in text_of(marcus, reverse("review-week", args=[cast.ana.uid, date(2026, 11, 9)]))
    assert words in text_of(signed_in(cast.nora), reverse("hours", args=[cast.ana.uid]) + "?source=late")
    rows = Rest(cast.ana_user).get("hours/", source="late")[1]["results"]
    assert [(row["date"], row["is_late"]) for row in rows] == [("2026-11-15", True)]


def test_the_last_moment_of_the_grace_is_on_time(cast: Cast) -> None:
    reports(cast, reporting_due_days=2, reporting_grace_days=1)
    midnight = datetime(2026, 11, 19, 6, 0, tzinfo=UTC)
    lines = [cast.ojt(minutes=60, day=date(2026, 11, day)) for day in (14, 15)]
    (first,) = cast.submitted(cast.ana, lines[0], now=midnight - timedelta(seconds=1))
    (second,) = cast.submitted(cast.ana, lines[1], now=midnight)
    assert (first.is_late, second.is_late) == (False, True)


def test_what_a_mentor_returned_late_is_not_late_and_neither_is_a_correction(cast: Cast) -> None:
    reports(cast, reporting_due_days=2, reporting_grace_days=1)
    day = date(2026, 11, 16)
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60, day=day))
    entry.move("return", by=cast.marcus, now=NOW, reason="Which?")
    after = NOW + timedelta(days=20)
    entry.move("submit", by=cast.ana_user, now=after)
    assert not entry.is_late
    entry.move("approve", by=cast.marcus, now=after)
    fixed = entry.correct(by=cast.ana_user, now=after, reason="Wrong", line=cast.ojt(minutes=90, day=day))
    fixed.move("submit", by=cast.ana_user, now=after)
    assert not fixed.is_late
    assert not list(record.compare())


def test_submitting_gives_a_receipt_that_stays(cast: Cast) -> None:
    drafts = cast.log(cast.ana, cast.ojt(minutes=450), cast.ri(minutes=120))
    ana = signed_in(cast.ana_user)
    ana.post(reverse("week-submit", args=[cast.ana.uid, date(2026, 11, 16)]))
    receipt = Receipt.objects.get(apprentice=cast.ana)
    assert (receipt.number, receipt.entries, receipt.minutes) == (1, 2, 570)
    assert (receipt.submitted_at, receipt.time_zone) == (NOW, "America/Chicago")
    drafts[0].refresh_from_db()
    drafts[0].move("recall", by=cast.ana_user, now=NOW)
    drafts[0].remove(by=cast.ana_user)
    page = text_of(ana, reverse("receipt", args=[receipt.uid]))
    for words in ("Receipt 1", "Nov 20, 2026, 12:00 pm CST", "9 h 30 min", "7 h 30 min", "2g Resolves"):
        assert words in page
    assert "Ana Reyes submitted 2 entries, 9 h 30 min, on Nov 20, 2026, 12:00 pm CST." in unquote(page)
    assert "Receipt 1" in text_of(ana, reverse("receipts", args=[cast.ana.uid]))
    assert "number 1" in text_of(ana, reverse("week", args=[cast.ana.uid]))
    assert "Receipt 1" in text_of(signed_in(cast.nora), reverse("receipt", args=[receipt.uid]))
    assert signed_in(cast.ben_user).get(reverse("receipt", args=[receipt.uid])).status_code == 404


def test_receipts_are_told_over_rest_to_who_reads_the_record(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    cast.submitted(cast.ana, cast.ojt(minutes=90), now=NOW + timedelta(minutes=5))
    ana = Rest(cast.ana_user)
    rows = ana.get("receipts/", apprentice=str(cast.ana.uid))[1]["results"]
    assert [(row["number"], row["minutes"], row["time_zone"]) for row in rows] == [
        (2, 90, "America/Chicago"),
        (1, 60, "America/Chicago"),
    ]
    assert rows[0]["lines"][0] | {"id": ""} == {
        "id": "",
        "date": "2026-11-20",
        "kind": "ojt",
        "subject": str(cast.competency("2g")),
        "minutes": 90,
        "late": False,
    }
    newer = ana.get("receipts/", updated_since="2026-11-20T18:01:00Z")[1]["results"]
    assert [row["number"] for row in newer] == [2]
    address = f"receipts/{rows[0]['id']}/"
    assert Rest(cast.nora).get(address)[0] == 200
    assert Rest(cast.ben_user).get(address)[0] == Rest(cast.olga).get(address)[0] == 404


def test_receipts_are_numbered_and_never_changed(cast: Cast) -> None:
    for minutes in (60, 90):
        cast.submitted(cast.ana, cast.ojt(minutes=minutes))
    cast.submitted(cast.ben, cast.ojt(minutes=30))
    assert list(Receipt.objects.filter(apprentice=cast.ana).values_list("number", "minutes")) == [
        (2, 90),
        (1, 60),
    ]
    assert Receipt.objects.get(apprentice=cast.ben).number == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.update(minutes=1)
    assert not list(record.compare())


def test_a_receipt_that_was_altered_is_found(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    triggers.remove(connection)
    receipt = Receipt.objects.get()
    receipt.lines[0]["minutes"] = receipt.minutes = 600
    receipt.save()
    assert [str(one.problem) for one in record.compare() if not isinstance(one, str)] == [
        "the ledger says otherwise about this receipt"
    ]
