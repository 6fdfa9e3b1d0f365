"""What a person chooses about what they are told."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.listing import Filters, select
from accounts.models import User
from accounts.models.people import Role
from ojt_logs.models.notices import About, How, MailChoice

OF_APPRENTICES = (
    About.RETURNED,
    About.APPROVED,
    About.SIGNED,
    About.COMMENTED,
    About.PERIOD,
    About.RAISE,
    About.ENDING,
)
OF_REVIEWERS = (About.WAITING, About.ASKED, About.ATTESTED, About.COMMENTED, About.ENDING)
OF_COORDINATORS = (About.RAISE, About.ENDING, About.CHECKPOINTS)


def kinds_of(person: User) -> list[About]:
    """What somebody in this person's place is told of, in the order of About."""
    roles = set(person.memberships.values_list("role", flat=True))
    found: set[About] = set()
    if person.apprenticeships.exists():
        found.update(OF_APPRENTICES)
    if roles & {Role.MENTOR, Role.INSTRUCTOR}:
        found.update(OF_REVIEWERS)
    if Role.COORDINATOR in roles:
        found.update(OF_COORDINATORS)
    return [about for about in About if about in found]


class NoticeFilters(Filters):
    """One's notices by kind, and those not read yet."""

    about = select("About", "Everything", About.choices)
    read = select("Read", "Read or not", [("no", "Not read yet")])

    def condition(self, name: str, value: Any) -> Q:
        return Q(read_at=None) if name == "read" else super().condition(name, value)


class NoticeSettingsForm(forms.ModelForm):
    """By which mail one is told of what, and the hours without mails."""

    class Meta:
        model = User
        fields = ["mails", "quiet_from", "quiet_until"]
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = MailChoice.objects.of(self.instance)
        self.kinds = kinds_of(self.instance)
        for about in self.kinds:
            self.fields[about.value] = forms.ChoiceField(
                label=about.label, choices=How.choices, initial=chosen[about]
            )

    @property
    def by_kind(self) -> list[forms.BoundField]:
        return [self[about.value] for about in self.kinds]

    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit=commit)
        MailChoice.objects.choose(person, {about: self.cleaned_data[about.value] for about in self.kinds})
        return person
