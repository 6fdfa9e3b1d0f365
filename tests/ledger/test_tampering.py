"""Whatever an intruder without the key does to the tables, verification names the first bad row."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from ledger import chain, verification
from ledger.canonical import entry_digest, payload_digest
from ledger.models import Chain, Checkpoint, Entry
from tests.ledger.conftest import NOW, Sql, findings, record, two_histories

SEEDS = range(8)
Expected = dict[UUID | None, int]
FALSE_KEYS = {"1": "a key the intruder made up, as long as a real one"}


class Intruder:
    """Somebody with full access to the tables, who knows the algorithm but not the key."""

    def __init__(self, sql: Sql, rng: random.Random) -> None:
        self.sql, self.rng = sql, rng
        self.ana, self.ben = two_histories(rng)
        self.chain = Chain.objects.get(subject=self.ana)
        self.length = self.chain.length
        self.erasure = Entry.objects.get(chain=self.chain, act="ledger.erase").sequence
        emptied = Entry.objects.filter(chain=self.chain, payload__erased_at__isnull=False)
        self.erased = emptied.get().sequence

    def named(self, *spoiled: int) -> Expected:
        """The lowest row that nothing vouches for any more: an erasure vouches for what it emptied."""
        lowest = min(spoiled)
        return {self.ana: min(self.erased, lowest) if self.erasure in spoiled else lowest}

    def named_from(self, first: int) -> Expected:
        return self.named(*range(first, self.length + 2))

    def any_entry(self, *, first: int = 1, last: int | None = None) -> Entry:
        place = self.rng.randint(first, last or self.length)
        return Entry.objects.select_related("payload").get(chain=self.chain, sequence=place)

    def any_whole_entry(self) -> Entry:
        whole = Entry.objects.filter(chain=self.chain, payload__erased_at=None).exclude(act="ledger.erase")
        return self.rng.choice(list(whole.order_by("sequence")))

    def set(self, entry: Entry, **columns: Any) -> None:
        names = ", ".join(f"{name} = %s" for name in columns)
        self.sql(f"UPDATE ledger_entry SET {names} WHERE id = %s", *map(_raw, columns.values()), entry.pk)

    def cut(self, *, after: int) -> None:
        """Delete the entries after this one with their payloads."""
        tail = "SELECT id FROM ledger_entry WHERE chain_id = %s AND sequence > %s"
        self.sql(f"DELETE FROM ledger_payload WHERE entry_id IN ({tail})", self.chain.pk, after)
        self.sql("DELETE FROM ledger_entry WHERE chain_id = %s AND sequence > %s", self.chain.pk, after)

    def remove(self, entry: Entry) -> None:
        self.sql("DELETE FROM ledger_payload WHERE entry_id = %s", entry.pk)
        self.sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)

    def set_end(self, length: int, head: str) -> None:
        self.sql("UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s", length, head, self.chain.pk)

    def forge(self, sequence: int, **said: Any) -> Entry:
        """A new entry at this place, chained to the one before it with a made-up key."""
        before = Entry.objects.filter(chain=self.chain, sequence=sequence - 1).first()
        words = said.pop("body", '{"minutes":480}')
        entry = Entry(chain=self.chain, sequence=sequence, at=NOW, act="hours.approve", key_id="1")
        entry.previous, entry.payload_digest = before.digest if before else "", payload_digest("", words)
        vars(entry).update(said)
        with override_settings(LEDGER_KEYS=FALSE_KEYS):
            entry.digest = entry_digest(entry, self.ana)
        entry.save(force_insert=True)
        self.sql("INSERT INTO ledger_payload (entry_id, salt, body) VALUES (%s, '', %s)", entry.pk, words)
        return entry


def _raw(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if hasattr(value, "strftime") else value


def edits_a_column(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    column, value = intruder.rng.choice(
        [
            ("at", entry.at + timedelta(microseconds=1)),
            ("act", "hours.tamper"),
            ("actor", UUID(int=7)),
            ("object", None),
            ("payload_digest", "0" * 64),
            ("previous", "f" * 64),
            ("key_id", "2"),
            ("digest", "a" * 64),
            ("sequence", intruder.length + 5),
        ]
    )
    intruder.set(entry, **{column: value})
    return intruder.named(entry.sequence)


def rewrites_the_words(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    column = intruder.rng.choice(["body", "salt"])
    intruder.sql(f"UPDATE ledger_payload SET {column} = %s WHERE entry_id = %s", "{}", entry.pk)
    return {intruder.ana: entry.sequence}


def empties_the_words(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    _empty(intruder, entry)
    return {intruder.ana: entry.sequence}


def _empty(intruder: Intruder, entry: Entry) -> None:
    emptied = "UPDATE ledger_payload SET body = '', salt = '', erased_at = %s WHERE entry_id = %s"
    intruder.sql(emptied, _raw(NOW), entry.pk)


def empties_the_words_and_forges_an_erasure(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    _empty(intruder, entry)
    forged = intruder.forge(intruder.length + 1, act="ledger.erase", body=f'{{"sequence":{entry.sequence}}}')
    intruder.set_end(forged.sequence, forged.digest)
    return {intruder.ana: entry.sequence}


def empties_the_reason_of_an_erasure(intruder: Intruder) -> Expected:
    _empty(intruder, Entry.objects.get(chain=intruder.chain, act="ledger.erase"))
    return intruder.named(intruder.erasure)


def redates_an_erasure(intruder: Intruder) -> Expected:
    erased = intruder.any_entry(first=intruder.erased, last=intruder.erased)
    other = _raw(NOW + timedelta(days=1))
    intruder.sql("UPDATE ledger_payload SET erased_at = %s WHERE entry_id = %s", other, erased.pk)
    return {intruder.ana: erased.sequence}


def swaps_the_words_of_two_entries(intruder: Intruder) -> Expected:
    one = intruder.any_whole_entry()
    other = next(entry for entry in iter(intruder.any_whole_entry, None) if entry != one)
    words = {entry.pk: (entry.payload.salt, entry.payload.body) for entry in (one, other)}
    for target, source in ((one, other), (other, one)):
        change = "UPDATE ledger_payload SET salt = %s, body = %s WHERE entry_id = %s"
        intruder.sql(change, *words[source.pk], target.pk)
    return {intruder.ana: min(one.sequence, other.sequence)}


def deletes_a_payload(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    intruder.sql("DELETE FROM ledger_payload WHERE entry_id = %s", entry.pk)
    return intruder.named(entry.sequence)


def deletes_the_first(intruder: Intruder) -> Expected:
    intruder.remove(intruder.any_entry(last=1))
    return {intruder.ana: 1}


def deletes_one_from_the_middle(intruder: Intruder) -> Expected:
    entry = intruder.any_entry(first=2, last=intruder.length - 1)
    intruder.remove(entry)
    return intruder.named(entry.sequence)


def deletes_one_and_renumbers_the_rest(intruder: Intruder) -> Expected:
    entry = intruder.any_entry(first=2, last=intruder.length - 1)
    intruder.remove(entry)
    for later in range(entry.sequence + 1, intruder.length + 1):
        _renumber(intruder, later, later - 1)
    intruder.set_end(intruder.length - 1, intruder.chain.head)
    return intruder.named_from(entry.sequence)


def _renumber(intruder: Intruder, old: int, new: int) -> None:
    change = "UPDATE ledger_entry SET sequence = %s WHERE chain_id = %s AND sequence = %s"
    intruder.sql(change, new, intruder.chain.pk, old)


def cuts_off_the_tail(intruder: Intruder) -> Expected:
    kept = intruder.rng.randint(1, intruder.length - 1)
    intruder.cut(after=kept)
    return intruder.named_from(kept + 1)


def cuts_off_the_tail_and_the_count(intruder: Intruder) -> Expected:
    certified = Checkpoint.objects.get(subject=intruder.ana).length
    kept = intruder.rng.randint(1, certified - 1)
    head = Entry.objects.get(chain=intruder.chain, sequence=kept).digest
    intruder.cut(after=kept)
    intruder.set_end(kept, head)
    return intruder.named_from(kept + 1)


def empties_a_chain(intruder: Intruder) -> Expected:
    intruder.cut(after=0)
    return {intruder.ana: 1}


def makes_a_chain_vanish(intruder: Intruder) -> Expected:
    intruder.cut(after=0)
    intruder.sql("DELETE FROM ledger_chain WHERE id = %s", intruder.chain.pk)
    return {intruder.ana: 1}


def truncates_everything(intruder: Intruder) -> Expected:
    for table in ("payload", "entry"):
        intruder.sql(f"DELETE FROM ledger_{table}")
    return {intruder.ana: 1, intruder.ben: 1}


def inserts_at_the_end(intruder: Intruder) -> Expected:
    forged = intruder.forge(intruder.length + 1)
    if intruder.rng.random() < 0.5:
        intruder.set_end(forged.sequence, forged.digest)
    return {intruder.ana: intruder.length + 1}


def inserts_in_the_middle(intruder: Intruder) -> Expected:
    place = intruder.rng.randint(1, intruder.length)
    for later in range(intruder.length, place - 1, -1):
        _renumber(intruder, later, later + 1)
    intruder.forge(place)
    intruder.set_end(intruder.length + 1, intruder.chain.head)
    return intruder.named_from(place)


def duplicates_an_entry(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    words = entry.payload
    entry.pk, entry.sequence = None, intruder.length + 1
    entry.save(force_insert=True)
    intruder.sql(
        "INSERT INTO ledger_payload (entry_id, salt, body, erased_at) VALUES (%s, %s, %s, %s)",
        *(entry.pk, words.salt, words.body, words.erased_at and _raw(words.erased_at)),
    )
    intruder.set_end(entry.sequence, entry.digest)
    return {intruder.ana: entry.sequence}


def swaps_two_entries(intruder: Intruder) -> Expected:
    low, high = sorted(intruder.rng.sample(range(1, intruder.length + 1), 2))
    for old, new in ((low, 10_000), (high, low), (10_000, high)):
        _renumber(intruder, old, new)
    return intruder.named(low, high)


def moves_an_entry_to_another_chain(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    other = Chain.objects.get(subject=intruder.ben)
    intruder.set(entry, chain_id=other.pk, sequence=other.length + 1)
    return {**intruder.named(entry.sequence), intruder.ben: other.length + 1}


def gives_the_chain_to_somebody_else(intruder: Intruder) -> Expected:
    thief = UUID(int=99)
    intruder.sql("UPDATE ledger_chain SET subject = %s WHERE id = %s", thief.hex, intruder.chain.pk)
    return {thief: 1, intruder.ana: 1}


def rewrites_history_with_a_key_of_his_own(intruder: Intruder) -> Expected:
    start = intruder.rng.randint(1, intruder.length)
    intruder.cut(after=start - 1)
    entry = [intruder.forge(place) for place in range(start, intruder.length + 1)][-1]
    intruder.set_end(entry.sequence, entry.digest)
    return intruder.named_from(start)


def rolls_back_the_chain_row(intruder: Intruder) -> Expected:
    before = intruder.any_entry(last=intruder.length - 1)
    intruder.set_end(before.sequence, before.digest)
    return {intruder.ana: before.sequence + 1}


def edits_the_head_of_a_chain(intruder: Intruder) -> Expected:
    intruder.set_end(intruder.length, "b" * 64)
    return {intruder.ana: intruder.length}


def edits_a_checkpoint(intruder: Intruder) -> Expected:
    row = Checkpoint.objects.get(subject=intruder.ana)
    column, value = intruder.rng.choice(
        [("head", "c" * 64), ("at", _raw(NOW + timedelta(hours=1))), ("hmac", "d" * 64), ("key_id", "9")]
    )
    intruder.sql(f"UPDATE ledger_checkpoint SET {column} = %s WHERE id = %s", value, row.pk)
    return {intruder.ana: row.length}


TAMPERINGS: list[Callable[[Intruder], Expected]] = [
    edits_a_column,
    rewrites_the_words,
    empties_the_words,
    empties_the_words_and_forges_an_erasure,
    empties_the_reason_of_an_erasure,
    redates_an_erasure,
    swaps_the_words_of_two_entries,
    deletes_a_payload,
    deletes_the_first,
    deletes_one_from_the_middle,
    deletes_one_and_renumbers_the_rest,
    cuts_off_the_tail,
    cuts_off_the_tail_and_the_count,
    empties_a_chain,
    makes_a_chain_vanish,
    truncates_everything,
    inserts_at_the_end,
    inserts_in_the_middle,
    duplicates_an_entry,
    swaps_two_entries,
    moves_an_entry_to_another_chain,
    gives_the_chain_to_somebody_else,
    rewrites_history_with_a_key_of_his_own,
    rolls_back_the_chain_row,
    edits_the_head_of_a_chain,
    edits_a_checkpoint,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_intruder_is_found_out_and_the_first_bad_row_named(
    tamper: Callable[[Intruder], Expected], intruder: Sql
) -> None:
    for seed in SEEDS:
        with transaction.atomic():
            culprit = Intruder(intruder, random.Random(f"{tamper.__name__} {seed}"))
            assert findings() == {}
            expected = tamper(culprit)
            assert findings() == expected, f"seed {seed}"
            transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(20))
def test_honest_history_raises_no_alarm(seed: int, db: None) -> None:
    rng = random.Random(seed)
    people = [UUID(int=rng.getrandbits(128)) for _ in range(4)]
    for step in range(rng.randrange(5, 30)):
        key_id = "1" if step < 10 else "2"
        keys = {**settings.LEDGER_KEYS, "2": "the key after the first rotation, kept beside it"}
        with override_settings(LEDGER_KEYS=keys, LEDGER_KEY_ID=key_id):
            entries = record(rng.choice(people), acts=rng.randrange(1, 4), rng=rng)
            if rng.random() < 0.2:
                chain.erase(entries[-1], by=people[0], at=NOW, reason="Patient information")
            if rng.random() < 0.2:
                chain.checkpoint(at=NOW)
            assert findings() == {}
            kept_outside = list(chain.checkpoint_lines())
            assert list(verification.compare(kept_outside)) == []


def test_a_backup_put_back_is_seen_by_the_checkpoint_kept_outside(intruder: Sql) -> None:
    culprit = Intruder(intruder, random.Random(1))
    old_length, old_head = culprit.length, culprit.chain.head
    record(culprit.ana, acts=3, rng=culprit.rng)
    chain.checkpoint(at=NOW)
    kept_outside = list(chain.checkpoint_lines())
    culprit.cut(after=old_length)
    culprit.set_end(old_length, old_head)
    intruder("DELETE FROM ledger_checkpoint")
    assert findings() == {}, "the database by itself cannot know"
    found = [(finding.subject, finding.sequence) for finding in verification.compare(kept_outside)]
    assert found == [(culprit.ana, old_length + 1)]


def test_a_damaged_line_of_the_checkpoint_file_is_named(db: None) -> None:
    two_histories(random.Random(2))
    lines = list(chain.checkpoint_lines())
    assert list(verification.compare(["# kept in the safe", "", *lines])) == []
    assert "line 2" in str(next(verification.compare([lines[0], lines[1][:60]])))
    wrong_length = lines[0].replace(f" {lines[0].split()[1]} ", " 1 ", 1)
    assert "altered or forged" in str(next(verification.compare([wrong_length])))


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
    chain.checkpoint(at=NOW)
    with django_assert_num_queries(5):
        assert findings() == {}
