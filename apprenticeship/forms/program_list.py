"""What the address of the list of programs says."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.listing import Filters, Sort
from competencies.models import Approach

PROGRAM_SORTS = (
    Sort("sponsor", "Sponsor", ("sponsor__name", "name", "pk")),
    Sort("name", "Name", ("name", "pk")),
    Sort("active", "Most apprentices", ("-active", "name", "pk")),
)


class ProgramFilters(Filters):
    """Programs by a part of their name, and by approach."""

    q = forms.CharField(required=False, label="Name", max_length=120)
    approach = forms.ChoiceField(
        required=False, label="Approach", choices=[("", "Every approach"), *Approach.choices]
    )

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            return Q(name__icontains=value) | Q(sponsor__name__icontains=value)
        return super().condition(name, value)
