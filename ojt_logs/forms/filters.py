"""What the addresses of the lists of hours and sign-offs say."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.fields import DayField
from accounts.listing import Filters, by_id, select, since, words
from accounts.models import User
from accounts.models.people import authority_day
from apprenticeship.models import Program
from competencies.models import JobFunction
from ojt_logs.dates import monday_of
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import Asked, Kind, Method, State
from ojt_logs.models.provenance import LABELS, came
from ojt_logs.waiting import reviewers_at, waits_for, waits_for_nobody

MOST_NAMES = 500
"""So many apprentices are offered to choose from, by name."""


class HoursFilters(Filters):
    """Hours by state, kind, where they came from, and days."""

    state = select("State", "Every state", State.choices)
    kind = select("Kind", "Work and class", Kind.choices)
    source = select("Came from", "However it came", list(LABELS.items()))

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.days()

    def condition(self, name: str, value: Any) -> Q:
        if name == "source":
            return came(value)
        return Q(status=value) if name == "state" else super().condition(name, value)


class OwnHoursFilters(HoursFilters):
    """Hours of one apprentice, also by what they are about."""

    about = select("About", "Everything", [])
    field_order = ("about", "state", "kind", "source", "from", "to")

    def __init__(self, data: Mapping[str, Any], *, subjects: Subjects) -> None:
        super().__init__(data)
        self.subjects = subjects
        cast(forms.ChoiceField, self.fields["about"]).choices = [("", "Everything"), *subjects.filters]

    def condition(self, name: str, value: Any) -> Q:
        subject = self.subjects.get(value) if name == "about" else None
        return subject.condition if subject else super().condition(name, value)


class HoursWords(HoursFilters):
    """Hours of many apprentices, also by whose they are, by id, and by what changed since a moment."""

    apprentice: forms.Field = by_id("Apprentice")
    updated_since: forms.Field = since("Changed since")
    external_id: forms.Field = words("Number that another program gave it")

    def condition(self, name: str, value: Any) -> Q:
        if name == "updated_since":
            newer = Q(created_at__gte=value) | Q(updated_at__gte=value)
            moved = Q(submitted_at__gte=value) | Q(reviewed_at__gte=value)
            return Q(changed_at__gte=value) | (Q(changed_at=None) & (newer | moved))
        return Q(apprentice__uid=value) if name == "apprentice" else super().condition(name, value)


class HoursOfProgramFilters(HoursWords):
    """The same for a page, which names the apprentices."""

    apprentice = select("Apprentice", "Everybody", [])
    field_order = ("apprentice", "state", "kind", "source", "from", "to")

    def __init__(self, data: Mapping[str, Any], *, people: list[tuple[str, str]]) -> None:
        super().__init__(data)
        recorded = [("", "Every state"), *(one for one in State.choices if one[0] != State.DRAFT)]
        cast(forms.ChoiceField, self.fields["state"]).choices = recorded
        cast(forms.ChoiceField, self.fields["apprentice"]).choices = [("", "Everybody"), *people]
        for name in ("updated_since", "external_id"):
            del self.fields[name]


class QueueFilters(Filters):
    """Weeks that wait, whole: by whose they are, kind, the week itself, and how long they wait."""

    apprentice = select("Apprentice", "Everybody", [])
    kind = select("Kind", "Work and class", Kind.choices)
    week = DayField(
        required=False,
        label="Week of",
        error_messages={"invalid": "Write a day of the week like 2026-11-20."},
    )
    older = select(
        "Waits", "However long", [(str(days), f"Waits {days} days or longer") for days in (3, 7, 14, 28)]
    )

    def __init__(self, data: Mapping[str, Any], *, people: Iterable[tuple[str, str]], today: date) -> None:
        """`today` is the reader's own day."""
        super().__init__(data)
        self.today = today
        cast(forms.ChoiceField, self.fields["apprentice"]).choices = [("", "Everybody"), *people]

    def condition(self, name: str, value: Any) -> Q:
        if name == "apprentice":
            return Q(apprentice__uid=value)
        if name == "week":
            return Q(monday=monday_of(value))
        if name == "older":
            return Q(since__lt=_midnight(self.today - timedelta(days=int(value) - 1)))
        return super().condition(name, value)


class WaitingWords(Filters):
    """What waits, by kind and how long, and by the id of the program and of who should review it."""

    program: forms.Field = by_id("Program")
    reviewer: forms.Field = by_id("Waits for")
    kind = select("Kind", "Work and class", Kind.choices)
    older = select(
        "Waits", "However long", [(str(days), f"Waits {days} days or longer") for days in (3, 7, 14, 28)]
    )

    def __init__(self, data: Mapping[str, Any], *, now: datetime) -> None:
        super().__init__(data)
        self.now = now

    def condition(self, name: str, value: Any) -> Q:
        if name == "program":
            return Q(apprentice__program__uid=value)
        if name == "reviewer":
            return waits_for(UUID(str(value)), on=authority_day(self.now))
        if name == "older":
            return Q(since__lt=_midnight(authority_day(self.now) - timedelta(days=int(value) - 1)))
        return super().condition(name, value)


NOBODY = "nobody"


