"""Histories of records to tamper with, and what verification says of them."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from ledger import chain, checkpoints
from ledger.models import Entry

NOW = datetime(2026, 3, 2, 14, 30, 0, 123456, tzinfo=UTC)
ACTS = ("hours.submit", "hours.approve", "hours.return", "sign_off.sign", "sign_off.withdraw")
MARCUS, NORA = UUID(int=501), UUID(int=502)


def record(subject: UUID, *, acts: int, rng: random.Random) -> list[Entry]:
    """That many acts on the record of one apprentice, each in a transaction of its own."""
    return [_one_act(subject, rng) for _ in range(acts)]


def _one_act(subject: UUID, rng: random.Random) -> Entry:
    with transaction.atomic():
        return chain.append(
            chain.lock([subject])[subject],
            act=rng.choice(ACTS),
            actor=rng.choice([MARCUS, NORA, None]),
            object=UUID(int=rng.getrandbits(128)),
            at=NOW + timedelta(minutes=rng.randrange(100_000)),
            payload={"minutes": rng.randrange(1, 1441), "on": NOW.date(), "words": "façade 日誌"},
        )


def two_histories(rng: random.Random) -> tuple[UUID, UUID]:
    """Two apprentices' records with one lawful erasure and a checkpoint each; Ana's, then Ben's."""
    ana, ben = UUID(int=rng.getrandbits(128)), UUID(int=rng.getrandbits(128))
    for subject in (ana, ben):
        entries = record(subject, acts=rng.randrange(5, 9), rng=rng)
        chain.erase(rng.choice(entries), by=NORA, at=NOW, reason="Patient information")
    checkpoints.sign(at=NOW)
    for subject in (ana, ben):
        record(subject, acts=rng.randrange(2, 5), rng=rng)
    return ana, ben


def findings(*subjects: UUID) -> dict[UUID | None, int]:
    """What verification says: subject -> first bad sequence."""
    return {finding.subject: finding.sequence for finding in chain.verify(subjects or None)}
