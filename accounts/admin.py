"""People and sponsors in the admin, for upkeep by the operator."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Q
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import signed_in
from accounts.linked import forget_links
from accounts.models import ApiToken, Consent, Invitation, Membership, Sponsor, User
from accounts.models.first_days import record
from accounts.models.people import authority_day
from ledger.admin import Kept, ReadOnly

# What a second step is made of is nobody's to read or write; `manage.py reset_second_step` takes it off.
admin.site.unregister(Authenticator)

QUALIFICATION = ("title", "credential", "credential_number", "credential_expires")


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class RoleForm(ModelForm):
    """Whose role it is, and since when, is said once: it decides for which days somebody may sign.

    What was entered wrongly ends, and another role begins.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"user", "sponsor", "role", "starts_on"} & self.fields.keys() if self.instance.pk else ():
            self.fields[name].disabled = True


def record_added(request: HttpRequest, membership: Membership) -> None:
    """Tell the record of a first day before today that the operator gave, as where coordinators do."""
    now = timezone.now()
    if membership.starts_on < authority_day(now):
        record(membership, by=signed_in(request), now=now)


class MembershipInline(admin.TabularInline):
    """Qualifications are on the record: coordinators state them on the page of the person."""

    model = Membership
    form = RoleForm
    fk_name = "user"
    can_delete = False
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
            forget_links(obj)
        if "email" in form.changed_data:
            EmailAddress.objects.filter(Q(user=obj) | Q(email__iexact=obj.email)).delete()

    def save_formset(
        self, request: HttpRequest, form: ModelForm[User], formset: BaseModelFormSet, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        for membership in formset.new_objects:
            record_added(request, membership)

    def has_delete_permission(self, *args: object, **kwargs: object) -> bool:
        return False


@admin.register(Sponsor)
class SponsorAdmin(Kept):
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(Membership)
class MembershipAdmin(Kept):
    form = RoleForm
    list_display = ("user", "role", "sponsor", "employer", "title", "credential", "starts_on", "ends_on")
    list_filter = ("role", "sponsor")
    list_select_related = ("user", "sponsor", "employer")
    readonly_fields = (*QUALIFICATION, "uid", "cut_short", "ended_by", "ended_at")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user",)

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm[Membership], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            record_added(request, obj)


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
