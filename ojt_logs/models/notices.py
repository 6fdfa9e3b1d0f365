"""What people are told: one row a person and thing, so that each is told once, by mail and in their list."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from accounts.models.people import authority_day
from apprenticeship.models import Apprentice
from apprenticeship.models.status import Status
from ojt_logs.models.moves import UNDO_WINDOW
from ojt_logs.models.no_work import NoWorkPeriod

STALE = timedelta(days=1)
LATE = timedelta(days=8)
"""What could not be told for so long, at once or in one mail with others, is not told by mail any more."""

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
    ENDING = "ending", "Mentors' assignments"
    CHECKPOINTS = "checkpoints", "Checkpoints of your sponsor's records, to keep"


class How(models.TextChoices):
    """By which mail a person is told of a kind; the list shows all kinds at once in any case."""

    NOW = "now", "At once"
    DAILY = "daily", "In one mail a day"
    WEEKLY = "weekly", "In one mail on Mondays"
    OFF = "off", "Not by mail"


USUALLY = {About.APPROVED: How.OFF, About.CHECKPOINTS: How.OFF}
"""How who has chosen nothing is told; DAILY of what is not named."""
MONDAY = 0


class MailChoiceQuerySet(models.QuerySet["MailChoice"]):
    def of(self, person: User) -> dict[str, str]:
        """By which mail this person is told, of every kind."""
        chosen = dict(self.filter(person=person).values_list("about", "how"))
        return {about: chosen.get(about, USUALLY.get(About(about), How.DAILY)) for about in About.values}

    def choose(self, person: User, chosen: Mapping[str, str]) -> None:
        """Keep these choices, by kind."""
        for about, how in chosen.items():
            self.update_or_create(person=person, about=about, defaults={"how": how})


class MailChoice(models.Model):
    """How one person wants to be told of one kind by mail, where they have chosen."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_choices")
    about = models.CharField(max_length=16, choices=About)
    how = models.CharField(max_length=8, choices=How)

    objects = MailChoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "about"], name="one_choice_a_kind")]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_about_display()}: {self.get_how_display()}"


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

    def read(self, *, now: datetime) -> int:
        """Mark what is not read yet; says how many."""
        return self.unread().update(read_at=now)

    def due(self, *, since: datetime, now: datetime) -> "NoticeQuerySet":
        """What may go by mail, the oldest first; an approval once it cannot be undone any more.

        Nothing to who wants no mails or has left, and nothing about one's own registration while it is
        suspended or one has no work.
        """
        final = ~Q(about=About.APPROVED) | Q(at__lt=now - UNDO_WINDOW)
        off = NoWorkPeriod.objects.standing().within(authority_day(now), authority_day(now))
        on_leave = Q(Exists(off.filter(apprentice=OuterRef("apprentice"))))
        resting = Q(apprentice__user=F("person")) & (Q(apprentice__status=Status.SUSPENDED) | on_leave)
        told = self.filter(final, taken_at=None, at__gte=since, person__is_active=True, person__mails=True)
        return told.exclude(resting).order_by("at", "pk")

    def due_at_once(self, *, now: datetime) -> "NoticeQuerySet":
        """What its person wants to be told at once."""
        chosen = MailChoice.objects.filter(person=OuterRef("person"), about=OuterRef("about"), how=How.NOW)
        return self.due(since=now - STALE, now=now).filter(Exists(chosen))

    def due_today(self, person: User, *, now: datetime) -> "NoticeQuerySet":
        """What the one mail of today tells this person."""
        today = {How.DAILY, How.WEEKLY} if person.today(now).weekday() == MONDAY else {How.DAILY}
        kinds = [about for about, how in MailChoice.objects.of(person).items() if how in today]
        return self.due(since=now - LATE, now=now).filter(person=person, about__in=kinds)

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
