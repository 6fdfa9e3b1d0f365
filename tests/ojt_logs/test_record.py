"""The rows against the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from accounts import staff
from accounts.models import Membership
from apprenticeship.models import Apprentice, Credit
from competencies import versions
from competencies.models import VersionStep, WorkProcessSchedule
from ledger import triggers
from ojt_logs import record, rollup
from ojt_logs.models import HoursEntry, HoursTotal
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    return [str(finding) for finding in record.compare()]


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_honest_record_has_no_differences(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60), cast.ri())
    (returned,) = cast.submitted(cast.ana, cast.ojt("1a", minutes=60))
    returned.move("return", by=cast.marcus, now=NOW, reason="Which chart?")
    returned.change(by=cast.ana_user, now=NOW, minutes=30)
    (recalled,) = cast.submitted(cast.ana, cast.ojt("1b", minutes=60))
    recalled.move("recall", by=cast.ana_user, now=NOW)
    recalled.remove(by=cast.ana_user)
    cast.sign(cast.ana, "2g")
    assert found() == []


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE ojt_logs_hoursentry SET minutes = 61 WHERE id = %s", "otherwise about minutes"),
        ("UPDATE ojt_logs_hoursentry SET status = 'submitted' WHERE id = %s", "newest word"),
        ("UPDATE ojt_logs_hoursentry SET note = 'x' WHERE id = %s", "otherwise about note_sha256"),
        ("DELETE FROM ojt_logs_hoursentry WHERE id = %s", "the row is gone"),
    ],
)
def test_altered_hours_are_named(cast: Cast, statement: str, word: str) -> None:
    (entry,) = cast.approved(cast.ana, cast.ojt(minutes=60))
    triggers.remove(connection)
    sql(statement, entry.pk)
    assert any(str(entry.uid) in line and word in line for line in found())


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE ojt_logs_signoff SET passed = %s WHERE id = %s", "otherwise about passed"),
        ("UPDATE ojt_logs_signoff SET signer_name = %s WHERE id = %s", "otherwise about signer"),
    ],
)
def test_an_altered_signature_is_named(cast: Cast, statement: str, word: str) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    triggers.remove(connection)
    sql(statement, "0" if "passed" in statement else "Somebody", row.pk)
    assert any(str(row.uid) in line and word in line for line in found())


def test_credit_under_the_number_of_something_else_is_named(cast: Cast) -> None:
    """An entry of the ledger speaks for a row of its own kind, and for no other with its number."""
    (recalled,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    recalled.move("recall", by=cast.ana_user, now=NOW)
    recalled.remove(by=cast.ana_user)
    Credit.objects.create(
        uid=recalled.uid,
        apprentice=cast.ana,
        job_function=recalled.job_function,
        minutes=60,
        evidence="A letter",
        decided_on=TODAY,
        granted_by=cast.nora,
        granted_at=NOW,
    )
    assert any(f"row {recalled.uid}: the ledger knows nothing of this credit" in line for line in found())


def test_a_registration_that_is_gone_with_all_its_rows_is_named(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=60))
    triggers.remove(connection)
    _delete(Apprentice.objects.everyone().filter(pk=cast.ana.pk))
    assert found() == [
        f"record of registration {cast.ana.uid}, row {cast.ana.uid}: "
        "the ledger tells of it, and it is gone with everything about it"
    ]


def _delete(rows: QuerySet[Any]) -> None:
    """These rows, and first whatever names them."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        named: Any = relation.related_model
        if found := named._base_manager.filter(**{f"{relation.field.name}__in": rows}):
            _delete(found)
    rows.model._base_manager.filter(pk__in=rows.values("pk"))._raw_delete(rows.db)


def test_hours_that_nobody_submitted_are_named(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana)
    sql("UPDATE ojt_logs_hoursentry SET status = 'submitted' WHERE id = %s", draft.pk)
    lines = found()
    assert any("the ledger knows nothing of it" in line for line in lines)
    assert any("Totals of apprentice" in line for line in lines)


