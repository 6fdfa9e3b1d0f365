"""What a coordinator decided about a wage step that was earned: rows are only ever added.

Wages increase progressively with the skill acquired (29 CFR 29.5(b)(5)). Approving late never moves the day
on which a step was earned; see ojt_logs.wages.
"""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, User
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ACT = "apprentice.wage_step"


class Verdict(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    UNDONE = "undone", "Undone"


class WageDecisionQuerySet(models.QuerySet["WageDecision"]):
    def visible_to(self, user: "User | AnonymousUser") -> "WageDecisionQuerySet":
        """Those of registrations that `user` may read: one's own and one's office's. Pay is no mentor's."""
        return self.filter(apprentice__in=Apprentice.objects.registration_visible_to(user))

    def decide(
        self,
        apprentice: Apprentice,
        step: int,
        verdict: str,
        *,
        earned_on: date | None,
        effective_on: date | None,
        by: User,
        now: datetime,
        reason: str = "",
    ) -> "WageDecision":
        """Write down a verdict on `step`, with its entry. The days are those that ojt_logs.wages found.

        Raises NotAllowed for anybody but a coordinator, and for oneself; Refusal for a step that is not
        earned or a decline without a reason; Conflict where the newest verdict says so already, or there is
        nothing to undo; ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not Apprentice.objects.decided_by(by).filter(pk=apprentice.pk).exists():
            raise NotAllowed("A coordinator decides about wage steps.", code="not_allowed")
        if verdict == Verdict.DECLINED and not reason.strip():
            raise Refusal("Say why, in a few words.", code="reason_required", field="reason")
        if earned_on is None and verdict != Verdict.UNDONE:
            raise Refusal(f"Wage step {step} is not earned yet.", code="not_earned")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            newest = self.filter(apprentice=apprentice, step=step).order_by("pk").last()
            stands = newest if newest and newest.verdict != Verdict.UNDONE else None
            if (stands is None) == (verdict == Verdict.UNDONE):
                done = f"{stands.get_verdict_display().lower()} already" if stands else "not decided"
                raise Conflict(f"Wage step {step} is {done}.", code="wage_step_decided")
            row = self.create(
                apprentice=apprentice,
                step=step,
                verdict=verdict,
                earned_on=stands.earned_on if stands else earned_on,
                effective_on=effective_on if verdict == Verdict.CONFIRMED else None,
                reason=reason.strip(),
                by=by,
                at=now,
            )
            chain.tell(apprentice.uid, act=ACT, actor=by.uid, object=row.uid, at=now, payload=row.facts())
        return row


class WageDecision(models.Model):
    """A verdict on one step; the newest of a step holds, and “undone” takes the one before it back."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="wage_decisions")
    step = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    earned_on = models.DateField()
    effective_on = models.DateField(null=True, blank=True)
    reason = Words(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = WageDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="confirmed") | Q(effective_on__isnull=False),
                name="wage_confirmed_from",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="declined") | ~Q(reason=""), name="wage_declined_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.apprentice}: wage step {self.step} {self.verdict}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this decision; its reason only as a hash."""
        return {
            "registration": str(self.apprentice.uid),
            "step": self.step,
            "verdict": str(self.verdict),
            "earned_on": self.earned_on.isoformat(),
            "effective_on": self.effective_on.isoformat() if self.effective_on else None,
            "reason_sha256": digest(self.reason),
        }