class WaitingFilters(WaitingWords):
    """The same for a page, which names programs and people; also what waits for nobody."""

    program = select("Program", "Every program", [])
    reviewer = select("Waits for", "Anybody", [])
    field_order = ("program", "reviewer", "kind", "older")

    def __init__(self, data: Mapping[str, Any], *, user: User, now: datetime) -> None:
        super().__init__(data, now=now)
        self.user = user
        programs = Program.objects.followed_by(user).order_by("name", "pk").values_list("uid", "name")
        people = [(str(one.uid), one.name) for one in reviewers_at(user, on=authority_day(now))]
        for name, choices in (
            ("program", [(str(uid), title) for uid, title in programs]),
            ("reviewer", [(NOBODY, "Nobody"), *people]),
        ):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [*field.choices, *choices]  # type: ignore[misc]

    def condition(self, name: str, value: Any) -> Q:
        if name == "reviewer" and value == NOBODY:
            return waits_for_nobody(self.user, on=authority_day(self.now))
        return super().condition(name, value)


class ActFilters(Filters):
    """Acts of signing; the days are those of signing, in the reader's time zone."""

    act = select(
        "Act", "Signatures and withdrawals", [("signed", "Signatures"), ("withdrawn", "Withdrawals")]
    )
    passed = select(
        "Result", "Every result", [("yes", "Passed"), ("no", "Not passed"), ("gone", "Withdrawn since")]
    )
    method = select("Method", "Every method", Method.choices)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.days()

    def condition(self, name: str, value: Any) -> Q:
        if name == "act":
            return Q(withdraws__isnull=value == "signed")
        if name == "passed":
            return Q(withdraws=None) & (Q(is_withdrawn=True) if value == "gone" else Q(passed=value == "yes"))
        if name == "from":
            return Q(signed_at__gte=_midnight(value))
        if name == "to":
            return Q() if value == date.max else Q(signed_at__lt=_midnight(value + timedelta(days=1)))
        return super().condition(name, value)


class SignOffWords(ActFilters):
    """The same of many apprentices, by whose work it was and by the competency's code."""

    apprentice = by_id("Apprentice")
    competency = words("Competency, by its code")

    def condition(self, name: str, value: Any) -> Q:
        if name == "competency":
            return Q(competency__code=value.lower())
        return Q(apprentice__uid=value) if name == "apprentice" else super().condition(name, value)


class CourseResultWords(Filters):
    """Results of courses by whose they are, by the course's code, and by the day of passing."""

    apprentice = by_id("Apprentice")
    course = words("Course, by its code")
    passed = select("Result", "Every result", [("yes", "Passed"), ("no", "Not passed")])

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.days()

    def condition(self, name: str, value: Any) -> Q:
        return {
            "apprentice": Q(apprentice__uid=value),
            "course": Q(course__code__iexact=value),
            "passed": Q(passed=value == "yes"),
            "from": Q(completed_on__gte=value),
            "to": Q(completed_on__lte=value),
        }[name]


class RequestWords(Filters):
    """Requests to be signed, by whose they are and where they stand."""

    apprentice = by_id("Apprentice")
    state = select("State", "Every state", Asked.choices)

    def condition(self, name: str, value: Any) -> Q:
        return Q(apprentice__uid=value) if name == "apprentice" else super().condition(name, value)


class OfApprentice(Filters):
    """Rows of many apprentices, by whose they are."""

    apprentice = by_id("Apprentice")

    def condition(self, name: str, value: Any) -> Q:
        return Q(apprentice__uid=value) if name == "apprentice" else super().condition(name, value)


class ReviewWords(OfApprentice):
    """Periodic reviews."""


class AmendmentWords(OfApprentice):
    """Changes to another version of a schedule."""


class PrivacyWords(OfApprentice):
    """Reports of patient information."""


class AttestationWords(OfApprentice):
    """What journeyworkers attest."""


class SignOffFilters(ActFilters):
    """The same on the page of one record, by its job functions and signers."""

    function = select("Job function", "Every job function", [])
    signer = select("Signed by", "Everybody", [])
    field_order: tuple[str, ...] = ("function", "signer", "method", "passed", "act", "from", "to")

    def __init__(
        self, data: Mapping[str, Any], *, functions: Iterable[JobFunction], signers: QuerySet[User]
    ) -> None:
        super().__init__(data)
        self.functions = {str(one.number): one for one in functions}
        named = [(number, str(one)) for number, one in self.functions.items()]
        people = signers.order_by("name", "pk").values_list("uid", "name").distinct()
        for name, choices in (("function", named), ("signer", [(str(uid), who) for uid, who in people])):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [*field.choices, *choices]  # type: ignore[misc]
        self.order_fields(self.field_order)

    def condition(self, name: str, value: Any) -> Q:
        if name == "function":
            return Q(competency__job_function__lineage=self.functions[value].lineage)
        if name == "signer":
            return Q(signer__uid=value)
        return super().condition(name, value)


class SignOffsOfProgramFilters(SignOffFilters):
    """Acts of signing for many apprentices, also by whose work it was."""

    apprentice = select("Apprentice", "Everybody", [])
    field_order = ("apprentice", *SignOffFilters.field_order)

    def __init__(self, data: Mapping[str, Any], *, people: list[tuple[str, str]], **of: Any) -> None:
        super().__init__(data, **of)
        cast(forms.ChoiceField, self.fields["apprentice"]).choices = [("", "Everybody"), *people]

    def condition(self, name: str, value: Any) -> Q:
        return Q(apprentice__uid=value) if name == "apprentice" else super().condition(name, value)


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
