"""Which heads restores have given up, as their sealed entries say; see ledger.restores."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ledger.canonical import UnknownKey, are_words_of, checkpoint_digest, same
from ledger.damage import Damage, Finding, sealed
from ledger.models import Checkpoint, Entry

SITE = UUID("0b5a7a3e-52f1-5c86-9d0e-6f6a3f4d7c11")
"""The subject of the chain that tells of the site itself; the same on every site."""
ACT = "site.restore"
Heads = dict[str, dict[str, str]]
"""Subject -> length -> head."""
SAYS = (Damage.ROLLED_BACK, Damage.GONE, Damage.CHECKPOINT)
"""What a site that was put back looks like to a checkpoint made before."""


class Restore(NamedTuple):
    """One restore: when, of which backup, and what it gave up."""

    at: datetime
    backup: dict[str, Any]
    heads: Heads

    @property
    def taken_at(self) -> datetime:
        """The moment that the backup shows."""
        return datetime.fromisoformat(self.backup["taken_at"])

    def gave_up(self, checkpoint: Checkpoint) -> bool:
        """Whether the entry names the head that this checkpoint certified."""
        head = self.heads.get(str(checkpoint.subject), {}).get(str(checkpoint.length))
        return bool(head) and same(str(head), checkpoint.head) and checkpoint.at <= self.at

    def came_before(self, checkpoint: Checkpoint) -> bool:
        """Whether the checkpoint itself, a row, was made between backup and restore and went with it."""
        return self.taken_at <= checkpoint.at <= self.at


def restores() -> list[Restore]:
    """Every restore whose entry is as it was sealed, oldest first."""
    return list(_sound())


def _sound() -> Iterator[Restore]:
    entries = Entry.objects.filter(chain__subject=SITE, act=ACT).select_related("payload")
    for entry in entries.order_by("sequence"):
        payload = getattr(entry, "payload", None)
        if payload is None or not payload.body or not sealed(entry, SITE):
            continue
        if not are_words_of(entry.payload_digest, salt=payload.salt, body=payload.body):
            continue
        said = payload.content or {}
        yield Restore(entry.at, said["backup"], said["given_up"])


def unless(finding: Finding, checkpoint: Checkpoint, known: list[Restore]) -> Finding:
    """The same finding, or that a restore gave up what this checkpoint counted.

    A forged checkpoint, and one made after the restore, is explained by none. That the row of a checkpoint is
    gone is explained where the entry that it certified is there as it was.
    """
    if not known or finding.damage not in SAYS or not is_signed(checkpoint):
        return finding
    rows_alone = finding.damage is Damage.CHECKPOINT
    for one in known:
        if one.came_before(checkpoint) if rows_alone else one.gave_up(checkpoint):
            told = f"given up when the site was restored at {one.at} from the backup of {one.taken_at}"
            return replace(
                finding,
                problem=f"{told}; the checkpoint of {checkpoint.at} counted it",
                damage=Damage.GIVEN_UP,
            )
    return finding


def is_signed(checkpoint: Checkpoint) -> bool:
    """Whether this site signed it, with a key that it has."""
    try:
        return same(checkpoint.hmac, checkpoint_digest(checkpoint))
    except UnknownKey:
        return False
