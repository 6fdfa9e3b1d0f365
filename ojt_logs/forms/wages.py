"""What a coordinator says about a wage step."""

from typing import Any

from django import forms

from ojt_logs.models.wage_decisions import Verdict


class VerdictForm(forms.Form):
    """Confirmed, declined with a reason, or undone."""

    step = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Verdict.choices)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        help_text="To decline, say why. The apprentice reads it. No health details.",
    )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("verdict") == Verdict.DECLINED and not said.get("reason", "").strip():
            self.add_error("reason", "Say why, in a few words.")
        return said
