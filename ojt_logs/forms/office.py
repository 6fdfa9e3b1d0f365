"""What a coordinator decides about a registration where hours and progress are at stake."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction

from accounts.fields import DayField
from accounts.models import Membership, User
from accounts.models.people import Role, authority_day
from accounts.refusals import Refusal
from accounts.staff import end_role
from apprenticeship.forms.classes import RosterField
from apprenticeship.forms.fields import refuse, staff_field
from apprenticeship.models import Apprentice, Mentorship, ProbationDecision
from apprenticeship.models.apprentices import ApprenticeQuerySet
from apprenticeship.models.mentorships import FARTHEST
from apprenticeship.models.probation import Outcome as Probation
from apprenticeship.models.programs import covers
from apprenticeship.models.status import FINAL
from ojt_logs.status_moves import Outcome, outcome_of


class EndForm(forms.Form):
    """The last day of an assignment."""

    ends_on = DayField(label="Last day")

    def __init__(self, data: Any = None, *, mentorship: Mentorship, now: datetime) -> None:
        today = authority_day(now)
        first = max(today, mentorship.starts_on)
        super().__init__(data, initial={"ends_on": mentorship.ends_on or first})
        self.mentorship, self.now = mentorship, now

    def save(self, *, by: User) -> bool:
        """End the assignment; False when it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return False
        try:
            self.mentorship.end(on=self.cleaned_data["ends_on"], by=by, now=self.now)
        except Refusal as refusal:
            refuse(self, refusal)
            return False
        return True


class HandOverForm(forms.Form):
    """Who takes over the apprentices of a mentor who leaves, from when, and whether the role ends too."""

    on = DayField(
        label="Last day", help_text="From this day on everything that waits goes to the new mentor."
    )
    ends_role = forms.BooleanField(required=False, label="End the role of mentor, too")
    field_order = ("mentor", "on", "apprentices", "ends_role")

    def __init__(self, data: Any = None, *, role: Membership, by: User, now: datetime) -> None:
        self.role, self.by, self.now = role, by, now
        self.people = handed_over_by(role, by=by, now=now)
        super().__init__(data, initial={"on": authority_day(now), "apprentices": self.people})
        self.fields["mentor"] = staff_field("New mentor", role.sponsor, Role.MENTOR)
        self.fields["apprentices"] = RosterField(
            self.people, label="For whom", error_messages={"required": "Choose at least one apprentice."}
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("apprentices")
        if cleaned.get("ends_role") and chosen is not None and len(chosen) < self.people.count():
            self.add_error(
                "ends_role", "Some apprentices would be left without them. Hand over all, or keep it."
            )
        if cleaned.get("on") and cleaned["on"] > authority_day(self.now) + FARTHEST:
            self.add_error("on", "That is more than a year away. Check the year.")
        return cleaned

    def save(self) -> list[Mentorship] | None:
        """Hand over; None when it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        try:
            with transaction.atomic():
                if chosen["ends_role"]:
                    end_role(self.role, on=chosen["on"], by=self.by, now=self.now)
                return Mentorship.objects.hand_over(
                    self.role.user,
                    chosen["apprentices"],
                    to=chosen["mentor"],
                    on=chosen["on"],
                    by=self.by,
                    now=self.now,
                )
        except Refusal as refusal:
            field = "on" if refusal.field in ("starts_on", "ends_on") else refusal.field
            self.add_error(field if field in self.fields else None, refusal.message)
            return None


def handed_over_by(role: Membership, *, by: User, now: datetime) -> ApprenticeQuerySet:
    """Whose assignment to this mentor goes on, and whom `by` decides about, by name."""
    going_on = Mentorship.objects.filter(covers(authority_day(now)), mentor=role.user)
    people = Apprentice.objects.decided_by(by).filter(mentorships__in=going_on, program__sponsor=role.sponsor)
    current = people.exclude(status__in=FINAL).select_related("user", "program__sponsor")
    return current.distinct().order_by("user__name", "pk")


class StatusForm(forms.Form):
    """From which day, and why; for a completion that leaves something open, that it is meant so."""

    effective_on = DayField(label="From")
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why, in a few words."},
        help_text="It is on the record for good, and the apprentice reads it. No health details.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    although = forms.BooleanField(required=False, label="Complete although this is missing")

    def __init__(self, data: Any = None, *, apprentice: Apprentice, to: str, now: datetime) -> None:
        super().__init__(data, initial={"effective_on": authority_day(now)})
        self.apprentice, self.to, self.now = apprentice, to, now
        if to in FINAL:
            self.fields["effective_on"].label = "Last day of the apprenticeship"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if day := cleaned.get("effective_on"):
            try:
                self.apprentice.check_effective(day, now=self.now)
            except Refusal as refusal:
                refuse(self, refusal)
        return cleaned

    @property
    def outcome(self) -> Outcome:
        """What the move of this valid form will do."""
        day = self.cleaned_data["effective_on"]
        return outcome_of(self.apprentice, self.to, on=day, now=self.now)

    def save(self, *, by: User) -> bool:
        """Make the move of this valid form; False when it is refused, with the sentence beside its field."""
        outcome = self.outcome
        if outcome.missing and not self.cleaned_data["although"]:
            self.add_error("although", "Tick this if you mean it, or wait until nothing is missing.")
            return False
        reason = outcome.reason(self.cleaned_data["reason"])
        try:
            self.apprentice.change_status(
                self.to, effective_on=outcome.on, reason=reason, by=by, now=self.now
            )
        except Refusal as refusal:
            refuse(self, refusal)
            return False
        return True


class ProbationForm(forms.Form):
    """Passed, or longer and until when; with the reason."""

    outcome = forms.ChoiceField(
        choices=[(Probation.PASSED.value, "Passed"), (Probation.EXTENDED.value, "Extend")],
        label="Decision",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    ends_on = DayField(label="New last day", required=False, help_text="For an extension.")
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        help_text="Needed for an extension. The apprentice reads it. No health details.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, apprentice: Apprentice, now: datetime) -> None:
        super().__init__(data)
        self.apprentice, self.now = apprentice, now

    def save(self, *, by: User) -> bool:
        """Record the decision; False when it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return False
        try:
            ProbationDecision.objects.decide(self.apprentice, by=by, now=self.now, **self.cleaned_data)
        except Refusal as refusal:
            refuse(self, refusal)
            return False
        return True
