"""What the addresses of the lists say: programs, and who and what belongs to a sponsor."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Q

from accounts.listing import Filters, Sort, by_id, select, words
from accounts.models.invitations import STATES
from accounts.models.people import HELD_STATES, Role
from accounts.spelling import all_words
from apprenticeship.models import Employer
from apprenticeship.models.classes import CLASS_STATES
from apprenticeship.models.status import Status
from competencies.models import Approach

PROGRAM_SORTS = (
    Sort("sponsor", "Sponsor", ("sponsor__name", "name", "pk")),
    Sort("name", "Name", ("name", "pk")),
    Sort("active", "Most apprentices", ("-active", "name", "pk")),
)


class ProgramFilters(Filters):
    """Programs by a part of their name, and by approach."""

    q = words("Name")
    approach = select("Approach", "Every approach", Approach.choices)

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            return Q(name__icontains=value) | Q(sponsor__name__icontains=value)
        return super().condition(name, value)


class ApprenticeWords(Filters):
    """Apprentices by program, by id, and by status."""

    program = by_id("Program")
    state = select("Status", "Every status", Status.choices)

    def condition(self, name: str, value: Any) -> Q:
        return Q(program__uid=value) if name == "program" else Q(status=value)


STAFF_SORTS = (
    Sort("role", "Role", ("place", "user__search_text", "-starts_on", "-pk")),
    Sort("name", "Name", ("user__search_text", "-starts_on", "-pk")),
    Sort("newest", "Newest first", ("-starts_on", "-pk")),
)


class StaffFilters(Filters):
    """Who works at a sponsor: by name or address, role, employer and state."""

    q = words("Name or e-mail")
    role = select("Role", "Every role", Role.choices)
    employer = select("Employer", "Every employer", [])
    state = select("State", "Every state", [*HELD_STATES.items(), ("expired", "Credential expired")])

    def __init__(self, data: Mapping[str, Any], *, employers: Iterable[Employer], today: date) -> None:
        super().__init__(data)
        self.today = today
        _offer(self, employers)

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            return all_words(value, "user__search_text") | Q(user__email__icontains=value)
        if name == "employer":
            return Q(employer__uid=value)
        if (name, value) == ("state", "expired"):
            return Q(credential_expires__lt=self.today) & ~Q(state="ended")
        return super().condition(name, value)


INVITATION_SORTS = (
    Sort("newest", "Newest first", ("-created_at", "-pk")),
    Sort("email", "E-mail", ("email", "-pk")),
    Sort("role", "Role", ("role", "email", "-pk")),
)


class InvitationFilters(Filters):
    """Invitations to a role: by name or address, role, employer and state."""

    q = words("Name or e-mail")
    role = select("Role", "Every role", Role.choices)
    employer = select("Employer", "Every employer", [])
    state = select("State", "Every state", STATES.items())

    def __init__(self, data: Mapping[str, Any], *, employers: Iterable[Employer]) -> None:
        super().__init__(data)
        _offer(self, employers)

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            return Q(name__icontains=value) | Q(email__icontains=value)
        return Q(employer__uid=value) if name == "employer" else super().condition(name, value)


def _offer(form: Filters, employers: Iterable[Employer]) -> None:
    """The employers to choose from; without any there is nothing to ask."""
    named = [(str(one.uid), one.name) for one in employers]
    if not named:
        del form.fields["employer"]
        return
    field = cast(forms.ChoiceField, form.fields["employer"])
    field.choices = [("", "Every employer"), *named]


EMPLOYER_SORTS = (
    Sort("name", "Name", ("name", "pk")),
    Sort("employed", "Most apprentices", ("-employed", "name", "pk")),
)


class EmployerFilters(Filters):
    """Employers by a part of their name."""

    q = words("Name")

    def condition(self, name: str, value: Any) -> Q:
        return Q(name__icontains=value)


CLASS_SORTS = (
    Sort("newest", "Newest first, over last", ("place", "-starts_on", "course__position", "pk")),
    Sort("course", "Course", ("course__position", "-starts_on", "pk")),
    Sort("instructor", "Instructor", ("instructor__search_text", "-starts_on", "pk")),
)


class ClassFilters(Filters):
    """Classes by course or instructor, and by state."""

    q = words("Course or instructor")
    state = select("State", "Every state", CLASS_STATES.items())

    def condition(self, name: str, value: Any) -> Q:
        if name == "q":
            course = Q(course__title__icontains=value) | Q(course__code__icontains=value)
            return course | all_words(value, "instructor__search_text")
        return super().condition(name, value)


class ClassWords(ClassFilters):
    """Classes of many programs, also by whose they are, by id."""

    program = by_id("Program")

    def condition(self, name: str, value: Any) -> Q:
        return Q(program__uid=value) if name == "program" else super().condition(name, value)
