"""What somebody writes of a day: the words of one hours entry before it is one."""

import uuid
from dataclasses import dataclass
from datetime import date as calendar_day
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from competencies.models import Competency, Course, JobFunction

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry


class Kind(models.TextChoices):
    OJT = "ojt", "On-the-job training"
    RI = "ri", "Related instruction"


class Source(models.TextChoices):
    """How an entry came to be written; who wrote it and when stand beside it."""

    LOGGED = "logged", "Logged"
    COPIED = "copied", "Copied"
    IMPORTED = "imported", "Imported"
    PAPER = "paper", "From paper"


def check_name(client_uid: uuid.UUID | None) -> None:
    """Raise ValidationError for a name that only the server gives: version 5, of a file's row, of attendance,
    of hours that others write down. Nobody takes the place of those beforehand."""
    if client_uid and client_uid.version == 5:
        raise ValidationError("Name it by a random id.")


@dataclass(frozen=True)
class Line:
    """One entry as somebody writes it: OJT names a job function (or none: other work), RI a course.

    `copied_from`: the day it is a copy of. `taken_from`: the file and row, or the sheet of paper, in words.
    `external_id`: the number that another program gave it, once for a registration.
    `device_at`: when it was written on a device without signal, by that device's clock.
    """

    kind: str
    date: calendar_day
    minutes: int
    job_function: JobFunction | None = None
    competency: Competency | None = None
    course: Course | None = None
    note: str = ""
    client_uid: uuid.UUID | None = None
    source: str = Source.LOGGED
    copied_from: calendar_day | None = None
    taken_from: str = ""
    device_at: datetime | None = None
    external_id: str = ""

    @classmethod
    def of(cls, entry: "HoursEntry") -> "Line":
        """The line that an entry was written from, as it stands now."""
        return cls(**{field: getattr(entry, field) for field in cls.__dataclass_fields__})

    def contents(self) -> dict[str, Any]:
        """The columns that a change of the entry may write; where it came from stays as it was."""
        kept = ("client_uid", "source", "copied_from", "taken_from", "device_at", "external_id")
        return {name: value for name, value in vars(self).items() if name not in kept}
