"""Every hour says where it came from, on pages, in files and over REST, and lists filter by it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from ledger.models import Payload
from ojt_logs import record, weeks
from ojt_logs.models import HoursEntry, Source
from ojt_logs.models.provenance import LABELS, came
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

YESTERDAY = TODAY - timedelta(days=1)


def behalf(cast: Cast, entry: HoursEntry) -> HoursEntry:
    """As it will be when Marcus writes for Ana: only who wrote it differs."""
    HoursEntry.objects.filter(pk=entry.pk).update(created_by=cast.marcus)
    return HoursEntry.objects.select_related("apprentice__user", "created_by").get(pk=entry.pk)


def test_an_entry_says_when_it_was_logged(cast: Cast) -> None:
    same, next_day, week = cast.log(
        cast.ana,
        cast.ojt(minutes=60),
        cast.ojt(minutes=60, day=YESTERDAY),
        cast.ojt(minutes=60, day=TODAY - timedelta(days=7)),
    )
    assert same.provenance.words == "logged the same day"
    assert next_day.provenance.words == "logged 1 day later"
    assert week.provenance.words == "logged 7 days later"
    assert (same.provenance.kind, week.provenance.kind) == ("same_day", "later")


@pytest.mark.parametrize("page", ["week", "day"])
def test_anas_week_says_where_hours_came_from_only_where_that_is_news(cast: Cast, page: str) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60, day=TODAY))
    address = reverse(page, args=[cast.ana.uid, TODAY] if page == "day" else [cast.ana.uid])
    plain = signed_in(cast.ana_user).get(address).content.decode()
    assert reverse("hours-entry", args=[entry.uid]) in plain and "logged the same day" not in plain
    behalf(cast, entry)
    told = signed_in(cast.ana_user).get(address).content.decode()
    assert "logged the same day by Marcus Webb on behalf" in told


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Pacific/Guam", "logged 1 day later"),
        ("America/Chicago", "logged 1 day later"),
        ("Pacific/Honolulu", "logged the same day"),
    ],
)
def test_the_day_of_logging_is_that_of_the_apprentices_own_time_zone(
    cast: Cast, zone: str, words: str
) -> None:
    User.objects.filter(pk=cast.ana_user.pk).update(time_zone=zone)
    cast.ana.user.time_zone = zone
    after_midnight_in_chicago = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    (entry,) = cast.log(cast.ana, cast.ojt(minutes=60, day=YESTERDAY), now=after_midnight_in_chicago)
    assert entry.provenance.words == words
    late = HoursEntry.objects.filter(came("later")).exists()
    assert late is (words == "logged 1 day later")
    assert HoursEntry.objects.filter(came("same_day")).exists() is not late


@pytest.mark.parametrize(
    ("zone", "day", "written", "later"),
    [
        ("America/Chicago", date(2026, 3, 8), datetime(2026, 3, 9, 4, 59, tzinfo=UTC), 0),
        ("America/Chicago", date(2026, 3, 8), datetime(2026, 3, 9, 5, 0, tzinfo=UTC), 1),
        ("America/Chicago", date(2026, 11, 1), datetime(2026, 11, 2, 5, 59, tzinfo=UTC), 0),
        ("America/Chicago", date(2026, 11, 1), datetime(2026, 11, 2, 6, 0, tzinfo=UTC), 1),
        ("America/Phoenix", date(2026, 3, 8), datetime(2026, 3, 9, 6, 59, tzinfo=UTC), 0),
        ("America/Phoenix", date(2026, 11, 1), datetime(2026, 11, 2, 7, 0, tzinfo=UTC), 1),
        ("Pacific/Honolulu", date(2026, 3, 8), datetime(2026, 3, 9, 9, 59, tzinfo=UTC), 0),
        ("Pacific/Guam", date(2026, 11, 1), datetime(2026, 11, 1, 13, 59, tzinfo=UTC), 0),
        ("Pacific/Guam", date(2026, 11, 1), datetime(2026, 11, 1, 14, 0, tzinfo=UTC), 1),
        ("America/Chicago", date(2028, 2, 29), datetime(2028, 3, 1, 5, 59, tzinfo=UTC), 0),
        ("America/Chicago", date(2028, 2, 28), datetime(2028, 2, 29, 6, 0, tzinfo=UTC), 1),
        ("America/Chicago", date(2028, 2, 28), datetime(2028, 3, 1, 6, 0, tzinfo=UTC), 2),
    ],
)
def test_the_same_day_ends_at_midnight_on_the_wall_where_clocks_change_and_in_leap_years(
    cast: Cast, zone: str, day: date, written: datetime, later: int
) -> None:
    """In 2026 clocks go forward on Mar 8 and back on Nov 1."""
    User.objects.filter(pk=cast.ana_user.pk).update(time_zone=zone)
    cast.ana.user.time_zone = zone
    (entry,) = cast.log(cast.ana, cast.ojt(minutes=60, day=day), now=written)
    words = {0: "logged the same day", 1: "logged 1 day later", 2: "logged 2 days later"}
    assert entry.provenance.words == words[later]
    assert HoursEntry.objects.filter(came("later")).exists() is bool(later)
    assert HoursEntry.objects.filter(came("same_day")).exists() is not bool(later)


def test_same_as_yesterday_is_said_to_be_a_copy(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, day=YESTERDAY), now=NOW - timedelta(days=1))
    source = weeks.day_to_copy(cast.ana, TODAY)
    assert source
    (copy,) = weeks.copy_day(source, by=cast.ana_user, now=NOW)
    assert (copy.source, copy.copied_from) == (Source.COPIED, YESTERDAY)
    assert copy.provenance.words == "copied from Nov 19"
    copy.change(by=cast.ana_user, now=NOW, minutes=400)
    assert copy.provenance.words == "copied from Nov 19"


def test_hours_from_a_file_from_paper_and_on_behalf_say_so(cast: Cast) -> None:
    line = cast.ojt(minutes=60, day=YESTERDAY)
    imported, paper, named, hers = cast.log(
        cast.ana,
        replace(line, source=Source.IMPORTED, taken_from="payroll.xlsx, row 12"),
        replace(line, source=Source.PAPER),
        replace(line, source=Source.PAPER, taken_from="sheet 4"),
        line,
    )
    assert imported.provenance.words == "imported from payroll.xlsx, row 12"
    assert paper.provenance.words == "from paper"
    assert named.provenance.words == "from paper, sheet 4"
    assert behalf(cast, hers).provenance.words == "logged 1 day later by Marcus Webb on behalf"


def test_an_entry_written_offline_keeps_both_times(cast: Cast) -> None:
    wrote = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    line = replace(cast.ojt(minutes=60), device_at=wrote)
    (today,) = cast.log(cast.ana, line)
    assert today.provenance.words == "logged the same day, written offline at 8:05 am, received 12:00 pm"
    old = replace(cast.ojt(minutes=60, day=YESTERDAY), device_at=wrote - timedelta(days=1))
    (yesterday,) = cast.log(cast.ana, old)
    assert yesterday.provenance.words == (
        "logged the same day, written offline at 8:05 am, received Nov 20, 12:00 pm"
    )
    assert set(HoursEntry.objects.filter(came("offline"))) == {today, yesterday}


def test_a_copy_names_its_day_and_nothing_else_does(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt(minutes=60))
    for wrong in ({"source": "copied"}, {"copied_from": YESTERDAY}, {"source": "guessed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HoursEntry.objects.filter(pk=entry.pk).update(**wrong)


def test_every_place_that_shows_hours_says_where_they_came_from(cast: Cast) -> None:
    line = replace(cast.ojt(minutes=60), source=Source.COPIED, copied_from=date(2026, 11, 12))
    (entry,) = cast.submitted(cast.ana, line)
    words = "copied from Nov 12"
    ana, nora, marcus = signed_in(cast.ana_user), signed_in(cast.nora), signed_in(cast.marcus)
    uid = cast.ana.uid
    for client, url in (
        (ana, reverse("week", args=[uid])),
        (ana, reverse("day", args=[uid, TODAY])),
        (ana, reverse("hours", args=[uid])),
        (ana, reverse("hours-entry", args=[entry.uid])),
        (nora, reverse("program-hours", args=[cast.program.uid])),
        (marcus, reverse("review-week", args=[uid, date(2026, 11, 16)])),
    ):
        assert words in text_of(client, url), url
    rows = b"".join(ana.get(reverse("hours", args=[uid]) + "?format=csv")).decode()  # type: ignore[arg-type]
    assert f"Copied,{words},Ana Reyes" in rows


@pytest.mark.parametrize("how", [one for one in LABELS if one != "late"])
def test_hours_are_filtered_by_where_they_came_from(cast: Cast, how: str) -> None:
    line = cast.ojt(minutes=10)
    lines = {
        "same_day": line,
        "later": cast.ojt(minutes=10, day=YESTERDAY),
        "copied": replace(line, source=Source.COPIED, copied_from=YESTERDAY),
        "imported": replace(line, source=Source.IMPORTED),
        "paper": replace(line, source=Source.PAPER),
        "on_behalf": replace(line, source=Source.PAPER, taken_from="a sheet"),
        "offline": replace(line, source=Source.IMPORTED, device_at=NOW),
    }
    entries = dict(zip(lines, cast.log(cast.ana, *lines.values()), strict=True))
    HoursEntry.objects.filter(apprentice=cast.ana).move("submit", by=cast.ana_user, now=NOW)
    behalf(cast, entries["on_behalf"])
    meant = {entries[how].uid}
    meant |= {entries["on_behalf"].uid} if how == "paper" else set()
    meant |= {entries["offline"].uid} if how == "imported" else set()
    found = Rest(cast.ana_user).get("hours/", source=how)[1]["results"]
    assert {row["id"] for row in found} == {str(uid) for uid in meant}
    page = text_of(signed_in(cast.nora), reverse("program-hours", args=[cast.program.uid]) + f"?source={how}")
    assert all(str(uid) in page for uid in meant)
    assert page.count("entry-row") == len(meant)


def test_rest_takes_the_devices_time_and_tells_where_an_entry_came_from(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    said = {"apprentice": str(cast.ana.uid), "kind": "ojt", "date": "2026-11-20", "job_function": 2}
    _, row = ana.post("hours/", {**said, "minutes": 60, "device_at": "2026-11-20T08:05:00-06:00"})
    assert (row["source"], row["created_by"]) == ("logged", "Ana Reyes")
    assert row["provenance"].startswith("logged the same day, written offline at 8:05 am")
    _, changed = ana.patch(f"hours/{row['id']}/", {"minutes": 90})
    assert (changed["minutes"], changed["device_at"]) == (90, row["device_at"])


def test_the_ledger_holds_where_hours_came_from(cast: Cast) -> None:
    line = replace(cast.ojt(minutes=60), source=Source.IMPORTED, taken_from="payroll.xlsx, row 12")
    (entry,) = cast.approved(cast.ana, line)
    assert not list(record.compare())
    assert entry.facts()["written_by"] == str(cast.ana_user.uid)
    assert not Payload.objects.filter(body__contains="payroll.xlsx").exists()
    for change in (
        {"source": "logged"},
        {"taken_from": "payroll.xlsx, row 13"},
        {"created_by": cast.marcus},
        {"created_at": NOW - timedelta(days=1)},
        {"device_at": NOW},
    ):
        facts = {name: getattr(entry, name) for name in change}
        for name, value in change.items():
            setattr(entry, name, value)
        assert record._hours_problem(entry, record.told_of(cast.ana.uid, ("hours.",))[entry.uid]), change
        for name, value in facts.items():
            setattr(entry, name, value)


def test_a_record_from_before_the_question_is_whole_while_it_says_logged(cast: Cast) -> None:
    (entry,) = cast.approved(cast.ana, cast.ojt(minutes=60))
    word = record.told_of(cast.ana.uid, ("hours.",))[entry.uid]
    younger = {"written_by", "written_at", "source", "copied_from", "taken_from_sha256", "device_at"}
    assert word.words
    old = replace(word, words={name: value for name, value in word.words.items() if name not in younger})
    assert record._hours_problem(entry, old) == ""
    entry.source = Source.IMPORTED
    assert "source" in record._hours_problem(entry, old)
