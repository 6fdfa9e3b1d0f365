"""Whatever an intruder without the key does to the tables, verification names the first bad row."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger import chain, checkpoints, kept
from ledger.damage import Damage
from tests.ledger.conftest import Sql
from tests.ledger.histories import NOW, findings, record, two_histories
from tests.ledger.intruder import TAMPERINGS, History, Intruder, attack, honest, puts_a_backup_back

TIMES = 6


def test_whatever_an_intruder_does_is_found_and_named_as_what_it_is(intruder: Sql) -> None:
    assert attack(TIMES * len(TAMPERINGS)) == []


def test_honest_histories_raise_no_alarm(db: None) -> None:
    assert honest(12) == []


def test_a_later_file_that_agrees_with_a_backup_put_back_hides_nothing(intruder: Sql) -> None:
    history = History(random.Random(1))
    puts_a_backup_back(Intruder(history, random.Random(1)))
    assert findings() == {}, "the database by itself cannot know"
    checkpoints.take(at=NOW + timedelta(days=2))
    assert {one.subject: one.damage for one in checkpoints.examine()}[history.ana] is Damage.ROLLED_BACK


def test_a_damaged_line_of_the_checkpoint_file_is_named(db: None) -> None:
    two_histories(random.Random(2))
    lines = list(checkpoints.lines(at=NOW))
    assert list(kept.compare(["# kept in the safe", "", *lines])) == []
    assert "line 2" in str(next(kept.compare([lines[0], lines[1][:60]])))
    of_an_earlier_version = " ".join(lines[1].split()[:6])
    assert "altered or forged" in str(next(kept.compare([of_an_earlier_version])))
    wrong_length = lines[1].replace(f" {lines[1].split()[1]} ", " 1 ", 1)
    assert "altered or forged" in str(next(kept.compare([wrong_length])))


def test_one_apprentice_can_be_verified_alone(intruder: Sql) -> None:
    ana, ben = two_histories(random.Random(3))
    intruder("UPDATE ledger_entry SET act = 'x.y' WHERE sequence = 2")
    assert findings(ben) == {ben: 2}
    assert findings() == {ana: 2, ben: 2}


@pytest.mark.sqlite
def test_a_row_that_is_no_entry_at_all_is_a_finding(intruder: Sql) -> None:
    ana, _ = two_histories(random.Random(4))
    intruder("UPDATE ledger_entry SET actor = 'nobody' WHERE sequence = 3")
    found = list(chain.verify([ana]))
    assert [(finding.subject, finding.sequence) for finding in found] == [(ana, 3)]
    assert "cannot be read" in found[0].problem


@pytest.mark.parametrize("people", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_ledger(
    people: int, db: None, django_assert_num_queries: Any
) -> None:
    rng = random.Random(5)
    for _ in range(people):
        record(UUID(int=rng.getrandbits(128)), acts=3, rng=rng)
    checkpoints.sign(at=NOW)
    with django_assert_num_queries(7):
        assert findings() == {}
