"""How long a sponsor keeps records."""

from django import forms

from accounts.models import Sponsor
from apprenticeship.retention import LONGEST


class YearsForm(forms.Form):
    """More years than now: what was promised to be kept is kept."""

    years = forms.IntegerField(
        label="Years after the end",
        error_messages={"required": "Say how many years.", "invalid": "Write a whole number of years."},
    )

    def __init__(self, data: object = None, *, sponsor: Sponsor) -> None:
        super().__init__(data, initial={"years": sponsor.retention_years})  # type: ignore[arg-type]
        self.fields["years"].widget.attrs.update(min=sponsor.retention_years, max=LONGEST)
