"""Reports in the admin: to look at, never to touch."""

from django.contrib import admin

from ledger.admin import ReadOnly
from reports.models import ReportRun


@admin.register(ReportRun)
class ReportRunAdmin(ReadOnly):
    list_display = ("created_at", "document", "about", "requested_by", "state", "attempt", "reason")
    list_filter = ("state", "document")
    list_select_related = ("requested_by", "apprentice__user", "program", "employer")
    search_fields = ("uid", "requested_by__name", "apprentice__user__name", "program__name")
    date_hierarchy = "created_at"
