"""What a move of hours entries writes, all of it in the transaction of HoursQuerySet.move."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.models import Membership, User
from accounts.models.people import authority_day
from ledger import chain
from ledger.models import Entry
from ledger.tombstones import digest
from ojt_logs.models.moves import MOVES, InvalidTransition
from ojt_logs.models.receipts import Receipt, mark_late
from ojt_logs.models.review_notices import TOLD, tell_review, unsay_review
from ojt_logs.models.totals import HoursTotal

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry


AT_ONCE = 100
"""Rows that one statement writes."""


def supersede_corrected(name: str, entries: "Iterable[HoursEntry]", *, by: User, now: datetime) -> None:
    """Approving a correction replaces what it corrects, in the same transaction."""
    corrected = [entry.corrects for entry in entries if entry.corrects] if name == "approve" else []
    for old in corrected:
        old.refresh_from_db()
        old.check_state(MOVES["supersede"])
    if corrected:
        perform("supersede", corrected, by=by, now=now, reason="")


def perform(
    name: str, entries: "list[HoursEntry]", *, by: User, now: datetime, reason: str
) -> "list[HoursEntry]":
    """Write one move that was checked: states, totals and one ledger entry each. Call in a transaction."""
    if not entries:
        return entries
    move = MOVES[name]
    columns = _columns(name, by=by, now=now, reason=reason)
    ids = [entry.pk for entry in entries]
    changed = type(entries[0]).objects.filter(pk__in=ids, status__in=move.sources).update(**columns)
    if changed != len(ids):
        raise InvalidTransition("Somebody was first. Reload the page.", code="invalid_transition")
    for before in sorted({entry.status for entry in entries}):
        same = [entry for entry in entries if entry.status == before]
        HoursTotal.objects.shift(same, before=before, after=move.target)
    for entry in entries:
        if name == "submit" and entry.evidence.all():
            entry.evidence.update(kept=True)
    if name in TOLD:
        tell_review(name, entries, by=by, now=now)
    if name == "return":
        entries[0].comments.model.objects.of_return(entries, by=by, reason=reason, now=now)
    if name in ("undo", "submit"):
        unsay_review(entries, now=now)
    if name == "submit":
        mark_late(entries, now=now)
    written = _put_on_record(name, entries, by=by, now=now, said={"reason_sha256": digest(reason)})
    if name == "submit":
        _give_receipts(entries, written, now=now)
    for entry in entries:
        for column, value in columns.items():
            setattr(entry, column, value)
    return entries


def begin(
    name: str, entries: "list[HoursEntry]", *, by: User, now: datetime, said: Mapping[str, Any]
) -> None:
    """Write entries that come onto the record as they are, many at once: rows, totals, one ledger entry each
    with what is `said` of them all. They were checked; call it in a transaction, with the people locked."""
    if not entries:
        return
    type(entries[0]).objects.bulk_create(entries, batch_size=AT_ONCE)
    prefetch_related_objects(entries, "evidence")
    HoursTotal.objects.shift(entries, before="", after=MOVES[name].target)
    _put_on_record(name, entries, by=by, now=now, said={"from": None, "reason_sha256": None, **said})


def _columns(name: str, *, by: User, now: datetime, reason: str) -> dict[str, Any]:
    """What the move writes into the row itself."""
    columns: dict[str, Any] = {"status": MOVES[name].target, "changed_at": now}
    if name == "submit":
        columns |= {"submitted_at": now}
    if name in ("approve", "return"):
        columns |= {"reviewed_by": by, "reviewed_at": now}
    if name == "dispute":
        columns |= {"disputed_at": now, "dispute_reason": reason}
    if name in ("settle", "submit", "recall"):
        columns |= {"disputed_at": None, "dispute_reason": ""}
    if name == "return":
        columns |= {"return_reason": reason}
    return columns


def _give_receipts(entries: "list[HoursEntry]", written: Iterable[Entry], *, now: datetime) -> None:
    """A receipt for each registration of which something was handed in."""
    own: dict[UUID, list[HoursEntry]] = defaultdict(list)
    for entry in entries:
        own[entry.apprentice.uid].append(entry)
    numbers = {act.object: act.sequence for act in written}
    for handed_in in own.values():
        sequences = [numbers[entry.uid] for entry in handed_in]
        Receipt.objects.give(handed_in[0].apprentice, handed_in, now=now, sequences=sequences)


def _put_on_record(
    name: str, entries: "list[HoursEntry]", *, by: User, now: datetime, said: Mapping[str, Any]
) -> list[Entry]:
    """One ledger entry each, in the chains of their apprentices."""
    done: list[Entry] = []
    held = _roles(by, entries, now=now) if name in ("approve", "return") else {}
    own: dict[UUID, list[HoursEntry]] = defaultdict(list)
    for entry in entries:
        own[entry.apprentice.uid].append(entry)
    for subject, locked in chain.lock(own).items():
        roles = held.get(own[subject][0].apprentice.program.sponsor_id, {})
        beside = {"to": str(MOVES[name].target), **roles}
        acts = [
            chain.Act(
                f"hours.{name}",
                by.uid,
                entry.uid,
                now,
                {**entry.facts(), **beside, "from": str(entry.status), **said},
            )
            for entry in own[subject]
        ]
        done += chain.append_all(locked, acts)
    return done


def _roles(by: User, entries: "Iterable[HoursEntry]", *, now: datetime) -> dict[int, dict[str, Any]]:
    """By sponsor, the roles of a reviewer who holds several there: in a shop of one the record says so."""
    sponsors = {entry.apprentice.program.sponsor_id for entry in entries}
    held = Membership.objects.active(on=authority_day(now)).filter(user=by, sponsor__in=sponsors)
    found: dict[int, set[str]] = defaultdict(set)
    for sponsor, role in held.values_list("sponsor", "role"):
        found[sponsor].add(role)
    return {sponsor: {"roles": sorted(roles)} for sponsor, roles in found.items() if len(roles) > 1}
