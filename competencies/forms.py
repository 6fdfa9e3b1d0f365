"""The search above the list of standards, whose values live in the URL, and decisions about links."""

from datetime import datetime
from typing import Any, cast

from django import forms

from accounts.listing import Filters, select, words
from accounts.models import User
from competencies.crosswalk import Crosswalk, Target
from competencies.models import (
    Alignment,
    AlignmentKind,
    AlignmentStatus,
    Approach,
    Framework,
    FrameworkStatement,
    Link,
    StatementKind,
    TargetKind,
    WorkProcessSchedule,
)
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


class DecisionForm(forms.Form):
    """Confirm or reject one link of a crosswalk; also makes one that nobody suggested."""

    target = forms.ChoiceField(
        label="Part of the schedule", error_messages={"invalid_choice": "Choose a part of this schedule."}
    )
    statement = forms.ChoiceField(
        label="Statement of the framework",
        error_messages={"invalid_choice": "Choose a statement of this framework."},
    )
    kind = forms.ChoiceField(label="The part of the schedule is", choices=AlignmentKind.choices)
    status = forms.ChoiceField(choices=AlignmentStatus.choices[1:], widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, crosswalk: Crosswalk) -> None:
        super().__init__(data, initial={"kind": AlignmentKind.CLOSE, "status": AlignmentStatus.CONFIRMED})
        self.crosswalk = crosswalk
        self.targets = {one.target.key: one.target for one in crosswalk.aligned}
        self.statements = {str(row.lineage): row for row in crosswalk.statements}
        chosen = [("", "Choose …")]
        cast(forms.ChoiceField, self.fields["target"]).choices = chosen + _grouped(self.targets)
        rows = [(key, _indented(row)) for key, row in self.statements.items()]
        cast(forms.ChoiceField, self.fields["statement"]).choices = chosen + rows

    def clean_target(self) -> Target:
        return self.targets[self.cleaned_data["target"]]

    def clean_statement(self) -> FrameworkStatement:
        return self.statements[self.cleaned_data["statement"]]

    @property
    def words(self) -> str:
        """The link of this valid form in words."""
        target, statement = self.cleaned_data["target"], self.cleaned_data["statement"]
        return f"{target.code or target.text} and “{statement.text}”"

    def save(self, *, by: User, now: datetime) -> Alignment:
        """Decide as this valid form says. Raises NotAllowed."""
        target: Target = self.cleaned_data["target"]
        return Alignment.objects.decide(
            Link(self.cleaned_data["statement"].lineage, target.kind, target.lineage),
            sponsor=self.crosswalk.schedule.sponsor,
            status=self.cleaned_data["status"],
            kind=self.cleaned_data["kind"],
            by=by,
            now=now,
        )


def _grouped(targets: dict[str, Target]) -> list[Any]:
    """The choices of a select, a group a kind."""
    return [
        (
            label,
            [
                (key, f"{target.code} {target.text}".strip())
                for key, target in targets.items()
                if target.kind == kind
            ],
        )
        for kind, label in TargetKind.choices
    ]


def _indented(row: FrameworkStatement) -> str:
    """Headings can be chosen too, and are told from what stands under them."""
    return f"– {row.text}" if row.kind == StatementKind.STATEMENT else row.text.upper()


class ScheduleWords(Filters):
    """Schedules over REST; codes in any spelling, `1114` finds `1114CB` too."""

    q = words("Words of a title, a job or a competency, or a code")
    approach = select("Approach", "Any approach", APPROACHES[1:])
    rapids_code = words("RAPIDS code in any spelling")
    onet_code = words("O*NET-SOC code in any spelling")

    def narrow(self, rows: Any) -> Any:
        chosen = dict(self.chosen)
        found = cast(ScheduleQuerySet, rows).search(chosen.pop("q", ""))
        for name, value in chosen.items():
            if name == "approach":
                found = found.filter(approach=None if value == "blank" else value)
            else:
                found = found.coded(**{name.removesuffix("_code"): value})
        return found
