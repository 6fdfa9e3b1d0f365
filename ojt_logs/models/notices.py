"""What people are told by mail: one row a thing to tell, so that each is told once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.models.moves import UNDO_WINDOW

STALE = timedelta(days=1)
"""What could not be told for so long is not told by mail any more: the page has said it."""


KEPT = timedelta(days=7)
"""How long they stay, for whoever asks whether a mail went out."""


class About(models.TextChoices):
    RETURNED = "returned", "Hours returned"
    APPROVED = "approved", "Hours approved"
    SIGNED = "signed", "Standards signed"


def wanted(person: User, about: str) -> bool:
    """Whether this person wants mails about that."""
    return person.is_active and (person.mails_returned if about == About.RETURNED else person.mails_accepted)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def tell(self, about: str, apprentices: Iterable[Apprentice], *, by: User, now: datetime) -> None:
        """Note what `by` did to the records of these, who want to know. Call in the act's transaction."""
        people = {one.pk for one in apprentices if wanted(one.user, about)}
        self.bulk_create(
            [self.model(about=about, apprentice_id=pk, reviewer=by, at=now) for pk in sorted(people)],
            ignore_conflicts=True,
        )

    def due(self, *, now: datetime) -> "NoticeQuerySet":
        """What waits to be told, the oldest first; an approval once it cannot be undone any more."""
        final = ~Q(about=About.APPROVED) | Q(at__lt=now - UNDO_WINDOW)
        return self.filter(final, taken_at=None, at__gte=now - STALE).order_by("at", "pk")

    def outlived(self, *, now: datetime) -> "NoticeQuerySet":
        """What nobody asks for any more, told or not."""
        return self.filter(at__lt=now - KEPT)

    def take(self, pk: int, *, now: datetime) -> bool:
        """Whether it is the caller's to tell: of any number at once it is one's."""
        return bool(self.filter(pk=pk, taken_at=None).update(taken_at=now))


class Notice(models.Model):
    """That a reviewer did something to an apprentice's record, all of it with one press."""

    about = models.CharField(max_length=8, choices=About)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["about", "apprentice", "reviewer", "at"], name="told_once")
        ]
        indexes = [models.Index(fields=["at"], condition=Q(taken_at=None), name="to_tell")]

    def __str__(self) -> str:
        return f"{self.get_about_display()} by {self.reviewer}: {self.apprentice}"
