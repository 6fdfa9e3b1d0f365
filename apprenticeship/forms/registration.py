"""The facts of a registration that may change."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.fields import DayField
from accounts.models import User
from apprenticeship.models import Apprentice


class FactsForm(forms.ModelForm):
    """Employer, number and planned end; person, program and start stay as they were registered."""

    expected_end_on = DayField(
        label="Planned last day", required=False, help_text="Empty: the start plus the term of the program."
    )

    class Meta:
        model = Apprentice
        fields = ["employer", "registration_number", "expected_end_on"]
        labels = {"registration_number": "Registration number"}
        help_texts = {"registration_number": "The one that the registration agency gave."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sponsor = self.instance.program.sponsor
        employers: Any = self.fields["employer"]
        employers.queryset = sponsor.employers.order_by("name")
        employers.empty_label = f"{sponsor} itself"

    def clean_expected_end_on(self) -> Any:
        end = self.cleaned_data["expected_end_on"]
        if end and end <= self.instance.started_on:
            raise forms.ValidationError("Choose a day after the apprenticeship began.")
        return end

    def record(self, *, by: User) -> None:
        """Change the registration as this valid form says."""
        self.instance.change(by=by, now=timezone.now(), **self.cleaned_data)
