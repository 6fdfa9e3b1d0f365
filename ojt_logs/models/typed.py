"""What is typed into a page and not saved yet: kept on the server, so that a phone keeps nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from accounts.models import User
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice

KEPT = timedelta(days=14)
"""After so long nobody misses it."""
MOST = 20_000
"""Characters of a form that are kept at most."""


class TypedQuerySet(models.QuerySet["Typed"]):
    def visible_to(self, user: User) -> "TypedQuerySet":
        """One's own alone: it is not even a draft yet."""
        return self.filter(apprentice__user=user)

    def keep(
        self, apprentice: Apprentice, place: str, words: Mapping[str, str], *, version: int, now: datetime
    ) -> "Typed":
        """Keep what stands in the form of `place`, written over `version` of it (0: nothing was kept).

        Raises Conflict when another page has kept something there meanwhile: that is not overwritten.
        """
        changed = {"words": dict(words), "typed_at": now, "version": version + 1}
        own = self.filter(apprentice=apprentice, place=place)
        if not version:
            row, made = self.get_or_create(apprentice=apprentice, place=place, defaults=changed)
            if made:
                return row
        elif own.filter(version=version).update(**changed):
            return own.get()
        raise Conflict("This page is open elsewhere too, with something typed there.", code="typed_elsewhere")

    def of(self, apprentice: Apprentice, place: str, *, now: datetime) -> "Typed | None":
        """What is kept for `place`; what is too old is forgotten."""
        self.filter(apprentice=apprentice, typed_at__lt=now - KEPT).delete()
        return self.filter(apprentice=apprentice, place=place).first()

    def forget(self, apprentice: Apprentice, place: str) -> None:
        """It was saved, or thrown away."""
        self.filter(apprentice=apprentice, place=place).delete()


class Typed(models.Model):
    """The words of one form that nobody has saved: of a day (`day-2026-11-20`) or a week (`week-…`)."""

    apprentice = models.ForeignKey(Apprentice, on_delete=models.CASCADE, related_name="typed")
    place = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    words: Any = models.JSONField()
    typed_at = models.DateTimeField()

    objects = TypedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "typed"
        constraints = [models.UniqueConstraint(fields=["apprentice", "place"], name="typed_once")]

    def __str__(self) -> str:
        return f"{self.apprentice} {self.place}"
