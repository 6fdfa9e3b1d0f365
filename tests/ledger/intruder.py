"""What somebody with full access to the tables, but without the key, may do to the ledger.

    attack(200, seed=1)     # so many random tamperings: those that were not found as they should be

Each tampering says where the first bad row is, and of what kind the damage. Tests and the drill share them;
the triggers are off, and the caller rolls everything back.
"""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from ledger import chain, checkpoints
from ledger.canonical import entry_digest, payload_digest
from ledger.damage import Damage
from ledger.models import Chain, Checkpoint, Entry
from ledger.whole import WHOLE
from tests.ledger.histories import NOW, record, two_histories

Bad = tuple[int, set[Damage]]
Expected = dict[UUID | None, Bad]
FALSE_KEYS = {"1": "a key the intruder made up, as long as a real one"}
AT_ONCE = 25
"""Tamperings of one history, each undone before the next."""


class History:
    """Two apprentices' records over some time, with checkpoints and files kept, the first as a backup would
    have it."""

    def __init__(self, rng: random.Random) -> None:
        for path in checkpoints.files():
            path.unlink()
        self.ana, self.ben = two_histories(rng)
        checkpoints.take(at=NOW)
        self.backup = dict(Chain.objects.values_list("subject", "length"))
        self.signed = Checkpoint.objects.count()
        for subject in (self.ana, self.ben):
            record(subject, acts=rng.randrange(1, 4), rng=rng)
        self.file = checkpoints.take(at=NOW + timedelta(days=1))
        for subject in (self.ana, self.ben):
            record(subject, acts=rng.randrange(2, 5), rng=rng)


def attack(count: int, *, seed: int = 0) -> list[str]:
    """Do that many random tamperings, each alone; what was not found, or not named as what it is."""
    return [told for told in _attacks(count, random.Random(seed)) if told]


def honest(count: int, *, seed: int = 0) -> list[str]:
    """Live through that many honest histories, with erasures, checkpoints, a change of key; false alarms."""
    alarms = []
    for number in range(count):
        with transaction.atomic():
            alarms += [f"history {number}: {told}" for told in _honest(random.Random(f"{seed} {number}"))]
            transaction.set_rollback(True)
    return alarms


def _honest(rng: random.Random) -> Iterator[str]:
    for path in checkpoints.files():
        path.unlink()
    people = [UUID(int=rng.getrandbits(128)) for _ in range(4)]
    for step in range(rng.randrange(5, 20)):
        keys = {**settings.LEDGER_KEYS, "2": "the key after the first rotation, kept beside it"}
        with override_settings(LEDGER_KEYS=keys, LEDGER_KEY_ID="1" if step < 8 else "2"):
            entries = record(rng.choice(people), acts=rng.randrange(1, 4), rng=rng)
            if rng.random() < 0.2:
                chain.erase(entries[-1], by=people[0], at=NOW, reason="Patient information")
            if rng.random() < 0.3:
                checkpoints.take(at=NOW + timedelta(days=step))
            if step % 4 == 0 and (told := found()):
                yield str(told)
    with override_settings(LEDGER_KEYS=keys):
        if told := found():
            yield str(told)


def _attacks(count: int, rng: random.Random) -> Iterator[str]:
    for start in range(0, count, AT_ONCE):
        with transaction.atomic():
            history = History(rng)
            if false := found():
                yield f"an honest history raised an alarm: {false}"
            for number in range(start, min(count, start + AT_ONCE)):
                yield _tampered(history, TAMPERINGS[number % len(TAMPERINGS)], rng)
            transaction.set_rollback(True)


def _tampered(history: History, tamper: Callable[["Intruder"], Expected], rng: random.Random) -> str:
    """What is wrong with what was found, "" for nothing."""
    kept = history.file.read_bytes()
    with transaction.atomic():
        expected = tamper(Intruder(history, rng))
        told = found()
        transaction.set_rollback(True)
    history.file.write_bytes(kept)
    right = told.keys() == expected.keys() and all(
        told[subject][0] == place and told[subject][1] in damages
        for subject, (place, damages) in expected.items()
    )
    return "" if right else f"{tamper.__name__}: expected {expected}, found {told}"


