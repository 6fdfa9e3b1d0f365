"""What people are told: one row a person and thing, so that each is told once, by mail and in their list."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.models.moves import UNDO_WINDOW

STALE = timedelta(days=1)
"""What could not be told for so long is not told by mail any more: the page has said it."""


KEPT = timedelta(days=90)
"""How long they stay in a person's list."""


class About(models.TextChoices):
    RETURNED = "returned", "Hours returned"
    APPROVED = "approved", "Hours approved"
    ASKED = "asked", "A sign-off requested"
    SIGNED = "signed", "Standards signed, or a request answered"
    ATTESTED = "attested", "An attestation link used"
    COMMENTED = "commented", "Comments on hours"
    PERIOD = "period", "Hours not submitted"
    WAITING = "waiting", "Hours that wait for review"
    RAISE = "raise", "A raise that is due"
    ENDING = "ending", "A mentor's assignment that ends"


def wanted(person: User, about: str) -> bool:
    """Whether this person wants mails about that."""
    return person.is_active and (person.mails_returned if about == About.RETURNED else person.mails_accepted)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        """One's own, also of a person who reads everything else."""
        return self.filter(person=user)

    def tell(
        self,
        about: str,
        people: Iterable[User],
        *,
        words: str,
        path: str,
        now: datetime,
        key: str = "",
        by: User | None = None,
        apprentice: Apprentice | None = None,
    ) -> None:
        """Tell each of `people`, but not `by`, who did it. Call in the act's transaction.

        `words` is a whole sentence that names nobody's work in detail and no reason, since it may go by mail;
        `path` is where it is read and mended (`reverse`). `key` says what it is about: with the same `about`
        and `key` a person is told once, however often this runs; without one every act is a thing of its own.
        `apprentice` is whose record it concerns: nobody is mailed about their own while it is suspended.
        """
        key = key or f"{apprentice.pk if apprentice else ''} {by.pk if by else ''} {now.isoformat()}"
        rows = {
            person.pk: self.model(
                about=about,
                person=person,
                by=by,
                apprentice=apprentice,
                words=words,
                path=path,
                key=key,
                at=now,
            )
            for person in people
            if person.is_active and person != by
        }
        self.bulk_create([rows[pk] for pk in sorted(rows)], ignore_conflicts=True)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

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
    """A sentence for one person about something that was done or is due, with where to go for it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    about = models.CharField(max_length=16, choices=About)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    apprentice = models.ForeignKey(
        Apprentice, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300)
    path = models.CharField(max_length=300)
    key = models.CharField(max_length=100)
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When a worker took it for a mail.")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "about", "key"], name="told_once")]
        indexes = [
            models.Index(fields=["at"], condition=Q(taken_at=None), name="to_tell"),
            models.Index(fields=["person", "-at"], name="told_to"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="not_read"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.words}"
