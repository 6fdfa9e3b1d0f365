"""Competency frameworks of schools and publishers: trees of statements."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from competencies.models.source import LineageRow, SourceRow, Status, at_least


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def visible_to(self, user: User | AnonymousUser) -> "FrameworkQuerySet":
        """Every published version, for everybody; `user` is asked for so that all lists begin alike."""
        return self.filter(frozen=True)

    def search(self, text: str) -> "FrameworkQuerySet":
        """Those in whose title and statements every word of `text` occurs."""
        found = self
        for word in text.lower().split():
            found = found.filter(search_text__contains=word)
        return found

    def newest(self) -> "FrameworkQuerySet":
        """The latest version of each lineage."""
        newer = Framework.objects.filter(
            lineage=models.OuterRef("lineage"),
            version__gt=models.OuterRef("version"),
            frozen=True,
        )
        return self.filter(~models.Exists(newer))


class Framework(SourceRow):
    """One version of a published list of what to know and be able to do in a field.

    Unlike a work process schedule nobody is registered on it: it informs what schools teach and where
    resources are found. `note` is the publisher's own advice to the reader.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lineage = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    source = models.TextField(blank=True)
    source_read_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ["title", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["lineage", "version"], name="framework_version_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="framework_status"),
            models.CheckConstraint(
                condition=Q(status__in=(Status.DRAFT, Status.SUBMITTED))
                | Q(published_at__isnull=False, frozen=True),
                name="framework_published_is_frozen",
            ),
            at_least("framework_version_from_one", version=1),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class StatementKind(models.TextChoices):
    DOMAIN = "domain", "Domain"
    SUBDOMAIN = "subdomain", "Sub-domain"
    STATEMENT = "statement", "Statement"


class FrameworkStatement(LineageRow):
    """A node of the tree: a domain, a sub-domain, or a statement of what somebody can do.

    `resource_count` is how many learning resources the publisher listed on `counted_on`; a snapshot of
    the library, not a property of the statement. A title may occur twice: place in the tree is the key.
    """

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="statements")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    kind = models.CharField(max_length=10, choices=StatementKind)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    resource_count = models.PositiveIntegerField(null=True, blank=True)
    counted_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["framework", "position"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "position"], name="statement_position_once"),
            models.UniqueConstraint(fields=["framework", "lineage"], name="statement_lineage_once"),
            models.CheckConstraint(
                condition=Q(kind=StatementKind.DOMAIN, parent=None)
                | Q(kind__in=(StatementKind.SUBDOMAIN, StatementKind.STATEMENT), parent__isnull=False),
                name="statement_place",
            ),
            models.CheckConstraint(
                condition=Q(resource_count=None) | Q(counted_on__isnull=False),
                name="statement_count_has_date",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="statement_has_text"),
        ]

    def __str__(self) -> str:
        return self.text
