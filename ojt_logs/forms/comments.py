"""What apprentice and reviewer write to each other about an entry."""

import uuid
from typing import Any

from django import forms

from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models.comments import LONGEST


class CommentForm(forms.Form):
    """One thing to say. `key` makes it said once, however often the page is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        max_length=LONGEST,
        label="Write to each other about this entry",
        help_text=f"It stays with the entry for good. {NO_PATIENTS}",
        error_messages={"required": "Write something first."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    @classmethod
    def fresh(cls) -> "CommentForm":
        return cls(initial={"key": uuid.uuid4()})

    @property
    def said(self) -> dict[str, Any]:
        """What a valid form says, for Comment.objects.add."""
        return {"words": self.cleaned_data["words"], "uid": self.cleaned_data["key"]}
