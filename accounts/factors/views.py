"""Setting up a second step: as django-allauth has it, and whoever shows it at that moment has shown it."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import signed_in
from accounts.factors import codes


class AppSetUp(ActivateTOTPView):
    """The code that sets an app up is used by that."""

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


app_set_up = AppSetUp.as_view()
passkey_set_up = PasskeySetUp.as_view()
