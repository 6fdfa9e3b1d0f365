"""What a mentor writes in a periodic review, and how the apprentice answers it."""

import uuid
from datetime import date
from typing import Any

from django import forms

from accounts.fields import DayField
from accounts.refusals import Refusal
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models.reviews import LONGEST, PARTS, Said, Step

HINTS = {
    "progress": "What went well, what is slow, and why.",
    "conduct": "Reliable, on time, with others.",
    "safety": "Instructed, equipped, working safely.",
    "instruction": "Classes attended, grades, what the work needs next.",
    "aims": "Two or three things, so that both know what comes next.",
}


class ReviewForm(forms.Form):
    """The parts of a review, its day and the step. `key` makes the page sign once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    held_on = DayField(label="You spoke on")
    step = forms.ChoiceField(
        choices=Step.choices,
        label="Wage step",
        help_text="The coordinator decides it; you say what you think.",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether a step is due."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        for name, title in PARTS.items():
            self.fields[name] = forms.CharField(
                max_length=LONGEST,
                label=title,
                help_text=HINTS[name] + (f" {NO_PATIENTS}" if name == "progress" else ""),
                error_messages={"required": "Write something, if only that there is nothing to say."},
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self.order_fields(["key", "held_on", *PARTS, "step"])

    @property
    def written(self) -> list[tuple[str, str]]:
        """Title and words of each part of a valid form, for reading before it is signed."""
        return [(title, self.cleaned_data[name]) for name, title in PARTS.items()]

    @property
    def step_label(self) -> str:
        return Step(self.cleaned_data["step"]).label

    @property
    def what(self) -> dict[str, Any]:
        """The arguments of the signing that this valid form stands for."""
        said = self.cleaned_data
        return {
            "held_on": said["held_on"],
            "step": said["step"],
            "said": Said(**{name: said[name] for name in PARTS}),
        }

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def untouched(*, today: date) -> dict[str, Any]:
    """What a page that nobody has touched says."""
    return {"key": uuid.uuid4(), "held_on": today, "step": Step.NONE.value}


class ReviewAnswerForm(forms.Form):
    """The apprentice's answer; words are needed to disagree."""

    words = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="What do you want to say to it?",
        help_text=f"Needed where you disagree. Stays on the record. {NO_PATIENTS}",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
