"""The one table of what may happen to an hours entry, and who may make it happen."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models

from accounts.refusals import Conflict

UNDO_WINDOW = timedelta(minutes=1)


class State(models.TextChoices):
    """Where an entry stands. Drafts are not on the record; only approved entries count."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting"
    APPROVED = "approved", "Approved"
    RETURNED = "returned", "Returned"
    SUPERSEDED = "superseded", "Replaced"


UNREVIEWED = (State.DRAFT, State.RETURNED)
"""What the apprentice may still change."""


class InvalidTransition(Conflict):
    """The entry's state forbids this move; somebody may have been first."""


@dataclass(frozen=True)
class Move:
    """From which states to which, by whom (`owner`, `reviewer`), and whether a reason must be given.

    A move of a `file` is made of all of its entries, see HoursBatch; one without sources begins an entry.
    """

    sources: frozenset[str]
    target: str
    actor: str
    past: str
    needs_reason: bool = False


MOVES: dict[str, Move] = {
    "submit": Move(frozenset({State.DRAFT, State.RETURNED}), State.SUBMITTED, "owner", "submitted"),
    "recall": Move(frozenset({State.SUBMITTED}), State.DRAFT, "owner", "taken back"),
    "approve": Move(frozenset({State.SUBMITTED}), State.APPROVED, "reviewer", "approved"),
    "return": Move(frozenset({State.SUBMITTED}), State.RETURNED, "reviewer", "returned", needs_reason=True),
    "undo": Move(frozenset({State.APPROVED}), State.SUBMITTED, "reviewer", "put back in the queue"),
    "supersede": Move(frozenset({State.APPROVED}), State.SUPERSEDED, "correction", "replaced"),
    "dispute": Move(frozenset({State.SUBMITTED}), State.SUBMITTED, "owner", "disputed", needs_reason=True),
    "settle": Move(frozenset({State.SUBMITTED}), State.SUBMITTED, "owner", "agreed to"),
    "log_for": Move(frozenset(), State.SUBMITTED, "behalf", "logged on behalf"),
    "attend": Move(frozenset(), State.APPROVED, "behalf", "recorded in class"),
    "import": Move(frozenset(), State.SUBMITTED, "file", "imported"),
    "attest": Move(frozenset(), State.APPROVED, "file", "attested from paper"),
    "undo_import": Move(frozenset({State.SUBMITTED}), State.DRAFT, "file", "taken out with its file"),
}
