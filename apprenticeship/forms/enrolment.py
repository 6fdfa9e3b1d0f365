"""Enrolling one person, or a pasted list of them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.fields import DayField
from accounts.models import ConsentNeeded, User
from accounts.models.people import Role, check_printable
from accounts.refusals import Refusal
from apprenticeship.enrolment import Enrolled, LineRefused, Newcomer, enrol
from apprenticeship.forms.fields import refuse, staff_field
from apprenticeship.models import Apprentice, Employer, Program
from apprenticeship.models.apprentices import check_start

MOST = 200
"""So many people are enrolled at once."""
LINE = "Write it like: Ana Reyes <ana@example.org>, 2026-12-01"
WRITTEN = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>[\s,;]*(?P<day>.*)")
COLUMNS = re.compile(r"(?P<name>[^,;\t]*)[,;\t]\s*(?P<email>[^,;\t]*)(?:[,;\t]\s*(?P<day>.*))?")
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%b %d, %Y", "%B %d, %Y")


class _Enrolling(forms.Form):
    """What both ways share: the program, and who mentors and employs."""

    def __init__(self, data: Any = None, *, program: Program, now: datetime, **how: Any) -> None:
        super().__init__(data, **how)
        self.program, self.now = program, now
        employers = program.sponsor.employers.order_by("name")
        self.fields["employer"] = forms.ModelChoiceField(
            employers, required=False, label="Employer", empty_label=f"{program.sponsor} itself"
        )
        self.fields["mentor"] = staff_field(
            "First mentor",
            program.sponsor,
            Role.MENTOR,
            required=False,
            help_text="From the start date. More mentors, and those who come later, are assigned on the "
            "registration.",
        )
        if not employers:
            del self.fields["employer"]
        self.order_fields(getattr(self, "field_order", None))

    @property
    def employer(self) -> Employer | None:
        return self.cleaned_data.get("employer")

    def _registered(self, emails: list[str]) -> set[str]:
        """Those of these addresses (in lower case) whose person is registered in the program already."""
        people = Apprentice.objects.everyone().filter(program=self.program, user__email__in=emails)
        return {email.lower() for email in people.values_list("user__email", flat=True)}


class EnrolForm(_Enrolling):
    """One person."""

    name = forms.CharField(
        label="Name, as papers should print it",
        max_length=120,
        validators=[check_printable],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="E-mail",
        help_text="The account of this address is used; where there is none, it is made by an invitation.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    started_on = DayField(label="Start date")
    expected_end_on = DayField(label="Expected end", required=False)
    registration_number = forms.CharField(
        label="Registration number", required=False, max_length=32, help_text="Once the agency gave one."
    )
    field_order = ["name", "email", "started_on", "expected_end_on", "employer", "mentor"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if start := cleaned.get("started_on"):
            self._check_days(start, cleaned.get("expected_end_on"))
        return cleaned

    def _check_days(self, start: date, end: date | None) -> None:
        try:
            check_start(start, now=self.now)
        except Refusal as refusal:
            refuse(self, refusal)
        if end and end <= start:
            self.add_error("expected_end_on", "Choose a day after the start date.")

    def save(self, *, by: User) -> list[Enrolled]:
        """Enrol; empty when it is refused, with the sentence beside its field."""
        if not self.is_valid():
            return []
        chosen = dict(self.cleaned_data)
        try:
            return enrol(self.program, [Newcomer(**chosen)], by=by, now=self.now)
        except Refusal as refusal:
            refuse(self, refusal)
            return []


@dataclass(frozen=True)
class Line:
    """One line of a pasted list that says something, with its number there."""

    number: int
    name: str
    email: str
    day: str


class EnrolListForm(_Enrolling):
    """A pasted list: a person a line, all enrolled together or nobody."""

    people = forms.CharField(
        label="One person a line",
        help_text="Like: Ana Reyes &lt;ana@example.org&gt;, 2026-12-01. "
        "Name, address and date in three columns of a spreadsheet are understood too.",
        error_messages={"required": "Paste at least one line."},
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "wrap": "off"}),
    )
    started_on = DayField(label="Start date", required=False, help_text="For lines that name none.")
    field_order = ["people", "started_on", "employer", "mentor"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.lines = list(_lines(cleaned["people"]))
        if len(self.lines) > MOST:
            self.add_error("people", f"These are more than {MOST} lines. Enroll them in several lists.")
            return cleaned
        self.newcomers = [self._newcomer(line) for line in self.lines]
        self._check_addresses()
        return cleaned

    def _newcomer(self, line: Line) -> Newcomer | None:
        try:
            validate_email(line.email)
            check_printable(line.name)
        except ValidationError as problem:
            message = problem.messages[0] if line.email and line.name else LINE
            self._refuse(line.number, f"{message} {LINE}" if message != LINE else LINE)
            return None
        start = _day(line.day) if line.day else self.cleaned_data["started_on"]
        if not line.name or len(line.name) > 120:
            self._refuse(line.number, f"The name is missing or too long. {LINE}")
        elif start is None:
            said = f"“{line.day}” is no date." if line.day else "The start date is missing."
            self._refuse(line.number, f"{said} {LINE}")
        else:
            try:
                check_start(start, now=self.now)
            except Refusal as refusal:
                self._refuse(line.number, refusal.message)
            return Newcomer(
                line.name, line.email, start, employer=self.employer, mentor=self.cleaned_data["mentor"]
            )
        return None

    def _check_addresses(self) -> None:
        emails = [line.email.lower() for line in self.lines]
        twice = {email for email, number in Counter(emails).items() if number > 1 and email}
        registered = self._registered(emails)
        for line, email in zip(self.lines, emails, strict=True):
            if email in twice:
                self._refuse(line.number, f"{line.email} stands here more than once. Keep one of the lines.")
            if email in registered:
                self._refuse(line.number, f"{line.email} is registered already. Take the line out.")

    def _refuse(self, number: int, sentence: str) -> None:
        self.add_error("people", f"Line {number}: {sentence}")

    def save(self, *, by: User) -> list[Enrolled]:
        """Enrol everybody; empty when it is refused, with the sentences by line."""
        if not self.is_valid():
            return []
        people = [one for one in self.newcomers if one]
        try:
            return enrol(self.program, people, by=by, now=self.now)
        except ConsentNeeded as refusal:
            refuse(self, refusal)
            return []
        except LineRefused as refusal:
            if refusal.field in ("mentor", "employer"):
                refuse(self, refusal)
            else:
                self._refuse(self.lines[refusal.place].number, refusal.message)
            return []


def _lines(text: str) -> Iterator[Line]:
    for number, written in enumerate(text.splitlines(), start=1):
        plain = written.strip()
        if not plain:
            continue
        match = WRITTEN.fullmatch(plain) or COLUMNS.fullmatch(plain)
        found = match.groupdict() if match else {}
        name, email, day = ((found.get(key) or "").strip(" \t,;\"'") for key in ("name", "email", "day"))
        yield Line(number, " ".join(name.split()), email, day)


def _day(written: str) -> date | None:
    """A day as people and spreadsheets write it; None when it is none."""
    for form in DAYS:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None
