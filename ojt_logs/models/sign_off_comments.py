"""What an apprentice says to a signature on their own record: rows are only ever added."""

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, User
from accounts.models.words import Words
from accounts.refusals import NotAllowed, Refusal
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.sign_offs import SignOff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ACT = "sign_off_comment.add"
LONGEST = 1000
"""Characters."""


class SignOffCommentQuerySet(models.QuerySet["SignOffComment"]):
    def everyone(self) -> "SignOffCommentQuerySet":
        """All comments, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "SignOffCommentQuerySet":
        """Those to signatures that `user` may read."""
        return self.filter(sign_off__in=SignOff.objects.visible_to(user).values("pk"))

    def add(self, sign_off: SignOff, *, by: User, now: datetime, text: str) -> "SignOffComment":
        """Put the apprentice's words beside a signature, with an entry that holds their hash.

        Raises NotAllowed for anybody else, Refusal without words, ConsentNeeded.
        """
        if sign_off.apprentice.user_id != by.pk:
            raise NotAllowed("Only the apprentice comments on a sign-off.", code="not_yours")
        if not text.strip():
            raise Refusal("Write what you want to say.", code="text_required", field="text")
        if len(text.strip()) > LONGEST:
            raise Refusal(f"Keep it under {LONGEST} characters.", code="too_long", field="text")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            row = self.create(sign_off=sign_off, by=by, text=text.strip(), at=now, time_zone=by.time_zone)
            chain.tell(
                sign_off.apprentice.uid,
                act=ACT,
                actor=by.uid,
                object=row.uid,
                at=now,
                payload=row.facts(),
            )
        return row


class SignOffComment(models.Model):
    """A sentence of the apprentice that stands beside a signature for good."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = Words(max_length=LONGEST)
    at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)

    objects = SignOffCommentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="sign_off_comment_says_something")]

    def __str__(self) -> str:
        return f"{self.by} on {self.sign_off.record_id}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it; the words only as a hash."""
        return {
            "sign_off": str(self.sign_off.uid),
            "text_sha256": digest(self.text),
            "at": self.at.astimezone(UTC).isoformat(),
            "time_zone": self.time_zone,
        }
