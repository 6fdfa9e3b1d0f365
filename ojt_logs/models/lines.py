"""What somebody writes of a day: the words of one hours entry before it is one."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import models

from competencies.models import Competency, Course, JobFunction

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry


class Kind(models.TextChoices):
    OJT = "ojt", "On-the-job training"
    RI = "ri", "Related instruction"


@dataclass(frozen=True)
class Line:
    """One entry as somebody writes it: OJT names a job function (or none: other work), RI a course."""

    kind: str
    date: date
    minutes: int
    job_function: JobFunction | None = None
    competency: Competency | None = None
    course: Course | None = None
    note: str = ""
    client_uid: uuid.UUID | None = None

    @classmethod
    def of(cls, entry: "HoursEntry") -> "Line":
        """The line that an entry was written from, as it stands now."""
        return cls(**{field: getattr(entry, field) for field in cls.__dataclass_fields__})
