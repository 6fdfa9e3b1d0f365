"""Who mentors an apprentice from when to when."""

from datetime import datetime
from typing import Any

from django import forms

from accounts.fields import DayField
from accounts.models import User
from accounts.models.people import Role, authority_day
from accounts.refusals import Refusal
from apprenticeship.forms.classes import RosterField
from apprenticeship.forms.fields import refuse, staff_field
from apprenticeship.models import Apprentice, Mentorship
from apprenticeship.models.programs import covers
from apprenticeship.models.status import FINAL


class AssignmentForm(forms.Form):
    """A mentor for one apprentice, from a day on, perhaps to a day."""

    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False, help_text="Leave empty while no end is known.")
    field_order = ("mentor", "starts_on", "ends_on")

    def __init__(self, data: Any = None, *, apprentice: Apprentice, now: datetime) -> None:
        begun, today = apprentice.started_on, authority_day(now)
        first = max(begun, today) if apprentice.mentorships.exists() else begun
        super().__init__(data, initial={"starts_on": first})
        self.apprentice, self.now = apprentice, now
        self.fields["mentor"] = staff_field("Mentor", apprentice.program.sponsor, Role.MENTOR)
        self.order_fields(self.field_order)

    def save(self, *, by: User) -> Mentorship | None:
        """Make the assignment; None when it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return None
        try:
            return Mentorship.objects.assign(self.apprentice, by=by, now=self.now, **self.cleaned_data)
        except Refusal as refusal:
            refuse(self, refusal)
            return None


class StandInForm(forms.Form):
    """Somebody in a mentor's place for some days, for all or some of the mentor's apprentices."""

    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day")
    field_order = ("mentor", "starts_on", "ends_on", "apprentices")

    def __init__(self, data: Any = None, *, mentorship: Mentorship, by: User, now: datetime) -> None:
        today = authority_day(now)
        people = Apprentice.objects.decided_by(by).filter(
            mentorships__in=Mentorship.objects.filter(covers(today), mentor=mentorship.mentor),
            program__sponsor=mentorship.apprentice.program.sponsor,
        )
        current = people.exclude(status__in=FINAL).select_related("user", "program__sponsor").distinct()
        super().__init__(data, initial={"starts_on": today, "apprentices": current})
        self.mentorship, self.by, self.now = mentorship, by, now
        sponsor = mentorship.apprentice.program.sponsor
        self.fields["mentor"] = staff_field("Who stands in", sponsor, Role.MENTOR)
        self.fields["apprentices"] = RosterField(
            current.order_by("user__name", "pk"),
            label="For whom",
            error_messages={"required": "Choose at least one apprentice."},
        )
        self.order_fields(self.field_order)

    def save(self) -> list[Mentorship] | None:
        """Make the assignments; None when they are refused, with the sentence beside its field."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        try:
            return Mentorship.objects.stand_in(
                chosen["mentor"],
                chosen["apprentices"],
                stands_in_for=self.mentorship.mentor,
                starts_on=chosen["starts_on"],
                ends_on=chosen["ends_on"],
                by=self.by,
                now=self.now,
            )
        except Refusal as refusal:
            refuse(self, refusal)
            return None
