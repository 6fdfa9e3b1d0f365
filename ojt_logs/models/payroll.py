"""What was paid, as a payroll file says it, and why it differs from what was logged."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Consent, Sponsor, User
from accounts.models.words import Words
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.lines import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST = 500
"""Characters of an explanation."""


class PayrollFile(models.Model):
    """One payroll file that somebody read in, with its fingerprint; the file itself is not kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["sponsor", "sha256"], name="payroll_file_once")]

    def __str__(self) -> str:
        return self.file_name


class PaidHoursQuerySet(models.QuerySet["PaidHours"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PaidHoursQuerySet":
        """Of the sponsors that `user` coordinates or audits as a whole: nobody else reads a payroll."""
        return self.filter(file__sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "PaidHoursQuerySet":
        """Those that `user` may explain."""
        return self.filter(file__sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def current(self) -> "PaidHoursQuerySet":
        """Of each apprentice and period, what the newest file says."""
        later = PaidHours.objects.filter(
            apprentice=OuterRef("apprentice"),
            starts_on=OuterRef("starts_on"),
            ends_on=OuterRef("ends_on"),
            pk__gt=OuterRef("pk"),
        )
        return self.filter(~Exists(later))

    def against_logged(self) -> "PaidHoursQuerySet":
        """Each with `approved` and `waiting` minutes of work logged in the period, their `difference` to
        what was paid (logged less paid), and the newest `explanation`."""
        told = PayrollExplanation.objects.filter(
            apprentice=OuterRef("apprentice"), starts_on=OuterRef("starts_on"), ends_on=OuterRef("ends_on")
        ).order_by("-pk")
        return self.annotate(
            approved=_logged("approved"),
            waiting=_logged("submitted"),
            explanation=Subquery(told.values("text")[:1]),
            explained_by=Subquery(told.values("by__name")[:1]),
            explained_at=Subquery(told.values("at")[:1]),
            explained_difference=Subquery(told.values("difference")[:1]),
        ).annotate(difference=F("approved") + F("waiting") - F("minutes"))


def _logged(status: str) -> Coalesce:
    entries = HoursEntry.objects.filter(
        apprentice=OuterRef("apprentice"),
        kind=Kind.OJT,
        status=status,
        date__gte=OuterRef("starts_on"),
        date__lte=OuterRef("ends_on"),
    )
    total = entries.order_by().values("apprentice").annotate(total=Sum("minutes")).values("total")
    return Coalesce(Subquery(total, output_field=models.IntegerField()), 0)


class PaidHours(models.Model):
    """Minutes that one apprentice was paid for work in one pay period, by one file."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(PayrollFile, on_delete=models.PROTECT, related_name="paid")
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="paid_hours")
    starts_on = models.DateField()
    ends_on = models.DateField()
    minutes = models.PositiveIntegerField()

    objects = PaidHoursQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "paid hours"
        constraints = [
            models.UniqueConstraint(
                fields=["file", "apprentice", "starts_on", "ends_on"], name="paid_once_a_period"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="paid_period_dates"),
        ]
        indexes = [models.Index(fields=["apprentice", "starts_on", "ends_on"], name="paid_by_period")]

    def __str__(self) -> str:
        return f"{self.apprentice} {self.starts_on} to {self.ends_on}: {self.minutes} min"

    @property
    def explanations(self) -> "models.QuerySet[PayrollExplanation]":
        """What was said of this difference, the newest first."""
        return PayrollExplanation.objects.filter(
            apprentice=self.apprentice_id, starts_on=self.starts_on, ends_on=self.ends_on
        ).select_related("by")

    def explain(self, text: str, *, by: User, now: datetime) -> "PayrollExplanation":
        """Say why paid and logged differ; what was said before stays. Raises ConsentNeeded, and Refusal
        without words."""
        Consent.objects.demand(by)
        if not text.strip():
            raise Refusal("Say why they differ, in a few words.", code="reason_required", field="text")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            row = PaidHours.objects.filter(pk=self.pk).against_logged().get()
            return PayrollExplanation.objects.create(
                apprentice=self.apprentice,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                difference=getattr(row, "difference"),  # noqa: B009  an annotation
                text=text.strip()[:LONGEST],
                by=by,
                at=now,
            )


class PayrollExplanation(models.Model):
    """Why paid and logged hours of a period differ, with the difference (minutes) as it was then."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    difference = models.IntegerField()
    text = Words(max_length=LONGEST)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="payroll_explained")]
        indexes = [
            models.Index(fields=["apprentice", "starts_on", "ends_on"], name="payroll_explained_period")
        ]

    def __str__(self) -> str:
        return f"{self.apprentice} {self.starts_on}: {self.text}"
