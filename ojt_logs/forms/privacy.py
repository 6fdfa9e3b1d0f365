"""What everybody who writes free text into a record is told beside the field."""

from django import forms

NO_PATIENTS = "No patient names, numbers or chart images."


class ReportForm(forms.Form):
    """Why something is hidden."""

    why = forms.CharField(
        label="What is in it?",
        max_length=500,
        help_text="In a few words, without repeating it: a name, a chart number, a face.",
        error_messages={"required": "Say what is in it, without repeating it."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ShowForm(forms.Form):
    """Why it is shown again."""

    words = forms.CharField(
        label="Why it may be shown",
        max_length=500,
        error_messages={"required": "Say why it may be shown."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
