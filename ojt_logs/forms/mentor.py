"""What a reviewer and a signer fill in."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.factors.codes import has_second_step
from accounts.fields import DayField
from accounts.forms import PasswordForm
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import RatingLevel
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models import Method, Origin, Rating, SignOff
from ojt_logs.models.attestations import ATTESTATIONS, OFFERED
from ojt_logs.models.ratings import FIRST_HAND, LONGEST_REASON, check, check_rating
from ojt_logs.signing import Statement


class Uids(forms.Field):
    """Any number of ids. What is no id at all is answered like an id that does not exist."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[uuid.UUID]:
        return [uid for uid in map(self._uid, value or []) if uid]

    def _uid(self, text: str) -> uuid.UUID:
        try:
            return uuid.UUID(text)
        except ValueError:
            return uuid.UUID(int=0)


class ReviewForm(forms.Form):
    """The entries that a page showed; those marked go back with the reason, the rest is approved."""

    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    shown = Uids(required=False)
    entry = Uids(required=False)
    all = forms.BooleanField(required=False)
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label="Why do they go back?",
        help_text=f"The apprentice reads this. {NO_PATIENTS}",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("all"):
            cleaned["entry"] = cleaned.get("shown", [])
        if cleaned.get("entry") and not cleaned.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", "Say why, so that it can be mended.")
        if not cleaned.get("entry") and not cleaned.get("shown") and not self.errors:
            self.add_error(None, "Choose at least one entry.")
        return cleaned

    @property
    def rest(self) -> list[uuid.UUID]:
        """Those shown and not marked."""
        return [uid for uid in self.cleaned_data["shown"] if uid not in self.cleaned_data["entry"]]

    @property
    def marked(self) -> set[str]:
        """Ids as they were marked, for showing the form again."""
        return set(self.data.getlist("entry")) if self.is_bound else set()  # type: ignore[attr-defined]


class UndoForm(forms.Form):
    """The entries whose approval is taken back; the others of the form stay as they are."""

    shown = Uids()


class ReturnForm(ReviewForm):
    """Only the marked entries go back; at least one must be marked."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("entry") and not self.errors.get("entry"):
            self.add_error("entry", "Mark at least one entry to return.")
        return cleaned

    @property
    def rest(self) -> list[uuid.UUID]:
        return []


class HandedForm(PasswordForm):
    """Password, and code where they have a second step, of somebody who signs on another person's device."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="From the app, or a recovery code.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, signer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = f"Password of {signer}"
        self.fields["password"].widget.attrs["autocomplete"] = "off"
        self.fields["code"].label = f"Code of {signer}"
        if not has_second_step(signer):
            del self.fields["code"]


