"""What somebody was qualified as before, read from their own chain of the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from accounts.models import Membership
from accounts.models.people import QUALIFICATION
from ledger.models import Entry

SHOWN = ("title", "credential", "credential_number", "credential_expires")


@dataclass(frozen=True)
class Earlier:
    """A qualification that another one followed, with the moments from and until which it stood."""

    title: str
    credential: str
    number: str
    expires: date | None
    since: datetime
    until: datetime


def earlier_of(memberships: Iterable[Membership]) -> dict[UUID, list[Earlier]]:
    """By uid of the membership, what stood before what stands now, newest first. One query."""
    rows = Entry.objects.filter(act=QUALIFICATION, object__in=[row.uid for row in memberships])
    told: dict[UUID, list[Entry]] = {}
    for entry in rows.select_related("payload").order_by("chain", "sequence"):
        if entry.object:
            told.setdefault(entry.object, []).append(entry)
    return {thing: list(_followed(entries))[::-1] for thing, entries in told.items()}


def _followed(entries: list[Entry]) -> Iterable[Earlier]:
    for entry, following in pairwise(entries):
        said: dict[str, Any] = entry.payload.content or {}
        if any(said.get(name) for name in SHOWN):
            day = said["credential_expires"]
            yield Earlier(
                said["title"],
                said["credential"],
                said["credential_number"],
                date.fromisoformat(day) if day else None,
                entry.at,
                following.at,
            )
