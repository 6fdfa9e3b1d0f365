"""A site that was put back: what its ledger says of that, and which checkpoints it explains.

A restore gives up what was recorded after the backup was taken. It says so in a chain of the site's own,
sealed like every entry: from which backup, when, and the head after each entry that was given up. A
checkpoint of such a head, made before the restore, then tells of a restore and not of damage. Whoever puts an
older database in place by other means has no key to write such an entry, and is found.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from ledger import chain
from ledger.given_up import ACT, SITE, Heads, is_signed
from ledger.kept import Line
from ledger.models import Entry

AT_ONCE = 300
Head = tuple[UUID, int, str]
"""A chain, how long it was, and its head then."""


def record(given_up: Iterable[Head], *, at: datetime, backup: dict[str, Any]) -> Entry:
    """Write that this database was put back from `backup`, giving up these heads. Call in a transaction.

    Heads that the database has are left out: they were not given up.
    """
    lost: Heads = {}
    source = iter(dict.fromkeys(given_up))
    while batch := list(islice(source, AT_ONCE)):
        for subject, length, head in _not_here(batch):
            lost.setdefault(str(subject), {})[str(length)] = head
    told = {"backup": backup, "given_up": lost}
    return chain.tell(SITE, act=ACT, actor=None, object=None, at=at, payload=told)


def _not_here(heads: list[Head]) -> list[Head]:
    subjects, lengths = {subject for subject, _, _ in heads}, {length for _, length, _ in heads}
    there = Entry.objects.filter(chain__subject__in=subjects, sequence__in=lengths)
    known = set(there.values_list("chain__subject", "sequence", "digest"))
    return [head for head in heads if head not in known]


def named_in(lines: Iterable[str]) -> Iterator[Head]:
    """The heads of kept checkpoint lines that this site signed; others name nothing."""
    for text in lines:
        line = Line.read(text.strip())
        if line and is_signed(line.checkpoint):
            kept = line.checkpoint
            yield kept.subject, kept.length, kept.head


def latest() -> tuple[datetime, dict[str, Any]] | None:
    """When this site was last put back, and from which backup; None when it never was."""
    newest = chain.entries_of(SITE).filter(act=ACT).last()
    if newest is None:
        return None
    return newest.at, (newest.payload.content or {}).get("backup", {})
