"""What is on the record stays five years after its end, whoever asks; a legal hold keeps it longer."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Conflict, Refusal
from apprenticeship import retention
from apprenticeship.models import Apprentice, Employer, LegalHold
from ledger.models import Chain
from ojt_logs import record
from tests.cast import NOW, PASSWORD, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

ENDED = TODAY
FIFTH = date(2031, 11, 20)


def ended(cast: Cast, day: date = ENDED) -> Apprentice:
    cast.ana.change_status("cancelled", effective_on=day, reason="Moved away.", by=cast.nora, now=NOW)
    return cast.ana


def due_on(day: date) -> list[Apprentice]:
    return list(retention.past_retention(Apprentice.objects.everyone(), today=day))


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (FIFTH - timedelta(days=2), False),
        (FIFTH - timedelta(days=1), False),  # four years and 364 days
        (FIFTH, False),  # the fifth anniversary is its last day
        (FIFTH + timedelta(days=1), True),
    ],
)
def test_a_record_is_kept_through_the_fifth_anniversary_of_its_end(cast: Cast, on: date, due: bool) -> None:
    ana = ended(cast)
    assert retention.kept_through(ana) == FIFTH
    assert due_on(on) == ([ana] if due else [])
    if due:
        retention.check(ana, today=on)
    else:
        with pytest.raises(Conflict, match="kept through Nov 20, 2031"):
            retention.check(ana, today=on)


@pytest.mark.parametrize(
    ("end", "last_day"),
    [
        (date(2028, 2, 29), date(2033, 2, 28)),
        (date(2027, 2, 28), date(2032, 2, 28)),
        (date(2027, 3, 1), date(2032, 3, 1)),
        (date(2024, 2, 29), date(2029, 2, 28)),
    ],
)
def test_leap_days_neither_shorten_nor_lengthen_it(end: date, last_day: date) -> None:
    for today in (last_day - timedelta(days=1), last_day):
        assert retention.last_end(today, 5) < end
    assert retention.last_end(last_day + timedelta(days=1), 5) >= end


def test_what_is_written_after_the_end_is_kept_its_own_five_years(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt())
    ana = ended(cast)
    later = datetime(2027, 5, 3, 12, tzinfo=UTC)
    (row,) = ana.hours.all()
    row.move("return", by=cast.marcus, now=later, reason="Too late")
    assert retention.kept_through(ana) == date(2032, 5, 3)
    assert due_on(date(2032, 5, 3)) == [] and due_on(date(2032, 5, 4)) == [ana]


def test_reading_and_holding_begin_no_new_five_years(cast: Cast) -> None:
    ana = ended(cast)
    later = NOW + timedelta(days=400)
    hold = LegalHold.objects.place(cast.lakeside, apprentice=ana, by=cast.nora, now=later, reason="Audit 7")
    hold.lift(by=cast.nora, now=later, why="It is over.")
    assert retention.kept_through(ana) == FIFTH


def test_who_goes_on_is_kept_without_an_end(cast: Cast) -> None:
    assert retention.kept_through(cast.ana) is None and due_on(date(2060, 1, 1)) == []
    with pytest.raises(Conflict, match="goes on"):
        retention.check(cast.ana, today=date(2060, 1, 1))


def test_a_sponsor_may_keep_longer_and_never_shorter(cast: Cast) -> None:
    ana, nora = ended(cast), signed_in(cast.nora)
    address = reverse("keeping-years", args=[cast.lakeside.uid])
    for wrong in ("4", "0", "-5", "900"):
        assert nora.post(address, {"years": wrong}).status_code == 400
    assert nora.post(address, {"years": "7"}).status_code == 302
    assert retention.kept_through(Apprentice.objects.get(pk=ana.pk)) == date(2033, 11, 20)
    assert due_on(FIFTH + timedelta(days=1)) == []
    cast.lakeside.refresh_from_db()
    with pytest.raises(Refusal, match="shorter is not"):
        retention.lengthen(cast.lakeside, 6, by=cast.nora, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(cast.lakeside).objects.filter(pk=cast.lakeside.pk).update(retention_years=4)
    assert list(record.compare()) == []
    type(cast.lakeside).objects.filter(pk=cast.lakeside.pk).update(retention_years=5)
    assert any("keeps records 5 years, and the ledger says 7" in str(one) for one in record.compare())


# Nobody deletes


def test_no_path_of_the_orm_deletes_a_record_or_what_it_hangs_on(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt())
    cast.ana.employer = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    cast.ana.save()
    ended(cast)
    rows: list[Any] = [cast.ana, cast.ana_user, cast.marcus, cast.klass, cast.program, cast.lakeside]
    rows += [cast.ana.employer, cast.nora.memberships.get()]
    for row in rows:
        everything = type(row)._default_manager.filter(pk=row.pk)
        for attempt in (row.delete, everything.delete):
            with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
                attempt()
            assert everything.exists()


@pytest.mark.parametrize(
    "table",
    [
        *("apprenticeship_apprentice", "apprenticeship_class", "apprenticeship_program"),
        *("apprenticeship_statuschange", "apprenticeship_mentorship", "ojt_logs_hoursentry"),
        *("accounts_membership", "accounts_user", "accounts_sponsor", "accounts_consent", "ledger_entry"),
    ],
)
def test_raw_sql_deletes_none_either(cast: Cast, table: str) -> None:
    cast.approved(cast.ana, cast.ojt())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else FOREIGN)
        if cursor.fetchall():
            raise IntegrityError


FOREIGN = "PRAGMA foreign_key_check"


def test_the_operator_deletes_nothing_of_it_in_the_admin(cast: Cast) -> None:
    operator = User.objects.create_superuser("root@example.org", PASSWORD, name="Operator")
    client = signed_in(operator)
    rows: list[tuple[str, Any]] = [
        ("apprenticeship_apprentice", cast.ana),
        ("apprenticeship_class", cast.klass),
        ("apprenticeship_program", cast.program),
        ("accounts_user", cast.ana_user),
        ("accounts_sponsor", cast.lakeside),
        ("accounts_membership", cast.nora.memberships.get()),
    ]
    for name, row in rows:
        answer = client.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"})
        assert answer.status_code == 403, name
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"admin:{name}_changelist"), chosen)
        assert type(row)._default_manager.filter(pk=row.pk).exists(), name


def test_flush_is_refused(cast: Cast) -> None:
    with pytest.raises((CommandError, IntegrityError)), transaction.atomic():
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert Chain.objects.filter(subject=cast.ana.uid).exists()


# Legal hold


def placed(cast: Cast, **on: Apprentice) -> LegalHold:
    return LegalHold.objects.place(cast.lakeside, by=cast.nora, now=NOW, reason="Case 26-114", **on)


@pytest.mark.parametrize("on", [lambda cast: {"apprentice": cast.ana}, lambda cast: {}])
def test_while_a_hold_stands_nothing_is_disposed_of(
    cast: Cast, on: Callable[[Cast], dict[str, Apprentice]]
) -> None:
    ana, day = ended(cast), FIFTH + timedelta(days=1)
    hold = placed(cast, **on(cast))
    with pytest.raises(Conflict, match="legal hold"):
        retention.check(ana, today=day)
    assert [row.held for row in retention.due(Apprentice.objects.everyone(), today=day)] == [True]
    hold.lift(by=cast.nora, now=NOW, why="Settled.")
    retention.check(ana, today=day)
    assert list(record.compare()) == []
    with pytest.raises(Conflict, match="lifted a moment ago"):
        hold.lift(by=cast.nora, now=NOW, why="Again")


def test_nora_holds_and_lifts_on_the_pages_with_a_reason(cast: Cast) -> None:
    nora, address = signed_in(cast.nora), reverse("hold", args=[cast.ana.uid])
    assert "Say why" in nora.post(address, {"reason": " "}).text
    assert nora.post(address, {"reason": "Case 26-114"}).status_code == 302
    hold = LegalHold.objects.get()
    registration = reverse("registration", args=[cast.ana.uid])
    assert "Case 26-114" in text_of(nora, registration)
    assert "Case 26-114" in text_of(signed_in(cast.ruth), reverse("keeping", args=[cast.lakeside.uid]))
    assert "Case 26-114" not in text_of(signed_in(cast.ana_user), registration)
    lift = reverse("hold-lift", args=[hold.uid])
    assert signed_in(cast.ruth).post(lift, {"reason": "x"}).status_code == 403
    assert signed_in(cast.olga).get(lift).status_code == 404
    assert nora.post(lift, {"reason": "Settled"}).status_code == 302
    assert "Lifted by Nora Bell" in text_of(nora, registration)
    everything = reverse("hold-sponsor", args=[cast.lakeside.uid])
    assert nora.post(everything, {"reason": "Audit of the agency"}).status_code == 302
    assert "Audit of the agency" in text_of(nora, reverse("keeping", args=[cast.lakeside.uid]))


def test_a_hold_is_lifted_by_nobody_in_the_database_and_an_altered_one_shows(cast: Cast) -> None:
    hold = placed(cast, apprentice=cast.ana)
    for wrong in ({"reason": "Other"}, {"placed_by": cast.marcus}, {"apprentice": cast.ben}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LegalHold.objects.filter(pk=hold.pk).update(**wrong)
    LegalHold.objects.filter(pk=hold.pk).update(lifted_by=cast.nora, lifted_at=NOW, lifted_why="By hand")
    assert any("lifted_by" in str(one) for one in record.compare())


def test_the_list_says_who_is_due_since_when_also_as_a_file(cast: Cast, time_machine: Any) -> None:
    ended(cast)
    address, nora = reverse("keeping", args=[cast.lakeside.uid]), cast.nora
    assert "Nothing. Every record here is still to be kept." in text_of(signed_in(nora), address)
    time_machine.move_to(datetime(2031, 11, 21, 18, tzinfo=UTC), tick=False)
    page = text_of(signed_in(nora), address)
    assert "Ana Reyes" in page and "due since Nov 21, 2031" in page and "Ben Ortiz" not in page
    file = b"".join(signed_in(nora).get(address, {"format": "csv"})).decode()  # type: ignore[call-overload]
    assert "Ana Reyes" in file and "2031-11-21" in file
