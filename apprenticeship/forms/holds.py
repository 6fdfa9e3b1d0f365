"""Why a record is held, and why no longer."""

from django import forms


class HoldReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="The matter and its number: a lawsuit, an audit, a complaint. No details of health.",
        error_messages={"required": "Say why, in a few words."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
