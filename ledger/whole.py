"""The chain that tells of checkpoints: each pass of ledger.checkpoints is an entry, and counts what it
signed.

A checkpoint deleted from the database later, alone or with the whole chain that it is about, is missed
here.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from ledger.damage import Damage, Finding
from ledger.models import Checkpoint, Entry

WHOLE = UUID("6a6f7572-6e65-4762-8f6f-6b6c65646765")
"""The subject of that chain; the same on every site."""
ACT = "ledger.checkpoint"
ROWS_AT_ONCE = 1000


def digest_of(rows: Iterable[Checkpoint]) -> str:
    """One digest over these checkpoints, in the order of their numbers."""
    over = hashlib.sha256()
    for row in rows:
        over.update(f"{row.pk} {row.subject} {row.length} {row.hmac}\n".encode())
    return over.hexdigest()


def missed() -> Iterator[Finding]:
    """The first entry of WHOLE that counted checkpoints which are not all there, or not as they were."""
    passes = Entry.objects.filter(chain__subject=WHOLE, act=ACT).select_related("payload")
    since = 0
    for told in passes.order_by("sequence").iterator(ROWS_AT_ONCE):
        words = told.payload.content or {}
        last = int(words.get("last", since))
        rows = list(Checkpoint.objects.filter(id__gt=since, id__lte=last).order_by("id"))
        if digest_of(rows) != words.get("digest"):
            yield _missed(told, rows, counted=int(words.get("checkpoints", 0)))
            return
        since = last


def _missed(told: Entry, rows: Sequence[Checkpoint], *, counted: int) -> Finding:
    lost = counted - len(rows)
    problem = "a checkpoint that it counted was altered"
    if lost > 0:
        problem = f"of {counted} checkpoints that it counted {lost} are gone, perhaps with their chains"
    return Finding(WHOLE, told.sequence, problem, Damage.CHECKPOINT)
