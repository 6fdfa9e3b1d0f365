"""A site that was put back says so; a checkpoint of what was given up tells of that, and of nothing else."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction

from ledger import chain, checkpoints, given_up, kept, restores
from ledger.models import Entry
from ledger.restores import Head
from ledger.whole import WHOLE
from tests.ledger.conftest import Sql
from tests.ledger.histories import NOW, record

pytestmark = pytest.mark.django_db
ANA, BEN = UUID(int=11), UUID(int=12)
KEPT, LOST = 4, 3
"""Entries of Ana in the backup, and after it."""
BACKUP = {"taken_at": "2026-03-02T14:30:00.123456Z"}
LATER = NOW + timedelta(days=100)


@dataclass
class Lost:
    """The heads that a ledger had and has no more, and the checkpoints of each state it was in."""

    heads: list[Head]
    lines: list[str]


@pytest.fixture
def lost() -> Lost:
    """Ana's record goes on after a backup, with a checkpoint a day; then the database is as it was."""
    rng = random.Random(6)
    record(ANA, acts=KEPT, rng=rng)
    record(BEN, acts=2, rng=rng)
    heads, lines = [], []
    with transaction.atomic():
        for day in range(1, LOST + 1):
            (entry,) = record(ANA, acts=1, rng=rng)
            heads.append((ANA, entry.sequence, entry.digest))
            lines += checkpointed(at=NOW + timedelta(days=day))
        heads += Entry.objects.filter(chain__subject=WHOLE).values_list(
            "chain__subject", "sequence", "digest"
        )
        transaction.set_rollback(True)
    return Lost(heads, list(dict.fromkeys(line for line in lines if not line.startswith("all "))))


def checkpointed(*, at: datetime) -> list[str]:
    checkpoints.sign(at=at)
    return list(checkpoints.lines(at=at))


def told(lines: list[str]) -> tuple[int, int]:
    """How much comparing with checkpoints finds: damage, and what a restore gave up."""
    found = list(kept.compare(lines))
    damage = sum(one.is_damage for one in found)
    return damage, len(found) - damage


def restored(heads: list[Head], *, at: datetime = LATER) -> Entry:
    with transaction.atomic():
        return restores.record(heads, at=at, backup=BACKUP)


def test_database_put_back_without_a_restore_is_damage(lost: Lost) -> None:
    assert list(chain.verify()) == []  # by itself it looks sound
    assert told(lost.lines) == (len(lost.lines), 0)


def test_restore_that_names_what_it_gave_up_is_told_as_one(lost: Lost) -> None:
    restored(lost.heads)
    assert told(lost.lines) == (0, len(lost.lines))
    (first, *_) = kept.compare(lost.lines)
    assert "given up in a restore" in str(first)
    assert "given up when the site was restored at 2026-06-10" in str(first)
    assert "backup of 2026-03-02" in str(first)
    assert list(chain.verify()) == []


def test_restore_explains_also_when_the_record_has_gone_on(lost: Lost) -> None:
    restored(lost.heads)
    record(ANA, acts=LOST + 1, rng=random.Random(7))
    assert told(lost.lines) == (0, len(lost.lines))


def test_restore_explains_only_the_heads_it_names(lost: Lost) -> None:
    restored(lost.heads[:1])
    restored([(ANA, length, "0" * 64) for _, length, _ in lost.heads])
    of_ana = [line for line in lost.lines if line.startswith(str(ANA))]
    assert told(of_ana) == (LOST - 1, 1)


def test_checkpoint_made_after_the_restore_is_explained_by_none(lost: Lost) -> None:
    restored(lost.heads, at=NOW + timedelta(days=10))
    with transaction.atomic():
        record(BEN, acts=1, rng=random.Random(8))
        later = checkpointed(at=LATER)
        transaction.set_rollback(True)
    of_ben = [line for line in later if line.startswith(str(BEN))]
    assert told(of_ben) == (1, 0)
    of_ana = [line for line in later if line.startswith(str(ANA))]
    assert told(of_ana) == (1, 0)  # the entry is there, but the row of that checkpoint went


def test_database_put_back_to_before_its_restore_is_damage(lost: Lost) -> None:
    with transaction.atomic():
        restored(lost.heads)
        after = checkpointed(at=LATER)
        transaction.set_rollback(True)
    of_site = [line for line in after if line.startswith(str(given_up.SITE))]
    assert told([*lost.lines, *of_site]) == (len(lost.lines) + 1, 0)


def forgeries() -> Iterator[tuple[str, str]]:
    """What somebody without the key writes into the entry of a restore: a column and what is put there."""
    heads = {str(ANA): {str(KEPT + 1): "0" * 64}}
    yield "ledger_payload.body", json.dumps({"backup": BACKUP, "given_up": heads})
    yield "ledger_entry.payload_digest", "0" * 64
    yield "ledger_entry.at", "2026-12-24 00:00:00+00:00"


@pytest.mark.parametrize("forgery", list(forgeries()), ids=lambda forgery: forgery[0])
def test_restore_written_by_hand_explains_nothing(
    lost: Lost, intruder: Sql, forgery: tuple[str, str]
) -> None:
    entry = restored(lost.heads)
    column, value = forgery
    table, _, name = column.partition(".")
    key = "entry_id" if table == "ledger_payload" else "id"
    intruder(f"UPDATE {table} SET {name} = %s WHERE {key} = %s", value, entry.pk)
    assert told(lost.lines) == (len(lost.lines), 0)
    assert [finding.subject for finding in chain.verify()] == [given_up.SITE]


def test_forged_checkpoint_stays_a_forged_one(lost: Lost) -> None:
    restored(lost.heads)
    assert told([forged(lost.lines[0])]) == (1, 0)


def forged(line: str) -> str:
    words = line.split()
    words[5] = "0" * 64
    return " ".join(words)


def test_lines_of_a_checkpoint_name_what_a_lost_site_had(lost: Lost) -> None:
    strange = [(ANA, 99, "0" * 64)]
    assert strange[0] not in list(restores.named_in([*lost.lines, "torn", forged(lost.lines[-1])]))
    restored(list(restores.named_in(lost.lines)))
    assert told(lost.lines) == (0, len(lost.lines))
    assert restores.latest() == (LATER, BACKUP)
