"""What rows taken from a published document have in common."""

import uuid

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """Where a version stands. Publishing is not approval: only a registration agency approves."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted to the agency"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


IN_FORCE = (Status.PUBLISHED, Status.APPROVED)
"""What programs start from and apprentices join."""


class SourceRow(models.Model):
    """A piece of a standards document, word for word as its source has it.

    `repair` says in words what was mended where the copy was damaged, and is empty when nothing was;
    `needs_review` marks what could not be read with certainty. `frozen` is set when the version is
    published; from then on the database refuses to change or delete the row.
    """

    repair = models.TextField(blank=True)
    needs_review = models.BooleanField(default=False)
    frozen = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


class AddressedRow(SourceRow):
    """A row that other systems point at: `uid` is this row of this version, in every export."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class LineageRow(AddressedRow):
    """A row that people's records point at.

    `lineage` is the same requirement across versions, kept by copying and never guessed. What is signed or
    logged on one version is found again by lineage on the next.
    """

    lineage = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)

    class Meta:
        abstract = True


def at_least(name: str, **minimums: int) -> models.CheckConstraint:
    """A check that each named column is null or at least the given number."""
    condition = Q()
    for column, minimum in minimums.items():
        condition &= Q(**{column: None}) | Q(**{f"{column}__gte": minimum})
    return models.CheckConstraint(condition=condition, name=name)


def ordered(name: str, low: str, high: str) -> models.CheckConstraint:
    """A check that the column `low` is not above `high` where both are stated."""
    condition = Q(**{low: None}) | Q(**{high: None}) | Q(**{f"{low}__lte": models.F(high)})
    return models.CheckConstraint(condition=condition, name=name)
