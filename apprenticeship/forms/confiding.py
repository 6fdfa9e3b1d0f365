"""What an apprentice may say of themselves, in the words of form ETA-671; nothing has to be answered."""

from typing import Any

from django import forms

from accounts.refusals import Refusal
from apprenticeship.models.private import DECLINED, QUESTIONS, nine_digits


class AboutYouForm(forms.Form):
    """One field a question; what is left open is declined."""

    def __init__(self, data: Any = None, *, answers: dict[str, Any]) -> None:
        super().__init__(data, initial=answers)
        for name, (title, choices) in QUESTIONS.items():
            many = name == "race"
            kind: Any = forms.MultipleChoiceField if many else forms.ChoiceField
            widget: Any = forms.CheckboxSelectMultiple if many else forms.RadioSelect
            help_text = "One or several." if many else ""
            self.fields[name] = kind(
                choices=choices, required=False, label=title, widget=widget, help_text=help_text
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        race = [one for one in said.get("race") or [] if one != DECLINED]
        return {name: said.get(name) or DECLINED for name in QUESTIONS} | {"race": race or [DECLINED]}


class NumberForm(forms.Form):
    """The Social Security number; what is sent is never shown again."""

    ssn = forms.CharField(
        label="Social Security number",
        required=False,
        max_length=20,
        help_text="You need not give it. Empty: what is kept is deleted.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_ssn(self) -> str:
        typed: str = self.cleaned_data["ssn"]
        try:
            return nine_digits(typed) if typed.strip() else ""
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None
