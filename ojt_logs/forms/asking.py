"""What an apprentice fills in to be signed, and a mentor to say no."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import RatingLevel
from ojt_logs.asking import Asking
from ojt_logs.forms.mentor import Uids
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models import HoursEntry, Rating
from ojt_logs.models.ratings import LONGEST_REASON
from ojt_logs.signing import Statement


@dataclass(frozen=True)
class OwnRow:
    """One statement with the apprentice's own rating of it."""

    statement: Statement
    rating: forms.BoundField


class AskForm(forms.Form):
    """How one rates oneself (or not), which entries show it, and a note."""

    evidence = Uids(required=False)
    note = forms.CharField(
        required=False,
        max_length=1000,
        label="What should your mentor know?",
        help_text=f"Where you did it, or when to watch. {NO_PATIENTS}",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, apprentice: Apprentice, asked: Sequence[Asking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        scale = apprentice.scale
        levels = scale.rising if scale else []
        self.levels: dict[str, RatingLevel] = {
            level.mark: level for level in levels if not level.needs_reason
        }
        choices = [("", "No answer"), *((value, str(level)) for value, level in self.levels.items())]
        for one in asked:
            for statement in one.statements:
                self.fields[self._name(statement)] = forms.ChoiceField(
                    choices=choices, required=False, label="You"
                )

    @staticmethod
    def _name(statement: Statement) -> str:
        return f"own-{statement.target.uid}"

    @property
    def parts(self) -> Iterator[tuple[Asking, list[OwnRow]]]:
        for one in self.asked:
            yield one, [OwnRow(statement, self[self._name(statement)]) for statement in one.statements]

    @property
    def chosen_entries(self) -> set[str]:
        """Ids as they were marked, for showing the form again."""
        return set(self.data.getlist("evidence")) if self.is_bound else set()  # type: ignore[attr-defined]

    @property
    def what(self) -> dict[str, Any]:
        """The arguments of the asking that this valid form stands for."""
        wanted = set(self.cleaned_data["evidence"])
        entries: list[HoursEntry] = [e for one in self.asked for e in one.entries if e.uid in wanted]
        ratings = [
            Rating(statement.target, self.levels[value])
            for one in self.asked
            for statement in one.statements
            if (value := self.cleaned_data[self._name(statement)])
        ]
        return {
            "competencies": [one.competency for one in self.asked],
            "note": self.cleaned_data["note"],
            "ratings": ratings,
            "evidence": entries,
        }

    def refuse(self, refusal: Refusal) -> None:
        place = refusal.field if refusal.field in self.fields else None
        self.add_error(place, ValidationError(refusal.message, code=refusal.code))


class CommentForm(forms.Form):
    """What the apprentice says to a signature."""

    text = forms.CharField(
        max_length=1000,
        label="What do you want to say to it?",
        help_text=f"Stays on the record beside the signature. {NO_PATIENTS}",
        error_messages={"required": "Write what you want to say."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeclineForm(forms.Form):
    """Why a mentor does not sign what was asked for."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="Why not now?",
        help_text=f"The apprentice reads this. {NO_PATIENTS}",
        error_messages={"required": "Say why, so that the apprentice knows what to do."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
