"""Legal holds: while one stands, nothing of what it names is disposed of or erased."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, Sponsor, User
from accounts.models.words import Words
from accounts.refusals import Conflict, Refusal
from apprenticeship.models.apprentices import Apprentice
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def everyone(self) -> "LegalHoldQuerySet":
        """All holds, for commands and acts that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "LegalHoldQuerySet":
        """Those of the sponsors that `user` coordinates or audits as a whole; never those on oneself."""
        administered = Sponsor.objects.administered_by(user).values("pk")
        return self.filter(sponsor__in=administered).exclude(apprentice__user=user.pk)

    def managed_by(self, user: "User | AnonymousUser") -> "LegalHoldQuerySet":
        """Those that `user` may lift."""
        return self.visible_to(user).filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def standing(self) -> "LegalHoldQuerySet":
        return self.filter(lifted_at=None)

    def over(self, apprentice: Apprentice) -> "LegalHoldQuerySet":
        """Those on this registration, and on everything of its sponsor."""
        return self.filter(Q(apprentice=apprentice) | Q(apprentice=None, sponsor=apprentice.program.sponsor))

    def place(
        self, sponsor: Sponsor, *, by: User, now: datetime, reason: str, apprentice: Apprentice | None = None
    ) -> "LegalHold":
        """Hold one registration of `sponsor`, or without one all of them, with an entry on the record.

        Raises Refusal without a reason, Conflict for a record that is disposed of, ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not reason.strip():
            raise Refusal("Say why nothing may be disposed of.", code="reason_required", field="reason")
        with transaction.atomic():
            Sponsor.objects.select_for_update().get(pk=sponsor.pk)
            if apprentice:
                User.objects.select_for_update().get(pk=apprentice.user_id)
                apprentice.refresh_from_db(fields=["disposed_at"])
                if apprentice.disposed_at:
                    raise Conflict("This record was disposed of. Nothing is left to hold.", code="disposed")
            hold = self.model(sponsor=sponsor, apprentice=apprentice, reason=reason.strip())
            hold.placed_by, hold.placed_at = by, now
            hold.save(force_insert=True)
            hold.tell("hold.place", by=by, now=now)
        return hold


class LegalHold(models.Model):
    """That the record of one registration, or every record of a sponsor, is kept until somebody lifts it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="holds")
    apprentice = models.ForeignKey(
        Apprentice,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="holds",
        help_text="Empty: every record of the sponsor.",
    )
    reason = Words(max_length=500)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = Words(max_length=500, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_why="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="hold_lifted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"Legal hold on {self.apprentice or self.sponsor}"

    @property
    def subject(self) -> uuid.UUID:
        """Whose chain tells of it: the registration's, or the sponsor's own."""
        return self.apprentice.uid if self.apprentice else self.sponsor.uid

    def lift(self, *, by: User, now: datetime, why: str) -> None:
        """End it, with the reason. Raises Refusal without one, Conflict when it was lifted, ConsentNeeded."""
        Consent.objects.demand(by)
        if not why.strip():
            raise Refusal("Say why it may go.", code="reason_required", field="reason")
        with transaction.atomic():
            Sponsor.objects.select_for_update().get(pk=self.sponsor_id)
            if self.apprentice:
                User.objects.select_for_update().get(pk=self.apprentice.user_id)
            said = {"lifted_by": by, "lifted_at": now, "lifted_why": why.strip()}
            if not LegalHold.objects.standing().filter(pk=self.pk).update(**said):
                raise Conflict("It was lifted a moment ago. Reload the page.", code="lifted")
            self.refresh_from_db()
            self.tell("hold.lift", by=by, now=now)

    def tell(self, act: str, *, by: User, now: datetime) -> None:
        """Write the hold as it is into the chain that tells of it. Call in the transaction of the act."""
        chain.tell(self.subject, act=act, actor=by.uid, object=self.uid, at=now, payload=self.facts())

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it; its reasons only as hashes."""
        return {
            "sponsor": str(self.sponsor.uid),
            "registration": str(self.apprentice.uid) if self.apprentice else None,
            "reason_sha256": digest(self.reason),
            "lifted_by": str(self.lifted_by.uid) if self.lifted_by else None,
            "lifted_why_sha256": digest(self.lifted_why),
        }
