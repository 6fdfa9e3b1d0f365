"""The addresses of signing in with SAML: to the other site, the answer, the way on from it, our metadata."""

from __future__ import annotations

import logging
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.base.views import BaseLoginView
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.saml import protocol

log = logging.getLogger(__name__)


@method_decorator(login_not_required, name="dispatch")
class Login(BaseLoginView):
    """To the other site, from the page for signing in; whoever comes by a link is asked first."""

    provider_id = "saml"


@csrf_exempt
@login_not_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """What the other site lets the browser post. Cookies do not come with it, so it reads and sets none.

    The browser is sent on with the id of our request, which lets in nobody but the session that asked.
    RelayState is not read: where to go afterwards was kept with the request.
    """
    try:
        told = protocol.read(request.POST.get("SAMLResponse", ""))
    except protocol.Refused as refused:
        log.warning("saml answer refused", extra={"facts": {"why": refused.word}})
        return _onwards(error="cancelled" if refused.is_a_no else "refused")
    protocol.keep(told)
    return _onwards(of=told.asked)


@login_not_required
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    provider = get_adapter().get_provider(request, "saml")
    if request.GET.get("error") == "cancelled":
        return render_authentication_error(request, provider, error=AuthError.CANCELLED)
    asked = request.GET.get("of", "")
    try:
        state = provider.unstash_redirect_state(request, asked)
    except PermissionDenied:  # this browser did not ask, or asked too long ago
        return render_authentication_error(request, provider)
    told = protocol.take(asked)
    if told is None:
        return render_authentication_error(request, provider)
    sociallogin = provider.sociallogin_from_response(request, told)
    sociallogin.state = state
    return complete_social_login(request, sociallogin)


@login_not_required
@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    return HttpResponse(protocol.metadata(), content_type="application/samlmetadata+xml")


def _onwards(**words: Any) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('saml_finish')}?{urlencode(words)}")
