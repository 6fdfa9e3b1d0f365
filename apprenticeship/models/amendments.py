"""Another version of the schedule for somebody who is registered already: proposed, and acknowledged."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.dates import day_words
from accounts.models import Consent, Sponsor, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models.apprentices import Apprentice
from apprenticeship.models.programs import plain
from apprenticeship.models.status import FINAL
from competencies.models import WorkProcessSchedule
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ACT = "apprentice.amendment"
"""The act of the ledger: an amendment as it stands from now on."""


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def visible_to(self, user: "User | AnonymousUser") -> "AmendmentQuerySet":
        """Those of registrations that `user` may read: one's own, and one's office's."""
        return self.filter(apprentice__in=Apprentice.objects.registration_visible_to(user))

    def open(self) -> "AmendmentQuerySet":
        """Neither acknowledged nor withdrawn."""
        return self.filter(acknowledged_at=None, withdrawn_at=None)

    def propose(
        self,
        apprentice: Apprentice,
        after: WorkProcessSchedule,
        *,
        effective_on: date,
        by: User,
        now: datetime,
    ) -> "Amendment":
        """Propose that `apprentice` learns by the version `after` from `effective_on`, with its entry.

        Nothing changes until the apprentice acknowledges. Raises Refusal by field (`schedule`,
        `effective_on`), Conflict where one is open already or the registration has ended, ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            _check_going(apprentice)
            if self.open().filter(apprentice=apprentice).exists():
                raise Conflict(
                    f"{apprentice} has not answered an earlier amendment yet. Withdraw it first.",
                    code="amendment_open",
                )
            _check_other(apprentice, after)
            _check_day(apprentice, after, effective_on, now=now)
            row = self.create(
                apprentice=apprentice,
                before=apprentice.schedule,
                after=after,
                effective_on=effective_on,
                proposed_by=by,
                proposed_at=now,
            )
            row.record(by=by, now=now)
        return row


def _check_going(apprentice: Apprentice) -> None:
    """Read the registration anew, under its lock. Raises Conflict where it has ended."""
    apprentice.refresh_from_db(fields=["schedule", "status"])
    if apprentice.status in FINAL:
        raise Conflict(f"The registration of {apprentice} has ended.", code="ended")


def check_version(before: WorkProcessSchedule, after: WorkProcessSchedule, *, sponsor: Sponsor) -> None:
    """Raise Refusal unless whoever learns by `before` at `sponsor` may change to `after` now."""
    if not WorkProcessSchedule.objects.replacing(before, sponsor=sponsor).filter(pk=after.pk).exists():
        raise Refusal(
            "Choose a published or approved version of the same schedule. "
            "One that is completed in another way needs a program of its own.",
            code="schedule",
            field="schedule",
        )


def _check_other(apprentice: Apprentice, after: WorkProcessSchedule) -> None:
    check_version(apprentice.schedule, after, sponsor=apprentice.program.sponsor)
    if after.pk == apprentice.schedule_id:
        raise Refusal(
            f"{apprentice} learns by this version already. Choose another one of the same schedule.",
            code="schedule",
            field="schedule",
        )


def _check_day(apprentice: Apprentice, after: WorkProcessSchedule, day: date, *, now: datetime) -> None:
    first = max(apprentice.started_on, after.approved_on or apprentice.started_on)
    last = authority_day(now)
    if apprentice.started_on > last:
        raise Refusal(
            f"{apprentice} begins on {day_words(apprentice.started_on)}. Ask without them now, "
            "and them from that day on.",
            code="not_begun",
            field="effective_on",
        )
    if not first <= day <= last:
        approved = after.approved_on == first
        why = "the day of the approval" if approved else f"the first day of {apprentice}"
        raise Refusal(
            f"Choose a day from {day_words(first)}, {why}, to {day_words(last)}.",
            code="effective_on",
            field="effective_on",
        )


class Amendment(models.Model):
    """One apprentice's change to another version of the schedule.

    It binds nobody before the apprentice acknowledges it (`acknowledged_at`); until then the sponsor may
    withdraw it. `effective_on` is the day that both sides name.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(
        "apprenticeship.Apprentice", on_delete=models.PROTECT, related_name="amendments"
    )
    before = models.ForeignKey(WorkProcessSchedule, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(WorkProcessSchedule, on_delete=models.PROTECT, related_name="amendments_to_it")
    effective_on = models.DateField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["apprentice"],
                condition=Q(acknowledged_at=None, withdrawn_at=None),
                name="amendment_open_once",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(withdrawn_at=None), name="amendment_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.apprentice} to version {self.after.version}"

    def withdraw(self, *, by: User | None, now: datetime) -> None:
        """Take a proposal back. Raises Conflict where it was answered, ConsentNeeded."""
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            self._close("withdrawn_at", by=by, now=now)

    def acknowledge(self, *, by: User, now: datetime) -> None:
        """The apprentice agrees. Must run in the transaction that moves the registration.

        Raises NotAllowed for anybody else; Conflict where it was answered or withdrawn, the registration
        has ended or the version is no longer in force; ConsentNeeded.
        """
        if by.pk != self.apprentice.user_id:
            raise NotAllowed("An amendment is acknowledged by the apprentice.", code="not_yours")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            self._close("acknowledged_at", by=by, now=now)
            self._check_still()

    def _check_still(self) -> None:
        """Raise Conflict where the registration has ended since, or the version is in force no more."""
        _check_going(self.apprentice)
        try:
            _check_other(self.apprentice, self.after)
        except Refusal as refusal:
            raise Conflict(
                f"Version {self.after.version} is no longer in force. "
                "Ask your coordinator to take this amendment back.",
                code="not_in_force",
            ) from refusal

    def _close(self, column: str, *, by: User | None, now: datetime) -> None:
        """Answer or withdraw it, with its entry. Call under the lock of the person."""
        if not Amendment.objects.open().filter(pk=self.pk).update(**{column: now}):
            raise Conflict("This amendment was answered or withdrawn already.", code="amendment_closed")
        self.refresh_from_db(fields=[column])  # the moment as it is stored, which the record is compared with
        self.record(by=by, now=now)

    def record(self, *, by: User | None, now: datetime) -> None:
        """Write the amendment as it stands into the apprentice's chain. Must run in a transaction."""
        chain.tell(
            self.apprentice.uid,
            act=ACT,
            actor=by.uid if by else None,
            object=self.uid,
            at=now,
            payload=self.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this amendment."""
        return {
            "registration": str(self.apprentice.uid),
            "before": str(self.before.uid),
            "after": str(self.after.uid),
            "content": self.after.content_hash,
            "effective_on": self.effective_on.isoformat(),
            "acknowledged_at": plain(self.acknowledged_at),
            "withdrawn_at": plain(self.withdrawn_at),
        }
