"""What is learned: work process schedules, rating scales and competency frameworks."""

from competencies.models.alignments import (
    Alignment,
    AlignmentKind,
    AlignmentStatus,
    Link,
    Side,
    TargetKind,
)
from competencies.models.framework import Framework, FrameworkStatement, StatementKind
from competencies.models.instruction import (
    Course,
    Credential,
    CrossCuttingCompetency,
    RelatedInstructionTopic,
    Timing,
    TopicKind,
)
from competencies.models.resources import Done, LearningResource, ResourceType, Use, kept_by
from competencies.models.scales import RatingLevel, RatingScale
from competencies.models.schedule import (
    Approach,
    Competency,
    JobFunction,
    Level,
    Occupation,
    PerformanceStandard,
    WorkProcessSchedule,
)
from competencies.models.source import IN_FORCE, Status
from competencies.models.steps import VersionStep
from competencies.models.teaching import Lesson, Place, Taught

__all__ = [
    "IN_FORCE",
    "Alignment",
    "AlignmentKind",
    "AlignmentStatus",
    "Approach",
    "Competency",
    "Course",
    "Credential",
    "CrossCuttingCompetency",
    "Done",
    "Framework",
    "FrameworkStatement",
    "JobFunction",
    "LearningResource",
    "Lesson",
    "Level",
    "Link",
    "Occupation",
    "PerformanceStandard",
    "Place",
    "RatingLevel",
    "RatingScale",
    "RelatedInstructionTopic",
    "ResourceType",
    "Side",
    "StatementKind",
    "Status",
    "TargetKind",
    "Taught",
    "Timing",
    "TopicKind",
    "Use",
    "VersionStep",
    "WorkProcessSchedule",
    "kept_by",
]
