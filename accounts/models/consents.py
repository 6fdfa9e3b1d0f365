"""Consent to electronic records: given once, withdrawn at any time, by rows that only ever come on top."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.consent_text import VERSION, fingerprint
from accounts.models.people import User
from accounts.refusals import NotAllowed
from ledger import chain


class ConsentNeeded(NotAllowed):
    """Somebody acts on a record who has not agreed that it is kept electronically."""

    def __init__(self) -> None:
        super().__init__(
            "Agree to electronic records first, on your profile page. Nothing was done yet.",
            code="consent_needed",
        )


class ConsentManager(models.Manager["Consent"]):
    def newest(self, user: User) -> "Consent | None":
        """What the person said last, None when they were never asked or have not answered."""
        return self.filter(user=user).order_by("-pk").first()

    def in_force(self, user: User) -> "Consent | None":
        """The consent that stands, to the text as it is now; None without one."""
        newest = self.newest(user)
        return newest if newest and newest.given and newest.version == VERSION else None

    def demand(self, user: User | None) -> None:
        """Raise ConsentNeeded unless `user` may act on records electronically; None is a command.

        Every act of a person that stands in an apprentice's record asks for it: hours, signatures, and what
        the office decides about a registration.
        """
        if user is not None and self.in_force(user) is None:
            raise ConsentNeeded

    def give(self, user: User, *, now: datetime) -> None:
        """Agree to the text in force. Does nothing when that was done."""
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            if self.in_force(user) is None:
                self._add(user, given=True, version=VERSION, text_sha256=fingerprint(VERSION), at=now)

    def withdraw(self, user: User, *, now: datetime) -> None:
        """Take the consent back. Does nothing when there is none."""
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            newest = self.newest(user)
            if newest and newest.given:
                text = {"version": newest.version, "text_sha256": newest.text_sha256}
                self._add(user, given=False, at=now, **text)

    def _add(self, user: User, **fields: Any) -> None:
        row = self.create(user=user, **fields)
        chain.tell(
            user.uid,
            act=row.act,
            actor=user.uid,
            object=row.uid,
            at=row.at,
            payload={"name": user.name, **row.facts()},
        )


class Consent(models.Model):
    """One act of a person about electronic records: agreeing to a version of the text, or taking it back."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    given = models.BooleanField()
    version = models.PositiveSmallIntegerField()
    text_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    objects = ConsentManager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{self.user}: {'agreed to' if self.given else 'withdrew'} version {self.version}"

    @property
    def act(self) -> str:
        """What the ledger calls it."""
        return "consent.give" if self.given else "consent.withdraw"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this act, beside the name."""
        return {"version": self.version, "text_sha256": self.text_sha256}
