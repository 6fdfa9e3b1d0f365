"""Taking names and words out of records that need not be kept any more: asked for, proposed, confirmed."""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from accounts.models import Sponsor, User
from apprenticeship.models import Apprentice

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Decision(models.TextChoices):
    OPEN = "", "To be decided"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def everyone(self) -> "ErasureRequestQuerySet":
        """All requests, for acts that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ErasureRequestQuerySet":
        """One's own, and those made to the sponsors that `user` coordinates or audits as a whole."""
        administered = Sponsor.objects.administered_by(user).values("pk")
        return self.filter(Q(person=user.pk) | Q(sponsor__in=administered))

    def decidable_by(self, user: "User | AnonymousUser") -> "ErasureRequestQuerySet":
        """Open ones that `user` decides as coordinator; never one's own."""
        managed = Sponsor.objects.managed_by(user).values("pk")
        return self.filter(decision="", sponsor__in=managed).exclude(person=user.pk)


class ErasureRequest(models.Model):
    """That a person asks a sponsor to forget their name and their words, and what a coordinator decided."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="erasure_requests")
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="erasure_requests")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    words = models.CharField(
        max_length=290, blank=True, help_text="What was asked; where the letter is kept."
    )
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=290, blank=True, help_text="The reason, or the legal ground.")
    due_on = models.DateField(null=True, blank=True, help_text="Refused: when it can be granted.")

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "sponsor"], condition=Q(decision=""), name="erasure_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(why=""),
                name="erasure_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure asked for by {self.person}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it, in the person's own chain."""
        return {
            "sponsor": str(self.sponsor.uid),
            "decision": str(self.decision),
            "due_on": self.due_on.isoformat() if self.due_on else None,
        }


class DisposalState(models.TextChoices):
    OPEN = "open", "Waits for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    WITHDRAWN = "withdrawn", "Taken back"


class DisposalQuerySet(models.QuerySet["Disposal"]):
    def visible_to(self, user: "User | AnonymousUser") -> "DisposalQuerySet":
        """Those of the sponsors that `user` coordinates or audits as a whole."""
        return self.filter(sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "DisposalQuerySet":
        """Open ones that `user` may take back."""
        managed = Sponsor.objects.managed_by(user).values("pk")
        return self.open().filter(sponsor__in=managed)

    def confirmable_by(self, user: "User | AnonymousUser") -> "DisposalQuerySet":
        """Open ones that `user` may confirm: never who proposed it, and never about oneself."""
        own = Q(proposed_by=user.pk) | Q(people__user=user.pk) | Q(request__person=user.pk)
        return self.managed_by(user).exclude(pk__in=self.model._default_manager.filter(own).values("pk"))

    def open(self) -> "DisposalQuerySet":
        return self.filter(state=DisposalState.OPEN)


class Disposal(models.Model):
    """That names and words of some records are taken out: proposed by one, confirmed by another."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="disposals")
    request = models.ForeignKey(
        ErasureRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="disposals"
    )
    people = models.ManyToManyField(Apprentice, related_name="disposals")
    state = models.CharField(max_length=9, choices=DisposalState, default=DisposalState.OPEN)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DisposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", confirmed_at=None, confirmed_by=None, withdrawn_at=None)
                | Q(state="confirmed", confirmed_at__isnull=False, confirmed_by__isnull=False)
                & ~Q(confirmed_by=models.F("proposed_by"))
                | Q(state="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="disposal_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"Disposal proposed {self.proposed_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state == DisposalState.OPEN


class Certificate(models.Model):
    """What was taken out of one record, and what stays: the line of a disposal certificate."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="certificates")
    apprentice = models.OneToOneField(Apprentice, on_delete=models.PROTECT, related_name="certificate")
    entries = models.PositiveIntegerField(help_text="Entries of the record before.")
    head = models.CharField(max_length=64, help_text="The digest of the newest of them.")
    emptied = models.PositiveIntegerField(help_text="Entries whose words were emptied.")
    texts = models.PositiveIntegerField(help_text="Texts that were taken out of rows.")
    files = models.PositiveIntegerField(help_text="Files that were deleted.")
    ojt_minutes = models.PositiveIntegerField(help_text="Approved hours of work, which stay.")
    ri_minutes = models.PositiveIntegerField(help_text="Approved related instruction, which stays.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.apprentice}, {self.entries} entries"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it, in the chain of the registration."""
        numbers = ("entries", "head", "emptied", "texts", "files", "ojt_minutes", "ri_minutes")
        return {
            "disposal": str(self.disposal.uid),
            "proposed_by": str(self.disposal.proposed_by.uid),
            **{name: getattr(self, name) for name in numbers},
        }
