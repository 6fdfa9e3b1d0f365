"""Probation at the beginning of an apprenticeship, which the coordinator decides before it ends.

At most a quarter of the term and a year (29 CFR 29.5(b)(8)); within it either side may end the agreement
without stating a cause.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.dates import add_months, day_words
from accounts.models import Consent, User
from accounts.models.words import LongWords
from accounts.refusals import Conflict, Refusal
from apprenticeship.models.status import FINAL
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from apprenticeship.models.apprentices import Apprentice

ACT = "apprentice.probation"
MOST_MONTHS = 12
QUARTER = 4


class Outcome(models.TextChoices):
    PASSED = "passed", "Passed"
    EXTENDED = "extended", "Extended"


def most_months(term_months: int) -> int:
    """The most months of probation that a program of this term may state."""
    return min(MOST_MONTHS, term_months // QUARTER)


def most_minutes(term: int) -> int:
    """The most on-the-job training of a probation, of a term of so many minutes."""
    return term // QUARTER


def longest(apprentice: "Apprentice") -> date:
    """The last day that a probation may have: a quarter of the term, and a year, from the start."""
    start = apprentice.started_on
    end = apprentice.expected_end_on or add_months(start, apprentice.program.term_months)
    return min(add_months(start, MOST_MONTHS), start + timedelta(days=(end - start).days // QUARTER))


class ProbationDecisionManager(models.Manager["ProbationDecision"]):
    def decide(
        self,
        apprentice: "Apprentice",
        outcome: str,
        *,
        by: User,
        now: datetime,
        ends_on: date | None = None,
        reason: str = "",
    ) -> "ProbationDecision":
        """Record what was decided, in the apprentice's chain too; an extension moves the end to `ends_on`.

        Raises Refusal by field (`ends_on`, `reason`), Conflict when there is nothing (more) to decide,
        ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            apprentice.refresh_from_db(fields=["status", "probation_ends_on", "probation_minutes"])
            if not apprentice.has_probation or apprentice.status in FINAL or self._passed(apprentice):
                raise Conflict("There is no probation to decide any more.", code="probation_decided")
            if outcome == Outcome.EXTENDED:
                _check_extension(apprentice, ends_on, reason)
                apprentice.probation_ends_on = ends_on
                apprentice.save(update_fields=["probation_ends_on"])
                apprentice.record("apprentice.facts", by=by, now=now)
            row = self.create(
                apprentice=apprentice,
                outcome=outcome,
                ends_on=ends_on if outcome == Outcome.EXTENDED else None,
                reason=reason.strip(),
                by=by,
                at=now,
            )
            chain.tell(apprentice.uid, act=ACT, actor=by.uid, object=row.uid, at=now, payload=row.facts())
        return row

    def _passed(self, apprentice: "Apprentice") -> bool:
        return self.filter(apprentice=apprentice, outcome=Outcome.PASSED).exists()


def _check_extension(apprentice: "Apprentice", ends_on: date | None, reason: str) -> None:
    now_ends, most = apprentice.probation_ends_on, longest(apprentice)
    if ends_on is None or (now_ends and ends_on <= now_ends):
        after = f" after {day_words(now_ends)}" if now_ends else ""
        raise Refusal(f"Choose the new last day{after}.", code="ends_on", field="ends_on")
    if ends_on > most:
        raise Refusal(
            f"Probation lasts at most a quarter of the term, and a year: until {day_words(most)} "
            "(29 CFR 29.5(b)(8)).",
            code="too_long",
            field="ends_on",
        )
    if not reason.strip():
        raise Refusal("Say why, in a few words.", code="reason_required", field="reason")


class ProbationDecision(models.Model):
    """What the coordinator decided about a probation; rows are only ever added."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(
        "apprenticeship.Apprentice", on_delete=models.PROTECT, related_name="probation_decisions"
    )
    outcome = models.CharField(max_length=12, choices=Outcome)
    ends_on = models.DateField(null=True, blank=True)
    reason = LongWords(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ProbationDecisionManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["apprentice"], condition=Q(outcome=Outcome.PASSED), name="probation_passed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.apprentice}: probation {self.outcome}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this decision; its reason only as a hash."""
        return {
            "registration": str(self.apprentice.uid),
            "outcome": str(self.outcome),
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "reason_sha256": digest(self.reason),
        }
