"""One digest over a whole chain that anybody can compute, without the key.

    root of nothing       = ""
    root of n entries     = SHA-256 of canonical JSON of {"of": "link", "root": root of n - 1 entries, and
                            everything that entry n says, its digest included}

Checkpoints certify the root beside the head. The head is a seal, which only the holder of the key can make
and check; the root binds the same entries for everybody.
"""

import hashlib
from typing import Any
from uuid import UUID

from ledger.canonical import canonical, said_by
from ledger.models import Checkpoint, Entry

ROWS_AT_ONCE = 1000


def link(root: str, entry: Entry, subject: UUID) -> str:
    """The root with this entry added."""
    said: dict[str, Any] = said_by(entry, subject) | {"of": "link", "root": root, "digest": entry.digest}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def root_of(subject: UUID, *, length: int) -> str:
    """The root of the first entries of a chain; reads only what came after its newest checkpoint."""
    known = Checkpoint.objects.filter(subject=subject, length__lte=length).exclude(root="")
    last = known.order_by("-length", "-id").first()
    root, since = (last.root, last.length) if last else ("", 0)
    entries = Entry.objects.filter(chain__subject=subject, sequence__gt=since, sequence__lte=length)
    for entry in entries.order_by("sequence").iterator(ROWS_AT_ONCE):
        root = link(root, entry, subject)
    return root
