"""What a framework's statements have to do with what a schedule asks: the crosswalk, kept across versions."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Membership, Sponsor, User
from accounts.models.people import Role, authority_day
from accounts.refusals import NotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class AlignmentKind(models.TextChoices):
    """What the target (competency, topic, cross-cutting competency) is beside the statement."""

    EXACT = "exact", "Exact: asks the same"
    CLOSE = "close", "Close: asks nearly the same"
    BROADER = "broader", "Broader: asks more than the statement"
    NARROWER = "narrower", "Narrower: asks a part of the statement"
    RELATED = "related", "Related: touches the same matter"


class AlignmentStatus(models.TextChoices):
    SUGGESTED = "suggested", "Suggested"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class TargetKind(models.TextChoices):
    COMPETENCY = "competency", "Competency"
    TOPIC = "topic", "Related instruction"
    CROSS_CUTTING = "cross_cutting", "Cross-cutting competency"


class Side(models.TextChoices):
    """In whose name a person decides: the sponsor that trains, or the school that teaches."""

    SPONSOR = "sponsor", "the sponsor"
    SCHOOL = "school", "the school"


@dataclass(frozen=True)
class Link:
    """A statement and what it may be aligned to, by lineage."""

    statement: UUID
    target_kind: str
    target: UUID


def taught_by(user: "User | AnonymousUser") -> models.QuerySet[Sponsor]:
    """Sponsors at which `user` is an instructor today."""
    if not isinstance(user, User):
        return Sponsor.objects.none()
    held = Membership.objects.active(on=authority_day(timezone.now())).filter(user=user, role=Role.INSTRUCTOR)
    return Sponsor.objects.filter(pk__in=held.values("sponsor"))


def decided_for_by(user: "User | AnonymousUser") -> models.QuerySet[Sponsor]:
    """Sponsors at which `user` decides for one side, by name."""
    ours, theirs = Sponsor.objects.managed_by(user).values("pk"), taught_by(user).values("pk")
    return Sponsor.objects.filter(Q(pk__in=ours) | Q(pk__in=theirs)).order_by("name")


class AlignmentQuerySet(models.QuerySet["Alignment"]):
    def visible_to(self, user: "User | AnonymousUser") -> "AlignmentQuerySet":
        """Suggestions, which everybody may read, and the decisions of one's own sponsors.

        A suggestion names lineages alone: whoever may not see the schedule learns nothing from it.
        """
        return self.filter(Q(sponsor=None) | Q(sponsor__in=Sponsor.objects.visible_to(user).values("pk")))

    def holding(self, sponsor: int) -> "AlignmentQuerySet":
        """What one side of the sponsor (its key) confirmed and the other did not reject."""
        against = Alignment.objects.filter(
            sponsor=sponsor,
            statement=OuterRef("statement"),
            target=OuterRef("target"),
            status=AlignmentStatus.REJECTED,
        )
        return self.filter(~Exists(against), sponsor=sponsor, status=AlignmentStatus.CONFIRMED)

    def side_of(self, user: "User | AnonymousUser", sponsor: Sponsor | None) -> str:
        """In whose name `user` may decide at `sponsor`; "" for who may only read.

        Coordinators of the whole sponsor decide for the sponsor, its instructors for the school.
        """
        if sponsor is None:
            return ""
        if Sponsor.objects.managed_by(user).filter(pk=sponsor.pk).exists():
            return Side.SPONSOR
        return Side.SCHOOL if taught_by(user).filter(pk=sponsor.pk).exists() else ""

    @transaction.atomic
    def decide(
        self, link: Link, *, sponsor: Sponsor | None, status: str, kind: str, by: User, now: datetime
    ) -> "Alignment":
        """Confirm or reject `link` in the name of one's side of `sponsor`; the last word of a side holds.

        Raises NotAllowed for whoever decides for neither side.
        """
        side = self.side_of(by, sponsor)
        if not side:
            raise NotAllowed(
                "Coordinators confirm for their sponsor, instructors for the school.", code="not_allowed"
            )
        facts = {"status": status, "kind": kind, "decided_by": by, "decided_at": now}
        row, _ = self.update_or_create(
            statement=link.statement,
            target=link.target,
            sponsor=sponsor,
            side=side,
            defaults={"target_kind": link.target_kind, **facts},
        )
        return row


class Alignment(models.Model):
    """That a statement of a framework and a part of a work process schedule ask something in common.

    Statement and target are named by lineage, so that a new version of either document keeps what was said
    about what it left unchanged. A row without a sponsor is a suggestion of the matcher, with its `score` (0
    to 1); the others are decisions, one a side of a sponsor. An alignment informs: what was signed, logged or
    passed on one end never counts on the other.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.UUIDField(db_index=True, help_text="Lineage of the framework's statement or heading.")
    target = models.UUIDField(db_index=True, help_text="Lineage of what the schedule asks.")
    target_kind = models.CharField(max_length=16, choices=TargetKind)
    kind = models.CharField(max_length=10, choices=AlignmentKind)
    status = models.CharField(max_length=10, choices=AlignmentStatus)
    score = models.FloatField(null=True, blank=True)
    confident = models.BooleanField(default=False, help_text="Alike, and each the other's best.")
    sponsor = models.ForeignKey(
        Sponsor, null=True, blank=True, on_delete=models.PROTECT, related_name="alignments"
    )
    side = models.CharField(max_length=8, choices=Side, blank=True)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="alignments_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AlignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "target"], condition=Q(sponsor=None), name="alignment_suggested_once"
            ),
            models.UniqueConstraint(
                fields=["statement", "target", "sponsor", "side"], name="alignment_decided_once"
            ),
            models.CheckConstraint(
                condition=Q(sponsor=None, side="", status=AlignmentStatus.SUGGESTED, decided_by=None)
                | Q(
                    sponsor__isnull=False,
                    side__in=Side.values,
                    status__in=(AlignmentStatus.CONFIRMED, AlignmentStatus.REJECTED),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="alignment_suggested_or_decided",
            ),
            models.CheckConstraint(condition=Q(kind__in=AlignmentKind.values), name="alignment_kind"),
            models.CheckConstraint(condition=Q(target_kind__in=TargetKind.values), name="alignment_target"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=1), name="alignment_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.kind} {self.target}"
