"""The identity provider as django-allauth knows it."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.base import Provider, ProviderAccount
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


class Elsewhere(Provider):
    """Reads accounts.saml.protocol.Told; knows nothing of XML."""

    id = "saml"
    name = "SAML"
    supports_redirect = True
    account_class = ProviderAccount

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("saml_login") + (f"?{urlencode(kwargs)}" if kwargs else "")

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        from accounts.saml import (
            protocol,
        )  # needs the extra, and this module is loaded before it is asked for

        there, asked = protocol.ask()
        self.stash_redirect_state(request, process, next_url, data, state_id=asked, **kwargs)
        return HttpResponseRedirect(there)

    def extract_uid(self, data: Any) -> str:
        return data.name

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: Any) -> list[EmailAddress]:
        return [EmailAddress(email=one, verified=data.proved) for one in data.addresses]


provider_classes = [Elsewhere]