@contextmanager
def meanwhile(act: Callable[[], object], *, before: str) -> Iterator[None]:
    """Somebody acts once, just before the first statement that has the words `before`."""
    acted = False

    def watch(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        nonlocal acted
        if before in sql and not acted:
            acted = True
            act()
        return execute(sql, *more)

    with connection.execute_wrapper(watch):
        yield
    assert acted


READS_ROWS = 'FROM "ojt_logs_hoursentry"'
COUNTS_ROWS = 'SUM("ojt_logs_hoursentry"."minutes")'


def test_a_move_after_the_ledger_was_read_is_no_difference(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    with meanwhile(lambda: entry.move("approve", by=cast.marcus, now=NOW), before=READS_ROWS):
        assert found() == []
    assert entry.status == "approved"


def test_hours_submitted_after_the_ledger_was_read_are_no_difference(cast: Cast) -> None:
    with meanwhile(lambda: cast.submitted(cast.ana), before=READS_ROWS):
        assert found() == []


def test_a_move_after_the_totals_were_read_is_no_difference(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    with meanwhile(lambda: entry.move("approve", by=cast.marcus, now=NOW), before=COUNTS_ROWS):
        assert rollup.differences() == []


def test_what_differs_is_named_though_somebody_acts_meanwhile(cast: Cast) -> None:
    (altered, moved) = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("1a", minutes=30))
    sql("UPDATE ojt_logs_hoursentry SET minutes = 61 WHERE id = %s", altered.pk)
    with meanwhile(lambda: moved.move("approve", by=cast.marcus, now=NOW), before=READS_ROWS):
        (line,) = record_lines()
    assert str(altered.uid) in line and "otherwise about minutes" in line
    HoursTotal.objects.update(waiting=7)
    with meanwhile(lambda: moved.move("undo", by=cast.marcus, now=NOW), before=COUNTS_ROWS):
        totals = rollup.differences()
    assert totals and all("Totals of apprentice" in line for line in totals)


def record_lines() -> list[str]:
    return [line for line in found() if line.startswith("record of")]


def test_who_approved_and_when_is_held_against_the_ledger(cast: Cast) -> None:
    """Put back to waiting and approved again by plain statements, which no trigger refuses."""
    (entry,) = cast.approved(cast.ana, cast.ojt(minutes=60))
    sql("UPDATE ojt_logs_hoursentry SET status = 'submitted' WHERE id = %s", entry.pk)
    again = "UPDATE ojt_logs_hoursentry SET reviewed_by_id = %s, status = 'approved' WHERE id = %s"
    sql(again, cast.lena.pk, entry.pk)
    assert any(str(entry.uid) in line and "somebody else approved it" in line for line in found())


def test_another_signer_is_named(cast: Cast) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    triggers.remove(connection)
    sql("UPDATE ojt_logs_signoff SET signer_id = %s WHERE id = %s", cast.lena.pk, row.pk)
    assert any(str(row.uid) in line and "somebody else did it" in line for line in found())


@pytest.mark.parametrize("change", ["status = 'completed'", "started_on = '2025-01-01'"])
def test_a_status_that_nobody_decided_is_named(cast: Cast, change: str) -> None:
    sql(f"UPDATE apprenticeship_apprentice SET {change} WHERE id = %s", cast.ana.pk)
    assert any(str(cast.ana.uid) in line and "another status or other dates" in line for line in found())


@pytest.fixture
def issued(cast: Cast) -> WorkProcessSchedule:
    draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    versions.issue(draft, by=cast.nora, now=NOW)
    return draft


def test_a_version_that_was_approved_and_retired_has_no_differences(
    cast: Cast, issued: WorkProcessSchedule
) -> None:
    versions.approve(issued, on=date(2026, 11, 2), by=cast.nora, now=NOW)
    assert found() == []
    versions.retire(issued, reason="Superseded", by=cast.nora, now=NOW)
    assert found() == []
    versions.retire(cast.program.schedule, reason="Superseded", by=cast.nora, now=NOW)
    assert found() == []


def test_an_approval_that_nobody_noted_is_named(issued: WorkProcessSchedule) -> None:
    rows = WorkProcessSchedule.objects.filter(pk=issued.pk)
    rows.update(status="approved", approved_on=TODAY)
    assert found() == [
        f"record of schedule {issued.uid}, row {issued.uid}: "
        "it shows the status approved, and its newest step is published"
    ]


def test_another_day_of_approval_is_named(cast: Cast, issued: WorkProcessSchedule) -> None:
    versions.approve(issued, on=date(2026, 11, 2), by=cast.nora, now=NOW)
    triggers.remove(connection)
    WorkProcessSchedule.objects.filter(pk=issued.pk).update(approved_on=date(2026, 10, 1))
    (line,) = found()
    assert "an approval on 2026-10-01, and its steps 2026-11-02" in line


def test_a_step_that_the_ledger_does_not_know_is_named(cast: Cast, issued: WorkProcessSchedule) -> None:
    step = VersionStep.objects.create(schedule=issued, status="approved", on=TODAY, by=cast.nora, at=NOW)
    assert any(f"row {step.uid}: the ledger knows nothing of this step" in line for line in found())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("by_id = (SELECT max(id) FROM accounts_user)", "somebody else did it"),
        ("reason = 'x'", "otherwise about reason"),
    ],
)
def test_a_step_that_says_something_else_is_named(
    issued: WorkProcessSchedule, change: str, word: str
) -> None:
    triggers.remove(connection)
    sql(f"UPDATE competencies_versionstep SET {change}")
    (line,) = found()
    assert word in line


def test_a_step_that_is_gone_is_named(issued: WorkProcessSchedule) -> None:
    triggers.remove(connection)
    sql("DELETE FROM competencies_versionstep")
    (line,) = found()
    assert "the ledger tells of it (schedule.status), and the row is gone" in line


def test_another_first_day_than_was_set_is_named(cast: Cast) -> None:
    held = cast.marcus.memberships.get()
    kept = {"title": held.title, "credential": held.credential, "credential_number": ""}
    days = {"starts_on": date(2025, 6, 2), "ends_on": None}
    staff.change(held, by=cast.nora, now=NOW, credential_expires=None, employer=None, **kept, **days)
    assert found() == []
    Membership.objects.filter(pk=held.pk).update(starts_on=date(2024, 6, 2))
    (line,) = found()
    assert str(held.uid) in line and "otherwise about starts_on" in line


def test_hours_altered_while_they_waited_for_approval_are_named(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    sql("UPDATE ojt_logs_hoursentry SET minutes = 600 WHERE id = %s", entry.pk)
    sql("UPDATE ojt_logs_hourstotal SET waiting = 600")
    HoursEntry.objects.get(pk=entry.pk).move("approve", by=cast.marcus, now=NOW)
    assert [line for line in found() if str(entry.uid) in line and "altered between two acts" in line]


def test_another_end_of_probation_is_named(cast: Cast) -> None:
    triggers.remove(connection)
    sql("UPDATE apprenticeship_apprentice SET probation_ends_on = '2026-01-02', probation_minutes = 60")
    assert any("otherwise about probation_ends_on, probation_minutes" in line for line in found())
