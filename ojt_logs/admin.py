"""What was done, in the admin: to look at, never to touch."""

from django.contrib import admin

from ledger.admin import ReadOnly
from ojt_logs.models import (
    Attestation,
    Comment,
    CourseResult,
    HoursEntry,
    HoursTotal,
    NoWorkPeriod,
    SignOff,
)


@admin.register(HoursEntry)
class HoursEntryAdmin(ReadOnly):
    list_display = ("date", "apprentice", "kind", "minutes", "status", "reviewed_by")
    list_select_related = ("apprentice__user", "reviewed_by")
    list_filter = ("status", "kind")
    search_fields = ("uid", "apprentice__user__name")
    date_hierarchy = "date"


@admin.register(Comment)
class CommentAdmin(ReadOnly):
    list_display = ("at", "by", "entry", "returned")
    list_select_related = ("by", "entry__apprentice__user")
    search_fields = ("uid", "by__name", "entry__apprentice__user__name")
    date_hierarchy = "at"


@admin.register(SignOff)
class SignOffAdmin(ReadOnly):
    list_display = ("signed_at", "apprentice", "competency", "rating", "signer_name", "method")
    list_select_related = ("apprentice__user", "competency", "rating")
    search_fields = ("uid", "apprentice__user__name", "signer_name")
    date_hierarchy = "signed_at"


@admin.register(Attestation)
class AttestationAdmin(ReadOnly):
    list_display = ("method", "version", "text")


@admin.register(HoursTotal)
class HoursTotalAdmin(ReadOnly):
    list_display = ("apprentice", "kind", "lineage", "waiting", "approved")
    list_select_related = ("apprentice__user",)


@admin.register(CourseResult)
class CourseResultAdmin(ReadOnly):
    list_display = ("signed_at", "apprentice", "course", "passed", "completed_on", "signer_name")
    list_select_related = ("apprentice__user", "course")
    search_fields = ("uid", "apprentice__user__name", "signer_name")
    date_hierarchy = "signed_at"


@admin.register(NoWorkPeriod)
class NoWorkPeriodAdmin(ReadOnly):
    list_display = ("first_day", "last_day", "apprentice", "why", "withdrawn_at")
    list_select_related = ("apprentice__user",)
    search_fields = ("uid", "apprentice__user__name")
