"""People and sponsors in the admin, for upkeep by the operator."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Q
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import signed_in
from accounts.models import ApiToken, Consent, Invitation, Membership, Sponsor, User
from ledger.admin import ReadOnly

QUALIFICATION = ("title", "credential", "credential_number", "credential_expires")


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class MembershipInline(admin.TabularInline):
    """Qualifications are on the record: coordinators state them on the page of the person."""

    model = Membership
    fk_name = "user"
    readonly_fields = QUALIFICATION
    extra = 0


TIMES = ("address_proved_at", "last_login", "date_joined")


@admin.register(User)
class PersonAdmin(UserAdmin):
    """A person with their roles. Nobody is deleted: their name stays on what they did."""

    add_form = NewUserForm
    ordering = ("name",)
    list_display = ("name", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("name", "email")
    readonly_fields = ("uid", "last_login", "date_joined")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "initials", "time_zone", "uid")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", *TIMES)}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )
    filter_horizontal = ()

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """A new address ends what waits for a confirmation, and what is left of the old one.

        Its mailbox is yet to be proved, and what went to the old one opens nothing.
        """
        moved = change and "email" in form.changed_data
        if moved:
            obj.address_proved_at = None
        super().save_model(request, obj, form, change)
        if moved:
            operator = signed_in(request)
            Invitation.objects.filter(user=obj).withdraw(by=operator, now=timezone.now())
        if "email" in form.changed_data:
            EmailAddress.objects.filter(Q(user=obj) | Q(email__iexact=obj.email)).delete()

    def has_delete_permission(self, *args: object, **kwargs: object) -> bool:
        return False


@admin.register(Sponsor)
class SponsorAdmin(admin.ModelAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "role", "sponsor", "employer", "title", "credential", "starts_on", "ends_on")
    list_filter = ("role", "sponsor")
    list_select_related = ("user", "sponsor", "employer")
    readonly_fields = (*QUALIFICATION, "uid", "cut_short", "ended_by", "ended_at")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("email", "role", "sponsor", "created_at", "expires_at", "accepted_at")
    list_select_related = ("sponsor",)
    exclude = ("digest",)


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("user", "given", "version", "at")
    list_select_related = ("user",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("user", "name", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    exclude = ("digest",)
