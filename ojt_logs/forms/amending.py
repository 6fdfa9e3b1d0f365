"""Asking people who are registered to change to another version of their schedule."""

from django import forms
from django.utils import timezone

from accounts.fields import DayField
from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice, Program
from competencies.models import WorkProcessSchedule
from ojt_logs import amendments


class AmendForm(forms.Form):
    """Who changes to the version, from which day, and whether newcomers do."""

    people = forms.ModelMultipleChoiceField(Apprentice.objects.none(), to_field_name="uid", required=False)
    effective_on = DayField(label="Effective from")
    newcomers = forms.BooleanField(required=False, initial=True, label="Who joins from now on learns by it")

    def __init__(self, people: list[Apprentice], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices: forms.ModelMultipleChoiceField = self.fields["people"]  # type: ignore[assignment]
        choices.queryset = Apprentice.objects.everyone().filter(pk__in=[one.pk for one in people])

    def save(self, program: Program, after: WorkProcessSchedule, *, by: User) -> bool:
        """As `propose_to`; False where a field is refused."""
        said = self.cleaned_data
        people = said["people"].select_related("user", "schedule", "program__sponsor")
        days = {"effective_on": said["effective_on"], "newcomers": said["newcomers"]}
        try:
            amendments.propose_to(program, people, after, **days, by=by, now=timezone.now())
        except Refusal as refusal:
            if refusal.field not in self.fields:
                raise
            refuse(self, refusal)
            return False
        return True
