"""The search above the list of standards. Its values live in the URL."""

from typing import cast

from django import forms

from competencies.models import Approach, Framework, WorkProcessSchedule
from competencies.models.framework import FrameworkQuerySet
from competencies.models.schedule import ScheduleQuerySet

KINDS = [
    ("", "All kinds"),
    ("schedule", "Work process schedules"),
    ("framework", "Frameworks"),
]
APPROACHES = [("", "Any approach"), *Approach.choices, ("blank", "Left to the sponsor")]


class StandardsSearch(forms.Form):
    """Words or a code, the kind of document, the approach. An unknown value filters nothing."""

    q = forms.CharField(label="Search", required=False, max_length=200, strip=True)
    kind = forms.ChoiceField(label="Kind", required=False, choices=KINDS)
    approach = forms.ChoiceField(label="Approach", required=False, choices=APPROACHES)

    sort = forms.ChoiceField(
        label="Sort", required=False, choices=[("", "Title, A to Z"), ("reverse", "Title, Z to A")]
    )

    def choices(self) -> list[forms.BoundField]:
        """The fields beside the search itself."""
        return [self["kind"], self["approach"], self["sort"]]

    @property
    def asked(self) -> dict[str, str]:
        """The words of the address that choose rows and order."""
        return {name: self.value(name) for name in self.fields if self.value(name)}

    def value(self, name: str) -> str:
        """What was asked for, "" where nothing valid was."""
        self.is_valid()
        return cast(str, self.cleaned_data.get(name, ""))

    def schedules(self, visible: ScheduleQuerySet) -> ScheduleQuerySet:
        """The schedules among `visible` that are asked for."""
        approach = self.value("approach")
        if self.value("kind") == "framework":
            return WorkProcessSchedule.objects.none()
        if approach:
            visible = visible.filter(approach=None if approach == "blank" else approach)
        return visible.search(self.value("q"))

    def frameworks(self, visible: FrameworkQuerySet) -> FrameworkQuerySet:
        """The frameworks among `visible` that are asked for; they have no approach."""
        if self.value("kind") == "schedule" or self.value("approach"):
            return Framework.objects.none()
        return visible.search(self.value("q"))
