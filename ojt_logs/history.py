"""What happened to one hours entry, read from the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.models import User
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models import HoursEntry

WORDS = {
    "hours.submit": ("submitted", "Submitted"),
    "hours.recall": ("draft", "Taken back"),
    "hours.approve": ("approved", "Approved"),
    "hours.return": ("returned", "Returned"),
    "hours.undo": ("submitted", "Approval undone"),
    "hours.evidence": ("submitted", "Files changed"),
    "hours.log_for": ("submitted", "Logged on behalf"),
    "hours.attend": ("approved", "Recorded in class and approved"),
    "hours.dispute": ("submitted", "Disputed"),
    "hours.settle": ("submitted", "Agreed to"),
    "hours.import": ("submitted", "Came in with a file"),
    "hours.attest": ("approved", "Attested from paper"),
    "hours.undo_import": ("draft", "Taken out with its file"),
    "hours.supersede": ("superseded", "Replaced by its correction"),
}


@dataclass(frozen=True)
class Step:
    """One act: state word for the pill, words for people, who, when, what the entry said then."""

    state: str
    words: str
    who: str
    at: datetime
    what: str
    reason: str
    sequence: int | None


def history_of(entry: HoursEntry) -> list[Step]:
    """Oldest first, beginning with the draft, which is not on the record. Three queries.

    What the entry said is told where it changed. The ledger keeps only a hash of a reason; the words of each
    are in the conversation.
    """
    acts = list(chain.entries_of(entry.apprentice.uid).filter(object=entry.uid))
    names = dict(User.objects.filter(uid__in={act.actor for act in acts}).values_list("uid", "name"))
    drafted = [Step("draft", "Written", entry.created_by.name, entry.created_at, "", "", None)]
    said = [
        entry.return_reason,
        entry.dispute_reason,
        *entry.comments.filter(returned=True).values_list("note", flat=True),
    ]
    reasons = {digest(words): words for words in said if words}
    begun = [] if _begins_on_record(acts) else drafted
    steps = [*begun, *(_step(act, names, reasons) for act in acts)]
    repeats = [step.what == before.what for before, step in pairwise(steps)]
    return [
        replace(step, what="") if again else step
        for step, again in zip(steps, [False, *repeats], strict=True)
    ]


def _begins_on_record(acts: list[Any]) -> bool:
    """Whether it never was a draft: a file, or somebody on the apprentice's behalf, wrote it."""
    return bool(acts) and acts[0].act in ("hours.import", "hours.attest", "hours.log_for", "hours.attend")


def _step(act: Any, names: Mapping[UUID, str], reasons: Mapping[str | None, str]) -> Step:
    state, words = WORDS.get(act.act, ("draft", act.act))
    facts = act.payload.content or {}
    return Step(
        state=state,
        words=words,
        who=_who(names.get(act.actor, "Somebody"), facts),
        at=act.at,
        what=_what(facts),
        reason=reasons.get(facts.get("reason_sha256"), ""),
        sequence=act.sequence,
    )


def _who(name: str, facts: Mapping[str, Any]) -> str:
    """The name, with the roles of somebody who held several: “Ivy Stone, coordinator and mentor”."""
    roles = facts.get("roles")
    return f"{name}, {' and '.join(roles)}" if roles else name


def _what(facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    function = facts.get("job_function")
    subject = facts.get("competency") or facts.get("course")
    subject = subject or (f"job function {function}" if function else "other supervised work")
    return f"{format_hours(facts['minutes'])} on {subject}, {day_words(date.fromisoformat(facts['date']))}"
