"""How a performance standard is rated."""

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

NOT_APPLICABLE = "n/a"
"""How papers and pages write the answer that a standard is not asked of somebody."""


def mark(value: int | None) -> str:
    """What is written for a rating: its number, or n/a."""
    return NOT_APPLICABLE if value is None else str(value)


def rank(value: int | None) -> int:
    """What puts ratings into order: not applicable stands below all of them."""
    return -1 if value is None else value


def span(values: Iterable[int | None]) -> str:
    """The lowest and the highest rating, and whether one is not applicable: “3”, “2 to 4, n/a”."""
    found = set(values)
    numbers = sorted(value for value in found if value is not None)
    ends = list(dict.fromkeys(map(str, (numbers[0], numbers[-1])))) if numbers else []
    return ", ".join(filter(None, [" to ".join(ends), NOT_APPLICABLE if None in found else ""]))


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

    @property
    def rising(self) -> "list[RatingLevel]":
        """The levels, lowest first; not applicable, which is none of them, last."""
        return sorted(self.levels.all(), key=lambda one: (one.value is None, one.value or 0))


class RatingLevel(models.Model):
    """One rating of a scale: its number, the word people use, and whether it passes.

    A level with `needs_reason` may only be given with a reason (0 "not yet seen" on the 0 to 4 scale,
    which is no fail). The level without a number is “not applicable”: no rating, but a signed answer, which
    never passes and always needs a reason; what it counts for is in `StandardProgress`.
    """

    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="levels")
    value = models.PositiveSmallIntegerField(null=True, blank=True, help_text="None: not applicable.")
    label = models.CharField(max_length=60)
    short_label = models.CharField(max_length=20)
    description = models.CharField(max_length=300, blank=True)
    passing = models.BooleanField(default=False)
    needs_reason = models.BooleanField(default=False)
    frozen = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["scale", F("value").desc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(fields=["scale", "value"], name="rating_value_once"),
            models.UniqueConstraint(
                fields=["scale"], condition=Q(value=None), name="rating_not_applicable_once"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(passing=False, needs_reason=True),
                name="rating_not_applicable_why",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="rating_has_label"),
        ]

    def __str__(self) -> str:
        return self.label if self.not_applicable else f"{self.value} {self.label}"

    @property
    def not_applicable(self) -> bool:
        return self.value is None

    @property
    def mark(self) -> str:
        return mark(self.value)

    @property
    def answer(self) -> int | str:
        """What is sent and sealed: its number, or n/a."""
        return self.mark if self.value is None else self.value