def found() -> dict[UUID | None, tuple[int, Damage]]:
    """The first bad row of each chain, and its damage."""
    return {one.subject: (one.sequence, one.damage) for one in checkpoints.examine()}


def sql(statement: str, *parameters: Any) -> None:
    """Run one raw statement, as somebody who got past the application would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


class Intruder:
    """Somebody with full access to the tables, who knows the algorithm but not the key."""

    def __init__(self, history: History, rng: random.Random) -> None:
        self.history, self.rng = history, rng
        self.ana, self.ben = history.ana, history.ben
        self.chain = Chain.objects.get(subject=self.ana)
        self.length = self.chain.length
        self.erasure = Entry.objects.get(chain=self.chain, act="ledger.erase").sequence
        emptied = Entry.objects.filter(chain=self.chain, payload__erased_at__isnull=False)
        self.erased = emptied.get().sequence

    def named(self, *spoiled: int, damage: Damage, or_else: Damage | None = None) -> Expected:
        """The lowest row that nothing vouches for any more: an erasure vouches for what it emptied.

        Where nothing comes after the row, an altered entry and an added one look alike (`or_else`).
        """
        lowest = min(spoiled)
        if self.erasure in spoiled and self.erased < lowest:
            return {self.ana: (self.erased, {Damage.WORDS})}
        alike = {or_else} if or_else and lowest == self.length else set()
        words = {Damage.WORDS} if self.erasure in spoiled and self.erased == lowest else set()
        return {self.ana: (lowest, {damage} | alike | words)}

    def named_from(self, first: int, *, damage: Damage, or_else: Damage | None = None) -> Expected:
        return self.named(*range(first, self.length + 2), damage=damage, or_else=or_else)

    def any_entry(self, *, first: int = 1, last: int | None = None) -> Entry:
        place = self.rng.randint(first, last or self.length)
        return Entry.objects.select_related("payload").get(chain=self.chain, sequence=place)

    def any_whole_entry(self) -> Entry:
        whole = Entry.objects.filter(chain=self.chain, payload__erased_at=None).exclude(act="ledger.erase")
        return self.rng.choice(list(whole.order_by("sequence")))

    def set(self, entry: Entry, **columns: Any) -> None:
        names = ", ".join(f"{name} = %s" for name in columns)
        sql(f"UPDATE ledger_entry SET {names} WHERE id = %s", *map(_raw, columns.values()), entry.pk)

    def cut(self, *, after: int) -> None:
        cut(self.chain, after=after)

    def remove(self, entry: Entry) -> None:
        sql("DELETE FROM ledger_payload WHERE entry_id = %s", entry.pk)
        sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)

    def set_end(self, length: int, head: str) -> None:
        sql("UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s", length, head, self.chain.pk)

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
        sql("INSERT INTO ledger_payload (entry_id, salt, body) VALUES (%s, '', %s)", entry.pk, words)
        return entry


def cut(row: Chain, *, after: int) -> None:
    """Delete the entries after this one with their payloads."""
    tail = "SELECT id FROM ledger_entry WHERE chain_id = %s AND sequence > %s"
    sql(f"DELETE FROM ledger_payload WHERE entry_id IN ({tail})", row.pk, after)
    sql("DELETE FROM ledger_entry WHERE chain_id = %s AND sequence > %s", row.pk, after)


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
    if column == "key_id":
        return intruder.named(entry.sequence, damage=Damage.KEY)
    return intruder.named(entry.sequence, damage=Damage.EDITED, or_else=Damage.INSERTED)


def rewrites_the_words(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    column = intruder.rng.choice(["body", "salt"])
    sql(f"UPDATE ledger_payload SET {column} = %s WHERE entry_id = %s", "{}", entry.pk)
    return {intruder.ana: (entry.sequence, {Damage.WORDS})}


def moves_the_words_into_the_salt(intruder: Intruder) -> Expected:
    """Both together give the digest that they gave before. All of the words would need a wider column."""
    entry = intruder.any_whole_entry()
    words = entry.payload
    change = "UPDATE ledger_payload SET salt = %s, body = %s WHERE entry_id = %s"
    sql(change, words.salt[:-1], words.salt[-1] + words.body, entry.pk)
    return {intruder.ana: (entry.sequence, {Damage.WORDS})}


def empties_the_words(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    _empty(intruder, entry)
    return {intruder.ana: (entry.sequence, {Damage.WORDS})}


def _empty(intruder: Intruder, entry: Entry) -> None:
    emptied = "UPDATE ledger_payload SET body = '', salt = '', erased_at = %s WHERE entry_id = %s"
    sql(emptied, _raw(NOW), entry.pk)


def empties_the_words_and_forges_an_erasure(intruder: Intruder) -> Expected:
    entry = intruder.any_whole_entry()
    _empty(intruder, entry)
    forged = intruder.forge(intruder.length + 1, act="ledger.erase", body=f'{{"sequence":{entry.sequence}}}')
    intruder.set_end(forged.sequence, forged.digest)
    return {intruder.ana: (entry.sequence, {Damage.WORDS})}


def empties_the_reason_of_an_erasure(intruder: Intruder) -> Expected:
    _empty(intruder, Entry.objects.get(chain=intruder.chain, act="ledger.erase"))
    return intruder.named(intruder.erasure, damage=Damage.WORDS)


def redates_an_erasure(intruder: Intruder) -> Expected:
    erased = intruder.any_entry(first=intruder.erased, last=intruder.erased)
    other = _raw(NOW + timedelta(days=1))
    sql("UPDATE ledger_payload SET erased_at = %s WHERE entry_id = %s", other, erased.pk)
    return {intruder.ana: (erased.sequence, {Damage.WORDS})}


def swaps_the_words_of_two_entries(intruder: Intruder) -> Expected:
    one = intruder.any_whole_entry()
    other = next(entry for entry in iter(intruder.any_whole_entry, None) if entry != one)
    words = {entry.pk: (entry.payload.salt, entry.payload.body) for entry in (one, other)}
    for target, source in ((one, other), (other, one)):
        change = "UPDATE ledger_payload SET salt = %s, body = %s WHERE entry_id = %s"
        sql(change, *words[source.pk], target.pk)
    return {intruder.ana: (min(one.sequence, other.sequence), {Damage.WORDS})}


def deletes_a_payload(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    sql("DELETE FROM ledger_payload WHERE entry_id = %s", entry.pk)
    return intruder.named(entry.sequence, damage=Damage.WORDS)


def deletes_the_first(intruder: Intruder) -> Expected:
    intruder.remove(intruder.any_entry(last=1))
    return {intruder.ana: (1, {Damage.MISSING})}


def deletes_one_from_the_middle(intruder: Intruder) -> Expected:
    entry = intruder.any_entry(first=2, last=intruder.length - 1)
    intruder.remove(entry)
    return intruder.named(entry.sequence, damage=Damage.MISSING)


def deletes_one_and_renumbers_the_rest(intruder: Intruder) -> Expected:
    entry = intruder.any_entry(first=2, last=intruder.length - 1)
    intruder.remove(entry)
    for later in range(entry.sequence + 1, intruder.length + 1):
        _renumber(intruder, later, later - 1)
    intruder.set_end(intruder.length - 1, intruder.chain.head)
    return intruder.named_from(entry.sequence, damage=Damage.MISSING)


def _renumber(intruder: Intruder, old: int, new: int) -> None:
    change = "UPDATE ledger_entry SET sequence = %s WHERE chain_id = %s AND sequence = %s"
    sql(change, new, intruder.chain.pk, old)


def cuts_off_the_tail(intruder: Intruder) -> Expected:
    kept = intruder.rng.randint(1, intruder.length - 1)
    intruder.cut(after=kept)
    return intruder.named_from(kept + 1, damage=Damage.CUT_OFF)


def cuts_off_the_tail_and_the_count(intruder: Intruder) -> Expected:
    certified = max(Checkpoint.objects.filter(subject=intruder.ana).values_list("length", flat=True))
    kept = intruder.rng.randint(1, certified - 1)
    head = Entry.objects.get(chain=intruder.chain, sequence=kept).digest
    intruder.cut(after=kept)
    intruder.set_end(kept, head)
    return intruder.named_from(kept + 1, damage=Damage.ROLLED_BACK)


def empties_a_chain(intruder: Intruder) -> Expected:
    intruder.cut(after=0)
    return {intruder.ana: (1, {Damage.GONE})}


def makes_a_chain_vanish(intruder: Intruder) -> Expected:
    intruder.cut(after=0)
    sql("DELETE FROM ledger_chain WHERE id = %s", intruder.chain.pk)
    return {intruder.ana: (1, {Damage.GONE})}


def truncates_everything(intruder: Intruder) -> Expected:
    for table in ("payload", "entry"):
        sql(f"DELETE FROM ledger_{table}")
    return dict.fromkeys(Chain.objects.values_list("subject", flat=True), (1, {Damage.GONE}))


def inserts_at_the_end(intruder: Intruder) -> Expected:
    forged = intruder.forge(intruder.length + 1)
    if intruder.rng.random() < 0.5:
        intruder.set_end(forged.sequence, forged.digest)
    return {intruder.ana: (intruder.length + 1, {Damage.INSERTED})}


def inserts_in_the_middle(intruder: Intruder) -> Expected:
    place = intruder.rng.randint(1, intruder.length)
    for later in range(intruder.length, place - 1, -1):
        _renumber(intruder, later, later + 1)
    intruder.forge(place)
    intruder.set_end(intruder.length + 1, intruder.chain.head)
    return intruder.named_from(place, damage=Damage.INSERTED)


def duplicates_an_entry(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    words = entry.payload
    entry.pk, entry.sequence = None, intruder.length + 1
    entry.save(force_insert=True)
    sql(
        "INSERT INTO ledger_payload (entry_id, salt, body, erased_at) VALUES (%s, %s, %s, %s)",
        *(entry.pk, words.salt, words.body, words.erased_at and _raw(words.erased_at)),
    )
    intruder.set_end(entry.sequence, entry.digest)
    return {intruder.ana: (entry.sequence, {Damage.INSERTED})}


def swaps_two_entries(intruder: Intruder) -> Expected:
    low, high = sorted(intruder.rng.sample(range(1, intruder.length + 1), 2))
    for old, new in ((low, 10_000), (high, low), (10_000, high)):
        _renumber(intruder, old, new)
    return intruder.named(low, high, damage=Damage.SWAPPED)


def moves_an_entry_to_another_chain(intruder: Intruder) -> Expected:
    entry = intruder.any_entry()
    other = Chain.objects.get(subject=intruder.ben)
    intruder.set(entry, chain_id=other.pk, sequence=other.length + 1)
    left = intruder.named(entry.sequence, damage=Damage.MOVED, or_else=Damage.CUT_OFF)
    return {**left, intruder.ben: (other.length + 1, {Damage.MOVED})}


def gives_the_chain_to_somebody_else(intruder: Intruder) -> Expected:
    thief = UUID(int=99)
    sql("UPDATE ledger_chain SET subject = %s WHERE id = %s", thief.hex, intruder.chain.pk)
    return {thief: (1, {Damage.MOVED}), intruder.ana: (1, {Damage.GONE})}


def rewrites_history_with_a_key_of_his_own(intruder: Intruder) -> Expected:
    start = intruder.rng.randint(1, intruder.length)
    intruder.cut(after=start - 1)
    entry = [intruder.forge(place) for place in range(start, intruder.length + 1)][-1]
    intruder.set_end(entry.sequence, entry.digest)
    return intruder.named_from(start, damage=Damage.RESEALED, or_else=Damage.INSERTED)


def rolls_back_the_chain_row(intruder: Intruder) -> Expected:
    before = intruder.any_entry(last=intruder.length - 1)
    intruder.set_end(before.sequence, before.digest)
    return {intruder.ana: (before.sequence + 1, {Damage.EDITED})}


def edits_the_head_of_a_chain(intruder: Intruder) -> Expected:
    intruder.set_end(intruder.length, "b" * 64)
    return {intruder.ana: (intruder.length, {Damage.EDITED})}


def edits_a_checkpoint(intruder: Intruder) -> Expected:
    row = intruder.rng.choice(list(Checkpoint.objects.filter(subject=intruder.ana).order_by("id")))
    column, value = intruder.rng.choice(
        [("head", "c" * 64), ("root", "e" * 64), ("at", _raw(NOW + timedelta(hours=1))), ("hmac", "d" * 64)]
    )
    sql(f"UPDATE ledger_checkpoint SET {column} = %s WHERE id = %s", value, row.pk)
    found: Expected = {intruder.ana: (row.length, {Damage.CHECKPOINT})}
    return found | (_counted_by(row) if column == "hmac" else {})


def _counted_by(row: Checkpoint) -> Expected:
    """The entry that counted this checkpoint."""
    counts = [
        entry.payload.content for entry in Entry.objects.filter(chain__subject=WHOLE).order_by("sequence")
    ]
    place = next(number for number, told in enumerate(counts, start=1) if told and told["last"] >= row.pk)
    return {WHOLE: (place, {Damage.CHECKPOINT})}


def deletes_every_checkpoint(intruder: Intruder) -> Expected:
    sql("DELETE FROM ledger_checkpoint")
    first_file = intruder.history.backup | {WHOLE: 1}
    return {subject: (length, {Damage.CHECKPOINT}) for subject, length in first_file.items()}


def forges_a_checkpoint(intruder: Intruder) -> Expected:
    head = Entry.objects.get(chain=intruder.chain, sequence=intruder.length).digest
    row = Checkpoint(
        subject=intruder.ana, length=intruder.length, head=head, at=NOW, key_id="1", hmac="0" * 64
    )
    row.save(force_insert=True)
    return {intruder.ana: (intruder.length, {Damage.CHECKPOINT})}


def makes_a_chain_vanish_with_its_checkpoints(intruder: Intruder) -> Expected:
    row = Checkpoint.objects.filter(subject=intruder.ana).order_by("id").first()
    makes_a_chain_vanish(intruder)
    sql("DELETE FROM ledger_checkpoint WHERE subject = %s", intruder.ana.hex)
    assert row
    return {intruder.ana: (1, {Damage.GONE})} | _counted_by(row)


def rewrites_the_count_of_checkpoints(intruder: Intruder) -> Expected:
    told = Entry.objects.filter(chain__subject=WHOLE).order_by("sequence")[intruder.rng.randrange(2)]
    sql("UPDATE ledger_payload SET body = %s WHERE entry_id = %s", '{"checkpoints":1}', told.pk)
    return {WHOLE: (told.sequence, {Damage.WORDS})}


def puts_a_backup_back(intruder: Intruder) -> Expected:
    """Everything in the database is as it was then, and agrees with itself."""
    then = intruder.history.backup
    shorter = [row for row in Chain.objects.all() if row.length > then[row.subject]]
    for row in shorter:
        length = then[row.subject]
        cut(row, after=length)
        head = Entry.objects.get(chain=row, sequence=length).digest
        sql("UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s", length, head, row.pk)
    kept = Checkpoint.objects.order_by("id")[intruder.history.signed - 1].pk
    sql("DELETE FROM ledger_checkpoint WHERE id > %s", kept)
    return {row.subject: (then[row.subject] + 1, {Damage.ROLLED_BACK}) for row in shorter}


def cuts_the_file(intruder: Intruder) -> Expected:
    return _change_the_file(intruder, lambda lines: lines[:-1])


def edits_the_file(intruder: Intruder) -> Expected:
    return _change_the_file(intruder, lambda lines: [*lines[:-1], lines[-1][:60]])


def _change_the_file(intruder: Intruder, change: Callable[[list[str]], list[str]]) -> Expected:
    lines = intruder.history.file.read_text().splitlines()
    intruder.history.file.write_text("\n".join(change(lines)))
    return {None: (0, {Damage.CHECKPOINT})}


TAMPERINGS: list[Callable[[Intruder], Expected]] = [
    edits_a_column,
    rewrites_the_words,
    moves_the_words_into_the_salt,
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
    deletes_every_checkpoint,
    forges_a_checkpoint,
    makes_a_chain_vanish_with_its_checkpoints,
    rewrites_the_count_of_checkpoints,
    puts_a_backup_back,
    cuts_the_file,
    edits_the_file,
]
