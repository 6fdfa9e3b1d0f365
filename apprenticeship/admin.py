"""Programs, classes and registrations in the admin, for upkeep by the operator."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.models import (
    Apprentice,
    Class,
    Credit,
    Employer,
    Mentorship,
    Program,
    StatusChange,
    WageStep,
)
from apprenticeship.models.apprentices import check_start
from ledger.admin import Kept, ReadOnly


class WageStepInline(admin.TabularInline):
    model = WageStep
    extra = 0


@admin.register(Program)
class ProgramAdmin(Kept):
    list_display = ("name", "sponsor", "approach", "rapids_code", "schedule")
    list_select_related = ("sponsor", "schedule")
    search_fields = ("name", "sponsor__name", "rapids_code")
    readonly_fields = ("uid",)
    filter_horizontal = ("elected_functions", "elected_competencies")
    inlines = (WageStepInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After everything is saved: the program's record says what it is now."""
        super().save_related(request, form, formsets, change)
        act = "program.settings" if change else "program.start"
        form.instance.record(act, by=_operator(request), now=timezone.now())


@admin.register(Employer)
class EmployerAdmin(Kept):
    list_display = ("name", "sponsor")
    list_select_related = ("sponsor",)


@admin.register(Class)
class ClassAdmin(ReadOnly):
    """Read only: days and roster are on the record, and are set on the page of the class."""

    list_display = ("course", "program", "instructor", "starts_on", "ends_on")
    list_select_related = ("course", "program", "instructor")


class RegistrationForm(forms.ModelForm):
    """The start is judged beside its field; who is registered keeps theirs."""

    def clean_started_on(self) -> date:
        day: date = self.cleaned_data["started_on"]
        try:
            check_start(day, now=timezone.now())
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        return day


class MentorshipInline(admin.TabularInline):
    """Read only: assignments are on the record, and are made on the registration's page."""

    model = Mentorship
    extra = 0
    fields = ("mentor", "starts_on", "ends_on", "stands_in_for")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Apprentice)
class ApprenticeAdmin(admin.ModelAdmin):
    """Adding one registers them, with the entry in their record. Schedule and status are not edited here."""

    list_display = ("user", "program", "status", "started_on", "expected_end_on")
    list_filter = ("status", "program")
    list_select_related = ("user", "program")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user",)
    filter_horizontal = ("elected_functions", "elected_competencies")
    inlines = (MentorshipInline,)
    exclude = ("ended_on",)
    form = RegistrationForm
    on_record = ("uid", "schedule", "status")
    once_registered = ("program", "user", "started_on")

    def get_readonly_fields(self, request: HttpRequest, obj: Apprentice | None = None) -> tuple[str, ...]:
        return self.on_record + self.once_registered if obj else self.on_record

    def has_delete_permission(self, request: HttpRequest, obj: Apprentice | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Apprentice, form: forms.ModelForm, change: bool) -> None:
        if change:
            User.objects.select_for_update().get(pk=obj.user_id)
            super().save_model(request, obj, form, change)
            return
        registered = Apprentice.objects.register(
            obj.program,
            obj.user,
            started_on=obj.started_on,
            by=_operator(request),
            now=timezone.now(),
            **_more(obj),
        )
        obj.pk, obj.uid, obj.schedule = registered.pk, registered.uid, registered.schedule

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After everything is saved: the record says what the registration is now."""
        super().save_related(request, form, formsets, change)
        form.instance.record("apprentice.facts", by=_operator(request), now=timezone.now())


def _operator(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _more(obj: Apprentice) -> dict[str, Any]:
    """What may be given at registration besides program, person and start."""
    return {
        "employer": obj.employer,
        "registration_number": obj.registration_number,
        "expected_end_on": obj.expected_end_on,
    }


@admin.register(StatusChange)
class StatusChangeAdmin(ReadOnly):
    list_display = ("apprentice", "status", "effective_on", "by", "at")
    list_select_related = ("apprentice__user", "by")


@admin.register(Credit)
class CreditAdmin(ReadOnly):
    list_display = ("decided_on", "apprentice", "minutes", "competency", "granted_by", "withdrawn_at")
    list_select_related = ("apprentice__user", "competency", "granted_by")
    search_fields = ("uid", "apprentice__user__name")
