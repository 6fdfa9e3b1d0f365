"""What is looked for, in the address of the page."""

from typing import cast

from django import forms

from apprenticeship.search import KINDS


class SearchForm(forms.Form):
    """Words or a code; perhaps one kind alone, at a page of it. What is no such value asks for nothing."""

    q = forms.CharField(label="Name, word or code", required=False, max_length=200, strip=True)
    kind = forms.ChoiceField(required=False, choices=[(kind, row.label) for kind, row in KINDS.items()])
    page = forms.CharField(required=False)

    def value(self, name: str) -> str:
        """What was asked for, "" where nothing valid was."""
        self.is_valid()
        return cast(str, self.cleaned_data.get(name) or "")
