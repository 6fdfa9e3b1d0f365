"""The ledger in the admin: to look at, never to touch."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from ledger.models import Chain, Checkpoint, Entry


class Kept(admin.ModelAdmin):
    """Rows of which records tell, or on which they hang: nobody deletes one."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnly(admin.ModelAdmin):
    """Shows rows and offers no way to add, change or delete one."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Chain)
class ChainAdmin(ReadOnly):
    list_display = ("subject", "length", "head")
    search_fields = ("subject",)


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ("at", "act", "chain", "sequence", "actor", "object")
    list_select_related = ("chain",)
    fields = ("chain", "sequence", "at", "act", "actor", "object", "words", "previous", "digest", "key_id")
    readonly_fields = ("words",)
    search_fields = ("chain__subject", "object", "act")
    list_filter = ("act",)
    date_hierarchy = "at"

    @admin.display(description="payload")
    def words(self, entry: Entry) -> str:
        return str(entry.payload)


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnly):
    list_display = ("at", "subject", "length", "head")
    search_fields = ("subject",)
