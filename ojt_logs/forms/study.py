"""Time spent on a learning resource of a registered course."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from accounts.durations import parse_minutes
from apprenticeship.models import Apprentice
from competencies.models import LearningResource
from ojt_logs.models import Line


class TimeForm(forms.Form):
    """How long; the day is today, the course that of the resource."""

    minutes = forms.CharField(error_messages={"required": "Say how long it took, such as 1:30."})

    def __init__(
        self, data: Any, *, apprentice: Apprentice, resource: LearningResource, taught: Collection[UUID]
    ) -> None:
        """`taught`: the lineages of the courses that somebody teaches the apprentice now."""
        super().__init__(data)
        self.apprentice, self.resource, self.taught = apprentice, resource, taught

    def clean_minutes(self) -> int:
        try:
            return parse_minutes(self.cleaned_data["minutes"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        courses = self.apprentice.schedule.courses
        lineage = self.resource.course
        self.course = courses.filter(lineage=lineage).first() if lineage else None
        if self.course is None:
            raise forms.ValidationError("Only a resource of one of your registered courses can be sent.")
        if lineage not in self.taught:
            raise forms.ValidationError(
                f"Nobody teaches you {self.course} now: nobody could approve it. Ask your coordinator."
            )
        return super().clean() or {}

    def line(self, *, now: datetime) -> Line:
        """The entry that this valid form asks for."""
        return Line(
            "ri",
            self.apprentice.user.today(now),
            self.cleaned_data["minutes"],
            course=self.course,
            note=f"{self.resource.title}, {self.resource.address}"[:1000],
        )
