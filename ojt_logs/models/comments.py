"""What apprentice and reviewer say to each other about an entry; it stays with the entry for good."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.dates import short_day
from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.moves import State
from ojt_logs.models.notices import About, Notice
from ojt_logs.reviewers import reviewers_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST = 1000
ACT = "hours.comment"
"""The act of the ledger. Of a return the entry `hours.return` tells the same."""


class CommentQuerySet(models.QuerySet["Comment"]):
    def everyone(self) -> "CommentQuerySet":
        """All comments, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "CommentQuerySet":
        """Those on entries that one sees: what is said about an entry is read by whoever reads the entry."""
        return self.filter(entry__in=HoursEntry.objects.visible_to(user).values("pk"))

    def add(
        self, entry: HoursEntry, *, by: User, words: str, now: datetime, uid: uuid.UUID | None = None
    ) -> "Comment":
        """Say something about an entry, for good, and tell the others who talk about it.

        `uid` makes it once, however often it is sent. Raises NotAllowed for who neither logged nor reviews
        the entry, Refusal (`words`), Conflict where another comment has that `uid`, ConsentNeeded.
        """
        Consent.objects.demand(by)
        check_words(words)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=entry.apprentice.user_id)
            if uid and (same := self.filter(uid=uid, entry=entry, by=by).first()):
                return same
            check_may_comment(entry, by)
            if uid and self.filter(uid=uid).exists():
                raise Conflict("This id names another comment. Make a new one.", code="id_taken", field="id")
            row = self.model(uid=uid or uuid.uuid4(), entry=entry, by=by, note=words.strip(), at=now)
            row.save(force_insert=True)
            subject = entry.apprentice.uid
            chain.tell(subject, act=ACT, actor=by.uid, object=row.uid, at=now, payload=row.facts())
            row.tell(now=now)
        return row

    def of_return(
        self, entries: Iterable[HoursEntry], *, by: User, reason: str, now: datetime
    ) -> list["Comment"]:
        """The reason of a return as a part of the conversation. Call in the transaction of the return."""
        return Comment.objects.bulk_create(
            Comment(entry=entry, by=by, note=reason, at=now, returned=True) for entry in entries
        )


class Comment(models.Model):
    """One thing said about an hours entry, or the reason of its return. Rows are only ever added."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(HoursEntry, on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = Words(max_length=LONGEST)
    at = models.DateTimeField()
    returned = models.BooleanField(default=False, help_text="It was the reason of a return.")

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="comment_says_something")]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.by} about {self.entry}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it: about which entry, and only a hash of the words."""
        return {"entry": str(self.entry.uid), "note_sha256": digest(self.note)}

    @property
    def apprentice(self) -> Apprentice:
        return self.entry.apprentice

    def tell(self, *, now: datetime) -> None:
        """Tell the apprentice, or whoever reviews the entry and has spoken about it."""
        apprentice = self.entry.apprentice
        Notice.objects.tell(
            About.COMMENTED,
            self._others(now=now) if self.by_id == apprentice.user_id else [apprentice.user],
            words=f"{self.by} wrote about hours of {short_day(self.entry.date)}.",
            path=f"{reverse('hours-entry', args=[self.entry.uid])}#conversation",
            key=str(self.uid),
            by=self.by,
            apprentice=apprentice,
            now=now,
        )

    def _others(self, *, now: datetime) -> list[User]:
        lineage = self.entry.course.lineage if self.entry.course else None
        reviewers = reviewers_of([self.entry.apprentice_id], on=authority_day(now))
        return reviewers[self.entry.apprentice_id, lineage]


def check_words(words: str) -> None:
    if not words.strip():
        raise Refusal("Write something first.", code="words_required", field="words")
    if len(words.strip()) > LONGEST:
        raise Refusal(f"Keep it under {LONGEST} characters.", code="too_long", field="words")


def may_comment(entry: HoursEntry, person: User) -> bool:
    """Whether this person logged the entry or reviews it; nobody talks about drafts that were never sent."""
    if entry.status == State.DRAFT and not entry.submitted_at:
        return False
    if entry.apprentice.user_id == person.pk:
        return True
    return HoursEntry.objects.under_review_of(person).filter(pk=entry.pk).exists()


def check_may_comment(entry: HoursEntry, person: User) -> None:
    if not may_comment(entry, person):
        raise NotAllowed(
            "The apprentice and who reviews these hours talk about them here; others may read.",
            code="not_your_conversation",
        )
