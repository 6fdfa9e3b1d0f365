"""How a performance standard is rated."""

import uuid

from django.db import models
from django.db.models import Q


class RatingScale(models.Model):
    """An ordered set of ratings with their pass mark, e.g. 0 to 4, or a mere date and initials.

    A schedule prints one or leaves the choice to the sponsor; then papers say "scale chosen by the sponsor".
    A scale is never edited: other wording or another pass mark is another scale (`content_hash`).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    chosen_by_sponsor = models.BooleanField(default=False)
    source = models.CharField(max_length=300, blank=True)
    content_hash = models.CharField(max_length=64, unique=True, editable=False)
    frozen = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, chosen by the sponsor" if self.chosen_by_sponsor else self.name

    @property
    def has_ratings(self) -> bool:
        """Whether there is a rating to write: a scale of one level is a date and initials."""
        return len(self.levels.all()) > 1


class RatingLevel(models.Model):
    """One rating of a scale: its number, the word people use, and whether it passes.

    A level with `needs_reason` may only be given with a reason (0 "not yet seen" on the 0 to 4 scale,
    which is no fail).
    """

    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="levels")
    value = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    short_label = models.CharField(max_length=20)
    description = models.CharField(max_length=300, blank=True)
    passing = models.BooleanField(default=False)
    needs_reason = models.BooleanField(default=False)
    frozen = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["scale", "-value"]
        constraints = [
            models.UniqueConstraint(fields=["scale", "value"], name="rating_value_once"),
            models.CheckConstraint(condition=~Q(label=""), name="rating_has_label"),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"
