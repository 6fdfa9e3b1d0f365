"""Checkpoints outside the database: one file a day, none written over, signed so that anybody can check."""

import random
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.test import override_settings

from ledger import checkpoints, kept, signatures, tasks
from ledger.canonical import canonical
from ledger.models import Checkpoint, Entry
from ledger.roots import link, root_of
from tests.ledger.histories import NOW, record

ANA, BEN = UUID(int=1), UUID(int=2)
RNG = random.Random(0)


def test_the_clock_writes_a_file_a_day_and_keeps_the_earlier_ones(db: None) -> None:
    assert checkpoints.age(now=NOW) is None
    record(ANA, acts=2, rng=RNG)
    checkpoints.take(at=NOW)
    record(ANA, acts=1, rng=RNG)
    checkpoints.take(at=NOW + timedelta(days=1))
    first, second = checkpoints.files()
    assert (checkpoints.taken_at(first), checkpoints.taken_at(second)) == (NOW, NOW + timedelta(days=1))
    assert f"\n{ANA} 2 " in first.read_text()
    assert f"\n{ANA} 3 " in second.read_text()
    assert checkpoints.age(now=NOW + timedelta(days=1, hours=3)) == timedelta(hours=3)
    assert [path.name for path in checkpoints.folder().iterdir() if path.suffix != ".txt"] == []
    tasks.take_checkpoints()
    assert len(checkpoints.files()) == 3
    assert list(checkpoints.examine()) == []


def test_the_clock_is_set_to_take_them_daily() -> None:
    told = settings.CELERY_BEAT_SCHEDULE["take-checkpoints"]
    assert (told["task"], len(told["schedule"].hour)) == (tasks.take_checkpoints.name, 1)


def test_anybody_can_check_a_line_with_the_public_key_alone(db: None) -> None:
    record(ANA, acts=3, rng=RNG)
    checkpoints.sign(at=NOW)
    _, text = checkpoints.lines([ANA], at=NOW)
    line = kept.Line.read(text)
    assert line
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signatures.public_keys()[line.key_id]))
    key.verify(bytes.fromhex(line.signature), canonical(kept.said(line.checkpoint)).encode())


def test_the_root_that_is_carried_on_is_that_of_the_whole_chain(db: None) -> None:
    for day in range(3):
        record(ANA, acts=2, rng=RNG)
        checkpoints.sign(at=NOW + timedelta(days=day))
    root = ""
    for entry in Entry.objects.filter(chain__subject=ANA).order_by("sequence"):
        root = link(root, entry, ANA)
    assert root_of(ANA, length=6) == root == Checkpoint.objects.filter(subject=ANA).latest("id").root


def test_a_checkpoint_of_before_there_were_roots_is_followed_by_one_with(db: None) -> None:
    record(ANA, acts=2, rng=RNG)
    checkpoints.sign(at=NOW)
    row = Checkpoint.objects.get(subject=ANA)
    row.pk, row.root = None, ""
    row.hmac = checkpoints.checkpoint_digest(row)
    row.save(force_insert=True)
    assert list(checkpoints.examine()) == []
    old = kept.Line.read(str(kept.Line.of(row)))
    assert old and (old.checkpoint.root, old.signature, old.checkpoint.hmac) == ("", "", row.hmac)


def test_a_lost_old_key_is_named_for_every_chain_that_needs_it(db: None) -> None:
    record(ANA, acts=2, rng=RNG)
    checkpoints.take(at=NOW)
    new = {"2": "the key of the second year, without the first beside it"}
    with override_settings(LEDGER_KEYS={**settings.LEDGER_KEYS, **new}, LEDGER_KEY_ID="2"):
        record(ANA, acts=1, rng=RNG)
        record(BEN, acts=1, rng=RNG)
        checkpoints.take(at=NOW + timedelta(days=1))
        assert list(checkpoints.examine()) == []
        assert list(signatures.public_keys()) == ["2", "1"]
    with override_settings(LEDGER_KEYS=new, LEDGER_KEY_ID="2"):
        found = {one.subject: one for one in checkpoints.examine()}
    assert BEN not in found
    assert (found[ANA].sequence, found[ANA].damage) == (1, "key missing")
    assert "'1'" in found[ANA].problem and "LEDGER_OLD_KEYS" in found[ANA].problem
