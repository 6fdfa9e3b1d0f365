"""The pages of the second step: setting one up, as django-allauth has it, a sponsor that demands one, and
somebody who lost theirs.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import administered_sponsor, get_or_deny, managed_sponsor, signed_in
from accounts.dates import day_words
from accounts.factors import codes, demand, lost
from accounts.factors.codes import has_second_step
from accounts.factors.forms import DemandForm
from accounts.models import Membership, Sponsor
from accounts.refusals import Refusal


class AppSetUp(ActivateTOTPView):
    """Whoever sets it up has shown it in this session. The code that sets an app up is used by that."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        codes.take(signed_in(self.request), form.cleaned_data["code"], now=timezone.now())
        _has_shown(self.request, Authenticator.Type.TOTP)
        return response


class PasskeySetUp(AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _has_shown(self.request, Authenticator.Type.WEBAUTHN)
        return response


def _has_shown(request: HttpRequest, kind: str) -> None:
    """Note in the session that the newest second step of this kind was shown just now."""
    newest = Authenticator.objects.filter(user=signed_in(request), type=kind).latest("created_at")
    record_authentication(request, signed_in(request), "mfa", id=newest.pk, type=str(kind))


@require_safe
def needed(request: HttpRequest) -> HttpResponse:
    """Why nothing else is shown before a second step is set up."""
    user, now = signed_in(request), timezone.now()
    sponsor = demand.in_force(user, now=now)
    if sponsor is None or has_second_step(user):
        return redirect("mfa_index")
    return render(request, "accounts/second_step_needed.html", {"sponsor": sponsor})


@require_safe
def of_sponsor(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the sponsor demands of those who sign or administer, and from which day on."""
    sponsor = administered_sponsor(request, uid)
    return _setting(request, sponsor, DemandForm(initial={"first_day": sponsor.second_step_from}))


@reauthentication_required
@require_POST
def set_of_sponsor(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Sets or lifts the demand, by a coordinator who showed a moment ago who they are."""
    sponsor, form = managed_sponsor(request, uid), DemandForm(request.POST)
    if not form.is_valid():
        return _setting(request, sponsor, form, status=400)
    try:
        day = form.cleaned_data["first_day"]
        demand.demand(sponsor, day, by=signed_in(request), now=timezone.now())
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.message)
        return _setting(request, sponsor, form, status=refusal.status)
    messages.success(
        request, f"A second step is demanded from {day_words(day)} on." if day else "Not demanded."
    )
    return redirect("second-step", sponsor.uid)


def _setting(request: HttpRequest, sponsor: Sponsor, form: DemandForm, *, status: int = 200) -> HttpResponse:
    manages = Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists()
    context = {"sponsor": sponsor, "form": form, "manages": manages}
    return render(request, "accounts/second_step.html", context, status=status)


@reauthentication_required
@require_POST
def reset(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Takes off what a person of the sponsor lost, by a coordinator who showed who they are."""
    visible, mine = Membership.objects.visible_to(request.user), Membership.objects.managed_by(request.user)
    row = get_or_deny(visible.select_related("user", "sponsor"), mine, uid=uid)
    lost.help_with(row, by=signed_in(request), now=timezone.now())
    messages.success(
        request,
        f"{row.user} signs in with the password alone now, and was told by mail. It is on the record.",
    )
    return redirect("membership", row.uid)


app_set_up = AppSetUp.as_view()
passkey_set_up = PasskeySetUp.as_view()
