"""manage.py verify_ledger and checkpoint_ledger, as an operator runs them."""

import random
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from competencies import versions
from competencies.models import Competency, FrameworkStatement, PerformanceStandard, WorkProcessSchedule
from ledger import checkpoints, triggers
from ledger.models import Entry
from ledger.whole import WHOLE
from tests.cast import Cast
from tests.ledger.histories import record

ANA = UUID(int=1)


def verify(*arguments: str) -> str:
    """What the command prints when the record is whole; CommandError (exit status 1) when it is not."""
    out = StringIO()
    try:
        call_command("verify_ledger", *arguments, stdout=out, no_color=True)
    except CommandError as error:
        error.add_note(out.getvalue())
        assert error.returncode == 1
        raise
    return out.getvalue()


def test_a_whole_record_is_said_to_be_whole(db: None) -> None:
    record(ANA, acts=2, rng=random.Random(0))
    assert verify() == "The record is whole.\n"


def test_missing_triggers_are_found(db: None) -> None:
    triggers.remove(connection)
    with pytest.raises(CommandError, match="not whole") as raised:
        verify()
    assert "table ledger_entry: the trigger" in raised.value.__notes__[0]


def test_a_cut_off_tail_is_found_by_the_files_that_were_kept(db: None, tmp_path: Path) -> None:
    triggers.remove(connection)
    record(ANA, acts=2, rng=random.Random(0))
    printed = StringIO()
    call_command("checkpoint_ledger", stdout=printed, stderr=StringIO())
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(printed.getvalue())
    _go_back_to_the_first_entry()
    triggers.install(connection)
    with pytest.raises(CommandError, match="2 findings") as raised:
        verify()
    assert f"chain {ANA}, entry 2 (rolled back): it is missing" in raised.value.__notes__[0]
    assert f"chain {WHOLE}, entry 1 (whole chain gone)" in raised.value.__notes__[0]
    for path in checkpoints.files():
        path.unlink()
    assert verify() == "The record is whole.\n", "without a file nobody can know"
    with pytest.raises(CommandError, match="2 findings"):
        verify("--checkpoint", str(kept))


def _go_back_to_the_first_entry() -> None:
    first = Entry.objects.get(chain__subject=ANA, sequence=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_payload WHERE entry_id <> %s", [first.pk])
        cursor.execute("DELETE FROM ledger_entry WHERE id <> %s", [first.pk])
        cursor.execute("DELETE FROM ledger_chain WHERE id <> %s", [first.chain_id])
        cursor.execute("UPDATE ledger_chain SET length = 1, head = %s", [first.digest])
        cursor.execute("DELETE FROM ledger_checkpoint")
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_row_slipped_into_a_published_schedule_is_found(cast: Cast) -> None:
    competency = Competency.objects.get(job_function__schedule=cast.program.schedule, code="2g")
    PerformanceStandard.objects.create(
        competency=competency, position=99, text="Makes the coffee", frozen=True
    )
    with pytest.raises(CommandError, match="1 finding") as raised:
        verify()
    assert "it is not what was published" in raised.value.__notes__[0]


THAWS = "UPDATE competencies_workprocessschedule SET frozen = %s, status = 'draft'"
REWRITES = "UPDATE competencies_performancestandard SET text = 'Makes the coffee'"
JOINS = (
    "UPDATE competencies_competency SET lineage = "
    "(SELECT lineage FROM competencies_competency WHERE code = '2g' LIMIT 1) WHERE code = '1a'"
)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ((THAWS, REWRITES), "it is not what was published"),
        ((REWRITES,), "something else was published"),
        ((JOINS,), "something else was published"),
    ],
    ids=["thawed and rewritten", "rewritten with its hash", "one competency counts as another"],
)
def test_a_schedule_altered_so_that_it_agrees_with_itself_is_found(
    cast: Cast, statements: tuple[str, ...], told: str
) -> None:
    triggers.remove(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [False] if "%s" in statement else None)
    schedule = cast.program.schedule
    WorkProcessSchedule.objects.filter(pk=schedule.pk).update(content_hash=versions.content_hash(schedule))
    assert any(told in line for line in versions.altered() if str(schedule.uid) in line)


def test_a_published_schedule_brings_its_entry(cast: Cast) -> None:
    schedule = cast.program.schedule
    said = Entry.objects.get(chain__subject=schedule.uid, act=versions.PUBLISHED).payload.content
    assert said == versions.published_facts(schedule)
    assert list(versions.altered()) == []


def test_a_statement_slipped_into_a_published_framework_is_found(cast: Cast) -> None:
    last = FrameworkStatement.objects.order_by("position").last()
    assert last
    FrameworkStatement.objects.create(
        framework=last.framework,
        parent=last.parent,
        kind=last.kind,
        position=999,
        text="Hums while coding",
        resource_count=1,
        counted_on=last.counted_on,
        frozen=True,
    )
    with pytest.raises(CommandError, match="1 finding") as raised:
        verify()
    assert f"framework {last.framework.uid}" in raised.value.__notes__[0]
