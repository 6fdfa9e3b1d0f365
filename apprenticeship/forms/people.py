"""Inviting people to a sponsor, changing what they are there, and naming its employers."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.fields import DayField
from accounts.inviting import MOST, Person, read_people
from accounts.models import Membership, Sponsor
from accounts.models.first_days import SIGNING
from accounts.models.invitations import AUDITOR_DAYS
from accounts.models.people import Role
from apprenticeship.models import Employer

LIMIT = (
    "A coordinator or auditor of one employer sees its apprentices alone. For others it says where they work."
)


def _employer(sponsor: Sponsor) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        sponsor.employers.order_by("name"),
        label="Employer",
        required=False,
        empty_label="The whole sponsor",
        help_text=LIMIT,
    )


class InviteForm(forms.Form):
    """A list of people, and what all of them are to be."""

    role = forms.ChoiceField(
        choices=Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they are to be."},
    )
    people = forms.CharField(
        label="E-mail addresses",
        help_text="One a line, with the name if you like: Marcus Webb &lt;marcus@example.org&gt;. "
        f"At most {MOST} at once.",
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Write at least one e-mail address."},
    )
    starts_on = DayField(
        label="With you since",
        required=False,
        help_text="Of a mentor or instructor who taught before they came here: the first day for which they "
        "may sign. Empty: the day on which they accept.",
    )
    ends_on = DayField(
        label="Last day",
        required=False,
        help_text=f"Empty: no end; for an auditor {AUDITOR_DAYS} days from today.",
    )

    def __init__(self, sponsor: Sponsor, today: date, data: Any = None, *, role: str = "") -> None:
        super().__init__(data, initial={"role": role})
        self.today = today
        if sponsor.employers.exists():
            self.fields["employer"] = _employer(sponsor)
        self.order_fields(["role", "people", "employer", "starts_on", "ends_on"])

    def clean_people(self) -> list[Person]:
        people = read_people(str(self.cleaned_data["people"]))
        if not people:
            raise ValidationError("Write at least one e-mail address.")
        return people

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data["ends_on"]
        if day and day < self.today:
            raise ValidationError("Choose today or a later day.")
        return day


class MembershipForm(forms.ModelForm):
    """The qualification that papers print, the employer, the first and the last day."""

    starts_on = DayField(label="With you since", help_text="The first day for which they may sign.")
    credential_expires = DayField(
        label="Credential expires", required=False, help_text="Its last day; after that papers leave it out."
    )
    ends_on = DayField(label="Last day", required=False, help_text="The last day of access. Empty: no end.")

    class Meta:
        model = Membership
        fields = (
            "title",
            "credential",
            "credential_number",
            "credential_expires",
            "employer",
            "starts_on",
            "ends_on",
        )
        labels = {"credential_number": "Number of the credential"}
        help_texts = {
            "title": "What they are at work, for example Coding supervisor.",
            "credential": "For example CCS. Stands behind what they sign. Empty: none, or no longer.",
            "credential_number": "As on the license. You and the person see it; no paper prints it.",
        }

    def __init__(self, *args: Any, editable: bool, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sponsor = self.instance.sponsor
        self.fields["employer"] = _employer(sponsor)
        if not (self.instance.employer_id or sponsor.employers.exists()):
            del self.fields["employer"]
        if self.instance.role == Role.AUDITOR:
            last = f"An auditor's access always ends; {AUDITOR_DAYS} days are usual."
            self.fields["ends_on"].help_text = last
        for field in self.fields.values():
            field.disabled = not editable
        if self.instance.role not in SIGNING:
            del self.fields["starts_on"]
        elif own:
            self.fields["starts_on"].disabled = True
            self.fields["starts_on"].help_text = "Another coordinator sets the first day of your own role."
        self.order_fields(self.Meta.fields)


class EmployerForm(forms.ModelForm):
    """The name of an employer, as papers print it."""

    class Meta:
        model = Employer
        fields = ("name",)
        labels = {"name": "Name of the employer"}

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = self.instance.sponsor.employers.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise ValidationError("There is an employer of this name already. Choose another one.")
        return name
