"""The periodic review and evaluation of an apprentice's progress (29 CFR 29.5(b)(6)): signed and answered."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.dates import day_words
from accounts.models import Consent, User
from accounts.models.people import Role
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.notices import About, Notice
from ojt_logs.models.ratings import Authentication, check_dates, check_signer
from ojt_logs.models.signers import Signed, signer_facts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST = 1000
"""Characters of each part."""


class Step(models.TextChoices):
    """What the review says of the wage step. It names no pay: a mentor never sees it."""

    NONE = "none", "No step is due"
    READY = "ready", "Ready for the next step"
    STAYS = "stays", "Not ready for the next step yet"


PARTS: Mapping[str, str] = {
    "progress": "Progress on the job",
    "conduct": "Conduct and attendance",
    "safety": "Safety",
    "instruction": "Related instruction",
    "aims": "Aims until the next review",
}
"""What a review speaks of, in its order."""


@dataclass(frozen=True)
class Said:
    """The words of a review, a part each."""

    progress: str
    conduct: str
    safety: str
    instruction: str
    aims: str

    def check(self) -> None:
        """Raise Refusal, by field, for a part that says nothing or too much."""
        for name, words in asdict(self).items():
            if not words.strip():
                raise Refusal(
                    f"Write something about “{PARTS[name]}”, if only that there is nothing to say.",
                    code="required",
                    field=name,
                )
            if len(words.strip()) > LONGEST:
                raise Refusal(f"Keep it under {LONGEST} characters.", code="too_long", field=name)


class PeriodicReviewQuerySet(models.QuerySet["PeriodicReview"]):
    def everyone(self) -> "PeriodicReviewQuerySet":
        """All reviews, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "PeriodicReviewQuerySet":
        """Those on every record that `user` may read."""
        return self.filter(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))

    def answerable_by(self, user: "User | AnonymousUser") -> "PeriodicReviewQuerySet":
        """Those about oneself that one has not answered."""
        return self.filter(apprentice__user=user, answer=None) if isinstance(user, User) else self.none()

    def sign(
        self,
        apprentice: Apprentice,
        *,
        by: User,
        now: datetime,
        authentication: Authentication,
        held_on: date,
        said: Said,
        step: str,
        figures: dict[str, Any],
    ) -> "PeriodicReview":
        """Sign a review of the time since the one before, with its entry. `figures` stood beside it.

        Raises NotAllowed unless `by` was the assigned mentor on the day, for oneself and for a stale
        authentication; Refusal by field; Conflict where one of that day or a later one stands; ConsentNeeded.
        """
        Consent.objects.demand(by)
        authentication.check(now=now)
        said.check()
        if step not in Step.values:
            raise Refusal("Say whether a step is due.", code="step", field="step")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            _check_day(apprentice, by=by, now=now, held_on=held_on)
            before = self.filter(apprentice=apprentice).order_by("-held_on").first()
            if before and before.held_on >= held_on:
                raise Conflict(
                    f"A review was held on {day_words(before.held_on)} already. Choose a later day.",
                    code="held_already",
                    field="held_on",
                )
            row = self.create(
                apprentice=apprentice,
                since=before.held_on if before else apprentice.started_on,
                held_on=held_on,
                step=step,
                figures=figures,
                **{name: words.strip() for name, words in asdict(said).items()},
                **signer_facts(by, apprentice, role=Role.MENTOR, now=now, authentication=authentication),
            )
            row.record()
            Notice.objects.tell(
                About.SIGNED,
                [apprentice.user],
                words=f"{by} signed a periodic review of yours. Read it and answer.",
                path=reverse("periodic-review", args=[row.uid]),
                key=str(row.uid),
                by=by,
                apprentice=apprentice,
                now=now,
            )
        return row


def _check_day(apprentice: Apprentice, *, by: User, now: datetime, held_on: date) -> None:
    """As for a sign-off, with the refusal beside the day."""
    try:
        check_signer(apprentice, by=by, first=held_on, last=held_on)
        check_dates(apprentice, by=by, now=now, first=held_on, last=held_on)
    except Refusal as refusal:
        refusal.field = "held_on" if refusal.field else refusal.field
        raise


class PeriodicReview(Signed):
    """What a mentor and an apprentice spoke of on a day, as the mentor signed it. Rows are only added."""

    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="periodic_reviews")
    since = models.DateField(help_text="The day of the review before, or of the start.")
    held_on = models.DateField()
    progress = Words(max_length=LONGEST)
    conduct = Words(max_length=LONGEST)
    safety = Words(max_length=LONGEST)
    instruction = Words(max_length=LONGEST)
    aims = Words(max_length=LONGEST)
    step = models.CharField(max_length=6, choices=Step)
    figures = models.JSONField(help_text="What stood beside it when it was signed.")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PeriodicReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["apprentice", "held_on"], name="review_once_a_day"),
            models.CheckConstraint(condition=Q(held_on__gte=models.F("since")), name="review_dates"),
        ]

    def __str__(self) -> str:
        return f"review of {self.apprentice} on {day_words(self.held_on)}"

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """By what it is reported, title and words of each part."""
        return [(f"review_{name}", title, getattr(self, name)) for name, title in PARTS.items()]

    def record(self) -> None:
        """Write it into the apprentice's chain. Must run in a transaction."""
        chain.tell(
            self.apprentice.uid,
            act="periodic_review.sign",
            actor=self.signer.uid,
            object=self.uid,
            at=self.signed_at,
            payload=self.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this review; its words only as hashes."""
        return {
            "since": self.since.isoformat(),
            "held_on": self.held_on.isoformat(),
            **{f"{name}_sha256": digest(getattr(self, name)) for name in PARTS},
            "step": str(self.step),
            "figures": self.figures,
            **self.signed_facts(),
        }

    def respond(self, *, by: User, now: datetime, agrees: bool, words: str = "") -> "ReviewAnswer":
        """The apprentice acknowledges it, or disagrees in writing; once.

        Raises NotAllowed for anybody else, Refusal for a disagreement without words, Conflict, ConsentNeeded.
        """
        if by.pk != self.apprentice.user_id:
            raise NotAllowed("A review is answered by the apprentice.", code="not_yours")
        if not agrees and not words.strip():
            raise Refusal("Say what you see differently.", code="reason_required", field="words")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            if ReviewAnswer.objects.filter(review=self).exists():
                raise Conflict("You have answered this review already.", code="answered_already")
            row = ReviewAnswer.objects.create(
                review=self, by=by, agrees=agrees, words=words.strip(), at=now, time_zone=by.time_zone
            )
            chain.tell(
                self.apprentice.uid,
                act="periodic_review.answer",
                actor=by.uid,
                object=row.uid,
                at=now,
                payload=row.facts(),
            )
        return row


class ReviewAnswer(models.Model):
    """That the apprentice has read a review and acknowledges it, or disagrees and why."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.OneToOneField(PeriodicReview, on_delete=models.PROTECT, related_name="answer")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    words = Words(max_length=LONGEST, blank=True)
    at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(words=""), name="review_disagreed_why")
        ]

    def __str__(self) -> str:
        return f"{'acknowledged' if self.agrees else 'disagreed'} by {self.by}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of the answer; its words only as a hash."""
        return {
            "review": str(self.review.uid),
            "agrees": self.agrees,
            "words_sha256": digest(self.words),
            "at": self.at.astimezone(UTC).isoformat(),
            "time_zone": self.time_zone,
        }
