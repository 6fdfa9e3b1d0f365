"""Upkeep for superusers. Documents come in by import and leave by export: all of them are read-only here."""

from django.contrib import admin

from competencies.models import Framework, Occupation, RatingScale, WorkProcessSchedule
from ledger.admin import ReadOnly


@admin.register(WorkProcessSchedule)
class ScheduleAdmin(ReadOnly):
    list_display = ["title", "sponsor", "version", "status", "rapids_code", "published_at"]
    list_filter = ["status", "approach"]
    list_select_related = ["sponsor"]
    search_fields = ["title", "rapids_code", "onet_code"]
    exclude = ["search_text"]


@admin.register(Framework)
class FrameworkAdmin(ReadOnly):
    list_display = ["title", "publisher", "version", "status", "published_at"]
    search_fields = ["title"]
    exclude = ["search_text"]


@admin.register(RatingScale)
class RatingScaleAdmin(ReadOnly):
    list_display = ["name", "chosen_by_sponsor"]


@admin.register(Occupation)
class OccupationAdmin(ReadOnly):
    list_display = ["title", "onet_code", "onet_taxonomy", "rapids_code"]
    search_fields = ["title", "onet_code", "rapids_code"]
