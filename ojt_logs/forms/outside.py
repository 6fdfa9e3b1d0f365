"""Asking a journeyworker without an account, and what they fill in."""

from datetime import datetime
from typing import Any

from django import forms

from accounts.models.people import check_printable
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs.forms.mentor import RatingsForm
from ojt_logs.models import AttestationLink
from ojt_logs.models.outside import Journeyworker, Seen, Way, check_said, named, words_of
from ojt_logs.signing import bare_statements

MOST = 10
"""Competencies that one link asks for."""


class LinkForm(forms.Form):
    """Which competencies, and how the link gets to the journeyworker."""

    of = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label="What have they seen?",
        error_messages={"required": "Choose at least one competency."},
    )
    way = forms.ChoiceField(
        choices=[(Way.MAIL.value, "By e-mail"), (Way.CODE.value, "As a printed code, to scan")],
        initial=Way.MAIL.value,
        label="How does the link get there?",
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        required=False,
        label="Their e-mail address",
        help_text="For a link by e-mail. It shows that the mailbox is theirs, and nothing more.",
    )

    def __init__(self, *args: Any, competencies: list[Competency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.competencies = competencies
        self.fields["of"].choices = [(one.code, str(one)) for one in competencies]  # type: ignore[attr-defined]

    def clean_of(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["of"]
        if len(chosen) > MOST:
            raise forms.ValidationError(f"Ask for at most {MOST} at once.")
        return chosen

    @property
    def what(self) -> dict[str, Any]:
        chosen = set(self.cleaned_data["of"])
        return {
            "competencies": [one for one in self.competencies if one.code in chosen],
            "way": self.cleaned_data["way"],
            "email": self.cleaned_data["email"],
        }

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def _line(label: str, most: int, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        max_length=most,
        label=label,
        validators=[check_printable],
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
    )


class AttestForm(RatingsForm):
    """Who attests, and to what. Nothing of the record stands on it but the statements."""

    name = _line("Your name", 120, "name")
    title = _line("Your trade or job title", 120, "organization-title")
    employer = _line("Your employer", 160, "organization")
    email = forms.EmailField(
        label="Your e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, link: AttestationLink, now: datetime, **kwargs: Any) -> None:
        apprentice: Apprentice = link.apprentice
        asked = link.competencies.order_by("job_function__number", "position")
        self.parts = [(one, bare_statements(one)) for one in asked]
        statements = [statement for _, ones in self.parts for statement in ones]
        super().__init__(
            *args,
            apprentice=apprentice,
            now=now,
            today=apprentice.user.today(now),
            statements=statements,
            **kwargs,
        )
        self.link = link
        if link.way == Way.MAIL:
            del self.fields["email"]

    @property
    def person(self) -> Journeyworker:
        said = self.cleaned_data
        given = Journeyworker(said["name"], said["title"], said["employer"], said.get("email", ""))
        return named(self.link, given)

    @property
    def seen(self) -> Seen:
        said = self.cleaned_data
        return Seen(said["method"], said["observed_from"], said["observed_to"], self.ratings)

    @property
    def text(self) -> str:
        """What a valid form attests to, word for word."""
        return words_of(self.apprentice, self.person, self.seen)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.check_ratings()
        if not self.errors:
            self._try(None, check_said, self.link, self.person, self.seen, now=self.now)
        return cleaned
