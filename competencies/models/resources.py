"""The library: what can be read, watched or practised to learn a statement of a framework."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Sponsor, User
from accounts.models.people import check_printable
from accounts.refusals import Conflict
from competencies.models.alignments import decided_for_by
from competencies.models.framework import FrameworkStatement

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PINS = 5
"""So many resources of one statement stand above the others."""


class ResourceType(models.TextChoices):
    READING = "reading", "Reading"
    VIDEO = "video", "Video"
    COURSE = "course", "Course"
    EXERCISE = "exercise", "Exercise"
    TOOL = "tool", "Tool"
    OTHER = "other", "Other"


class ResourceQuerySet(models.QuerySet["LearningResource"]):
    def visible_to(self, user: "User | AnonymousUser") -> "ResourceQuerySet":
        """The public ones, and those of sponsors where one works, teaches or learns."""
        return self.filter(Q(sponsor=None) | Q(sponsor__in=Sponsor.objects.visible_to(user).values("pk")))

    def search(self, text: str) -> "ResourceQuerySet":
        """Those in whose title, provider or address every word of `text` occurs."""
        return self.filter(said_in(text))

    def teaching(self, statements: Iterable[UUID]) -> "ResourceQuerySet":
        """Those that somebody put beside one of these statements, by lineage."""
        return self.filter(
            Exists(Use.objects.filter(resource=OuterRef("pk"), statement__in=list(statements)))
        )

    def keep(
        self, sponsor: Sponsor, address: str, *, by: User, now: datetime, **facts: Any
    ) -> "LearningResource":
        """The resource of this address in the sponsor's library, new or with these facts from now on."""
        new = facts | {"added_by": by, "added_at": now}
        row, _ = self.update_or_create(sponsor=sponsor, address=address, defaults=facts, create_defaults=new)
        return row


def said_in(text: str) -> Q:
    """Resources in whose title, provider or address every word of `text` occurs."""
    found = Q()
    for word in text.split():
        found &= Q(title__icontains=word) | Q(provider__icontains=word) | Q(address__icontains=word)
    return found


class LearningResource(models.Model):
    """Something outside of this site that teaches, in the library of one sponsor or, without one, of all.

    `course` is the lineage of the registered course that it belongs to; then time spent on it can be sent
    to the instructor as related instruction.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(
        Sponsor, null=True, blank=True, on_delete=models.PROTECT, related_name="resources"
    )
    title = models.CharField(max_length=200, validators=[check_printable])
    address = models.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])
    provider = models.CharField(max_length=120, blank=True, validators=[check_printable])
    type = models.CharField(max_length=10, choices=ResourceType, default=ResourceType.READING)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    licence = models.CharField(max_length=80, blank=True, validators=[check_printable])
    language = models.CharField(max_length=20, default="en", validators=[check_printable])
    course = models.UUIDField(null=True, blank=True)
    added_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "address"], name="resource_once"),
            models.UniqueConstraint(
                fields=["address"], condition=Q(sponsor=None), name="resource_public_once"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="resource_has_title"),
            models.CheckConstraint(
                condition=Q(address__startswith="https://") | Q(address__startswith="http://"),
                name="resource_address_is_web",
            ),
            models.CheckConstraint(condition=Q(type__in=ResourceType.values), name="resource_type"),
        ]

    def __str__(self) -> str:
        return self.title

    def use_for(self, statement: FrameworkStatement) -> "Use":
        """Put it beside a statement, where it is not yet."""
        row, _ = Use.objects.get_or_create(resource=self, statement=statement.lineage)
        return row


def kept_by(user: "User | AnonymousUser") -> "models.QuerySet[Sponsor]":
    """Sponsors whose library `user` keeps: coordinators of the whole sponsor, and its instructors."""
    return decided_for_by(user)


class UseQuerySet(models.QuerySet["Use"]):
    def visible_to(self, user: "User | AnonymousUser") -> "UseQuerySet":
        """Those of resources that `user` may see."""
        return self.filter(resource__in=LearningResource.objects.visible_to(user).values("pk"))

    def in_order(self) -> "UseQuerySet":
        """What is pinned first, in the order of pinning, then by title. Counts sort, they never score."""
        return self.order_by(F("pinned_at").asc(nulls_last=True), "resource__title", "pk")


class Use(models.Model):
    """That a resource teaches a statement, by the statement's lineage; an instructor pins a few."""

    resource = models.ForeignKey(LearningResource, on_delete=models.CASCADE, related_name="uses")
    statement = models.UUIDField(db_index=True)
    pinned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pinned_at = models.DateTimeField(null=True, blank=True)

    objects = UseQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "uses"
        constraints = [
            models.UniqueConstraint(fields=["resource", "statement"], name="resource_use_once"),
            models.CheckConstraint(
                condition=Q(pinned_at=None, pinned_by=None)
                | Q(pinned_at__isnull=False, pinned_by__isnull=False),
                name="resource_pin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} for {self.statement}"

    @transaction.atomic
    def pin(self, *, by: User, now: datetime) -> None:
        """Let it stand above the others. Raises Conflict when PINS of the same library stand there."""
        # One after the other: whoever pins locks the library first.
        if self.resource.sponsor_id:
            Sponsor.objects.select_for_update().get(pk=self.resource.sponsor_id)
        pinned = Use.objects.filter(statement=self.statement, pinned_at__isnull=False)
        if pinned.filter(resource__sponsor=self.resource.sponsor_id).exclude(pk=self.pk).count() >= PINS:
            raise Conflict(
                f"{PINS} resources are pinned here. Take one down first.", code="pins", field="pin"
            )
        self.pinned_by, self.pinned_at = by, now
        self.save(update_fields=["pinned_by", "pinned_at"])

    def unpin(self) -> None:
        self.pinned_by = self.pinned_at = None
        self.save(update_fields=["pinned_by", "pinned_at"])


class DoneQuerySet(models.QuerySet["Done"]):
    def visible_to(self, user: "User | AnonymousUser") -> "DoneQuerySet":
        """One's own marks, which nobody else ever sees."""
        return self.filter(user=user) if isinstance(user, User) else self.none()

    def toggle(self, resource: LearningResource, *, by: User, now: datetime) -> bool:
        """Mark a resource as done, or take the mark away; whether it is marked now."""
        gone, _ = self.filter(resource=resource, user=by).delete()
        if not gone:
            self.create(resource=resource, user=by, done_at=now)
        return not gone


class Done(models.Model):
    """A person's private mark that they are through with a resource. It counts nowhere (decision 29)."""

    resource = models.ForeignKey(LearningResource, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    done_at = models.DateTimeField()

    objects = DoneQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "done"
        constraints = [models.UniqueConstraint(fields=["resource", "user"], name="resource_done_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource}"
