"""Hours of earlier years are not read by pages of today; and what is written once, without full indexes."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apprenticeship.models import Apprentice
from ojt_logs.due import dues_of
from ojt_logs.models import HoursBatch, HoursEntry, HoursTotal
from ojt_logs.periodic_reviews import due_of
from ojt_logs.queue import just_approved
from ojt_logs.rollup import differences
from ojt_logs.weeks import week_of
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.test_periodic_reviews import every, hold

YEARS, EACH = 5, 200
LAST_YEAR = TODAY - timedelta(days=365)


@pytest.fixture
def ana(cast: Cast) -> Apprentice:
    """With hours of five earlier years, approved and counted, and ten days of this month."""
    days = [
        LAST_YEAR - timedelta(days=number * YEARS * 365 // (YEARS * EACH)) for number in range(YEARS * EACH)
    ]
    entries = [_approved(cast, day) for day in days]
    HoursEntry.objects.bulk_create(entries)
    function = cast.competency("2g").job_function
    minutes = sum(entry.minutes for entry in entries)
    HoursTotal.objects.create(apprentice=cast.ana, kind="ojt", lineage=function.lineage, approved=minutes)
    cast.approved(cast.ana, *(cast.ojt(day=TODAY - timedelta(days=back)) for back in range(1, 11)))
    return Apprentice.objects.select_related("program", "user").get(pk=cast.ana.pk)


def _approved(cast: Cast, day: object) -> HoursEntry:
    line = cast.ojt(minutes=60)
    given = vars(line) | {"date": day, "apprentice": cast.ana, "created_by": cast.ana_user}
    earlier = NOW - timedelta(days=365)
    return HoursEntry(**given, status="approved", reviewed_by=cast.marcus, reviewed_at=earlier)


def read_by(act: Callable[[], object]) -> int:
    """Rows of hours that PostgreSQL reads for this, in the transaction of the test."""
    question = (
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ojt_logs_hoursentry")
        cursor.execute(question, [HoursEntry._meta.db_table])
        before = cursor.fetchone()[0]
        act()
        cursor.execute(question, [HoursEntry._meta.db_table])
        return int(cursor.fetchone()[0] - before)


@pytest.mark.postgresql
def test_the_week_and_what_is_due_read_no_earlier_years(cast: Cast, ana: Apprentice) -> None:
    """Each of its questions reads this month at most."""
    assert read_by(lambda: week_of(ana, TODAY - timedelta(days=4), now=NOW)) < 100
    assert read_by(lambda: dues_of(ana, now=NOW)) < 100
    assert read_by(lambda: list(ana.hours.all())) > YEARS * EACH, "the meter itself"


@pytest.mark.postgresql
def test_what_a_mentor_just_approved_is_found_without_what_they_ever_approved(
    cast: Cast, ana: Apprentice
) -> None:
    found: list[object] = []
    read = read_by(lambda: found.extend(just_approved(cast.marcus, now=NOW)))
    assert found
    assert read < 100


@pytest.mark.postgresql
def test_the_next_review_reads_no_hours_before_the_last(cast: Cast, ana: Apprentice) -> None:
    every(cast, review_minutes=900)
    assert read_by(lambda: due_of([ana], today=TODAY)) == 0
    hold(cast, held_on=TODAY - timedelta(days=5))
    assert read_by(lambda: due_of([ana], today=TODAY)) < 100


def test_hours_since_the_last_review_are_those_after_its_day(cast: Cast, ana: Apprentice) -> None:
    people = [ana, Apprentice.objects.select_related("program").get(pk=cast.ben.pk)]
    cast.approved(cast.ben, cast.ojt(minutes=90), cast.ri())
    assert [due.minutes for due in due_of(people, today=TODAY)] == [YEARS * EACH * 60 + 10 * 480, 90]
    assert differences() == []
    hold(cast, held_on=TODAY - timedelta(days=3))
    assert [due.minutes for due in due_of(people, today=TODAY)] == [2 * 480, 90]


def test_what_is_written_once_is_so_among_rows_that_name_nothing(cast: Cast) -> None:
    batch = HoursBatch.objects.create(sponsor=cast.lakeside, by=cast.nora, at=NOW, rows=1)
    name = uuid.uuid4()
    for once in ({"client_uid": name}, {"batch": batch, "batch_row": 7, "source": "imported"}):
        first, again = (_approved(cast, TODAY) for _ in range(2))
        for entry in (first, again):
            for column, value in once.items():
                setattr(entry, column, value)
        first.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()
        _approved(cast, TODAY).save()
    _approved(cast, TODAY).save()
