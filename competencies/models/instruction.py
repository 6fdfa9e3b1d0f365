"""What goes with the job functions: related instruction, courses, credentials, foundation skills."""

from uuid import UUID, uuid5

from django.db import models
from django.db.models import Q

from accounts.durations import format_span
from competencies.models.schedule import JobFunction, WorkProcessSchedule
from competencies.models.source import AddressedRow, LineageRow, ordered


class TopicKind(models.TextChoices):
    SKILL = "skill", "Skills"
    KNOWLEDGE = "knowledge", "Knowledge & Understanding"
    TOOL = "tool", "Tools & Technologies"


class RelatedInstructionTopic(AddressedRow):
    """A skill, a piece of knowledge or a tool that a job function's related instruction covers."""

    job_function = models.ForeignKey(JobFunction, on_delete=models.CASCADE, related_name="topics")
    kind = models.CharField(max_length=10, choices=TopicKind)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["job_function", "kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["job_function", "kind", "position"], name="topic_position_once"),
            models.CheckConstraint(condition=Q(kind__in=TopicKind.values), name="topic_kind"),
            models.CheckConstraint(condition=~Q(text=""), name="topic_has_text"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def lineage(self) -> UUID:
        """The same for the same words under the same job function in every version."""
        return uuid5(self.job_function.lineage, f"{self.kind}: {self.text}")


class Course(LineageRow):
    """A course of the related instruction that the schedule's standards name, with its hours in minutes.

    `heading` is the one it stands under in the source, e.g. “Level 1 (1st year)”. `ri_minutes` is the least
    that is asked; where the source prints a range, `ri_minutes_max` is its other end. `details` is what the
    source says of the course: a description or its learning objectives, a line each.
    """

    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.CASCADE, related_name="courses")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    ri_minutes = models.PositiveIntegerField(null=True, blank=True)
    ri_minutes_max = models.PositiveIntegerField(null=True, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    details = models.TextField(blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["schedule", "position"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "position"], name="course_position_once"),
            models.UniqueConstraint(fields=["schedule", "lineage"], name="course_lineage_once"),
            models.CheckConstraint(condition=~Q(title=""), name="course_has_title"),
            ordered("course_ri_range", "ri_minutes", "ri_minutes_max"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def ri_words(self) -> str:
        """“10 h to 15 h”, “40 h”, or "" where the source states no hours."""
        return format_span(
            self.ri_minutes, self.ri_minutes if self.ri_minutes_max is None else self.ri_minutes_max
        )


class Timing(models.TextChoices):
    BEFORE = "before", "Before"
    DURING = "during", "During"
    AFTER = "after", "After"


class Credential(AddressedRow):
    """A certification or licence of the occupation, and when in the apprenticeship it is taken."""

    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.CASCADE, related_name="credentials")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    abbreviation = models.CharField(max_length=20, blank=True)
    awarding_body = models.CharField(max_length=200, blank=True)
    timing = models.CharField(max_length=8, choices=Timing, blank=True)

    class Meta:
        ordering = ["schedule", "position"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "position"], name="credential_position_once"),
            models.CheckConstraint(
                condition=Q(timing="") | Q(timing__in=Timing.values), name="credential_timing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name


class CrossCuttingCompetency(AddressedRow):
    """A foundation skill and how much of it the occupation asks, on the schedule's cross-cutting scale.

    `level` is null where the source marks none or cannot be read.
    """

    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.CASCADE, related_name="cross_cutting")
    tier = models.PositiveSmallIntegerField()
    tier_title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "cross-cutting competencies"
        ordering = ["schedule", "tier", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "tier", "position"], name="cross_cutting_position_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def lineage(self) -> UUID:
        """The same for the same words in every version of the schedule."""
        return uuid5(self.schedule.lineage, f"{self.tier_title}: {self.title}")
