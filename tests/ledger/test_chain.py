"""Writing to the ledger: one gap-free chain a person, in the transaction of the act, spelled one way."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from ledger import chain, checkpoints
from ledger.canonical import NotCanonical, UnknownKey, canonical
from ledger.models import Chain, Checkpoint, Entry, Payload
from ledger.whole import WHOLE
from tests.ledger.histories import MARCUS, NORA, NOW, findings, record

ANA, BEN = UUID(int=1), UUID(int=2)
RNG = random.Random(0)


def approve(row: Chain, **payload: Any) -> Entry:
    return chain.append(row, act="hours.approve", actor=MARCUS, object=None, at=NOW, payload=payload)


def test_entries_follow_each_other_and_the_chain_knows_its_end(db: None) -> None:
    with transaction.atomic():
        row = chain.lock([ANA])[ANA]
        first, second = approve(row, minutes=450), approve(row, minutes=60)
    kept = Chain.objects.get(subject=ANA)
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.previous, second.previous, kept.head) == ("", first.digest, second.digest)
    assert list(chain.entries_of(ANA)) == [first, second]
    assert chain.head_of(ANA) == f"{second.digest[:4]} {second.digest[4:8]}"
    assert chain.head_of(BEN) == ""


def test_many_acts_make_the_same_chain_as_one_after_the_other(
    db: None, django_assert_num_queries: Any
) -> None:
    acts = [chain.Act("hours.approve", MARCUS, None, NOW, {"minutes": minutes}) for minutes in (450, 60, 30)]
    with transaction.atomic():
        row = chain.lock([ANA])[ANA]
        with django_assert_num_queries(len(acts) + 2):
            written = chain.append_all(row, acts)
    kept = list(chain.entries_of(ANA))
    assert kept == written
    assert [(entry.sequence, entry.previous) for entry in kept] == [
        (1, ""),
        (2, kept[0].digest),
        (3, kept[1].digest),
    ]
    assert [entry.payload.content for entry in kept] == [act.payload for act in acts]
    assert Chain.objects.get(subject=ANA).head == kept[-1].digest
    assert findings() == {}


def test_acts_of_which_one_cannot_be_spelled_leave_the_chain_as_it_was(db: None) -> None:
    acts = [chain.Act("hours.approve", MARCUS, None, NOW, {"hours": hours}) for hours in (7, 7.5)]
    with transaction.atomic():
        row = chain.lock([ANA])[ANA]
        with pytest.raises(NotCanonical):
            chain.append_all(row, acts)
    assert (row.length, Chain.objects.get(subject=ANA).length) == (0, 0)


def test_the_words_can_be_read_back(db: None) -> None:
    record(ANA, acts=1, rng=RNG)
    with transaction.atomic():
        approve(chain.lock([ANA])[ANA], on=date(2026, 3, 2), by=MARCUS, standards=["2e", {"rating": 3}])
    newest = chain.entries_of(ANA).last()
    assert newest is not None
    words = {"on": "2026-03-02", "by": str(MARCUS), "standards": ["2e", {"rating": 3}]}
    assert newest.payload.content == words


def test_locking_begins_missing_chains_and_keeps_their_order(db: None) -> None:
    record(BEN, acts=1, rng=RNG)
    with transaction.atomic():
        locked = chain.lock([BEN, ANA, BEN])
    assert [(subject, row.length) for subject, row in locked.items()] == [(ANA, 0), (BEN, 1)]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_appended_or_locked_outside_a_transaction() -> None:
    with pytest.raises(chain.NoTransaction):
        chain.lock([ANA])
    with transaction.atomic():
        row = chain.lock([ANA])[ANA]
    with pytest.raises(chain.NoTransaction):
        approve(row)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        approve(chain.lock([ANA])[ANA])
        1 / 0  # noqa: B018
    assert (Chain.objects.count(), Entry.objects.count(), Payload.objects.count()) == (0, 0, 0)


def test_a_chain_read_before_another_act_is_refused(db: None) -> None:
    with transaction.atomic():
        stale, row = chain.lock([ANA])[ANA], chain.lock([ANA])[ANA]
        approve(row)
        with pytest.raises(chain.StaleChain):
            approve(stale)
    assert findings() == {}
    assert Entry.objects.count() == 1


def at_once(*acts: Callable[[], None]) -> list[Exception]:
    """Run the acts in threads that start together; what they raised."""
    start, raised = threading.Barrier(len(acts)), list[Exception]()

    def run(act: Callable[[], None]) -> None:
        try:
            start.wait(timeout=30)
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


@pytest.mark.django_db(transaction=True)
def test_two_mentors_at_once_leave_one_chain_without_a_gap() -> None:
    def twenty_acts() -> None:
        record(ANA, acts=20, rng=random.Random(1))

    assert at_once(twenty_acts, twenty_acts) == []
    assert list(chain.entries_of(ANA).values_list("sequence", flat=True)) == list(range(1, 41))
    assert findings() == {}


@pytest.mark.django_db(transaction=True)
def test_acts_about_several_people_at_once_do_not_wait_for_each_other_forever() -> None:
    def about(*subjects: UUID) -> Callable[[], None]:
        def acts() -> None:
            for _ in range(10):
                with transaction.atomic():
                    for row in chain.lock(subjects).values():
                        approve(row)

        return acts

    cleo = UUID(int=3)
    assert at_once(about(ANA, BEN, cleo), about(cleo, BEN, ANA), about(BEN, ANA)) == []
    lengths = dict(Chain.objects.values_list("subject", "length"))
    assert lengths == {ANA: 30, BEN: 30, cleo: 20}
    assert findings() == {}


def test_coordinator_erases_words_and_the_chain_stays_whole(db: None) -> None:
    spoiled, *_ = record(ANA, acts=3, rng=RNG)
    erasure = chain.erase(spoiled, by=NORA, at=NOW, reason="A patient's name")
    words = Payload.objects.get(entry=spoiled)
    assert (words.salt, words.body, words.erased_at, words.content) == ("", "", NOW, None)
    assert (erasure.act, erasure.actor, erasure.sequence) == ("ledger.erase", NORA, 4)
    assert erasure.payload.content == {"sequence": 1, "reason": "A patient's name"}
    assert findings() == {}


def test_words_are_erased_once_with_a_reason_and_never_those_of_an_erasure(db: None) -> None:
    (spoiled,) = record(ANA, acts=1, rng=RNG)
    with pytest.raises(chain.NotErasable):
        chain.erase(spoiled, by=NORA, at=NOW, reason="  ")
    erasure = chain.erase(spoiled, by=NORA, at=NOW, reason="A patient's name")
    for entry in (spoiled, erasure):
        with pytest.raises(chain.NotErasable):
            chain.erase(entry, by=NORA, at=NOW, reason="Once more")
    assert Chain.objects.get(subject=ANA).length == 2


def test_a_checkpoint_is_written_for_chains_that_moved(db: None) -> None:
    record(ANA, acts=2, rng=RNG)
    assert checkpoints.sign(at=NOW) == 1
    record(BEN, acts=1, rng=RNG)
    assert checkpoints.sign(at=NOW + timedelta(days=1)) == 1
    assert checkpoints.sign(at=NOW + timedelta(days=2)) == 0
    signed = Checkpoint.objects.exclude(subject=WHOLE).order_by("id")
    assert list(signed.values_list("subject", "length")) == [(ANA, 2), (BEN, 1)]
    lines = [line.split()[:2] for line in checkpoints.lines([ANA, BEN], at=NOW)]
    assert lines[1:] == [[str(ANA), "2"], [str(BEN), "1"]]


def test_entries_made_with_an_older_key_still_verify_and_a_lost_key_is_named(db: None) -> None:
    record(ANA, acts=1, rng=RNG)
    rotated = {**settings.LEDGER_KEYS, "2": "another secret, made in the spring of 2027"}
    with override_settings(LEDGER_KEYS=rotated, LEDGER_KEY_ID="2"):
        record(ANA, acts=1, rng=RNG)
        assert findings() == {}
    (finding,) = chain.verify()
    assert (finding.sequence, "'2'" in finding.problem) == (2, True)
    with override_settings(LEDGER_KEY_ID="9"), pytest.raises(UnknownKey):
        record(ANA, acts=1, rng=RNG)


class Kind(StrEnum):
    OJT = "ojt"


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"name": 'Ana "é" 日', "kind": Kind.OJT}, '{"kind":"ojt","name":"Ana \\"é\\" 日"}'),
        ({"on": date(2026, 3, 2)}, '{"on":"2026-03-02"}'),
        (datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=-6))), '"2026-03-02T14:00:00.000000Z"'),
        (datetime(2026, 3, 2, 14, 0, 0, 5, tzinfo=UTC), '"2026-03-02T14:00:00.000005Z"'),
        ((ANA, "\x00"), '["00000000-0000-0000-0000-000000000001","\\u0000"]'),
    ],
)
def test_every_value_has_one_spelling(value: Any, spelled: str) -> None:
    assert canonical(value) == spelled


@pytest.mark.parametrize(
    "value",
    [7.5, {"hours": 7.5}, [float("nan")], {1: "x"}, {"x": {1, 2}}, b"x", datetime(2026, 3, 2), "\ud800"],  # noqa: DTZ001
    ids=repr,
)
def test_what_has_more_than_one_spelling_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_refused_payload_leaves_the_chain_as_it_was(db: None) -> None:
    with transaction.atomic():
        row = chain.lock([ANA])[ANA]
        with pytest.raises(NotCanonical, match=r"value\.hours is a float"):
            approve(row, hours=7.5)
        approve(row, minutes=450)
    assert findings() == {}
