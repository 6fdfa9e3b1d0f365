"""What a school says of the statements of a framework: which course teaches them, where they are learned."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Sponsor, User
from accounts.refusals import NotAllowed
from competencies.models.alignments import Alignment

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Place(models.TextChoices):
    CLASS = "class", "In class"
    JOB = "job", "On the job"
    BOTH = "both", "Both"


def _demand(by: User, sponsor: Sponsor) -> None:
    """Raise NotAllowed for whoever decides neither for the sponsor nor for the school."""
    if not Alignment.objects.side_of(by, sponsor):
        raise NotAllowed("Coordinators and instructors say what courses cover.", code="not_allowed")


class LessonQuerySet(models.QuerySet["Lesson"]):
    def visible_to(self, user: "User | AnonymousUser") -> "LessonQuerySet":
        """Those of sponsors where one works, teaches or learns."""
        return self.filter(sponsor__in=Sponsor.objects.visible_to(user).values("pk"))

    @transaction.atomic
    def teach(
        self,
        sponsor: Sponsor,
        course: UUID,
        taught: Collection[UUID],
        *,
        among: Collection[UUID],
        by: User,
        now: datetime,
    ) -> None:
        """Let the course teach these of the statements `among`, not the rest of them. Raises NotAllowed."""
        _demand(by, sponsor)
        here = self.filter(sponsor=sponsor, course=course, statement__in=among)
        here.exclude(statement__in=taught).delete()
        kept = set(here.values_list("statement", flat=True))
        self.bulk_create(
            self.model(sponsor=sponsor, course=course, statement=one, added_by=by, added_at=now)
            for one in among
            if one in taught and one not in kept
        )


class Lesson(models.Model):
    """That a course of a sponsor teaches a statement; both by lineage, so that versions keep it."""

    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="+")
    course = models.UUIDField(db_index=True)
    statement = models.UUIDField(db_index=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = LessonQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sponsor", "course", "statement"], name="lesson_once")]

    def __str__(self) -> str:
        return f"{self.course} teaches {self.statement}"


class TaughtQuerySet(models.QuerySet["Taught"]):
    def visible_to(self, user: "User | AnonymousUser") -> "TaughtQuerySet":
        """Those of sponsors where one works, teaches or learns."""
        return self.filter(sponsor__in=Sponsor.objects.visible_to(user).values("pk"))

    @transaction.atomic
    def say(self, sponsor: Sponsor, places: Mapping[UUID, str], *, by: User, now: datetime) -> None:
        """Say where each of these statements is learned; "" takes back what was said. Raises NotAllowed."""
        _demand(by, sponsor)
        before = dict(self.filter(sponsor=sponsor).values_list("statement", "place"))
        for statement, place in places.items():
            if before.get(statement, "") == place:
                continue
            self.filter(sponsor=sponsor, statement=statement).delete()
            if place:
                self.create(sponsor=sponsor, statement=statement, place=place, said_by=by, said_at=now)


class Taught(models.Model):
    """Where a statement is learned, as the school says: in class, on the job, or both."""

    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="+")
    statement = models.UUIDField(db_index=True)
    place = models.CharField(max_length=5, choices=Place)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    objects = TaughtQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "taught"
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "statement"], name="taught_once"),
            models.CheckConstraint(condition=Q(place__in=Place.values), name="taught_place"),
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.place}"