class WithdrawForm(PasswordForm):
    """Taking back one's own signature."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="Why do you withdraw it?",
        help_text=f"Stays on the record. {NO_PATIENTS}",
        error_messages={"required": "Say why the signature is taken back."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["reason", "password"]


@dataclass(frozen=True)
class Row:
    """One statement on the page with its two fields and what was chosen."""

    statement: Statement
    rating: forms.BoundField
    reason: forms.BoundField
    chosen: RatingLevel | None


class RatingsForm(forms.Form):
    """Ratings of statements, and how and when the work was seen."""

    method = forms.ChoiceField(
        choices=[(method.value, method.label) for method in OFFERED],
        label="How did you see it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you saw this work."},
    )
    observed_from = DayField(label="Seen from")
    observed_to = DayField(label="to")

    def __init__(
        self,
        *args: Any,
        apprentice: Apprentice,
        now: datetime,
        today: date,
        statements: list[Statement],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.apprentice, self.now, self.statements = apprentice, now, statements
        scale = apprentice.scale
        self.levels = scale.rising if scale else []
        choices = [(level.mark, level.label) for level in self.levels]
        off_scale = f"Choose a rating of the scale: {', '.join(value for value, _ in choices)}."
        for statement in statements:
            self.fields[f"rating-{statement.target.uid}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=statement.text,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": off_scale},
            )
            self.fields[f"reason-{statement.target.uid}"] = forms.CharField(
                required=False, max_length=LONGEST_REASON, label="Reason", help_text=NO_PATIENTS
            )
        for name in ("observed_from", "observed_to"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    @property
    def rows(self) -> Iterator[Row]:
        by_value = {level.mark: level for level in self.levels}
        for statement in self.statements:
            rating, reason = (self[f"{name}-{statement.target.uid}"] for name in ("rating", "reason"))
            yield Row(statement, rating, reason, by_value.get(str(rating.value())))

    @property
    def chosen(self) -> list[Row]:
        """The rows with a rating."""
        return [row for row in self.rows if row.chosen]

    @property
    def attestation(self) -> str:
        """What the signer attests with the method chosen, "" before."""
        return ATTESTATIONS.get(str(self["method"].value()), "")

    @property
    def method_label(self) -> str:
        return dict(Method.choices).get(str(self["method"].value()), "")

    @property
    def methods(self) -> list[tuple[str, str, str]]:
        """Value, label and attestation of every method that is offered."""
        offered = self.fields["method"].choices  # type: ignore[attr-defined]
        return [(value, str(label), ATTESTATIONS[value]) for value, label in offered]

    @property
    def ratings(self) -> list[Rating]:
        """What a valid form says, ready to be signed."""
        return [
            Rating(row.statement.target, row.chosen, self.cleaned_data[row.reason.name].strip())
            for row in self.rows
            if row.chosen
        ]

    def check_ratings(self) -> None:
        """Put the sentence of each refused rating beside it."""
        for rating, row in zip(self.ratings, self.chosen, strict=True):
            self._try(row.reason.name, check_rating, self.apprentice, rating)

    def _try(self, field: str | None, rule: Any, *args: Any, **kwargs: Any) -> None:
        try:
            rule(*args, **kwargs)
        except Refusal as refusal:
            self.refuse(refusal, field=field)

    def refuse(self, refusal: Refusal, *, field: str | None = None) -> None:
        """Show the sentence of a refusal beside the field that it concerns."""
        place = field or (refusal.field if refusal.field in self.fields else None)
        self.add_error(place, ValidationError(refusal.message, code=refusal.code))


class SignForm(RatingsForm):
    """What a mentor signs of one competency, with a note. `key` makes the page sign once, however often it is
    sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        required=False, max_length=1000, help_text=NO_PATIENTS, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, signer: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, today=signer.today(now), **kwargs)
        self.signer = signer

    @property
    def origin(self) -> Origin:
        """Where the ratings come from."""
        return FIRST_HAND

    @property
    def what(self) -> dict[str, Any]:
        """The arguments of a signing that this valid form stands for."""
        names = ("method", "observed_from", "observed_to", "note")
        said = {name: self.cleaned_data[name] for name in names}
        return said | {"ratings": self.ratings, "origin": self.origin}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.check_ratings()
        if not self.errors:
            self._try(
                None,
                check,
                self.apprentice,
                by=self.signer,
                now=self.now,
                method=cleaned["method"],
                first=cleaned["observed_from"],
                last=cleaned["observed_to"],
                ratings=self.ratings,
                origin=self.origin,
            )
        return cleaned


class PaperForm(SignForm):
    """A sheet that was signed in ink, copied. `ink` is needed where a coordinator copies it."""

    method = forms.ChoiceField(
        choices=[(Method.PAPER.value, Method.PAPER.label)],
        initial=Method.PAPER.value,
        widget=forms.HiddenInput,
    )
    original_at = forms.CharField(
        max_length=200,
        label="Where is the original kept?",
        help_text="The sheet itself, so that a reviewer finds it: a folder, a room.",
        error_messages={"required": "Say where the original is kept, so that somebody finds it."},
    )
    ink = forms.CharField(
        max_length=120,
        label="Who signed the sheet?",
        help_text="The name as it stands on it. You sign that you copied it.",
        error_messages={"required": "Write the name that stands on the sheet."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mentored = Apprentice.objects.signable_by(self.signer).filter(pk=self.apprentice.pk)
        if mentored.exists():
            del self.fields["ink"]

    @property
    def origin(self) -> Origin:
        said = self.cleaned_data
        return Origin(original_at=said.get("original_at", ""), ink=said.get("ink", ""))


def typed(data: Mapping[str, str]) -> dict[str, str]:
    """Everything on a posted page, to fill the page again without judging it."""
    return {name: data[name] for name in data}


def filled(data: Mapping[str, str], statements: list[Statement], value: str) -> dict[str, str]:
    """The page with every statement that has no rating set to `value`; nothing is signed by this."""
    found = typed(data)
    for statement in statements:
        name = f"rating-{statement.target.uid}"
        found[name] = found.get(name) or value
    return found


def cleared(data: Mapping[str, str], uid: str) -> dict[str, str]:
    """The page with the rating of one statement taken off again."""
    return {name: value for name, value in typed(data).items() if name != f"rating-{uid}"}


def first_values(*, key: uuid.UUID, today: date, method: str) -> dict[str, Any]:
    """What a page that nobody has touched says."""
    return {"key": key, "method": method, "observed_from": today, "observed_to": today}


def usual_method(signer: User) -> str:
    """How this person saw the work they signed last; coders' work is mostly audited, so that before."""
    last = SignOff.objects.visible_to(signer).filter(signer=signer).order_by("-pk").first()
    return last.method if last and last.method in OFFERED else Method.REVIEWED
